"""The law that earlier decisions rest on, built again from the components their bases name; a few are kept
at hand.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import AsyncConnection

from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.law_in_force.state import LawState, basis_values, build_state

KEPT_COUNT_MAX: Final = 16
"""A law takes some megabytes; an administration's cases of a month rest on a handful."""


@dataclass(slots=True)
class KeptLaw:
    """Laws by basis. The components of a basis never change, so neither does what is kept."""

    count_max: int = KEPT_COUNT_MAX
    _states: "OrderedDict[int, asyncio.Task[LawState]]" = field(default_factory=OrderedDict)

    async def find(self, connection: AsyncConnection[Any], basis_id: int) -> tuple[Basis, LawState]:
        """Return a basis and its law. Two who ask at once for one that is not at hand wait for one
        building.
        """
        basis = (await assessment_store.select_basis(connection, [basis_id]))[basis_id]
        task = self._states.get(basis_id)
        if task is None or (task.done() and task.exception() is not None):
            components = await assessment_store.select_components(connection, basis.component_hashes)
            task = self._states.get(basis_id) or asyncio.create_task(
                asyncio.to_thread(build_state, 0, components)
            )
            self._states[basis_id] = task
            if len(self._states) > self.count_max:
                self._states.popitem(last=False)
        self._states.move_to_end(basis_id)
        return basis, await asyncio.shield(task)


def name_bases(law: LawState, numbers: list[int]) -> None:
    """Give the programs of a law the hashes of their bases, without recording anything: for answers that
    are not stored.
    """
    for number in numbers:
        if number not in law.basis_hashes:
            program = law.book.programs[number] if number >= 0 else None
            law.basis_hashes[number] = basis_values(law, program)["basis_hash"].hex()

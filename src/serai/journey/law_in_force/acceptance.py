"""The law that held when goods were accepted: by it a decision on them is made again, whatever came since.

Rates, tariff and packs are those that the standing decision rests on. What lies over every law (screening,
risk rules) and the lists of denied parties are those in force now: they look at the goods, and change no sum.
"""

import asyncio
from collections.abc import Container, Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis, Component
from serai.journey.law_in_force.requirements import REQUIREMENTS
from serai.journey.law_in_force.state import BESIDE_THE_BOOK, LawState, build_state
from serai.law.book import EVERYWHERE
from serai.law.versions import file_code
from serai.model.errors import SeraiError

KEPT_COUNT_MAX: Final = 16
"""Laws of earlier acceptances kept beside the one in force: each takes some megabytes."""


async def laws_of_acceptance(
    connection: AsyncConnection[Any], law: LawState, basis_ids: Sequence[int]
) -> dict[int, LawState]:
    """Return the law by which goods are decided again, by the basis they were accepted under."""
    bases = await assessment_store.select_basis(connection, sorted(set(basis_ids)))
    return {basis_id: await law_of_acceptance(connection, law, basis) for basis_id, basis in bases.items()}


async def law_of_acceptance(connection: AsyncConnection[Any], law: LawState, basis: Basis) -> LawState:
    """Return the law by which goods are decided again that a basis was accepted under; `law` where that is
    the same.

    A law that this version of the program can no longer read gives way to the one in force, and is named in
    `law.unreadable`: whoever decides says so, and it raises an alarm.
    """
    if basis.basis_id in law.unreadable:
        return law
    over = {code for code, one in law.book.packs.items() if one.pack.jurisdiction == EVERYWHERE}
    if _holds_still(law, basis, over):
        return law
    before = await assessment_store.select_components(connection, basis.component_hashes)
    kept = [one for one in before if not _looks_only(one, over)]
    now = [one for one in law.components if _looks_only(one, over)]
    key = frozenset(one.component_hash for one in (*kept, *now))
    state = law.earlier.get(key)
    if state is None:
        try:
            state = await asyncio.to_thread(build_state, law.generation_id, (*kept, *now))
        except SeraiError as fault:
            law.unreadable[basis.basis_id] = fault.code
            return law
        while len(law.earlier) >= KEPT_COUNT_MAX:
            del law.earlier[next(iter(law.earlier))]
        law.earlier[key] = state
    return state


def _holds_still(law: LawState, basis: Basis, over: Container[str]) -> bool:
    """Say whether all that sums rest on is in force as it was."""
    known = frozenset(basis.component_hashes)
    codes = frozenset(map(file_code, basis.program_code.split("+")))
    return all(
        one.component_hash in known
        for one in law.components
        if not _looks_only(one, over) and _is_of(one, codes)
    )


def _is_of(one: Component, codes: frozenset[str]) -> bool:
    folder = one.name.partition("/")[0]
    return one.kind not in ("law-file", REQUIREMENTS) or folder == "tables" or folder in codes


def _looks_only(one: Component, over: Container[str]) -> bool:
    """Say whether a component looks at goods and people, and no sum rests on it."""
    return one.kind in BESIDE_THE_BOOK or (one.kind == "law-file" and one.name.partition("/")[0] in over)

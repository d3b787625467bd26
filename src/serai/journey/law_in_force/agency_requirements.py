"""Agencies set what rules of their remits ask for: a new generation, which every process follows."""

import datetime as dt
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, ActKind, record_act
from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.journey.assessment.store import Component
from serai.journey.law_in_force.requirements import (
    Requirement,
    find_pack,
    read_requirements,
    with_requirement,
)
from serai.journey.law_in_force.service import First, derive_law
from serai.journey.law_in_force.state import LawState
from serai.journey.permits import store
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]


async def set_requirement(
    database: Database, by: ActingUser, wanted: Requirement, *, today: dt.date, first: First | None = None
) -> int:
    """Put in force from its day on what an agency asks for; returns the generation that is in force now.

    The same again changes nothing. first: as in `derive_law`. Raises SeraiError as `check_requirement`, and
    LawPackError.
    """

    async def before(connection: Connection) -> None:
        if first is not None:
            await first(connection)
        await _need_remit(connection, by.administration_id, wanted)

    def derive(present: list[Component]) -> list[Component]:
        return with_requirement(present, _pack_of(present, wanted, today), wanted)

    async def write_down(connection: Connection, generation_id: int) -> None:
        detail = f"from {wanted.valid_from.isoformat()}, generation {generation_id}"
        kind: ActKind = "requirement-ended" if wanted.terms is None else "requirement-set"
        await record_act(connection, by, kind, f"rule {wanted.rule_id}", detail)

    generation_id, _ = await derive_law(
        database,
        by.administration_id,
        by.at,
        f"requirement of the rule {wanted.rule_id} by party {format_id(wanted.party_id)}",
        derive,
        write_down=write_down,
        first=before,
    )
    return generation_id


async def check_requirement(
    database: Database, law: LawState, administration_id: int, wanted: Requirement, *, today: dt.date
) -> None:
    """Raise SeraiError `not-found` where the rule is not of the agency's remit or, of an end, nothing of it
    is changed; `requirement-faulty` where it cannot be changed so."""
    async with database.read(administration_id) as connection:
        await _need_remit(connection, administration_id, wanted)
    _pack_of(law.components, wanted, today)


def _pack_of(components: tuple[Component, ...] | list[Component], wanted: Requirement, today: dt.date) -> str:
    if wanted.valid_from < today:
        raise faulty_requirement("See to it that valid_from is today or later.")
    if wanted.terms is not None and bool(wanted.terms.document_codes) != wanted.terms.is_asked:
        raise faulty_requirement("Name documents where is_asked is true, and none where it is false.")
    if wanted.terms is None and not any(
        one.rule_id == wanted.rule_id for one in read_requirements(components)
    ):
        raise _not_found()
    code = find_pack(components, wanted.rule_id)
    if code is None:
        raise faulty_requirement(
            "Only rules of packs on restricted goods are changed so: ask the administration."
        )
    return code


async def _need_remit(connection: Connection, administration_id: int, wanted: Requirement) -> None:
    own = await store.select_remits(connection, administration_id=administration_id, party_id=wanted.party_id)
    if all(one.rule_id != wanted.rule_id for one in own):
        raise _not_found()


def _not_found() -> SeraiError:
    return SeraiError(
        "not-found",
        "Your agency has no such rule, or has changed nothing of it.",
        "Read GET /v1/agencies for its rules, and GET /v1/agencies/requirements for what it has changed.",
    )


def faulty_requirement(next_step: str) -> SeraiError:
    """Return what is raised for a requirement that cannot be changed so."""
    return SeraiError("requirement-faulty", "The requirement cannot be changed so.", next_step)

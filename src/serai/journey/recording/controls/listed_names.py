"""Names of a batch that resemble listed ones, held against what officers said of the same person and entry.

Names are looked up here, once, while the people of a batch are at hand; the pipeline takes what was found as
it takes all that the store knows. A batch on which nobody resembles an entry asks the store nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.name_verdicts import store
from serai.journey.name_verdicts.codes import CLOSING, outcome_of, shipped_codes
from serai.journey.name_verdicts.pairs import Pair, PersonAsked, pair_hashes
from serai.journey.name_verdicts.store import StoredHit
from serai.journey.pipeline import Checked, names_on
from serai.journey.screening.rules import PartyHit, find_party_hits
from serai.journey.services import Services
from serai.journey.validation.fields import PeopleOfRole
from serai.model.columns import Int64s

Connection = AsyncConnection[Any]
_FIELDS: Final = PersonAsked.__struct_fields__


async def settle_names(
    services: Services, connection: Connection, rows: Sequence[Row], checked: Checked, law: LawState
) -> tuple[PartyHit, ...]:
    """Return who of a batch resembles an entry of a list, each with the verdict that closes it, if one does.

    checked: of the rows, same order. Nobody where rows are decided again on recorded facts: those say it.
    """
    if checked.facts is not None or not law.lists.screener.entries:
        return ()
    hits = await beside_the_loop(len(rows), find_party_hits, names_on(checked.people), law.lists)
    people = _people_of(hits, checked.people)
    return await hold_against_verdicts(
        services, connection, hits, people, [rows[hit.row].consignment_id for hit in hits]
    )


async def hold_against_verdicts(
    services: Services,
    connection: Connection,
    hits: Sequence[PartyHit],
    people: Sequence[PersonAsked],
    consignment_ids: Sequence[int],
) -> tuple[PartyHit, ...]:
    """Return hits with the pseudonym of the pair, and the verdict that closes it. people, consignment_ids:
    of each hit."""
    if not hits:
        return ()
    pairs = [
        Pair(person, consignment_id, hit.list_code, hit.entry_id, hit.entry_hash)
        for hit, person, consignment_id in zip(hits, people, consignment_ids, strict=True)
    ]
    hashes = pair_hashes(services.pseudonymiser, pairs)
    closed = await closing_verdicts(services, connection, hashes)
    return tuple(
        hit._replace(pair_hash=one, closed_by=closed.get(one)) for hit, one in zip(hits, hashes, strict=True)
    )


async def closing_verdicts(
    services: Services, connection: Connection, hashes: Sequence[bytes]
) -> Mapping[bytes, int]:
    """Return, of pairs of which an officer said that they are other persons, the verdict."""
    known = await store.select_verdicts(connection, hashes, administration_id=services.administration_id)
    codes = shipped_codes()
    return {
        pair_hash: one.verdict_id
        for pair_hash, one in known.items()
        if outcome_of(codes, one.code) == CLOSING
    }


async def write_hits(
    services: Services, connection: Connection, rows: Sequence[Row], hits: Sequence[PartyHit], at: datetime
) -> None:
    """Record what the decisions of rows were made with."""
    if not hits:
        return
    found = [
        StoredHit(
            rows[hit.row].consignment_id,
            rows[hit.row].decision_id,
            rows[hit.row].version,
            hit.role,
            hit.list_code,
            hit.entry_id,
            hit.entry_hash,
            hit.pair_hash,
            hit.score_ppm,
            hit.closed_by,
        )
        for hit in hits
    ]
    await store.insert_hits(connection, found, at=at, administration_id=services.administration_id)


def _people_of(hits: Sequence[PartyHit], people: Sequence[PeopleOfRole]) -> list[PersonAsked]:
    """Return the person of each hit. Texts of a role are read once, for it has tens of thousands."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for hit in hits:
        wanted[hit.role].add(hit.row)
    found: dict[tuple[str, int], PersonAsked] = {}
    for one in people:
        rows = np.array(sorted(wanted.get(one.role, ())), dtype=np.int64)
        if len(rows):
            persons = _persons(one, np.searchsorted(one.rows, rows))
            found |= {(one.role, row): person for row, person in zip(rows.tolist(), persons, strict=True)}
    return [found[hit.role, hit.row] for hit in hits]


def _persons(people: PeopleOfRole, places: Int64s) -> list[PersonAsked]:
    fields = people.fields.take(places)
    columns = [fields.texts(name) for name in _FIELDS]
    return [PersonAsked(*said) for said in zip(*columns, strict=True)]

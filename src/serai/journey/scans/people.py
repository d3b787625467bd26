"""People on consignments in flight, opened from the vault, and who of them resembles an entry of a list."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.ids import following
from serai.foundation.vault.reading import Reach, open_people
from serai.foundation.vault.sealing import RecordKey
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.law_in_force.state import LawState
from serai.journey.name_verdicts.pairs import PersonAsked
from serai.journey.name_verdicts.store import StoredHit
from serai.journey.processing.listed_names.deciding import decide_on_hits, lock_consignments
from serai.journey.processing.transaction import Processor
from serai.journey.recording.controls.listed_names import hold_against_verdicts
from serai.journey.scans.store import InFlight
from serai.journey.screening.evidence import Asked
from serai.journey.screening.list_entry import entry_hash_of
from serai.journey.screening.rules import PartyHit
from serai.journey.screening.screener import Screener
from serai.model.documents import IDENTIFIERS, roles_of

PURPOSE: Final = "list-scan"
_DECODER = msgspec.json.Decoder(PersonAsked)


class _Held(NamedTuple):
    """A person on a consignment."""

    consignment_id: int
    role: str
    document_id: int
    person: PersonAsked


class PeopleInFlight:
    """People of some consignments at a time."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self._people: list[_Held] = []

    async def open(self, found: Sequence[InFlight]) -> None:
        """Open the people of consignments, in the place of those before; one line of the ledger."""
        services = self._processor.services
        owners = {record: (one.consignment_id, role) for one in found for record, role in _records_of(one)}
        reach = Reach(services.administration_id, PURPOSE, "serai", services.clock.now())
        opened = await open_people(services.database.write, services.keyring, list(owners), reach)
        self._people = [
            _Held(*owners[record], record[1], _DECODER.decode(one.value)) for record, one in opened.items()
        ]

    def bearing(self, screener: Screener) -> list[int]:
        """Return the consignments on which somebody resembles an entry, sorted. A name is read once."""
        bearers: dict[str, set[int]] = {}
        for one in self._people:
            if one.person.name:
                bearers.setdefault(one.person.name, set()).add(one.consignment_id)
        distinct = list(bearers)
        found = screener.find([Asked(name) for name in distinct])
        return sorted(set[int]().union(*(bearers[distinct[hit.place]] for hit in found)))

    async def decide(
        self, connection: AsyncConnection[Any], law: LawState, consignment_ids: Sequence[int]
    ) -> None:
        """Decide consignments again on who of their people resembles an entry in force, and on what officers
        have said of it, in the caller's transaction. consignment_ids: of those whose people are opened."""
        services = self._processor.services
        rows = await lock_consignments(services, connection, consignment_ids)
        # Whose declaration was amended since its people were opened was held against the lists then.
        amended = {
            one.consignment_id
            for one in self._people
            if one.consignment_id in rows and rows[one.consignment_id].document_id != one.document_id
        }
        wanted = rows.keys() - amended
        people = [one for one in self._people if one.consignment_id in wanted and one.person.name]
        hits = await beside_the_loop(len(people), _hits_of, people, law.lists.screener)
        settled = await hold_against_verdicts(
            services,
            connection,
            hits,
            [people[hit.row].person for hit in hits],
            [people[hit.row].consignment_id for hit in hits],
        )
        standing: dict[int, list[StoredHit]] = {one: [] for one in wanted}
        for hit in settled:
            consignment_id = people[hit.row].consignment_id
            standing[consignment_id].append(_stored(consignment_id, hit))
        await decide_on_hits(services, connection, law, standing, services.clock.now())


def _records_of(one: InFlight) -> list[tuple[RecordKey, str]]:
    """Return how the vault names the people of a consignment; numbers in registers are no people."""
    roles = roles_of(one.person_roles)
    ids = following(one.first_person_id, len(roles)) if roles else ()
    return [
        ((person_id, one.document_id), role)
        for role, person_id in zip(roles, ids, strict=True)
        if role != IDENTIFIERS
    ]


def _hits_of(people: Sequence[_Held], screener: Screener) -> list[PartyHit]:
    """Return hits; row: the place of the person."""
    asked = [Asked(one.person.name or "", country_code=one.person.country_code or "") for one in people]
    return [
        PartyHit(
            hit.place,
            people[hit.place].role,
            hit.entry.list_code,
            hit.entry.entry_id,
            hit.name,
            hit.score_ppm,
            hit.agrees,
            hit.differs,
            entry_hash_of(hit.entry),
        )
        for hit in screener.find(asked)
    ]


def _stored(consignment_id: int, hit: PartyHit) -> StoredHit:
    """Return a hit as it is kept, without decision and version: those are known when it is decided."""
    return StoredHit(
        consignment_id,
        0,
        0,
        hit.role,
        hit.list_code,
        hit.entry_id,
        hit.entry_hash,
        hit.pair_hash,
        hit.score_ppm,
        hit.closed_by,
    )

"""Arrivals: recorded first, then everything on the unit is decided again, 5,000 consignments a transaction.

An officer's report is for the unit, all units in it and all they carry; a party's for those consignments that
it declared, that name it as carrier, or in whose case its transport document counts. It is marked in one
transaction. From its commit on, whatever is filed sees the arrival. Then chunk by chunk the consignments are
given it; a report stays marked as reaching until none is left, so that a process that starts takes up what
another left (`resume_arrivals`). The answer is given when all is done.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.transport_unit_tree import HOUSE, MASTER, MOVEMENT, RECEPTACLE, UnitKey
from serai.journey.documents.submission import Answer
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_locks import lock_roots
from serai.journey.mandates import store as mandate_store
from serai.journey.matching import store as matching_store
from serai.journey.matching.checks import read_instant
from serai.journey.matching.match_keys import Key, hash_keys
from serai.journey.matching.rules import HOUSE_DOCUMENT, house_key
from serai.journey.matching.store import FoundKey
from serai.journey.processing.landings import find_landings, land
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import CHUNK_COUNT, redetermine
from serai.journey.processing.supporting_documents.entries import PreparedDocuments, SupportingDocument
from serai.journey.processing.supporting_documents.process import record_supporting_documents
from serai.journey.release import store as release_store
from serai.journey.services import Services
from serai.model.documents import Arrival
from serai.model.frames import FINAL_STATUSES

Connection = AsyncConnection[Any]
Write = Callable[[Callable[[Connection], Awaitable[Any]]], Awaitable[Any]]
"""Does work in a write transaction, again after a deadlock."""


class _Reaching(NamedTuple):
    """A report that is to reach what it counts for. party_id: whose; _OFFICER for the administration's."""

    unit_id: int
    party_id: int


_OFFICER: Final = 0


async def report_arrivals(
    services: Services, write: Write, prepared: PreparedDocuments, law: LawState, at: datetime
) -> list[Answer]:
    """Record arrivals and decide again what has arrived; one answer each.

    A repeat is harmless, and makes good what could not be done when it first came: nothing was filed yet, or
    the process ended. Who has no part in a unit is answered like everybody else, and changes nothing.
    """

    async def work(connection: Connection) -> tuple[list[Answer], set[_Reaching]]:
        answers, _ = await record_supporting_documents(services, connection, prepared, law, at)
        reached: set[_Reaching] = set()
        taken = [
            one for one in prepared.document_entries if answers[one.place].status in ("recorded", "repeated")
        ]
        await _hold_houses(services, connection, taken)
        for document_entry in sorted(taken, key=_unit_of):
            answers[document_entry.place], reaching = await _arrive(
                services, connection, document_entry, answers[document_entry.place], law=law, at=at
            )
            reached.add(reaching)
        return answers, reached

    answers, reached = await write(work)
    for reaching in sorted(reached):
        await _reach(services, write, reaching, law, at)
    return list(answers)


async def resume_arrivals(services: Services, write: Write, law: LawState, at: datetime) -> int:
    """Finish arrivals that a process did not finish; returns the number of units."""
    async with services.database.write() as connection:
        units = await release_store.select_reaching(connection, administration_id=services.administration_id)
        reports = await release_store.select_party_reaching(
            connection, administration_id=services.administration_id
        )
    left = [*(_Reaching(unit_id, _OFFICER) for unit_id in units), *(_Reaching(*one) for one in reports)]
    for reaching in left:
        await _reach(services, write, reaching, law, at)
    return len({one.unit_id for one in left})


def _unit_of(document_entry: SupportingDocument) -> UnitKey:
    """Return the unit that a report names."""
    arrival = document_entry.document
    assert isinstance(arrival, Arrival)
    named = (
        (MOVEMENT, arrival.conveyance_reference),
        (MASTER, arrival.master_document),
        (RECEPTACLE, arrival.receptacle_id),
        (HOUSE, arrival.house_document),
    )
    return next((kind, number) for kind, number in named if number is not None)


async def _hold_houses(
    services: Services, connection: Connection, document_entries: Sequence[SupportingDocument]
) -> None:
    """Lock the keys of all house documents that arrived, then their cases, before the first is presented.

    One after the other, in the order of the file, would be a circle with a file in another order.
    """
    numbers = {number for kind, number in map(_unit_of, document_entries) if kind == HOUSE}
    if len(numbers) < 2:
        return
    found = await _lock_houses(services, connection, sorted(numbers))
    await lock_roots(connection, [one.case_id for one in found.values()])


async def _lock_houses(
    services: Services, connection: Connection, numbers: Sequence[str]
) -> dict[Key, FoundKey]:
    keys = hash_keys(
        [(HOUSE_DOCUMENT, house_key(number)) for number in numbers], services.pseudonymiser.key_hashes
    )
    return await matching_store.lock_keys(connection, keys, administration_id=services.administration_id)


async def _arrive(
    services: Services,
    connection: Connection,
    document_entry: SupportingDocument,
    answer: Answer,
    *,
    law: LawState,
    at: datetime,
) -> tuple[Answer, _Reaching]:
    """Let what a report names arrive; returns the answer and what is to be reached."""
    arrival = document_entry.document
    assert isinstance(arrival, Arrival)
    arrived_at = read_instant(arrival.arrived_at)
    assert arrived_at is not None, "checked"
    kind, number = _unit_of(document_entry)
    if kind == HOUSE:
        await _present_house(
            services, connection, document_entry, number, arrived_at=arrived_at, law=law, at=at
        )
    unit_id, known = await release_store.lock_unit(
        connection,
        unit_id=int(services.ids.take(1)[0]),
        administration_id=services.administration_id,
        kind=kind,
        number=number,
        at=at,
    )
    is_officer = "officer" in document_entry.sender.roles
    reaching = _Reaching(unit_id, _OFFICER if is_officer else document_entry.sender.party_id)
    if not is_officer:
        known = await release_store.select_report(
            connection, unit_id=unit_id, party_id=document_entry.sender.party_id
        )
    if known is not None and known != arrived_at and document_entry.replaced is None:
        if answer.status == "repeated":
            # An amendment came after it: what stands is right.
            return answer, reaching
        return Answer(
            "refused",
            arrival.reference,
            document_id=answer.document_id,
            receipt=answer.receipt,
            problem_code="arrived-already",
            version=answer.version,
        ), reaching
    if not is_officer:
        await release_store.report_arrival(
            connection,
            unit_id=unit_id,
            party_id=document_entry.sender.party_id,
            administration_id=services.administration_id,
            arrived_at=arrived_at,
        )
    elif known != arrived_at:
        await release_store.set_arrived(connection, unit_id=unit_id, arrived_at=arrived_at, replaced=known)
    return answer, reaching


async def _reach(services: Services, write: Write, reaching: _Reaching, law: LawState, at: datetime) -> None:
    """Give the consignments that a report counts for its arrival, chunk by chunk, each a transaction."""
    if reaching.party_id != _OFFICER:
        await _reach_of_party(services, write, reaching, law, at)
        return
    async with services.database.write() as connection:
        unit_ids = await release_store.select_reaching_below(connection, reaching.unit_id)
    if not unit_ids:
        return

    async def find(connection: Connection) -> list[int]:
        found = await release_store.select_unreached(connection, unit_ids)
        if not found:
            await release_store.end_reaching(connection, unit_ids)
        return found

    async def reach(connection: Connection, consignment_ids: list[int]) -> None:
        await _lock(services, connection, consignment_ids)
        found = await release_store.select_still_unreached(connection, consignment_ids, unit_ids)
        await _decide_arrived(services, connection, found, law, at)

    await _reach_all(write, find, reach)


async def _reach_of_party(
    services: Services, write: Write, reaching: _Reaching, law: LawState, at: datetime
) -> None:
    unit_id, party_id = reaching

    async def find(connection: Connection) -> list[int]:
        party_ids = await _acting_for(services, connection, party_id, at)
        found = await release_store.select_party_unreached(
            connection, unit_id=unit_id, party_id=party_id, party_ids=party_ids
        )
        if not found:
            await release_store.end_party_reaching(connection, unit_id=unit_id, party_id=party_id)
        return found

    async def reach(connection: Connection, consignment_ids: list[int]) -> None:
        await _lock(services, connection, consignment_ids)
        found = await release_store.select_still_party_unreached(
            connection, consignment_ids, unit_id=unit_id, party_id=party_id
        )
        await _decide_arrived(services, connection, found, law, at)

    await _reach_all(write, find, reach)


async def _reach_all(
    write: Write,
    find: Callable[[Connection], Awaitable[list[int]]],
    reach: Callable[[Connection, list[int]], Awaitable[None]],
) -> None:
    """Reach what is found, some thousands a transaction, until nothing is left.

    A unit's consignments are looked through once for all of them, not for each chunk.
    """
    while found := await write(find):
        for begin in range(0, len(found), CHUNK_COUNT):
            chunk = found[begin : begin + CHUNK_COUNT]

            async def reach_chunk(connection: Connection, chunk: list[int] = chunk) -> None:
                await reach(connection, chunk)

            await write(reach_chunk)


async def _acting_for(services: Services, connection: Connection, party_id: int, at: datetime) -> list[int]:
    """Return a party and those in whose name it may report arrivals."""
    covered = await mandate_store.select_covered(
        connection, [party_id], administration_id=services.administration_id, at=at
    )
    return [party_id, *(grantor_id for grantor_id, _, kind in covered if kind == "arrival")]


async def _lock(services: Services, connection: Connection, consignment_ids: list[int]) -> None:
    cases = await release_store.select_cases(
        connection, consignment_ids, administration_id=services.administration_id
    )
    await lock_roots(connection, cases)


async def _decide_arrived(
    services: Services, connection: Connection, arrived: Mapping[int, datetime], law: LawState, at: datetime
) -> None:
    """Decide what has arrived, and tell of the arrival where it makes no difference.

    arrived: instant by consignment, of locked cases. What the arrival alone decides gets a narrow row; of the
    rest a new decision takes the arrival to the wide one.
    """
    if not arrived:
        return
    consignments = await consignment_store.select_consignments(
        connection, list(arrived), administration_id=services.administration_id
    )
    landings = await find_landings(services, connection, law, consignments, at, arrived=arrived)
    alone = {one.consignment.consignment_id for one in landings}
    rest = {number: instant for number, instant in arrived.items() if number not in alone}
    decided = {one.consignment.consignment_id for one in landings if one.status is not None}
    if rest:
        again = await redetermine(services, connection, law, list(rest), at, arrived=rest)
        decided.update(row.consignment_id for row in again)
    untold = [one for one in consignments if one.consignment_id not in decided]
    await release_store.correct_arrivals(
        connection,
        {one.consignment_id: arrived[one.consignment_id] for one in untold if one.arrived_at is not None},
    )
    first = [one.consignment_id for one in untold if one.arrived_at is None]
    await land(services, connection, landings, {number: arrived[number] for number in first}, at)
    await notify_case(
        services,
        connection,
        "arrived",
        [(one.case_id, one.party_id, one.decision_id) for one in untold],
        at,
    )


async def _present_house(
    services: Services,
    connection: Connection,
    document_entry: SupportingDocument,
    house_document: str,
    *,
    arrived_at: datetime,
    law: LawState,
    at: datetime,
) -> None:
    """Let the consignments under a house document arrive, if the reporter has a part in their case."""
    found = await _lock_houses(services, connection, [house_document])
    roots = await lock_roots(connection, [one.case_id for one in found.values()])
    if not roots:
        return
    may = await release_store.select_presentable(
        connection,
        sorted(set(roots.values())),
        house_document,
        party_ids=await _acting_for(services, connection, document_entry.sender.party_id, at),
        administration_id=services.administration_id,
    )
    is_officer = "officer" in document_entry.sender.roles
    await present(
        services,
        connection,
        [consignment_id for consignment_id, has_part in may if has_part or is_officer],
        arrived_at=arrived_at,
        law=law,
        at=at,
        is_correction=document_entry.replaced is not None,
    )


async def present(
    services: Services,
    connection: Connection,
    consignment_ids: list[int],
    *,
    arrived_at: datetime,
    law: LawState,
    at: datetime,
    is_correction: bool = False,
) -> None:
    """Let single consignments arrive, in the caller's transaction; a known time stays unless corrected."""
    found = await consignment_store.select_consignments(
        connection, consignment_ids, administration_id=services.administration_id
    )
    open_ids = [
        one.consignment_id
        for one in found
        if one.status not in FINAL_STATUSES
        and one.arrived_at != arrived_at
        and (one.arrived_at is None or is_correction)
    ]
    if open_ids:
        await _decide_arrived(services, connection, dict.fromkeys(open_ids, arrived_at), law, at)

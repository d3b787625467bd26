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

from serai.journey.clearance.again import CHUNK_COUNT, decide_again, lock_roots
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.events import tell_case
from serai.journey.clearance.filing import Answer
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.other_documents import record_papers
from serai.journey.clearance.papers import Paper, PreparedPapers
from serai.journey.clearance.unit_tree import HOUSE, MASTER, MOVEMENT, RECEPTACLE, UnitKey
from serai.journey.follow import store as follow_store
from serai.journey.mandates import store as mandate_store
from serai.journey.match import store as match_store
from serai.journey.match.checks import read_instant
from serai.journey.match.match_keys import Key, hash_keys
from serai.journey.match.rules import HOUSE_DOCUMENT, house_key
from serai.journey.match.store import FoundKey
from serai.journey.release import store as release_store
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
    equipment: Equipment, write: Write, prepared: PreparedPapers, law: LawState, at: datetime
) -> list[Answer]:
    """Record arrivals and decide again what has arrived; one answer each.

    A repeat is harmless, and makes good what could not be done when it first came: nothing was filed yet, or
    the process ended. Who has no part in a unit is answered like everybody else, and changes nothing.
    """

    async def work(connection: Connection) -> tuple[list[Answer], set[_Reaching]]:
        answers, _ = await record_papers(equipment, connection, prepared, law, at)
        reached: set[_Reaching] = set()
        taken = [one for one in prepared.papers if answers[one.place].status in ("recorded", "repeated")]
        await _hold_houses(equipment, connection, taken)
        for paper in sorted(taken, key=_unit_of):
            answers[paper.place], reaching = await _arrive(
                equipment, connection, paper, answers[paper.place], law=law, at=at
            )
            reached.add(reaching)
        return answers, reached

    answers, reached = await write(work)
    for reaching in sorted(reached):
        await _reach(equipment, write, reaching, law, at)
    return list(answers)


async def resume_arrivals(equipment: Equipment, write: Write, law: LawState, at: datetime) -> int:
    """Finish arrivals that a process did not finish; returns the number of units."""
    async with equipment.database.write() as connection:
        units = await release_store.select_reaching(connection, administration_id=equipment.administration_id)
        reports = await release_store.select_party_reaching(
            connection, administration_id=equipment.administration_id
        )
    left = [*(_Reaching(unit_id, _OFFICER) for unit_id in units), *(_Reaching(*one) for one in reports)]
    for reaching in left:
        await _reach(equipment, write, reaching, law, at)
    return len({one.unit_id for one in left})


def _unit_of(paper: Paper) -> UnitKey:
    """Return the unit that a report names."""
    arrival = paper.document
    assert isinstance(arrival, Arrival)
    named = (
        (MOVEMENT, arrival.conveyance_reference),
        (MASTER, arrival.master_document),
        (RECEPTACLE, arrival.receptacle_id),
        (HOUSE, arrival.house_document),
    )
    return next((kind, number) for kind, number in named if number is not None)


async def _hold_houses(equipment: Equipment, connection: Connection, papers: Sequence[Paper]) -> None:
    """Lock the keys of all house documents that arrived, then their cases, before the first is presented.

    One after the other, in the order of the file, would be a circle with a file in another order.
    """
    numbers = {number for kind, number in map(_unit_of, papers) if kind == HOUSE}
    if len(numbers) < 2:
        return
    found = await _lock_houses(equipment, connection, sorted(numbers))
    await lock_roots(connection, [one.case_id for one in found.values()])


async def _lock_houses(
    equipment: Equipment, connection: Connection, numbers: Sequence[str]
) -> dict[Key, FoundKey]:
    keys = hash_keys(
        [(HOUSE_DOCUMENT, house_key(number)) for number in numbers], equipment.pseudonymiser.key_hashes
    )
    return await match_store.lock_keys(connection, keys, administration_id=equipment.administration_id)


async def _arrive(
    equipment: Equipment,
    connection: Connection,
    paper: Paper,
    answer: Answer,
    *,
    law: LawState,
    at: datetime,
) -> tuple[Answer, _Reaching]:
    """Let what a report names arrive; returns the answer and what is to be reached."""
    arrival = paper.document
    assert isinstance(arrival, Arrival)
    arrived_at = read_instant(arrival.arrived_at)
    assert arrived_at is not None, "checked"
    kind, number = _unit_of(paper)
    if kind == HOUSE:
        await _present_house(equipment, connection, paper, number, arrived_at=arrived_at, law=law, at=at)
    unit_id, known = await release_store.lock_unit(
        connection,
        unit_id=int(equipment.ids.take(1)[0]),
        administration_id=equipment.administration_id,
        kind=kind,
        number=number,
        at=at,
    )
    is_officer = "officer" in paper.sender.roles
    reaching = _Reaching(unit_id, _OFFICER if is_officer else paper.sender.party_id)
    if not is_officer:
        known = await release_store.select_report(connection, unit_id=unit_id, party_id=paper.sender.party_id)
    if known is not None and known != arrived_at and paper.replaced is None:
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
            party_id=paper.sender.party_id,
            administration_id=equipment.administration_id,
            arrived_at=arrived_at,
        )
    elif known != arrived_at:
        await release_store.set_arrived(connection, unit_id=unit_id, arrived_at=arrived_at, replaced=known)
    return answer, reaching


async def _reach(
    equipment: Equipment, write: Write, reaching: _Reaching, law: LawState, at: datetime
) -> None:
    """Give the consignments that a report counts for its arrival, chunk by chunk, each a transaction."""
    if reaching.party_id != _OFFICER:
        await _reach_of_party(equipment, write, reaching, law, at)
        return
    async with equipment.database.write() as connection:
        unit_ids = await release_store.select_reaching_below(connection, reaching.unit_id)
    if not unit_ids:
        return

    async def chunk(connection: Connection) -> int:
        found = await release_store.select_unreached(connection, unit_ids, limit=CHUNK_COUNT)
        if not found:
            await release_store.end_reaching(connection, unit_ids)
            return 0
        await _lock(equipment, connection, list(found))
        await _decide_arrived(equipment, connection, found, law, at)
        return len(found)

    while await write(chunk):
        pass


async def _reach_of_party(
    equipment: Equipment, write: Write, reaching: _Reaching, law: LawState, at: datetime
) -> None:
    unit_id, party_id = reaching

    async def chunk(connection: Connection) -> int:
        found = await release_store.select_party_unreached(
            connection,
            unit_id=unit_id,
            party_id=party_id,
            party_ids=await _acting_for(equipment, connection, party_id, at),
            limit=CHUNK_COUNT,
        )
        if not found:
            await release_store.end_party_reaching(connection, unit_id=unit_id, party_id=party_id)
            return 0
        await _lock(equipment, connection, list(found))
        await _decide_arrived(equipment, connection, found, law, at)
        return len(found)

    while await write(chunk):
        pass


async def _acting_for(equipment: Equipment, connection: Connection, party_id: int, at: datetime) -> list[int]:
    """Return a party and those in whose name it may report arrivals."""
    covered = await mandate_store.select_covered(
        connection, [party_id], administration_id=equipment.administration_id, at=at
    )
    return [party_id, *(grantor_id for grantor_id, _, kind in covered if kind == "arrival")]


async def _lock(equipment: Equipment, connection: Connection, consignment_ids: list[int]) -> None:
    consignments = await follow_store.select_consignments(
        connection, consignment_ids, administration_id=equipment.administration_id
    )
    await lock_roots(connection, [one.case_id for one in consignments])


async def _decide_arrived(
    equipment: Equipment, connection: Connection, arrived: Mapping[int, datetime], law: LawState, at: datetime
) -> None:
    """Decide what has arrived again, and tell of the arrival where the law makes no difference.

    arrived: instant by consignment. A new decision takes it to the row; the rest is written for it alone.
    """
    changed = await decide_again(equipment, connection, law, list(arrived), at, arrived=arrived)
    told = {row.consignment_id for row in changed}
    rest_arrived = {number: instant for number, instant in arrived.items() if number not in told}
    if rest_arrived:
        await release_store.set_arrivals(connection, rest_arrived)
    rest = await follow_store.select_consignments(
        connection, list(rest_arrived), administration_id=equipment.administration_id
    )
    await tell_case(
        equipment,
        connection,
        "arrived",
        [(one.case_id, one.party_id, one.decision_id) for one in rest],
        at,
    )


async def _present_house(
    equipment: Equipment,
    connection: Connection,
    paper: Paper,
    house_document: str,
    *,
    arrived_at: datetime,
    law: LawState,
    at: datetime,
) -> None:
    """Let the consignments under a house document arrive, if the reporter has a part in their case."""
    found = await _lock_houses(equipment, connection, [house_document])
    roots = await lock_roots(connection, [one.case_id for one in found.values()])
    if not roots:
        return
    may = await release_store.select_presentable(
        connection,
        sorted(set(roots.values())),
        house_document,
        party_ids=await _acting_for(equipment, connection, paper.sender.party_id, at),
        administration_id=equipment.administration_id,
    )
    is_officer = "officer" in paper.sender.roles
    await present(
        equipment,
        connection,
        [consignment_id for consignment_id, has_part in may if has_part or is_officer],
        arrived_at=arrived_at,
        law=law,
        at=at,
        is_correction=paper.replaced is not None,
    )


async def present(
    equipment: Equipment,
    connection: Connection,
    consignment_ids: list[int],
    *,
    arrived_at: datetime,
    law: LawState,
    at: datetime,
    is_correction: bool = False,
) -> None:
    """Let single consignments arrive, in the caller's transaction; a known time stays unless corrected."""
    found = await follow_store.select_consignments(
        connection, consignment_ids, administration_id=equipment.administration_id
    )
    open_ids = [
        one.consignment_id
        for one in found
        if one.status not in FINAL_STATUSES
        and one.arrived_at != arrived_at
        and (one.arrived_at is None or is_correction)
    ]
    if open_ids:
        await _decide_arrived(equipment, connection, dict.fromkeys(open_ids, arrived_at), law, at)

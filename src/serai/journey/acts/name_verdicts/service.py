"""Names on a case that resemble listed ones, as officers read them, and what they say of them.

A verdict is on a person and an entry in its wording, not on a parcel: while both stay as they are nobody is
stopped for them again. That it is the same person refuses nothing: a measure with its own legal basis
follows, or none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import find_case
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.law_in_force.state import LawState
from serai.journey.name_verdicts import store
from serai.journey.name_verdicts.codes import CLOSING, Outcome, outcome_of, require_code, shipped_codes
from serai.journey.name_verdicts.store import StoredHit, StoredVerdict
from serai.journey.processing.listed_names.deciding import decide_on_verdict
from serai.journey.processing.transaction import Processor
from serai.journey.screening.list_entry import ListEntry, entry_hash_of
from serai.model.acts import NAME_VERDICT, Act
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]
NAMES_COUNT_MAX: Final = 10
"""Names of an entry that are told; some have a hundred."""


class NameVerdict(msgspec.Struct, frozen=True):
    """What stands of a person and an entry. verdict_code: of laws/name-verdicts.yaml. act_id: for its
    receipt."""

    verdict_code: str
    outcome: Outcome
    decided_at: datetime
    act_id: str


class ListedName(msgspec.Struct, frozen=True):
    """A person on a document resembles an entry of a list. role: of the person. entry_version: the wording of
    the entry, which a verdict is on. names, programmes: of the entry; none: it is on no list any more.
    score_ppm: likeness, 0 to 1,000,000. decision_id: that was made with it. is_open: it stands against the
    parcel. verdict: None: nobody has said anything."""

    consignment_id: str
    role: str
    list_code: str
    entry_id: str
    entry_version: str
    names: list[str]
    programmes: list[str]
    published_on: str
    score_ppm: int
    decision_id: str
    is_open: bool
    verdict: NameVerdict | None


class Said(msgspec.Struct, frozen=True):
    """What an officer says. role, list_code, entry_id, entry_version: as they were read. remark: in words,
    which are kept as a person's data are."""

    consignment_id: int
    role: str
    list_code: str
    entry_id: str
    entry_version: str
    verdict_code: str
    remark: str


async def read_listed_names(processor: Processor, sender: Sender, case_id: int) -> list[ListedName]:
    """Return who on a case resembles an entry of a list. For officers. Raises SeraiError `not-found`."""
    services = processor.services
    if "officer" not in sender.roles:
        raise not_found()
    async with services.database.write() as connection:
        root = (await find_case(processor, connection, sender, case_id)).root
        return await _told(processor, connection, root)


async def decide_name(processor: Processor, sender: Sender, case_id: int, said: Said) -> list[ListedName]:
    """Say of a name whether it is the listed one; return what stands on the case then. For officers.

    It is kept for the same person and wording of the entry, and all parcels under way with both are decided
    again. Another verdict takes the place of the one before; the same again records nothing.

    Raises SeraiError `not-found`, `name-verdict-unknown`, `listed-name-gone`.
    """
    services, at = processor.services, processor.services.clock.now()
    code = require_code(shipped_codes(), said.verdict_code, at.date())

    async def work(connection: Connection) -> list[ListedName]:
        if "officer" not in sender.roles:
            raise not_found()
        root = (await find_case(processor, connection, sender, case_id)).root
        row, hit = await _find(processor, connection, root, said)
        key = {"administration_id": services.administration_id}
        known = await store.select_verdicts(connection, [hit.pair_hash], **key)
        before = known.get(hit.pair_hash)
        if before is None or before.code != code.code:
            act = _act(processor, sender, row, hit, code.code)
            await record_act(services, connection, act, said.remark)
            verdict = StoredVerdict(hit.pair_hash, act.act_id, code.code, at, sender.acting_user or "unknown")
            await store.keep_verdict(connection, verdict, consignment_id=row.consignment_id, **key)
        await decide_on_verdict(services, connection, processor.law, hit.pair_hash, at)
        return await _told(processor, connection, root)

    told: list[ListedName] = await processor.write(work)
    return told


async def _find(
    processor: Processor, connection: Connection, root: int, said: Said
) -> tuple[ConsignmentRow, StoredHit]:
    rows = await _rows_of(processor, connection, root)
    hits = await _hits_of(processor, connection, rows.values())
    found = next(
        (
            one
            for one in hits.get(said.consignment_id, ())
            if (one.role, one.list_code, one.entry_id) == (said.role, said.list_code, said.entry_id)
        ),
        None,
    )
    if found is None or found.entry_hash.hex() != said.entry_version:
        raise SeraiError(
            "listed-name-gone",
            "This name does not stand against this entry as it was read.",
            "Read the listed names of the case again: the declaration or the list has changed.",
        )
    return rows[said.consignment_id], found


async def _told(processor: Processor, connection: Connection, root: int) -> list[ListedName]:
    services = processor.services
    rows = await _rows_of(processor, connection, root)
    hits = [one for found in (await _hits_of(processor, connection, rows.values())).values() for one in found]
    verdicts = await store.select_verdicts(
        connection, [one.pair_hash for one in hits], administration_id=services.administration_id
    )
    entries = _entries_of(processor.law, hits)
    return [_out(one, verdicts, entries) for one in hits]


async def _rows_of(processor: Processor, connection: Connection, root: int) -> dict[int, ConsignmentRow]:
    rows = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=processor.services.administration_id
    )
    return {one.consignment_id: one for one in rows}


async def _hits_of(
    processor: Processor, connection: Connection, rows: Iterable[ConsignmentRow]
) -> dict[int, list[StoredHit]]:
    return await store.select_hits(
        connection,
        {one.consignment_id: one.version for one in rows},
        administration_id=processor.services.administration_id,
    )


def _entries_of(law: LawState, hits: Sequence[StoredHit]) -> Mapping[tuple[str, str, bytes], ListEntry]:
    """Return the entries of hits that are on a list now, in the wording they were found in."""
    wanted = {(one.list_code, one.entry_id) for one in hits}
    if not wanted:
        return {}
    return {
        (one.list_code, one.entry_id, entry_hash_of(one)): one
        for one in law.lists.screener.entries
        if (one.list_code, one.entry_id) in wanted
    }


def _out(
    hit: StoredHit,
    verdicts: Mapping[bytes, StoredVerdict],
    entries: Mapping[tuple[str, str, bytes], ListEntry],
) -> ListedName:
    known, entry = verdicts.get(hit.pair_hash), entries.get(hit.wording)
    outcome = None if known is None else outcome_of(shipped_codes(), known.code)
    return ListedName(
        consignment_id=format_id(hit.consignment_id),
        role=hit.role,
        list_code=hit.list_code,
        entry_id=hit.entry_id,
        entry_version=hit.entry_hash.hex(),
        names=[] if entry is None else [*entry.names, *entry.weak_names][:NAMES_COUNT_MAX],
        programmes=[] if entry is None else list(entry.programmes),
        published_on="" if entry is None else entry.published_on,
        score_ppm=hit.score_ppm,
        decision_id=format_id(hit.decision_id),
        is_open=outcome != CLOSING,
        verdict=None
        if known is None or outcome is None
        else NameVerdict(known.code, outcome, known.decided_at, format_id(known.verdict_id)),
    )


def _act(processor: Processor, sender: Sender, row: ConsignmentRow, hit: StoredHit, code: str) -> Act:
    act_id = int(processor.services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=row.case_id,
        kind=NAME_VERDICT,
        subject_id=row.consignment_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        version=row.version,
        expected_decision_id=row.decision_id,
        parameters={
            "verdict": code,
            "role": hit.role,
            "list": hit.list_code,
            "entry": hit.entry_id,
            "entry_version": hit.entry_hash.hex(),
            "generation": processor.law.generation_id,
        },
    )

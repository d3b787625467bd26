"""The corridor: filings in, decided and durable answers out.

One batch is one transaction: claim references, meet cases, read context, run the pipeline, write everything
by binary COPY, commit, answer. Locks are taken in one order everywhere: submissions, match keys, cases,
transport units, tallies, log.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.formats.decoded import KINDS, Document
from serai.formats.json_lines import canonical, decode_lines
from serai.foundation.vault.errors import VaultError
from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.advise import store as advise_store
from serai.journey.advise.quality import store as quality_store
from serai.journey.advise.quality.day_sums import RefusedMessage, sum_refused
from serai.journey.advise.quality.learning import Learner
from serai.journey.advise.quality.usual import Sketches, Usual, sketch_items
from serai.journey.advise.store import Submission
from serai.journey.clearance import context
from serai.journey.clearance.again import (
    hold_keys_and_cases,
    lock_roots,
    newest_decisions,
    reopen_earlier,
)
from serai.journey.clearance.alike import join_declarations
from serai.journey.clearance.arrivals import report_arrivals, resume_arrivals
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.facts import read_context
from serai.journey.clearance.filing import KINDS_BY_TRANSACTION, Answer, Filing, Sender
from serai.journey.clearance.judging import has_papers, judge_rows
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.meeting import Claims
from serai.journey.clearance.other_documents import decide_cases_again, prepare_papers, record_papers
from serai.journey.clearance.personal import Cut, cut_people
from serai.journey.clearance.reading import stored_answers
from serai.journey.clearance.recording import decide_and_record
from serai.journey.clearance.rows import Row
from serai.journey.clearance.settling import read_settled
from serai.journey.clearance.threads import beside_the_loop
from serai.journey.clearance.waves import WAVES_COUNT_MAX, put_off
from serai.journey.follow import flow_store
from serai.journey.follow import store as follow_store
from serai.journey.match.checks import read_instant
from serai.journey.pipeline import Checked, check_documents
from serai.model.code_lists import CHANNEL_CODES
from serai.model.documents import Consignment
from serai.model.findings import Finding
from serai.model.frames import STATUSES

Connection = AsyncConnection[Any]

# A batch that gave way is done in halves (`isolation`), each tried as often: all others wait meanwhile.
_BATCH_CLASHES_COUNT_MAX = 2

_RELEASED, _WITHDRAWN = STATUSES.index("released"), STATUSES.index("withdrawn")


@dataclass(slots=True)
class Corridor:
    """The corridor of one process. law: changes with the generation; a batch keeps the one it began with.

    learner: what is usual for prices and masses.
    """

    equipment: Equipment
    law: LawState
    learner: Learner = field(default_factory=Learner)

    async def clear(self, filings: Sequence[Filing]) -> list[list[Answer]]:
        """Clear the documents of many filings, declarations and others each in one transaction; one list of
        answers a filing."""
        if all(filing.kind == "consignment" for filing in filings):
            return await self._clear_declarations(filings)
        answers: list[list[Answer]] = [[] for _ in filings]
        for kinds, clear in zip(
            KINDS_BY_TRANSACTION,
            (self._clear_declarations, self._clear_others, self._clear_arrivals),
            strict=True,
        ):
            places = [place for place, filing in enumerate(filings) if filing.kind in kinds]
            if places:
                done = await clear([filings[place] for place in places])
                for place, its in zip(places, done, strict=True):
                    answers[place] = its
        return answers

    async def _clear_others(self, filings: Sequence[Filing]) -> list[list[Answer]]:
        at, law = self.equipment.clock.now(), self.law
        prepared = await beside_the_loop(
            _count(filings), prepare_papers, filings, self.equipment, read_filing
        )

        async def work(connection: Connection) -> list[Answer]:
            answers, _ = await record_papers(self.equipment, connection, prepared, law, at)
            return answers

        return cut_by_filing(filings, await self._write_batch(work))

    async def _clear_arrivals(self, filings: Sequence[Filing]) -> list[list[Answer]]:
        at = self.equipment.clock.now()
        prepared = await beside_the_loop(
            _count(filings), prepare_papers, filings, self.equipment, read_filing
        )
        answers = await report_arrivals(self.equipment, self._write_batch, prepared, self.law, at)
        return cut_by_filing(filings, answers)

    async def _clear_declarations(self, filings: Sequence[Filing]) -> list[list[Answer]]:
        at = self.equipment.clock.now()
        law = self.law
        count = sum(filing.document_count for filing in filings)
        prepared = await beside_the_loop(
            count, prepare, filings, at, law, self.equipment.pseudonymiser, self.learner.usual
        )

        async def work(connection: Connection) -> list[Answer]:
            return await self._clear_prepared(connection, prepared, law, at)

        answers = await self._write_batch(work)
        # After the commit: what is done twice because it gave way is seen once.
        self.learner.see(await beside_the_loop(count, _sketch_decided, prepared, answers))
        return cut_by_filing(filings, answers)

    async def resume(self) -> None:
        """Finish arrivals that another process left unfinished. For the start of a process."""
        await resume_arrivals(self.equipment, self.write, self.law, self.equipment.clock.now())

    async def _write_batch(self, work: Callable[[Connection], Any]) -> Any:
        return await self.write(work, clashes_count_max=_BATCH_CLASHES_COUNT_MAX)

    async def write(self, work: Callable[[Connection], Any], *, clashes_count_max: int = 8) -> Any:
        """Do work in a write transaction; once more under a new epoch when an erasure rotated the one it
        sealed under. Raises SeraiError `database-busy` when it gave way to others `clashes_count_max` times.
        """
        if self.equipment.room is not None:
            self.equipment.room.require()
        for _ in range(3):
            try:
                return await self.equipment.database.write_again(
                    work, jitter=self.equipment.jitter, clashes_count_max=clashes_count_max
                )
            except VaultError as fault:
                if fault.code != "vault-epoch-rotated":
                    raise
                self.equipment.person_epochs.drop()
                self.equipment.message_epochs.drop()
        raise VaultError(
            "vault-epoch-rotated", "Erasures keep rotating the vault's key.", "Send it again in a minute."
        )

    async def _clear_prepared(
        self, connection: Connection, prepared: "Prepared", law: LawState, at: datetime
    ) -> list[Answer]:
        answers: list[Answer | None] = list(prepared.answers)
        rows, others = await self._claim(connection, prepared, at)
        claimed = await self._hold_amended(connection, prepared, rows, others, at)
        now, later = _next_wave(
            prepared, others, {(row.sender.party_id, row.document.reference) for row in rows}
        )
        amended = await self._settle_known(connection, prepared, now, answers, at)
        await self._decide(
            connection, prepared, rows, amended, answers=answers, law=law, at=at, claimed=claimed
        )
        for _ in range(WAVES_COUNT_MAX):
            if not later:
                break
            now, later = _next_wave(prepared, later, frozenset())
            amended = await self._settle_known(connection, prepared, now, answers, at)
            await self._decide(connection, prepared, [], amended, answers=answers, law=law, at=at)
        for place in later:
            answers[place] = put_off(prepared.document(place).reference)
        await self._count_refused(connection, prepared, at)
        assert all(answer is not None for answer in answers), "every document has an answer"
        return answers  # type: ignore[return-value]

    async def _count_refused(self, connection: Connection, prepared: "Prepared", at: datetime) -> None:
        """Count messages with faults for their filers' scorecards."""
        refused = [
            RefusedMessage(
                prepared.senders[place].party_id,
                _channel_of(prepared.documents[place]),
                prepared.findings[place],
            )
            for place, answer in enumerate(prepared.answers)
            if answer is not None
        ]
        await quality_store.add_days(
            connection,
            sum_refused(refused),
            administration_id=self.equipment.administration_id,
            node_id=self.equipment.ids.lease.node_id,
            day_on=at.astimezone(UTC).date(),
        )

    async def _decide(
        self,
        connection: Connection,
        prepared: "Prepared",
        rows: Sequence[Row],
        amended: Sequence[Row],
        *,
        answers: list[Answer | None],
        law: LawState,
        at: datetime,
        claimed: Claims = frozenset(),
    ) -> None:
        """Decide new rows and amendments, record them and put their answers in place."""
        everyone = sorted([*rows, *amended], key=lambda row: row.place or 0)
        gained = await context.join_cases(
            connection,
            everyone,
            self.equipment.pseudonymiser,
            administration_id=self.equipment.administration_id,
            at=at,
            claimed=claimed,
        )
        await join_declarations(self.equipment, connection, law, everyone, at)
        if everyone:
            order = {place: number for number, place in enumerate(prepared.good_places)}
            checked = prepared.checked.take(
                np.array([order[row.place] for row in everyone if row.place is not None], dtype=np.int64)
            )
            await context.place_on_units(
                connection,
                everyone,
                self.equipment.ids.take,
                administration_id=self.equipment.administration_id,
                at=at,
            )
            if amended:
                # Leaves are promised in the order of their ids; those of amendments were taken later.
                for row, decision_id in zip(
                    everyone, self.equipment.ids.take(len(everyone)).tolist(), strict=True
                ):
                    row.decision_id = decision_id
                await read_settled(connection, everyone, administration_id=self.equipment.administration_id)
            if any(has_papers(row) for row in everyone):
                await judge_rows(self.equipment, connection, everyone, law=law, at=at, at_hand={})
            await decide_and_record(
                self.equipment, connection, everyone, law, at, kind="pre-arrival", checked=checked
            )
            await reopen_earlier(self.equipment, connection, law, everyone, at)
            if amended:
                await flow_store.amend_listed(
                    connection,
                    [row.consignment_id for row in amended],
                    [row.document for row in amended],
                    [row.unit_id for row in amended],
                    [_instant(row.document.expected_arrival_at) for row in amended],
                )
            await decide_cases_again(
                self.equipment,
                connection,
                law,
                gained,
                at,
                but=frozenset(row.consignment_id for row in everyone),
            )
            for row in everyone:
                assert row.place is not None
                answers[row.place] = row.answer

    async def _claim(
        self, connection: Connection, prepared: "Prepared", at: datetime
    ) -> tuple[list[Row], list[int]]:
        """Claim the references of all well-formed documents; return rows for those that are new, and the
        places of the others."""
        places = [place for place in prepared.good_places if prepared.document(place).amends_version is None]
        others = (
            sorted(set(prepared.good_places).difference(places))
            if len(places) < len(prepared.good_places)
            else []
        )
        if not places:
            return [], others
        ids = self.equipment.ids.take(2 * len(places)).tolist()
        document_ids, decision_ids = ids[: len(places)], ids[len(places) :]
        claimed = await advise_store.claim_submissions(
            connection,
            administration_id=self.equipment.administration_id,
            kind="consignment",
            party_ids=[prepared.senders[place].party_id for place in places],
            references=[prepared.document(place).reference for place in places],
            content_hashes=[prepared.content_hashes[place] for place in places],
            document_ids=document_ids,
            at=at,
        )
        rows = []
        for place, document_id, decision_id in zip(places, document_ids, decision_ids, strict=True):
            if document_id in claimed:
                rows.append(
                    Row(
                        document=prepared.document(place),
                        sender=prepared.senders[place],
                        document_id=document_id,
                        consignment_id=document_id,
                        case_id=document_id,
                        decision_id=decision_id,
                        place=place,
                        cut=prepared.cuts[place],
                        advice=prepared.findings[place],
                    )
                )
            else:
                others.append(place)
        return rows, sorted(others)

    async def _hold_amended(
        self,
        connection: Connection,
        prepared: "Prepared",
        rows: Sequence[Row],
        places: Sequence[int],
        at: datetime,
    ) -> Claims:
        """Lock what amendments reach before the first is settled; returns the keys claimed with that."""
        amended = [place for place in places if prepared.document(place).amends_version is not None]
        if not amended:
            return frozenset()
        known = await advise_store.lock_submissions(
            connection,
            administration_id=self.equipment.administration_id,
            kind="consignment",
            party_ids=[prepared.senders[place].party_id for place in amended],
            references=[prepared.document(place).reference for place in amended],
        )
        documents = [(row.document, row.case_id) for row in rows]
        for place in amended:
            submission = known.get((prepared.senders[place].party_id, prepared.document(place).reference))
            if submission is not None:
                documents.append((prepared.document(place), submission.case_id))
        return await hold_keys_and_cases(
            self.equipment, connection, documents, [one.case_id for one in known.values()], at
        )

    async def _settle_known(
        self,
        connection: Connection,
        prepared: "Prepared",
        places: Sequence[int],
        answers: list[Answer | None],
        at: datetime,
    ) -> list[Row]:
        """Answer documents whose reference is in use: repeats, reuse, amendments. Returns the amendments to
        decide."""
        if not places:
            return []
        known = await advise_store.select_submissions(
            connection,
            administration_id=self.equipment.administration_id,
            kind="consignment",
            party_ids=[prepared.senders[place].party_id for place in places],
            references=[prepared.document(place).reference for place in places],
        )
        amended, repeats = [], {}
        for place in places:
            document = prepared.document(place)
            submission = known.get((prepared.senders[place].party_id, document.reference))
            if submission is None:
                answers[place] = Answer("refused", document.reference, problem_code="amends-nothing")
            elif submission.content_hash == prepared.content_hashes[place]:
                repeats[place] = submission
            elif document.amends_version is None:
                answers[place] = _refuse("reference-reused", submission)
            else:
                row = await self._amend(
                    connection, prepared, place, submission=submission, answers=answers, at=at
                )
                if row is not None:
                    amended.append(row)
        stored = await stored_answers(self.equipment, connection, list(repeats.values()))
        for place, answer in zip(repeats, stored, strict=True):
            answers[place] = answer
        return amended

    async def _request_change(
        self, connection: Connection, document: Consignment, submission: Submission, at: datetime
    ) -> None:
        """After release an amendment is a request that an officer decides on."""
        await follow_store.insert_act(
            connection,
            act_id=int(self.equipment.ids.take(1)[0]),
            administration_id=self.equipment.administration_id,
            case_id=submission.case_id,
            party_id=submission.party_id,
            kind="amendment-request",
            version=submission.version,
            reason=document.amendment_reason or "",
            at=at,
        )

    async def _amend(
        self,
        connection: Connection,
        prepared: "Prepared",
        place: int,
        *,
        submission: Submission,
        answers: list[Answer | None],
        at: datetime,
    ) -> Row | None:
        document = prepared.document(place)
        assert document.amends_version is not None
        # Locked before it is read: a document or an arrival may be deciding it again at this instant.
        roots = await lock_roots(connection, [submission.case_id])
        consignments = await follow_store.select_consignments_of_cases(
            connection, [submission.case_id], administration_id=self.equipment.administration_id
        )
        previous = next(
            (
                one
                for one in consignments
                if one.party_id == submission.party_id and one.reference == submission.reference
            ),
            None,
        )
        if previous is None:
            answers[place] = _refuse("amends-nothing", submission)
            return None
        if previous.status == _WITHDRAWN:
            answers[place] = _refuse("withdrawn", submission)
            return None
        if previous.status == _RELEASED:
            await self._request_change(connection, document, submission, at)
            answers[place] = _refuse("amendment-too-late", submission)
            return None
        newest = await newest_decisions(self.equipment, connection, [previous])
        before = read_context(newest[previous.consignment_id])
        document_id, decision_id = self.equipment.ids.take(2).tolist()
        case_id = await advise_store.raise_version(
            connection,
            administration_id=self.equipment.administration_id,
            kind="consignment",
            party_id=submission.party_id,
            reference=submission.reference,
            version=document.amends_version,
            content_hash=prepared.content_hashes[place],
            document_id=document_id,
        )
        if case_id is None:
            answers[place] = _refuse("version-not-current", submission)
            return None
        await follow_store.insert_act(
            connection,
            act_id=document_id,
            administration_id=self.equipment.administration_id,
            case_id=roots[case_id],
            party_id=submission.party_id,
            kind="amendment",
            version=document.amends_version + 1,
            reason=document.amendment_reason or "",
            at=at,
        )
        # The law of the day of first acceptance stays, whatever the amendment says of dates; where acceptance
        # still lies ahead, it stays ahead.
        return Row(
            document=document,
            sender=prepared.senders[place],
            document_id=document_id,
            consignment_id=previous.consignment_id,
            case_id=roots[case_id],
            decision_id=decision_id,
            version=document.amends_version + 1,
            place=place,
            cut=prepared.cuts[place],
            previous=previous,
            advice=prepared.findings[place],
            accepted_at_ms=None if newest[previous.consignment_id].is_provisional else before.accepted_at_ms,
            lodged_at_ms=before.lodged_at_ms,
            arrived_at_ms=_milliseconds(previous.arrived_at),
            unit_id=previous.transport_unit_id,
            was_counted=before.is_counted,
        )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)


def _count(filings: Sequence[Filing]) -> int:
    return sum(filing.document_count for filing in filings)


def cut_by_filing(filings: Sequence[Filing], answers: Sequence[Answer]) -> list[list[Answer]]:
    """Cut the answers of a batch into one list for each filing."""
    cut, begin = [], 0
    for filing in filings:
        cut.append(list(answers[begin : begin + filing.document_count]))
        begin += filing.document_count
    return cut


def _next_wave(
    prepared: "Prepared", places: Sequence[int], undecided: AbstractSet[tuple[int, str]]
) -> tuple[list[int], list[int]]:
    """Part known documents into those that can be settled now, and those that must see their elders decided.

    undecided: party and reference of what this batch decides first. Of one reference, a wave ends with its
    first amendment: the next document is measured against what that one made.
    """
    now, later = [], []
    closed = set(undecided)
    for place in places:
        document = prepared.document(place)
        name = (prepared.senders[place].party_id, document.reference)
        if name in closed:
            later.append(place)
            continue
        now.append(place)
        if document.amends_version is not None:
            closed.add(name)
    return now, later


def _refuse(code: str, submission: Submission) -> Answer:
    return Answer("refused", submission.reference, problem_code=code, version=submission.version)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch read and checked. One entry a document in every list; answers: given where a document has a
    fault already."""

    documents: list[Document | None]
    senders: list[Sender]
    findings: list[list[Finding]]
    answers: list[Answer | None]
    content_hashes: dict[int, bytes]
    cuts: dict[int, Cut]
    good_places: list[int]
    checked: Checked

    def document(self, place: int) -> Consignment:
        """Return a well-formed declaration."""
        document = self.documents[place]
        assert isinstance(document, Consignment)
        return document


def prepare(
    filings: Sequence[Filing],
    at: datetime,
    law: LawState,
    pseudonymiser: Pseudonymiser,
    usual: Usual,
) -> Prepared:
    """Read, check, cut and hash the documents of a batch. Pure but for the keyed hash; runs in a thread.

    usual: what prices and masses are held against.
    """
    documents: list[Document | None] = []
    senders: list[Sender] = []
    findings: list[list[Finding]] = []
    contents: list[bytes | None] = []
    for filing in filings:
        read, content, faults = read_filing(filing)
        documents += read
        contents += content
        findings += faults
        senders += [filing.sender] * len(read)
    places = [place for place, document in enumerate(documents) if document is not None]
    checked = check_documents(
        [documents[place] for place in places],  # type: ignore[misc]
        [str(senders[place].party_id) for place in places],
        int(at.timestamp() * 1000),
        law.book,
        usual,
    )
    for place, found in zip(places, checked.faults, strict=True):
        findings[place] = [*findings[place], *found]
    good = [places[row] for row in checked.accepted_rows.tolist()]
    for remark in checked.remarks:
        findings[good[remark.row]].append(remark.finding)
    hashes = pseudonymiser.pseudonyms(Purpose.MATCH, [contents[place] or b"" for place in good])
    answers: list[Answer | None] = [None] * len(documents)
    for place in set(range(len(documents))).difference(good):
        document = documents[place]
        answers[place] = Answer("rejected", document.reference if document else "", findings=findings[place])
    cuts = cut_people([documents[place] for place in good], [contents[place] or b"" for place in good])
    return Prepared(
        documents,
        senders,
        findings,
        answers,
        dict(zip(good, hashes, strict=True)),
        dict(zip(good, cuts, strict=True)),
        good,
        checked,
    )


def _sketch_decided(prepared: Prepared, answers: Sequence[Answer]) -> Sketches:
    """Count the goods items of what was decided now: not of what was known, nor of what was refused."""
    items = prepared.checked.columns.items
    is_decided = np.array(
        [answers[place].status == "decided" for place in prepared.good_places], dtype=np.bool_
    )
    if not is_decided.any():
        return {}
    if not is_decided.all():
        items = items.view(np.flatnonzero(is_decided[items.numbers("owner")]))
    return sketch_items(items)


def _channel_of(document: Document | None) -> str:
    channel = document.channel_code if isinstance(document, Consignment) else ""
    return channel if channel in CHANNEL_CODES else ""


def read_filing(filing: Filing) -> tuple[list[Document | None], list[bytes | None], list[list[Finding]]]:
    """Return documents, canonical contents and faults of a filing, whichever form it came in."""
    if filing.lines:
        decoded = decode_lines(filing.lines, KINDS[filing.kind])
        return list(decoded.documents), list(decoded.canonical), list(decoded.findings)
    documents = list(filing.documents)
    contents = [None if document is None else canonical(document) for document in documents]
    return documents, contents, [list(found) for found in filing.findings] or [[] for _ in documents]

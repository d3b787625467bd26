"""The processor: submissions in, decided and durable answers out.

One batch is one transaction: claim references, meet cases, read context, run the pipeline, write everything
by binary COPY, commit, answer. Locks are taken in one order everywhere: submissions, match keys, cases,
transport units, cumulative allowances, log.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.recent_keys import RecentKeys
from serai.foundation.vault.errors import VaultError
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.consignments.transport_unit_tree import UnitKey
from serai.journey.decision.rules import ACCEPTANCE_LAW_UNREADABLE
from serai.journey.documents import store as document_store
from serai.journey.documents.store import RecentReferences
from serai.journey.documents.submission import Answer, Submission, places_by_transaction
from serai.journey.documents.versions import AMENDMENT_ROUNDS_COUNT_MAX, next_round, put_off
from serai.journey.law_in_force.acceptance import laws_of_acceptance
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_differences import compare_documents
from serai.journey.linking.probabilistic import join_declarations
from serai.journey.matching.checks import read_instant
from serai.journey.matching.match_keys import Claims
from serai.journey.offices.service import OfficeBook
from serai.journey.processing import context
from serai.journey.processing.amendments import answer_known, hold_amended, insert_amendments
from serai.journey.processing.arrivals import report_arrivals, resume_arrivals
from serai.journey.processing.citations.order_tokens import (
    find_in_released,
    take_order_tokens,
    with_order_tokens,
)
from serai.journey.processing.citations.settling import settle_citations, with_statuses
from serai.journey.processing.confirmation import reach_mandates
from serai.journey.processing.prepare import Prepared, decided_items, prepare, refused_messages
from serai.journey.processing.redetermine import reopen_earlier
from serai.journey.processing.supporting_documents.entries import documents_of
from serai.journey.processing.supporting_documents.process import (
    prepare_supporting_documents,
    record_supporting_documents,
    redetermine_cases,
)
from serai.journey.processing.unit_orders import order_on_rows
from serai.journey.recall_rules.in_force import RecallBook, apply_recalls
from serai.journey.recording.cumulative_allowances import reopened_keys
from serai.journey.recording.record import decide_and_record
from serai.journey.recording.standing_acts import read_acts
from serai.journey.services import Services
from serai.journey.statistics import store as statistics_store
from serai.journey.tax_paid.trust.book import TrustBook
from serai.journey.validation.data_quality import store as quality_store
from serai.journey.validation.data_quality.day_sums import sum_refused
from serai.journey.validation.data_quality.store import Learner

Connection = AsyncConnection[Any]

# A batch that gave way is done in halves (`isolation`), each tried as often: all others wait meanwhile.
_BATCH_CLASHES_COUNT_MAX = 2


@dataclass(slots=True)
class Processor:
    """Processing of one process. law: changes with the generation; a batch keeps the one it began with.

    trust: whose tax-paid tokens are believed.
    learner: what is usual for prices and masses. ahead: declarations that are read and checked before their
    turn has come. recent, recent_units: references of declarations claimed, and units named, lately.
    recalls: those that suspend what comes. office_book: to which office one turns; None: nobody is told of
    one.
    """

    services: Services
    law: LawState
    trust: TrustBook
    learner: Learner = field(default_factory=Learner)
    office_book: OfficeBook | None = None
    recalls: RecallBook = field(default_factory=RecallBook)
    ahead: "_Ready | None" = None
    recent: RecentReferences = field(default_factory=RecentReferences)
    recent_units: RecentKeys[UnitKey] = field(default_factory=RecentKeys)

    async def clear(self, submissions: Sequence[Submission]) -> list[list[Answer]]:
        """Clear the documents of many submissions, declarations and others each in one transaction; one list
        of answers a filing."""
        if all(submission.kind == "declaration" for submission in submissions):
            return await self._process_declarations(submissions)
        answers: list[list[Answer]] = [[] for _ in submissions]
        ways = (self._process_declarations, self._process_supporting_documents, self._process_arrivals)
        for places, clear in zip(places_by_transaction(submissions), ways, strict=True):
            if places:
                done = await clear([submissions[place] for place in places])
                for place, its in zip(places, done, strict=True):
                    answers[place] = its
        return answers

    async def prepare_ahead(self, submissions: Sequence[Submission]) -> None:
        """Read and check declarations whose turn is next, while the batch before them is in the database."""
        if all(submission.kind == "declaration" for submission in submissions):
            self.ahead = await self._read(submissions)

    async def _process_supporting_documents(self, submissions: Sequence[Submission]) -> list[list[Answer]]:
        at, law = self.services.clock.now(), self.law
        prepared = await beside_the_loop(_count(submissions), prepare_supporting_documents, submissions)

        async def work(connection: Connection) -> list[Answer]:
            answers, new = await record_supporting_documents(self.services, connection, prepared, law, at)
            await take_order_tokens(self.services, connection, law, new, trust=self.trust.now)
            await find_in_released(
                self.services, connection, law, prepared.released_case_ids, at_hand=documents_of(new)
            )
            return answers

        return _cut_by_submission(submissions, await self._write_batch(work))

    async def _process_arrivals(self, submissions: Sequence[Submission]) -> list[list[Answer]]:
        at = self.services.clock.now()
        prepared = await beside_the_loop(_count(submissions), prepare_supporting_documents, submissions)
        answers = await report_arrivals(self.services, self._write_batch, prepared, self.law, at)
        return _cut_by_submission(submissions, answers)

    async def _process_declarations(self, submissions: Sequence[Submission]) -> list[list[Answer]]:
        ready = self.ahead
        if ready is not None and ready.is_of(submissions, self.law):
            self.ahead = None
        else:
            # What was read ahead stays for its own turn: a batch of few goes by its side.
            ready = await self._read(submissions)
        prepared, law, at = ready.prepared, ready.law, ready.at

        async def work(connection: Connection) -> list[Answer]:
            return await self._process_prepared(connection, prepared, law, at)

        answers = await self._write_batch(work)
        # After the commit: what is done twice because it gave way is seen once.
        if (items := decided_items(prepared, answers)) is not None:
            await self.learner.see(items)
        return _cut_by_submission(submissions, answers)

    async def _read(self, submissions: Sequence[Submission]) -> "_Ready":
        at, law = self.services.clock.now(), self.law
        prepared = await beside_the_loop(
            _count(submissions),
            prepare,
            submissions,
            at,
            law,
            self.learner.reference_values,
            self.trust.now,
        )
        return _Ready(submissions, law, at, prepared)

    async def resume(self) -> None:
        """Finish arrivals that another process left unfinished. For the start of a process."""
        await resume_arrivals(self.services, self.write, self.law, self.services.clock.now())

    async def reach_mandates(self) -> None:
        """Let in what waited for mandates that count by now."""
        await reach_mandates(self.services, self.write, self.law, self.services.clock.now())

    async def _write_batch(self, work: Callable[[Connection], Any]) -> Any:
        return await self.write(work, clashes_count_max=_BATCH_CLASHES_COUNT_MAX)

    async def write(self, work: Callable[[Connection], Any], *, clashes_count_max: int = 8) -> Any:
        """Do work in a write transaction; once more under a new epoch when an erasure rotated the one it
        sealed under. Raises SeraiError `database-busy` when it gave way to others `clashes_count_max` times.
        """
        if self.services.room is not None:
            self.services.room.require()
        for _ in range(3):
            try:
                return await self.services.database.write_with_retries(
                    work, jitter=self.services.jitter, clashes_count_max=clashes_count_max
                )
            except VaultError as fault:
                if fault.code != "vault-epoch-rotated":
                    raise
                self.services.epochs.drop()
        raise VaultError(
            "vault-epoch-rotated", "Erasures keep rotating the vault's key.", "Send it again in a minute."
        )

    async def _process_prepared(
        self, connection: Connection, prepared: Prepared, law: LawState, at: datetime
    ) -> list[Answer]:
        answers: list[Answer | None] = list(prepared.answers)
        rows, others = await self._claim(connection, prepared)
        claimed: Claims = set()
        amended: list[Row] = []
        later: list[int] = []
        if others:
            claimed = await hold_amended(self.services, connection, prepared, rows, others, at=at)
            undecided = {(row.sender.party_id, row.declaration.reference) for row in rows}
            now, later = _next_round(prepared, others, undecided)
            amended = await answer_known(self.services, connection, prepared, now, answers=answers, at=at)
        await self._decide(
            connection, prepared, rows, amended, answers=answers, law=law, at=at, claimed=claimed
        )
        for _ in range(AMENDMENT_ROUNDS_COUNT_MAX):
            if not later:
                break
            now, later = _next_round(prepared, later, frozenset())
            amended = await answer_known(self.services, connection, prepared, now, answers=answers, at=at)
            await self._decide(connection, prepared, [], amended, answers=answers, law=law, at=at)
        for place in later:
            answers[place] = put_off(prepared.declaration(place).reference)
        await self._count_refused(connection, prepared, at)
        assert all(answer is not None for answer in answers), "every document has an answer"
        return answers  # type: ignore[return-value]

    async def _count_refused(self, connection: Connection, prepared: Prepared, at: datetime) -> None:
        """Count messages with faults for their declarants' scorecards."""
        await quality_store.add_days(
            connection,
            sum_refused(refused_messages(prepared)),
            administration_id=self.services.administration_id,
            node_id=self.services.ids.lease.node_id,
            day_on=at.astimezone(UTC).date(),
        )

    async def _decide(
        self,
        connection: Connection,
        prepared: Prepared,
        rows: Sequence[Row],
        amended: Sequence[Row],
        *,
        answers: list[Answer | None],
        law: LawState,
        at: datetime,
        claimed: Claims | None = None,
    ) -> None:
        """Decide new rows and amendments, record them and put their answers in place. What was accepted is
        decided by the law of its acceptance, which an amendment does not change."""
        by_law = await _by_law(connection, law, sorted([*rows, *amended], key=lambda row: row.place or 0))
        everyone = [row for _, some in by_law for row in some]
        gained = await context.join_cases(
            connection,
            everyone,
            self.services.pseudonymiser,
            administration_id=self.services.administration_id,
            at=at,
            claimed=claimed,
        )
        await join_declarations(self.services, connection, law, everyone, at)
        if everyone:
            order = {place: number for number, place in enumerate(prepared.good_places)}
            ordered = await context.place_on_units(
                connection,
                everyone,
                self.services.ids.take,
                recent=self.recent_units,
                administration_id=self.services.administration_id,
                at=at,
            )
            if amended:
                # Leaves are promised in the order of their ids; those of amendments were taken later.
                for row, decision_id in zip(
                    everyone, self.services.ids.take(len(everyone)).tolist(), strict=True
                ):
                    row.decision_id = decision_id
                await insert_amendments(self.services, connection, amended, at)
                await read_acts(connection, everyone, administration_id=self.services.administration_id)
            if ordered:
                await order_on_rows(self.services, connection, everyone, ordered, at)
            await self.recalls.refresh_where_old(self.services, connection)
            recalled = _may_be_recalled(prepared, everyone, order, self.recalls)
            await apply_recalls(self.services, connection, self.recalls, recalled, at)
            if any(row.has_supporting_documents for row in everyone):
                await compare_documents(self.services, connection, everyone, law=law, at=at, at_hand={})
            for row in amended:
                if row.accepted_basis_id in law.unreadable:
                    row.case_findings = [*row.case_findings, ACCEPTANCE_LAW_UNREADABLE]
            citations = with_order_tokens(prepared.citations, everyone, self.trust.now, at)
            standing = await settle_citations(
                self.services, connection, self.trust.now, everyone, citations, at=at
            )
            for its_law, some in by_law:
                places = [row.place for row in some if row.place is not None]
                checked = prepared.checked.take(np.array([order[one] for one in places], dtype=np.int64))
                checked = with_statuses(checked, standing, places)
                await decide_and_record(
                    self.services, connection, some, its_law, at, kind="pre-arrival", checked=checked
                )
            if reopened := reopened_keys(everyone):
                await reopen_earlier(self.services, connection, law, everyone, at, keys=reopened)
            if amended:
                await statistics_store.amend_listed(
                    connection,
                    [row.consignment_id for row in amended],
                    [row.document for row in amended],
                    [row.unit_id for row in amended],
                    [_instant(row.document.expected_arrival_at) for row in amended],
                )
            if gained:
                own = frozenset(row.consignment_id for row in everyone)
                await redetermine_cases(self.services, connection, law, gained, at, but=own)
            for row in everyone:
                assert row.place is not None
                answers[row.place] = row.answer

    async def _claim(self, connection: Connection, prepared: Prepared) -> tuple[list[Row], list[int]]:
        """Claim the references of all well-formed documents; return rows for those that are new, and the
        places of the others."""
        every = prepared.declarations
        places = [
            place
            for place in prepared.good_places
            if (one := every[place]) is not None and one.amends_version is None
        ]
        others = (
            sorted(set(prepared.good_places).difference(places))
            if len(places) < len(prepared.good_places)
            else []
        )
        if not places:
            return [], others
        ids = self.services.ids.take(2 * len(places)).tolist()
        document_ids, decision_ids = ids[: len(places)], ids[len(places) :]
        declarations = [one for place in places if (one := every[place]) is not None]
        claimed = await document_store.claim_submissions(
            connection,
            administration_id=self.services.administration_id,
            kind="declaration",
            party_ids=[prepared.senders[place].party_id for place in places],
            references=[one.reference for one in declarations],
            document_ids=document_ids,
            recent=self.recent,
        )
        rows = []
        for place, declaration, document_id, decision_id in zip(
            places, declarations, document_ids, decision_ids, strict=True
        ):
            if document_id in claimed:
                rows.append(
                    Row(
                        declaration=declaration,
                        sender=prepared.senders[place],
                        document_id=document_id,
                        consignment_id=document_id,
                        case_id=document_id,
                        decision_id=decision_id,
                        place=place,
                        cut=prepared.cuts[place],
                        advice=prepared.findings[place],
                        origin=prepared.origin(place),
                    )
                )
            else:
                others.append(place)
        return rows, sorted(others)


async def _by_law(
    connection: Connection, law: LawState, rows: Sequence[Row]
) -> list[tuple[LawState, list[Row]]]:
    """Return rows by the law that decides them, each in order: the one in force, or that of acceptance."""
    accepted = [row.accepted_basis_id for row in rows if row.accepted_basis_id is not None]
    if not accepted:
        return [(law, list(rows))] if rows else []
    laws = await laws_of_acceptance(connection, law, accepted)
    groups: dict[int, tuple[LawState, list[Row]]] = {}
    for row in rows:
        its_law = law if row.accepted_basis_id is None else laws[row.accepted_basis_id]
        groups.setdefault(id(its_law), (its_law, []))[1].append(row)
    return list(groups.values())


class _Ready(NamedTuple):
    """Declarations read and checked, by the law and at the instant they are decided at."""

    submissions: Sequence[Submission]
    law: LawState
    at: datetime
    prepared: Prepared

    def is_of(self, submissions: Sequence[Submission], law: LawState) -> bool:
        """Say whether it holds for these very submissions, and the law has not changed since."""
        return (
            law is self.law
            and len(submissions) == len(self.submissions)
            and all(one is other for one, other in zip(submissions, self.submissions, strict=True))
        )


def _may_be_recalled(
    prepared: Prepared, rows: Sequence[Row], order: Mapping[int, int], recalls: RecallBook
) -> list[Row]:
    """Return rows that may hold recalled goods. order: of each place, which accepted row it is."""
    if not recalls.recalls:
        return []
    checked = prepared.checked
    assert checked.fields is not None, "the documents of a batch are at hand"
    candidates, accepted = recalls.candidates.find(checked.fields), checked.accepted_rows.tolist()
    return [row for row in rows if row.place is None or accepted[order[row.place]] in candidates]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)


def _count(submissions: Sequence[Submission]) -> int:
    return sum(submission.document_count for submission in submissions)


def _cut_by_submission(submissions: Sequence[Submission], answers: Sequence[Answer]) -> list[list[Answer]]:
    """Cut the answers of a batch into one list for each filing."""
    cut, begin = [], 0
    for submission in submissions:
        cut.append(list(answers[begin : begin + submission.document_count]))
        begin += submission.document_count
    return cut


def _next_round(
    prepared: Prepared, places: Sequence[int], undecided: AbstractSet[tuple[int, str]]
) -> tuple[list[int], list[int]]:
    """Part known documents by `next_round`. undecided: party and reference of what this batch decides
    first."""
    names = [(prepared.senders[place].party_id, prepared.declaration(place).reference) for place in places]
    amends = [prepared.declaration(place).amends_version is not None for place in places]
    now, later = next_round(names, amends, undecided)
    return [places[row] for row in now], [places[row] for row in later]

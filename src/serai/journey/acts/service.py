"""Acts on what was filed: withdrawal, presentation, amendments; those of WCO DEC too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.formats.json_lines import canonical
from serai.formats.wco_dec import DecMessage
from serai.formats.wco_dec_amend import amend_dec
from serai.formats.wco_dec_write import encode_dec
from serai.journey.acts.withdrawal import withdraw_document
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents import store as document_store
from serai.journey.documents.not_found import not_found
from serai.journey.documents.personal_data import cut_people
from serai.journey.documents.repeats import find_repeats
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Sender, Submission
from serai.journey.documents.versions import Incoming, Outcome
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.stored_documents import read_whole
from serai.journey.matching import store as matching_store
from serai.journey.matching.checks import read_instant
from serai.journey.processing.arrivals import present
from serai.journey.processing.confirmation import meet_over_disputed
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.references import Sent, ask_officer, hold_changed, meet_stored, refuse
from serai.journey.processing.transaction import Processor
from serai.journey.recording.read_back import stored_answers
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts of one process, through its processing."""

    processor: Processor

    async def withdraw(
        self, sender: Sender, reference: str, *, expected_version: int | None, reason: str
    ) -> Answer:
        """Withdraw a declaration of the sender's: what was charged is reversed, nothing is owed any more.

        expected_version: None for whichever is the newest, where a standard's message names none.

        Refused: `version-not-current`; `amendment-too-late` after release (the request is recorded for an
        officer). Again is harmless. Raises SeraiError `not-found`.
        """
        services, law, at = self.processor.services, self.processor.law, self.processor.services.clock.now()

        async def work(connection: Connection) -> Answer:
            sent = Sent("declaration", sender, reference, Incoming("withdrawal", version=expected_version))
            await hold_changed(services, connection, [sent], [], at)
            (met,) = await meet_stored(services, connection, [sent])
            if met.outcome is Outcome.NOT_FOUND or met.submission is None or met.stands is None:
                raise not_found()
            consignment = met.stands.consignment
            assert consignment is not None, "what is kept no longer is not found"
            if met.outcome is Outcome.REPEATED:
                return await self._answer(connection, met.submission, consignment)
            if met.outcome is Outcome.AMENDMENT_TOO_LATE:
                act = self._act(consignment, sender, kind="invalidation-request", at=at)
                await ask_officer(services, connection, act, consignment, reason)
            if met.outcome is not Outcome.TAKEN_BACK:
                return refuse(met.outcome, reference, met.submission)
            act = self._act(consignment, sender, kind="invalidation", at=at)
            await record_act(services, connection, act, reason)
            rows = await redetermine(services, connection, law, [consignment.consignment_id], at)
            if not rows or rows[0].answer is None:
                raise _unreadable()
            # Of two that had one number the other goes on.
            disputed = await matching_store.select_disputed_numbers(connection, [rows[0].case_id])
            if disputed:
                await meet_over_disputed(services, connection, law, disputed, at)
            return rows[0].answer

        answer: Answer = await self.processor.write(work)
        return answer

    async def withdraw_document(
        self, sender: Sender, kind: str, reference: str, *, expected_version: int | None, reason: str
    ) -> Answer:
        """Withdraw an order, payment, transport document or return of the sender's: `withdrawing`."""
        services, law, at = self.processor.services, self.processor.law, self.processor.services.clock.now()

        async def work(connection: Connection) -> Answer:
            return await withdraw_document(
                services,
                connection,
                law,
                sender,
                kind=kind,
                reference=reference,
                expected_version=expected_version,
                reason=reason,
                at=at,
            )

        answer: Answer = await self.processor.write(work)
        return answer

    async def present(self, sender: Sender, reference: str, *, arrived_at: datetime) -> Answer:
        """Say that the goods of a declaration of the sender's are there: the arrival of one consignment.

        Again is harmless. Refused: `arrived-already` at another time, `withdrawn`. Raises SeraiError
        `not-found`.
        """
        services, law, at = self.processor.services, self.processor.law, self.processor.services.clock.now()
        arrived_at = _second(arrived_at)

        async def work(connection: Connection) -> Answer:
            submission, consignment = await self._find(connection, sender, reference)
            if consignment.status == WITHDRAWN:
                return refuse(Outcome.WITHDRAWN, reference, submission)
            if consignment.arrived_at is not None:
                if consignment.arrived_at != arrived_at:
                    return Answer(
                        "refused", reference, problem_code="arrived-already", version=submission.version
                    )
                return await self._answer(connection, submission, consignment)
            await record_act(services, connection, self._act(consignment, sender, kind="presentation", at=at))
            await present(
                services, connection, [consignment.consignment_id], arrived_at=arrived_at, law=law, at=at
            )
            submission, consignment = await self._find(connection, sender, reference)
            answer = await self._answer(connection, submission, consignment)
            return msgspec.structs.replace(answer, status="decided")

        answer: Answer = await self.processor.write(work)
        return answer

    async def clear_dec(
        self, message: DecMessage, sender: Sender, content: bytes, *, unread: list[Finding] | None = None
    ) -> Answer:
        """Do what a WCO DEC message asks: file, amend, cancel or present. content: the message's bytes.

        An amendment is made to the declaration as it stands, its people taken from the vault (purpose
        `amend`).
        Raises SeraiError `not-found` when there is no such declaration of the sender's.
        """
        if message.act == "original":
            handed_in = Submission(
                sender, "declaration", documents=[message.consignment], findings=[unread or []]
            )
            return (await self.processor.clear([handed_in]))[0][0]
        at = self.processor.services.clock.now()
        reference = await self._reference_of(message, sender)
        if message.act == "presentation":
            return await self.present(sender, reference, arrived_at=at)
        async with self.processor.services.database.write() as connection:
            submission, consignment = await self._find(connection, sender, reference)
        if message.act == "cancellation":
            return await self.withdraw(
                sender,
                reference,
                expected_version=submission.version,
                reason=message.reason or message.reason_code or "",
            )
        original = await read_whole(self.processor.services, consignment.document_id, "amend", at)
        if original is None:
            raise _unreadable()
        amended, faults = amend_dec(encode_dec(original), content)
        if amended is None or amended.consignment is None:
            return Answer("rejected", reference, findings=faults)
        document = msgspec.structs.replace(
            amended.consignment, reference=reference, amendment_reason=message.reason
        )
        # The message does not say which version it amends: sent again it changes nothing.
        async with self.processor.services.database.write() as connection:
            amending = await self._amending(connection, document, submission)
        handed_in = Submission(sender, "declaration", documents=[amending], findings=[faults])
        return (await self.processor.clear([handed_in]))[0][0]

    async def as_amendments(
        self, sender: Sender, kind: str, documents: Sequence[Document | None]
    ) -> list[Document | None]:
        """Return documents as amendments of whichever version of them is the newest, in two reads.

        For standards whose messages say that a document is changed and not which version of it. What the
        newest version says already stays the amendment that made it, so that sending it again changes
        nothing. What was never filed amends its first version: processing refuses that.
        """
        services = self.processor.services
        references = [document.reference for document in documents if document is not None]
        if not references:
            return list(documents)
        async with services.database.write() as connection:
            known = await document_store.select_submissions(
                connection,
                administration_id=services.administration_id,
                kind=kind,
                party_ids=[sender.party_id] * len(references),
                references=references,
            )
            return [
                document
                and await self._amending(
                    connection, document, known.get((sender.party_id, document.reference))
                )
                for document in documents
            ]

    async def _amending(
        self, connection: Connection, document: Document, newest: StoredSubmission | None
    ) -> Document:
        if newest is None:
            return msgspec.structs.replace(document, amends_version=1)
        if newest.version > 1:
            before = msgspec.structs.replace(document, amends_version=newest.version - 1)
            cuts = cut_people([before], [canonical(before)])
            asked = [(newest.document_id, cut) for cut in cuts]
            if await find_repeats(self.processor.services, connection, asked, {}) == [True]:
                return before
        return msgspec.structs.replace(document, amends_version=newest.version)

    async def reference_of(self, sender: Sender, mrn: str) -> str | None:
        """Return the reference of a declaration of the sender's by its registration number."""
        async with self.processor.services.database.write() as connection:
            return await document_store.select_reference_of_mrn(
                connection,
                mrn,
                party_id=sender.party_id,
                administration_id=self.processor.services.administration_id,
            )

    # ---- finding ----

    async def _find(
        self, connection: Connection, sender: Sender, reference: str
    ) -> tuple[StoredSubmission, ConsignmentRow]:
        """Return a declaration of the sender's, its case locked."""
        submission = await self._find_submission(connection, sender, reference)
        await lock_roots(connection, [submission.first_id])
        # Once more under the lock: an amendment may have come between.
        submission = await self._find_submission(connection, sender, reference)
        found = await consignment_store.select_consignments(
            connection,
            [submission.first_id],
            administration_id=self.processor.services.administration_id,
        )
        if not found:
            raise not_found()
        return submission, found[0]

    async def _find_submission(
        self, connection: Connection, sender: Sender, reference: str
    ) -> StoredSubmission:
        known = await document_store.select_submissions(
            connection,
            administration_id=self.processor.services.administration_id,
            kind="declaration",
            party_ids=[sender.party_id],
            references=[reference],
        )
        if (sender.party_id, reference) not in known:
            raise not_found()
        return known[sender.party_id, reference]

    async def _reference_of(self, message: DecMessage, sender: Sender) -> str:
        """Return the reference of the declaration that a later act is about, by its registration number."""
        found = await self.reference_of(sender, message.mrn or "")
        # Where the number is one of another system's, the reference tells.
        return found or message.reference

    # ---- answering ----

    async def _answer(
        self, connection: Connection, submission: StoredSubmission, consignment: ConsignmentRow
    ) -> Answer:
        return (await stored_answers(self.processor.services, connection, [submission], [consignment]))[0]

    def _act(self, consignment: ConsignmentRow, sender: Sender, *, kind: str, at: datetime) -> Act:
        act_id = int(self.processor.services.ids.take(1)[0])
        return Act(
            act_id=act_id,
            case_id=consignment.case_id,
            kind=kind,
            subject_id=consignment.consignment_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            leaf_id=act_id,
            version=consignment.version,
            expected_decision_id=consignment.decision_id,
        )


def _second(at: datetime) -> datetime:
    """A notice of presentation names no time: the goods are there when it comes in."""
    instant = read_instant(at.isoformat())
    assert instant is not None
    return instant


def _unreadable() -> SeraiError:
    return SeraiError(
        "message-erased",
        "The declaration was erased, so it cannot be changed any more.",
        "File a new declaration under another reference.",
    )

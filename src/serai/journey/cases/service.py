"""Following a case: what each party may read of it, joined from documents, decisions, charges, acts and
payments.

Another party's case is `not-found`, in the very words of a case that does not exist, found by the very same
statement.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from serai.evidence.leaf import Opening
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Reach
from serai.foundation.vault.records import MessageCodec
from serai.journey.case_records import store as case_store
from serai.journey.case_records.amounts_payable import charge_out, sum_payable
from serai.journey.case_records.answers import (
    AmountsPayable,
    CaseActsOut,
    CaseOut,
    ChargesOut,
    DecisionAnswer,
    HistoryOut,
    NoticesOut,
)
from serai.journey.case_records.documents import document_out, is_own
from serai.journey.case_records.message_catalogue import read_words
from serai.journey.cases.case_match import (
    has_supporting_documents,
    match_out,
    may_compare,
    possible_match_out,
)
from serai.journey.cases.history import act_out, moments_of, reasons_seen, sees_act
from serai.journey.cases.notices import notices_of
from serai.journey.cases.status import consignment_out, next_step_of, status_of
from serai.journey.consignments import store
from serai.journey.consignments.act_records import DoneAct, select_act, select_acts
from serai.journey.consignments.act_words import read_act_words
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.offices.office import OfficeOut, Offices
from serai.journey.offices.service import OfficeBook
from serai.journey.processing.rendered_decision import Connection, RenderedDecisions, texts_in_decision
from serai.journey.recording.recorded_facts import recorded_context
from serai.journey.revenue.payment_advice import Payee, PaymentAdvice, advise_payment
from serai.journey.texts.notices import About, Means, Served, record_notice, select_notices, select_texts
from serai.journey.tracking.observing import observe_case
from serai.journey.tracking.service import TrackingService
from serai.journey.visibility.open_case import OpenCase, not_found
from serai.journey.visibility.table import Viewer, may_see, show
from serai.model.acts import QUESTIONED
from serai.model.errors import SeraiError


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """The case files of one administration. payee: to whom what is owed is paid; None: no account is set."""

    database: Database
    keyring: Keyring
    codec: MessageCodec
    clock: Clock
    administration_id: int
    decisions: RenderedDecisions
    events: TrackingService
    office_book: OfficeBook
    payee: Payee | None = None

    # ---- which case, and what of it ----

    async def open_case(self, connection: Connection, viewer: Viewer, case_id: int) -> OpenCase:
        """Return a case, or the one that took it in. Raises SeraiError `not-found`."""
        access = await store.select_access(
            connection, case_id, party_id=viewer.party_id, administration_id=self.administration_id
        )
        is_party = bool(access.own_kinds or access.named_roles)
        if access.case_id is None or not (is_party or viewer.is_administration):
            raise not_found()
        own = frozenset(DOCUMENT_KINDS[kind - 1] for kind in access.own_kinds)
        return OpenCase(access.case_id, tuple(access.family), viewer, own)

    async def open_act(self, connection: Connection, viewer: Viewer, act_id: int) -> Opening | None:
        """Return what opens the commitment to an act; None where its leaf is another's.

        For the party that did it and the administration. Raises SeraiError `not-found`.
        """
        found = await select_act(
            connection, act_id, party_id=viewer.own_party_id, administration_id=self.administration_id
        )
        if found is None:
            raise not_found()
        return found[1]

    async def find_case(self, connection: Connection, viewer: Viewer, key: str) -> OpenCase:
        """Return a case by its id, else by the declarant's own reference. Raises `not-found`,
        `reference-ambiguous`.
        """
        case_id = _case_id_in(key)
        if case_id:
            return await self.open_case(connection, viewer, case_id)
        found = await store.select_cases_of_reference(
            connection,
            key,
            party_id=None if viewer.is_administration else viewer.party_id,
            administration_id=self.administration_id,
        )
        if len(found) > 1:
            raise SeraiError(
                "reference-ambiguous",
                "Several parties used this reference.",
                "Ask by the id of the case: list them first.",
            )
        return await self.open_case(connection, viewer, found[0] if found else 0)

    async def consignments_of(self, connection: Connection, case: OpenCase) -> list[store.ConsignmentRow]:
        """Return the consignments of a case, in order."""
        return await store.select_consignments_of_cases(
            connection, case.family, administration_id=self.administration_id
        )

    async def consignment_of(
        self, connection: Connection, case: OpenCase, wanted: str | None
    ) -> store.ConsignmentRow:
        """Return one consignment: by its reference or id, or the first. Where several declarants of a case
        used the reference, the viewer's own comes first. Raises `not-found` where the case has no such one.
        """
        rows = await self.consignments_of(connection, case)
        if wanted is not None:
            rows = [row for row in rows if wanted in (row.reference, format_id(row.consignment_id))]
            rows.sort(key=lambda row: row.party_id != case.viewer.party_id)
        if not rows:
            raise not_found()
        return rows[0]

    async def consignment_of_decision(
        self, connection: Connection, case: OpenCase, decision_id: int
    ) -> store.ConsignmentRow:
        """Return the consignment that a decision of the case is about. Raises `not-found`."""
        rows = {row.consignment_id: row for row in await self.consignments_of(connection, case)}
        made = await case_store.select_case_decisions(
            connection, list(rows), administration_id=self.administration_id
        )
        for one in made:
            if one.decision_id == decision_id:
                return rows[one.consignment_id]
        raise not_found()

    async def documents_of(self, connection: Connection, case: OpenCase) -> list[case_store.CaseDocumentRow]:
        """Return the documents a viewer learns of: those that count, and its own."""
        rows = await case_store.select_case_documents(
            connection,
            case.family,
            viewer_id=case.viewer.party_id,
            administration_id=self.administration_id,
            at=self.clock.now(),
        )
        sees_all = may_see(case.viewer, "case", "unconfirmed_documents")
        return [row for row in rows if row.is_confirmed or sees_all or is_own(case, row)]

    # ---- reading ----

    async def read_case(self, viewer: Viewer, case_id: int, language: str) -> CaseOut:
        """Return how a case stands. Raises `not-found`."""
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            consignments = await self.consignments_of(connection, case)
            documents = await self.documents_of(connection, case)
            charges = await case_store.select_charge_lines(
                connection,
                [row.consignment_id for row in consignments],
                administration_id=self.administration_id,
            )
            acts = await select_acts(connection, case.family, administration_id=self.administration_id)
            match = await case_store.select_case_match(
                connection, case.family, administration_id=self.administration_id
            )
            possible = (
                await case_store.select_possible_matches(
                    connection, case.family, administration_id=self.administration_id
                )
                if case.may_see("case", "possible_matches")
                else []
            )
            is_unknown = await self._is_sum_unknown(connection, consignments)
            office = await self._office_of(connection, consignments)
        owed = [] if is_unknown else sum_payable(charges, acts)
        status = status_of(consignments)
        return CaseOut(
            case_id=format_id(case.case_id),
            status=status,
            state=read_words(language).states[status],
            next_step=next_step_of(status, owed, consignments, language),
            owed=owed,
            consignments=[consignment_out(row) for row in consignments],
            documents=[document_out(case, row) for row in documents],
            match=match_out(match, language, shows_figures=may_compare(case, documents))
            if match is not None and has_supporting_documents(documents) and case.may_see("case", "match")
            else None,
            possible_matches=[possible_match_out(row) for row in possible],
            payment_advice=self.advise_payment(case, owed),
            is_record_examined=any(one.act.kind == QUESTIONED and one.reversed_by is None for one in acts),
            is_sum_unknown=is_unknown,
            office=office,
        )

    def advise_payment(self, case: OpenCase, owed: Sequence[AmountsPayable]) -> PaymentAdvice | None:
        """Say how what a case owes at the border is paid."""
        is_owed = any(one.due == "border" for one in owed)
        return advise_payment(self.payee, format_id(case.case_id), is_owed=is_owed)

    async def read_offices(self) -> Offices:
        """Return the offices to which one turns now."""
        async with self.database.read(self.administration_id) as connection:
            return await self.office_book.in_force(connection, self.clock.now())

    async def _office_of(
        self, connection: Connection, consignments: Sequence[ConsignmentRow]
    ) -> OfficeOut | None:
        """Return the office to which one turns about a case; None: nothing was declared."""
        if not consignments:
            return None
        first = consignments[0]
        offices = await self.office_book.in_force(connection, self.clock.now())
        return offices.responsible_for(first.consignee_country_code, first.logistics_channel_code)

    async def _is_sum_unknown(self, connection: Connection, consignments: Sequence[ConsignmentRow]) -> bool:
        """Say whether a decision that stands in a case leaves a charge open."""
        standing = {row.decision_id for row in consignments}
        decisions = await decision_store.select_decisions(
            connection, [row.consignment_id for row in consignments], administration_id=self.administration_id
        )
        return any(
            recorded_context(one).has("has_unknown_charge")
            for one in decisions
            if one.decision_id in standing
        )

    async def read_decision(
        self,
        viewer: Viewer,
        key: str,
        language: str | None,
        *,
        consignment: str | None = None,
        decision_id: int | None = None,
        means: Means = "answer",
    ) -> DecisionAnswer:
        """Return a decision (default: the newest) as far as the viewer sees it. Raises `not-found`.

        language: of its texts; None: without. What is so served to a party is kept as a notice.

        key: of the case, or the declarant's reference, which names the consignment as well.
        """
        if consignment is None and not _case_id_in(key):
            consignment = key
        async with self.database.read(self.administration_id) as connection:
            case = await self.find_case(connection, viewer, key)
            if decision_id is None:
                row = await self.consignment_of(connection, case, consignment)
                wanted = row.decision_id
            else:
                row, wanted = await self.consignment_of_decision(connection, case, decision_id), decision_id
            rendered = await self.decisions.read(connection, row, wanted, language)
            office = await self._office_of(connection, [row])
        shown = show(viewer, "decision", rendered.decision, is_sender=case.is_declared_by_viewer)
        if language is not None and viewer.party_id is not None and not viewer.is_administration:
            texts = await asyncio.to_thread(texts_in_decision, shown, language)
            served = Served([About(case.case_id, wanted)], texts, means, language)
            await record_notice(self.decisions.services, viewer.party_id, served)
        return DecisionAnswer(
            case_id=format_id(case.case_id),
            reference=row.reference,
            is_newest=wanted == row.decision_id,
            decision=shown,
            officer_reasons=rendered.officer_reasons if case.may_see("decision", "officer_reasons") else [],
            office=office,
        )

    async def read_notices(self, viewer: Viewer, case_id: int) -> NoticesOut:
        """Return what was served about the decisions of a case: to the viewer's party, and for the
        administration to everybody, each in the words it had then. Raises `not-found`."""
        key = {"administration_id": self.administration_id}
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            party_id = None if viewer.is_administration else viewer.party_id
            notices = await select_notices(connection, case.family, party_id=party_id, **key)
            versions = {version for one in notices for version in one.text_versions}
            texts = await select_texts(connection, versions, **key)
            decisions = await self.decisions.read_all(
                connection, await self.consignments_of(connection, case)
            )
        return NoticesOut(
            case_id=format_id(case.case_id),
            notices=notices_of(notices, texts, decisions, names_parties=viewer.is_administration),
        )

    async def read_receipt(
        self, viewer: Viewer, case_id: int, *, consignment: str | None, decision_id: int | None
    ) -> bytes:
        """Return the receipt of a decision (default: the newest): a promise for some seconds, then a
        proof. Raises `not-found`.
        """
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            if decision_id is None:
                wanted = (await self.consignment_of(connection, case, consignment)).decision_id
            else:
                await self.consignment_of_decision(connection, case, decision_id)
                wanted = decision_id
        receipt = await self.decisions.read_receipt(wanted)
        if receipt is None:
            raise not_found()
        return receipt

    async def read_receipt_of_leaf(self, viewer: Viewer, leaf_id: int) -> bytes:
        """Return the receipt of a decision, or of an act with a leaf of its own, by its number alone. Raises
        `not-found`, also where the case is not the viewer's to see, or the act was another party's.
        """
        async with self.database.read(self.administration_id) as connection:
            case_id = await store.select_case_of_decision(
                connection, leaf_id, party_id=viewer.own_party_id, administration_id=self.administration_id
            )
            if case_id is None:
                await self.open_act(connection, viewer, leaf_id)
            else:
                await self.open_case(connection, viewer, case_id)
        receipt = await self.decisions.read_receipt(leaf_id)
        if receipt is None:
            raise not_found()
        return receipt

    async def read_charges(self, viewer: Viewer, case_id: int) -> ChargesOut:
        """Return every charge of a case, reversals among them. Raises `not-found`."""
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            consignments = await self.consignments_of(connection, case)
            charges = await case_store.select_charge_lines(
                connection,
                [row.consignment_id for row in consignments],
                administration_id=self.administration_id,
            )
            acts = await select_acts(connection, case.family, administration_id=self.administration_id)
            is_unknown = await self._is_sum_unknown(connection, consignments)
        references = {row.consignment_id: row.reference for row in consignments}
        owed = [] if is_unknown else sum_payable(charges, acts)
        return ChargesOut(
            case_id=format_id(case.case_id),
            owed=owed,
            payment_advice=self.advise_payment(case, owed),
            charges=[charge_out(case, row, references) for row in charges]
            if case.may_see("case", "charges")
            else [],
            is_sum_unknown=is_unknown,
        )

    async def read_history(self, viewer: Viewer, case_id: int, actor: str, language: str) -> HistoryOut:
        """Return what happened to a case, oldest first. Reasons in words are opened from the vault, which
        records it. Raises `not-found`.
        """
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            consignments = await self.consignments_of(connection, case)
            documents = await self.documents_of(connection, case)
            decisions = await case_store.select_case_decisions(
                connection,
                [row.consignment_id for row in consignments],
                administration_id=self.administration_id,
            )
            acts = await select_acts(connection, case.family, administration_id=self.administration_id)
            observed = await observe_case(self.events, connection, case.case_id, viewer, language)
            preloadings = await case_store.select_preloadings(
                connection, case.family, administration_id=self.administration_id
            )
        words = await self._words(case, acts, documents, "show-history", actor)
        return HistoryOut(
            case_id=format_id(case.case_id),
            moments=moments_of(
                case,
                consignments=consignments,
                documents=documents,
                decisions=decisions,
                acts=acts,
                observed=observed,
                preloadings=preloadings,
                words=words,
            ),
        )

    async def read_acts(self, viewer: Viewer, case_id: int, actor: str) -> CaseActsOut:
        """Return what was done in a case, oldest first. Reasons in words are opened from the vault, which
        records it. Raises `not-found`.
        """
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            acts = await select_acts(connection, case.family, administration_id=self.administration_id)
            documents = await self.documents_of(connection, case)
        acts = [one for one in acts if sees_act(case, one.act)]
        words = await self._words(case, acts, documents, "show-acts", actor)
        return CaseActsOut(case_id=format_id(case.case_id), acts=[act_out(case, one, words) for one in acts])

    async def _words(
        self,
        case: OpenCase,
        acts: Sequence[DoneAct],
        documents: Sequence[case_store.CaseDocumentRow],
        purpose: str,
        actor: str,
    ) -> dict[int, str]:
        return await read_act_words(
            self.database.write,
            self.keyring,
            self.codec,
            reasons_seen(case, acts, documents),
            Reach(self.administration_id, purpose, actor, self.clock.now()),
        )


def _case_id_in(key: str) -> int:
    """Return the id a key is; 0 for a reference."""
    try:
        return parse_id(key)
    except SeraiError:
        return 0

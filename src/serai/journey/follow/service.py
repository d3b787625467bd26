"""Following a case: what each party may read of it, joined from documents, decisions, charges, acts and
payments.

Another party's case is `not-found`, in the very words of a case that does not exist, found by the very same
statement.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from psycopg import AsyncConnection

from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.ids import following
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.message_codec import MessageCodec
from serai.foundation.vault.reading import Reach, list_reads, open_messages, open_people
from serai.journey.follow import lists, store
from serai.journey.follow.answers import (
    CaseOut,
    ChargeOut,
    ChargesOut,
    ConsignmentOut,
    ConsignmentPage,
    DecisionAnswer,
    DocumentContent,
    DocumentOut,
    EventOut,
    EventPage,
    HistoryOut,
    LedgerOut,
    Moment,
    Owed,
    PeopleOut,
    PersonOut,
    ReadOut,
)
from serai.journey.follow.case_words import read_words
from serai.journey.follow.visibility import Viewer, may_see, show
from serai.model.documents import PERSON_ROLES
from serai.model.errors import SeraiError
from serai.model.frames import LANES, STATUSES
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

CHARGE_KINDS: Final = ("duty", "tax", "excise", "fee", "claim")
DUES: Final = ("border", "sale", "buyer_return", "none")
DOCUMENT_KINDS: Final = ("consignment", "order", "payment", "transport-document", "arrival")
"""Places of these are stored (kinds of document from 1); `assess` and `advise`, who write them, hold the
same tuples: a test compares.
"""

_SERIOUS: Final = (
    "refused",
    "in_examination",
    "in_review",
    "await_document",
    "await_payment",
    "await_arrival",
    "cleared",
    "released",
    "withdrawn",
)
"""Statuses by what keeps a whole case longest."""
_POLL_S: Final = 0.4


class SpokenDecision(msgspec.Struct, frozen=True):
    """A decision as recorded (plain data), with words for those who read. officer_reasons: everything,
    for officers alone.
    """

    decision: dict[str, Any]
    reasons: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    officer_reasons: list[dict[str, Any]]


class Decisions(Protocol):
    """What this room needs of the corridor: decisions read back."""

    async def read(
        self, connection: Connection, consignment: store.ConsignmentRow, decision_id: int, language: str
    ) -> SpokenDecision:
        """Return one decision of a consignment."""
        ...

    async def read_receipt(self, decision_id: int) -> bytes | None:
        """Return the receipt of a decision, promise or proof, in its canonical text."""
        ...


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case a viewer may see. own_kinds: kinds of document the viewer's party has in it. family: it and
    the cases merged into it.
    """

    case_id: int
    family: tuple[int, ...]
    viewer: Viewer
    own_kinds: frozenset[str]

    @property
    def is_declared_by_viewer(self) -> bool:
        """Say whether the viewer's party filed the declaration: of its own decision it sees
        everything but officers' rules.
        """
        return "consignment" in self.own_kinds

    def may_see(self, kind: str, field: str) -> bool:
        """Say whether the viewer sees a field of the case or its decision."""
        return may_see(self.viewer, kind, field, is_sender=self.is_declared_by_viewer)


def not_found() -> SeraiError:
    """Return the one answer to what is not there and to what is not for the asker."""
    return SeraiError(
        "not-found",
        "There is no such case, or it is not yours to see.",
        "Compare the number with the one you were given; a case is seen by the parties that have a"
        " document in it.",
    )


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """The case files of one administration."""

    database: Database
    keyring: Keyring
    codec: MessageCodec
    clock: Clock
    administration_id: int
    decisions: Decisions

    # ---- who may ----

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

    async def find_case(self, connection: Connection, viewer: Viewer, key: str) -> OpenCase:
        """Return a case by its id, else by the filer's own reference. Raises `not-found`,
        `reference-ambiguous`.
        """
        try:
            case_id = parse_id(key)
        except SeraiError:
            case_id = 0
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
                "Several filers used this reference.",
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
        """Return one consignment: by its reference or id, or the first. Raises `not-found` where the
        case has no such declaration.
        """
        rows = await self.consignments_of(connection, case)
        if wanted is not None:
            rows = [row for row in rows if wanted in (row.reference, format_id(row.consignment_id))]
        if not rows:
            raise not_found()
        return rows[0]

    # ---- reading ----

    async def read_case(self, viewer: Viewer, case_id: int, language: str) -> CaseOut:
        """Return how a case stands. Raises `not-found`."""
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            consignments = await self.consignments_of(connection, case)
            documents = await self._documents(connection, case)
            charges = await store.select_charge_lines(
                connection,
                [row.consignment_id for row in consignments],
                administration_id=self.administration_id,
            )
            settlements = await store.select_settlements(
                connection, case.family, administration_id=self.administration_id
            )
        owed = sum_owed(charges, settlements)
        status = _status(consignments)
        return CaseOut(
            case_id=format_id(case.case_id),
            status=status,
            state=read_words(language).states[status],
            next_step=_next_step(status, owed, consignments, language),
            owed=owed,
            consignments=[consignment_out(row) for row in consignments],
            documents=[_document_out(case, row) for row in documents],
        )

    async def read_decision(
        self,
        viewer: Viewer,
        key: str,
        language: str,
        *,
        consignment: str | None = None,
        decision_id: int | None = None,
    ) -> DecisionAnswer:
        """Return a decision (default: the newest) in words, as far as the viewer sees it. Raises
        `not-found`.
        """
        async with self.database.read(self.administration_id) as connection:
            case = await self.find_case(connection, viewer, key)
            if decision_id is None:
                row = await self.consignment_of(connection, case, consignment)
                wanted = row.decision_id
            else:
                row, wanted = await self.consignment_of_decision(connection, case, decision_id), decision_id
            spoken = await self.decisions.read(connection, row, wanted, language)
        return DecisionAnswer(
            case_id=format_id(case.case_id),
            reference=row.reference,
            is_newest=wanted == row.decision_id,
            decision=show(viewer, "decision", spoken.decision, is_sender=case.is_declared_by_viewer),
            reasons_in_words=spoken.reasons if case.may_see("decision", "reasons_in_words") else [],
            findings_in_words=spoken.findings if case.may_see("decision", "findings_in_words") else [],
            officer_reasons=spoken.officer_reasons if case.may_see("decision", "officer_reasons") else [],
        )

    async def consignment_of_decision(
        self, connection: Connection, case: OpenCase, decision_id: int
    ) -> store.ConsignmentRow:
        """Return the consignment that a decision of the case is about. Raises `not-found`."""
        rows = {row.consignment_id: row for row in await self.consignments_of(connection, case)}
        made = await store.select_case_decisions(
            connection, list(rows), administration_id=self.administration_id
        )
        for one in made:
            if one.decision_id == decision_id:
                return rows[one.consignment_id]
        raise not_found()

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

    async def read_receipt_of_decision(self, viewer: Viewer, decision_id: int) -> bytes:
        """Return the receipt of a decision by its id alone. Raises `not-found`, also where the case
        is not the viewer's to see.
        """
        async with self.database.read(self.administration_id) as connection:
            case_id = await store.select_case_of_decision(
                connection, decision_id, administration_id=self.administration_id
            )
            await self.open_case(connection, viewer, case_id or 0)
        receipt = await self.decisions.read_receipt(decision_id)
        if receipt is None:
            raise not_found()
        return receipt

    async def read_charges(self, viewer: Viewer, case_id: int) -> ChargesOut:
        """Return every charge of a case, reversals among them. Raises `not-found`."""
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            consignments = await self.consignments_of(connection, case)
            charges = await store.select_charge_lines(
                connection,
                [row.consignment_id for row in consignments],
                administration_id=self.administration_id,
            )
            settlements = await store.select_settlements(
                connection, case.family, administration_id=self.administration_id
            )
        references = {row.consignment_id: row.reference for row in consignments}
        return ChargesOut(
            case_id=format_id(case.case_id),
            owed=sum_owed(charges, settlements),
            charges=[_charge_out(case, row, references) for row in charges]
            if case.may_see("case", "charges")
            else [],
        )

    async def read_history(self, viewer: Viewer, case_id: int) -> HistoryOut:
        """Return what happened to a case, oldest first. Raises `not-found`."""
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            consignments = await self.consignments_of(connection, case)
            documents = await self._documents(connection, case)
            decisions = await store.select_case_decisions(
                connection,
                [row.consignment_id for row in consignments],
                administration_id=self.administration_id,
            )
            acts = await store.select_acts(connection, case.family, administration_id=self.administration_id)
            settlements = await store.select_settlements(
                connection, case.family, administration_id=self.administration_id
            )
        moments = [
            *(_received(case, row) for row in documents),
            *(_acted(case, row) for row in acts),
            *(_decided(row, consignments) for row in decisions),
            *(_arrived(row) for row in consignments if row.arrived_at is not None),
            *(_settled(case, row) for row in settlements),
        ]
        return HistoryOut(case_id=format_id(case.case_id), moments=sorted(moments, key=lambda one: one.at))

    async def _documents(self, connection: Connection, case: OpenCase) -> list[store.CaseDocumentRow]:
        """Return the documents a viewer learns of: those that count, and its own."""
        rows = await store.select_case_documents(
            connection, case.family, administration_id=self.administration_id
        )
        sees_all = may_see(case.viewer, "case", "unconfirmed_documents")
        return [row for row in rows if row.is_confirmed or sees_all or _is_own(case, row)]

    async def read_document(
        self, viewer: Viewer, case_id: int, document_id: int, actor: str
    ) -> DocumentContent:
        """Return a document's content as the viewer sees it; the vault's ledger tells of it. Raises
        `not-found`.
        """
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            documents = await self._documents(connection, case)
        row = next((one for one in documents if one.document_id == document_id), None)
        if row is None:
            raise not_found()
        reach = Reach(self.administration_id, "show-document", actor, self.clock.now())
        opened = await open_messages(self.database.write, self.keyring, [document_id], reach)
        if document_id not in opened:
            raise not_found()
        content = msgspec.json.decode(self.codec.decompress(opened[document_id].value))
        kind = DOCUMENT_KINDS[row.kind - 1]
        shown = show(viewer, kind, content, is_sender=_is_own(case, row))
        return DocumentContent(document=_document_out(case, row), content=shown)

    # ---- people ----

    async def read_people(self, viewer: Viewer, case_id: int, purpose: str, actor: str) -> PeopleOut:
        """Open the people of a case from the vault: for officers all, for a filer those of its own
        documents. Each reading is recorded.

        Raises `not-found` (also where there is nobody the viewer may see), `vault-purpose-missing`.
        """
        async with self.database.read(self.administration_id) as connection:
            case = await self.open_case(connection, viewer, case_id)
            documents = await self._documents(connection, case)
        wanted = [
            (person_id, row, role)
            for row in documents
            if may_see(viewer, "case", "people", is_sender=_is_own(case, row))
            for person_id, role in _people_of(row)
        ]
        if not wanted:
            raise not_found()
        reach = Reach(self.administration_id, purpose, actor, self.clock.now())
        records = [(person_id, row.document_id) for person_id, row, _ in wanted]
        opened = await open_people(self.database.write, self.keyring, records, reach)
        return PeopleOut(
            case_id=format_id(case.case_id),
            purpose=purpose,
            people=[
                PersonOut(
                    person_id=format_id(person_id),
                    document_id=format_id(row.document_id),
                    document_kind=DOCUMENT_KINDS[row.kind - 1],
                    role=role,
                    fields=msgspec.json.decode(opened[person_id, row.document_id].value)
                    if (person_id, row.document_id) in opened
                    else None,
                )
                for person_id, row, role in wanted
            ],
        )

    async def read_ledger(self, viewer: Viewer, person_id: int) -> LedgerOut:
        """Return who read a person's fields: for officers, and for the party whose document holds
        the person. Raises `not-found`.
        """
        async with self.database.write() as connection:
            reads = await list_reads(connection, person_id, administration_id=self.administration_id)
            senders = await store.select_senders(
                connection,
                sorted({read.record_id for read in reads}),
                administration_id=self.administration_id,
            )
        if not reads or not (viewer.is_officer or viewer.party_id in senders):
            raise not_found()
        return LedgerOut(
            person_id=format_id(person_id),
            reads=[
                ReadOut(
                    read_at=read.read_at,
                    purpose=read.purpose,
                    actor=read.actor,
                    document_id=format_id(read.record_id),
                )
                for read in reads
            ],
        )

    # ---- lists and events ----

    async def list_consignments(
        self, viewer: Viewer, given: lists.Filter, *, after: str | None, limit: int
    ) -> ConsignmentPage:
        """Return a page of what a viewer may see. Raises InputFaultyError."""
        lists.check_filter(given)
        async with self.database.read(self.administration_id) as connection:
            rows, next_after = await lists.select_page(
                connection,
                given,
                administration_id=self.administration_id,
                party_id=None if viewer.is_administration else viewer.party_id,
                after=after,
                limit=limit,
            )
        return ConsignmentPage(consignments=[consignment_out(row) for row in rows], next_after=next_after)

    async def read_events(self, viewer: Viewer, *, after: str | None, limit: int, wait_s: float) -> EventPage:
        """Return a party's events after a cursor, at least once each; wait up to wait_s seconds for
        the first.

        Raises InputFaultyError, and `events-need-party` for an actor without a party.
        """
        if viewer.party_id is None:
            raise SeraiError(
                "events-need-party",
                "Events are told to a party, and you have none.",
                "List changes by GET /v1/consignments?changed_since= instead.",
            )
        cursor = lists.read_cursor(after, lists.EVENTS) if after else lists.Cursor(lists.EVENTS, 0, 0)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            async with self.database.read(self.administration_id) as connection:
                rows = await store.select_events(
                    connection,
                    party_id=viewer.party_id,
                    administration_id=self.administration_id,
                    after=(cursor.a, cursor.b),
                    limit=limit,
                )
            if rows or loop.time() >= until:
                break
            await asyncio.sleep(min(_POLL_S, max(until - loop.time(), 0)))
        if rows:
            cursor = lists.Cursor(lists.EVENTS, rows[-1].tx, rows[-1].event_id)
        return EventPage(
            events=[
                EventOut(
                    event_id=format_id(row.event_id),
                    kind=store.EVENT_KINDS[row.kind],
                    case_id=format_id(row.case_id),
                    at=row.at,
                    decision_id=format_id(row.decision_id) if row.decision_id > 0 else None,
                )
                for row in rows
            ],
            next_after=lists.write_cursor(cursor),
        )


# ---- what is owed ----


def sum_owed(charges: Sequence[store.ChargeLine], settlements: Sequence[store.SettlementRow]) -> list[Owed]:
    """Return what stands to be paid, by currency, due and liable role; reversals take back what they
    reverse, waived charges and claims
    are not owed, and what was paid, put on account or secured is taken off what is due at the border, in
    the order of the bill.
    """
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in charges:
        if not row.is_waived and CHARGE_KINDS[row.kind] != "claim" and DUES[row.due] in ("border", "sale"):
            sums[DUES[row.due], row.currency_code, row.liable_code] += row.amount_minor
    paid: dict[str, int] = defaultdict(int)
    for mark in settlements:
        paid[mark.currency_code] += mark.amount_minor
    owed = []
    for (due, currency, liable), amount in sorted(sums.items()):
        taken = min(amount, paid[currency]) if due == "border" else 0
        paid[currency] -= taken
        if amount - taken > 0:
            owed.append(
                Owed(
                    amount=format_minor(amount - taken, currency),
                    currency_code=currency,
                    due=due,
                    liable=liable,
                )
            )
    return owed


def _status(consignments: Sequence[store.ConsignmentRow]) -> str:
    found = {STATUSES[row.status] for row in consignments}
    return next((status for status in _SERIOUS if status in found), "no_declaration")


def _next_step(
    status: str, owed: Sequence[Owed], consignments: Sequence[store.ConsignmentRow], language: str
) -> str:
    words = read_words(language)
    days = sorted(row.expected_arrival_at for row in consignments if row.expected_arrival_at is not None)
    expected = words.phrases["expected"].format(day=f"{days[0]:%d %B %Y}") if days else ""
    at_border = [f"{one.currency_code} {one.amount}" for one in owed if one.due == "border"]
    said = words.phrases["and"].join(at_border) or words.phrases["nothing"]
    return words.next_steps[status].format(owed=said, expected=expected)


# ---- rows into answers ----


def consignment_out(row: store.ConsignmentRow) -> ConsignmentOut:
    """Return a consignment as lists and cases show it: what every party of its case may know."""
    return ConsignmentOut(
        consignment_id=format_id(row.consignment_id),
        case_id=format_id(row.case_id),
        reference=row.reference,
        registration_number=row.mrn,
        version=row.version,
        lane=LANES[row.lane],
        status=STATUSES[row.status],
        decision_id=format_id(row.decision_id),
        law_on=row.law_on,
        channel_code=row.channel_code,
        destination_country_code=row.consignee_country_code,
        goods_item_count=row.item_count,
        changed_at=row.changed_at,
        house_document=row.house_document,
        accepted_at=row.accepted_at,
        expected_arrival_at=row.expected_arrival_at,
        arrived_at=row.arrived_at,
    )


def _is_own(case: OpenCase, row: store.CaseDocumentRow) -> bool:
    return case.viewer.party_id is not None and row.party_id == case.viewer.party_id


def _document_out(case: OpenCase, row: store.CaseDocumentRow) -> DocumentOut:
    return DocumentOut(
        document_id=format_id(row.document_id),
        kind=DOCUMENT_KINDS[row.kind - 1],
        version=row.version,
        received_at=row.received_at,
        is_confirmed=row.is_confirmed,
        is_own=_is_own(case, row),
        role=row.role,
        sender=row.party_name
        if may_see(case.viewer, "case", "senders", is_sender=_is_own(case, row))
        else None,
    )


def _charge_out(case: OpenCase, row: store.ChargeLine, references: dict[int, str]) -> ChargeOut:
    sees_base = case.may_see("decision", "charges.base_amount") and bool(row.rate_denominator)
    return ChargeOut(
        reference=references[row.consignment_id],
        decision_id=format_id(row.decision_id),
        sequence_number=row.sequence_number or None,
        tax_type_code=row.tax_type_code,
        kind=CHARGE_KINDS[row.kind],
        due=DUES[row.due],
        liable=row.liable_code,
        amount=format_minor(row.amount_minor, row.currency_code),
        currency_code=row.currency_code,
        is_waived=row.is_waived,
        is_reversal=row.is_reversal,
        base_amount=format_minor(row.base_minor, row.currency_code) if sees_base else None,
        rate_numerator=row.rate_numerator if sees_base else None,
        rate_denominator=row.rate_denominator if sees_base else None,
    )


def _people_of(row: store.CaseDocumentRow) -> list[tuple[int, str]]:
    """Return vault ids and roles of the people of a document: their ids were taken one after the other."""
    roles = [role for place, role in enumerate(PERSON_ROLES) if row.person_roles >> place & 1]
    return list(zip(following(row.first_person_id, len(roles)), roles, strict=True)) if roles else []


def _received(case: OpenCase, row: store.CaseDocumentRow) -> Moment:
    return Moment(
        at=row.received_at,
        kind="document-received",
        document_id=format_id(row.document_id),
        document_kind=DOCUMENT_KINDS[row.kind - 1],
        version=row.version,
        sender=_document_out(case, row).sender,
    )


def _acted(case: OpenCase, row: store.ActRow) -> Moment:
    is_own = case.viewer.party_id == row.party_id
    sees_reason = is_own or may_see(case.viewer, "consignment", "amendment_reason")
    return Moment(
        at=row.at, kind=row.kind, version=row.version, reason=(row.reason or None) if sees_reason else None
    )


def _decided(row: store.CaseDecisionRow, consignments: Sequence[store.ConsignmentRow]) -> Moment:
    reference = next(one.reference for one in consignments if one.consignment_id == row.consignment_id)
    return Moment(
        at=row.decided_at,
        kind="decided-again" if row.supersedes else "decided",
        reference=reference,
        decision_id=format_id(row.decision_id),
        supersedes=format_id(row.supersedes) if row.supersedes else None,
        lane=LANES[row.lane],
        status=STATUSES[row.status],
    )


def _arrived(row: store.ConsignmentRow) -> Moment:
    assert row.arrived_at is not None
    return Moment(at=row.arrived_at, kind="arrived", reference=row.reference)


def _settled(case: OpenCase, row: store.SettlementRow) -> Moment:
    sees_amount = case.viewer.party_id == row.party_id or case.may_see("decision", "totals")
    return Moment(
        at=row.marked_at,
        kind=row.kind,
        amount=format_minor(row.amount_minor, row.currency_code) if sees_amount else None,
        currency_code=row.currency_code if sees_amount else None,
    )

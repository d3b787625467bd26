"""Proofs of what was paid: given out for a consignment whose duty and tax are paid, revoked and suspended."""

import datetime as dt
from decimal import ROUND_UP, Decimal
from typing import Any, Final, Literal

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.notes import name_key
from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import find_case
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.stored_documents import read_documents
from serai.journey.processing.transaction import Processor
from serai.journey.revenue import store as revenue_store
from serai.journey.revenue.store import BorderDue, StandingDetail
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.goods import DeclaredItem
from serai.journey.tax_paid.proofs import store
from serai.journey.tax_paid.proofs.store import ProofRow
from serai.journey.tax_paid.status_list import REVOKED, SUSPENDED, USED, VALID, pack_statuses
from serai.journey.tax_paid.token import Paid, PaidItem, StatusReference, issue_token, make_claims
from serai.journey.tax_paid.trusted import sign_list
from serai.model.acts import SECURING, kinds_with, net_amounts
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN
from serai.model.money import format_minor
from serai.model.packed_detail import CHARGE_KINDS, DUES

Connection = AsyncConnection[Any]
ProofStatus = Literal["valid", "revoked", "suspended", "used"]
STATUS_CODES: Final[dict[ProofStatus, int]] = {
    "valid": VALID,
    "revoked": REVOKED,
    "suspended": SUSPENDED,
    "used": USED,
}
BORDER: Final = "border"
"""By which scheme was paid what was paid at the border."""
LIST_COUNT: Final = 1 << 20
LIST_LASTS: Final = dt.timedelta(days=1)
FETCH_AGAIN_S: Final = 900
_LASTS: Final = dt.timedelta(days=1_096)
"""As long as a wrong charge can be claimed back (UCC 121(1)(a)): three years."""
_PLACES: Final = Decimal("0.0001")


class Proof(msgspec.Struct, frozen=True):
    """A proof that duty and tax of a consignment were paid. Amounts: decimal, in currency_code. token: to be
    shown, as it is or as a QR code. status: valid, revoked, suspended or used."""

    consignment: str
    issued_at: dt.datetime
    status: ProofStatus
    currency_code: str
    duty_amount: str
    tax_amount: str
    token: str


async def read_proof(
    processor: Processor, sender: Sender, case_id: int, *, list_address: str, administration_code: str
) -> Proof:
    """Return the proof of the first consignment of a case; it is signed when somebody first asks.

    list_address: where status lists are, to which the number of one is added. Raises SeraiError `not-found`,
    `tax-not-paid`: what is owed was not paid, or only secured.
    """

    async def work(connection: Connection) -> Proof:
        case = await find_case(processor, connection, sender, case_id)
        row, standing = await _first_of(processor, connection, case.root)
        duty, tax, currency = _paid_of(standing)
        known = await store.select_proof(connection, row.consignment_id, **_key(processor))
        if known is None:
            await _require_paid(processor, connection, case.root)
            known = await _issue(
                processor, connection, row, standing, address=list_address, code=administration_code
            )
        return _proof(known, duty, tax, currency)

    proof: Proof = await processor.write(work)
    return proof


async def set_proof_status(
    processor: Processor, sender: Sender, case_id: int, status: ProofStatus
) -> ProofStatus:
    """Revoke or suspend the proof of a case, or take a suspension back; what is revoked stays so. For the
    administration. Raises SeraiError `not-found`, `proof-revoked`."""

    async def work(connection: Connection) -> ProofStatus:
        case = await find_case(processor, connection, sender, case_id)
        row, _ = await _first_of(processor, connection, case.root)
        known = await store.select_proof(connection, row.consignment_id, **_key(processor))
        if known is None:
            raise not_found()
        if known.status == REVOKED and status != "revoked":
            raise SeraiError(
                "proof-revoked", "This proof was revoked, for ever.", "Nothing more can be done with it."
            )
        await store.set_status(
            connection,
            row.consignment_id,
            STATUS_CODES[status],
            at=processor.services.clock.now(),
            **_key(processor),
        )
        return status

    done: ProofStatus = await processor.write(work)
    return done


async def read_status_list(processor: Processor, number: int, *, list_address: str) -> tuple[str, str]:
    """Return a signed status list, and what tells it from an earlier one. Raises SeraiError `not-found`."""
    services = processor.services
    begin = number * LIST_COUNT
    async with services.database.read(services.administration_id) as connection:
        found = await store.select_statuses(
            connection, begin, begin + LIST_COUNT, administration_id=services.administration_id
        )
    if not found:
        raise not_found()
    statuses = np.zeros(found[-1][0] - begin + 1, dtype=np.uint8)
    statuses[[index - begin for index, _, _ in found]] = [status for _, status, _ in found]
    at = services.clock.now()
    # The same until something changes, or half its time is over.
    period = dt.timedelta(hours=1)
    issued_at = dt.datetime.fromtimestamp(at.timestamp() // period.total_seconds() * 3600, dt.UTC)
    changed_at = max(changed for _, _, changed in found)
    issued_at = max(issued_at, changed_at)
    signed = sign_list(
        pack_statuses(statuses, 2),
        uri=f"{list_address}{number}",
        issued_at=issued_at,
        ends_at=issued_at + LIST_LASTS,
        fetch_again_s=FETCH_AGAIN_S,
        signer=services.signer,
        kid=name_key(services.log_origin, services.signer),
    )
    return signed, f"{len(found)}-{int(issued_at.timestamp() * 1000)}"


async def _first_of(
    processor: Processor, connection: Connection, root: int
) -> tuple[ConsignmentRow, StandingDetail]:
    rows = await consignment_store.select_consignments_of_cases(connection, [root], **_key(processor))
    standing = {
        one.consignment_id: one
        for one in await revenue_store.select_standing(connection, [root], **_key(processor))
    }
    for row in rows:
        if row.status != WITHDRAWN and row.consignment_id in standing:
            return row, standing[row.consignment_id]
    raise not_found()


def _paid_of(standing: StandingDetail) -> tuple[int, int, str]:
    """Return duty, tax and currency of what a consignment is charged, minor units."""
    duty = tax = 0
    currency = "EUR"
    for one in standing.detail.charges:
        if one.is_owed and DUES[one.due] in ("border", "sale"):
            currency = one.currency_code
            if CHARGE_KINDS[one.kind] == "duty":
                duty += one.amount_minor
            elif CHARGE_KINDS[one.kind] in ("tax", "excise"):
                tax += one.amount_minor
    return duty, tax, currency


async def _require_paid(processor: Processor, connection: Connection, root: int) -> None:
    """See to it that what a case owes at the border was paid: what was only secured may still not be."""
    dues: list[BorderDue] = await revenue_store.select_border_dues(connection, [root], **_key(processor))
    kinds = [one for one in kinds_with("payment") if one not in SECURING]
    standing = await select_standing_acts(connection, [root], kinds, **_key(processor))
    acts = net_amounts([act for _, act in standing], format_id)
    for currency in {one.currency_code for one in dues}:
        due = sum(one.amount_minor for one in dues if one.currency_code == currency)
        paid = sum(
            act.parameters["amount_minor"] for act in acts if act.parameters.get("currency_code") == currency
        )
        if paid < due:
            raise SeraiError(
                "tax-not-paid",
                "What is owed for these goods was not paid yet; what was only secured may still not be.",
                "Pay what the case's page says, and ask again.",
            )


async def _issue(
    processor: Processor,
    connection: Connection,
    row: ConsignmentRow,
    standing: StandingDetail,
    *,
    address: str,
    code: str,
) -> ProofRow:
    services, at = processor.services, processor.services.clock.now()
    documents = await read_documents(services, {row.document_id: "declaration"}, "decide-again", at, {})
    document = documents.get(row.document_id)
    if not isinstance(document, Consignment):
        raise not_found()
    proof_id = int(services.ids.take(1)[0])
    index = await store.insert_proof(
        connection,
        proof_id=proof_id,
        case_id=row.case_id,
        consignment_id=row.consignment_id,
        at=at,
        **_key(processor),
    )
    if index is not None:
        token = _sign(
            processor,
            document,
            row,
            standing,
            number=proof_id,
            index=index,
            at=at,
            code=code,
            address=address,
        )
        await store.set_token(connection, proof_id, token, **_key(processor))
    known = await store.select_proof(connection, row.consignment_id, **_key(processor))
    assert known is not None, "it was just written, or by another"
    return known


def _sign(
    processor: Processor,
    document: Consignment,
    row: ConsignmentRow,
    standing: StandingDetail,
    *,
    number: int,
    index: int,
    at: dt.datetime,
    code: str,
    address: str,
) -> str:
    services = processor.services
    duty, tax, currency = _paid_of(standing)
    at_sale = any(one.is_owed and DUES[one.due] == "sale" for one in standing.detail.charges)
    claims = make_claims(
        issuer=services.log_origin,
        administration_code=code,
        number=format_id(number),
        issued_at=at,
        expires_at=at + _LASTS,
        scheme_code=(document.scheme_kind_code or BORDER).lower() if at_sale else BORDER,
        scheme_number=(document.vendor_number or row.mrn) if at_sale else row.mrn,
        order_reference=next(iter(document.order_references), document.reference),
        currency_code=document.goods_items[0].invoice_currency_code,
        paid=Paid(currency_code=currency, duty=format_minor(duty, currency), tax=format_minor(tax, currency)),
        items=tuple(map(_item, declared_of(document).items)),
        status=StatusReference(index % LIST_COUNT, f"{address}{index // LIST_COUNT}"),
    )
    return issue_token(claims, services.signer, name_key(services.log_origin, services.signer))


def _item(one: DeclaredItem) -> PaidItem:
    return PaidItem(
        sequence_number=one.sequence_number,
        commodity_code=one.commodity_code,
        value=f"{one.value.quantize(_PLACES, ROUND_UP).normalize():f}",
        gross_mass_g=one.gross_mass_g or 0,
    )


def _proof(known: ProofRow, duty: int, tax: int, currency: str) -> Proof:
    names = {number: name for name, number in STATUS_CODES.items()}
    return Proof(
        format_id(known.consignment_id),
        known.issued_at,
        names[known.status],
        currency,
        format_minor(duty, currency),
        format_minor(tax, currency),
        known.token,
    )


def _key(processor: Processor) -> dict[str, int]:
    return {"administration_id": processor.services.administration_id}

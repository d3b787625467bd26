"""Tax that an order says was paid at sale: by its token, or by what its payments came to."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from types import MappingProxyType
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.foundation.administration import own_party_id
from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import Row
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_differences import select_counting
from serai.journey.linking.stored_documents import read_documents
from serai.journey.matching import store as matching_store
from serai.journey.processing.citations.double_charge import PaidAtSale, find_double_charge
from serai.journey.processing.citations.finding import Citations
from serai.journey.processing.citations.presenting import TokenAnswer, answer_of, hold_against, take_token
from serai.journey.processing.supporting_documents.entries import SupportingDocument
from serai.journey.repayments.returned import ACTING_USER
from serai.journey.services import Services
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.trust.book import Trust
from serai.model.documents import Consignment, Order, Payment
from serai.model.frames import RELEASED
from serai.model.money import PLACES

Connection = AsyncConnection[Any]


def with_order_tokens(citations: Citations, rows: Sequence[Row], trust: Trust, at: dt.datetime) -> Citations:
    """Let the token of an order prove the number that its declaration cites without one."""
    found = {
        row.place: row
        for row in rows
        if row.order_token is not None
        and row.place is not None
        and (cited := citations.get(row.place)) is not None
        and cited.token is None
    }
    if not found:
        return citations
    changed = {
        place: msgspec.structs.replace(
            citations[place],
            token=row.order_token,
            verdict=trust.checker.check(
                row.order_token or "", at, declared_of(row.document), trust.tolerance
            ),
        )
        for place, row in found.items()
    }
    return {**citations, **changed}


async def take_order_tokens(
    services: Services,
    connection: Connection,
    law: LawState,
    entries: Sequence[SupportingDocument],
    *,
    trust: Trust,
) -> None:
    """Take the tokens of orders that have come as proof of what was declared before them."""
    with_token = [
        (one, one.document.tax_paid_token)
        for one in entries
        if isinstance(one.document, Order) and one.document.tax_paid_token is not None
    ]
    if not with_token:
        return
    roots = await matching_store.resolve_cases(connection, sorted({one.case_id for one, _ in with_token}))
    rows = await select_counting(services, connection, sorted(set(roots.values())))
    # Who only knows a number has no part in a case: its order counts nowhere.
    counting = {one.document_id for one in rows}
    for one, token in with_token:
        root = roots.get(one.case_id, one.case_id)
        held = (
            await hold_against(services, connection, trust, root, token)
            if one.document_id in counting
            else None
        )
        if held is not None:
            await take_token(services, connection, law, one.sender, held, trust=trust, token=token, root=root)


async def find_in_released(
    services: Services,
    connection: Connection,
    law: LawState,
    case_ids: Collection[int],
    *,
    at_hand: Mapping[int, Document],
) -> None:
    """See whether orders and payments that came after release show that tax was charged twice."""
    if not case_ids:
        return
    by = (own_party_id(services.administration_id), ACTING_USER)
    roots = await matching_store.resolve_cases(connection, sorted(case_ids))
    for root in sorted(set(roots.values())):
        await find_by_documents(services, connection, law, root, by=by, at_hand=at_hand)


async def find_by_documents(
    services: Services,
    connection: Connection,
    law: LawState,
    root: int,
    *,
    by: tuple[int, str],
    at_hand: Mapping[int, Document] = MappingProxyType({}),
    consignment_id: int | None = None,
) -> list[TokenAnswer]:
    """Find tax of released goods of a case that was charged twice by what its orders and payments say: each
    order of a declaration says tax, and what was paid covers it. by: party and user who ask. at_hand:
    documents of this transaction. consignment_id: only of this one; None: of all of the case."""
    at = services.clock.now()
    rows = [
        one
        for one in await consignment_store.select_consignments_of_cases(
            connection, [root], administration_id=services.administration_id
        )
        if one.status == RELEASED and consignment_id in (None, one.consignment_id)
    ]
    if not rows:
        return []
    counting = await select_counting(services, connection, [root])
    kinds = {one.document_id: DOCUMENT_KINDS[one.kind - 1] for one in counting}
    documents = await read_documents(services, kinds, "decide-again", at, dict(at_hand))
    orders = [one for one in documents.values() if isinstance(one, Order)]
    payments = [one for one in documents.values() if isinstance(one, Payment)]
    answers = []
    for row in rows:
        declared = documents.get(row.document_id)
        paid = paid_at_sale(declared, orders, payments) if isinstance(declared, Consignment) else None
        if paid is None:
            continue
        found = await find_double_charge(services, connection, law, row, by=by, paid=paid, root=root)
        if found is not None:
            answer = answer_of(row, "double-charge", act_id=format_id(found[0].act_id))
            answers.append(msgspec.structs.replace(answer, double_charge=found[1]))
    return answers


def paid_at_sale(
    declared: Consignment, orders: Sequence[Order], payments: Sequence[Payment]
) -> PaidAtSale | None:
    """Return what tax was paid at sale of declared goods; None: it is not shown. Pure.

    Each order that the declaration names is there and says tax, and the payments of these orders, of no
    others, come to all that they cost, tax included, in one currency.
    """
    named = {*declared.order_references, *(one.order_reference for one in declared.goods_items)} - {None}
    its = [one for one in orders if one.reference in named]
    if not named or {one.reference for one in its} != named:
        return None
    theirs = [one for one in payments if named.intersection(one.order_references)]
    if any(set(one.order_references) - named for one in theirs):
        return None
    currencies = {one.currency_code for one in its} | {one.currency_code for one in theirs}
    taxes = [Decimal(one.tax_amount or 0) for one in its]
    if len(currencies) != 1 or not theirs or any(tax <= 0 for tax in taxes):
        return None
    if sum(Decimal(one.amount) for one in theirs) < sum(map(_cost, its)):
        return None
    (currency,) = currencies
    amount = (sum(taxes, Decimal()) * 10 ** PLACES[currency]).to_integral_value(ROUND_FLOOR)
    return PaidAtSale(None, currency, int(amount))


def _cost(order: Order) -> Decimal:
    parts = (order.freight_amount, order.insurance_amount, order.tax_amount)
    goods = sum((Decimal(one.amount) for one in order.lines), Decimal())
    return goods - Decimal(order.discount_amount or 0) + sum((Decimal(one or 0) for one in parts), Decimal())

"""What an order on a security states, worked out: how much is secured while something is open, how much of it
is called or freed later."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import read_amount
from serai.journey.acts.securities.highest_amount import OpenData, find_highest_dues
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.linking.stored_documents import read_documents
from serai.journey.measure_rules.measure_law import faulty
from serai.journey.processing.transaction import Processor
from serai.journey.recording.payment_entries import ENTERED_KINDS
from serai.journey.revenue import store as revenue_store
from serai.model.acts import ACT_KINDS, LESSENING, SECURING, Act, net_amounts
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

_POSSIBLE: Final = ("possible_commodity_codes", "possible_origins", "highest_price")
SECURITY_KINDS: Final = frozenset({"release-against-security"}) | LESSENING


class StatedSecurity(NamedTuple):
    """What an order states of a security. account: number of the guarantee; None: cash. security: the act by
    which the amount was secured. What is possible stands beside what is declared. amount, highest_price:
    decimals."""

    kind: str
    goods_item: int | None
    currency_code: str | None
    amount: str | None
    account: str | None
    possible_commodity_codes: Sequence[str] | None
    possible_origins: Sequence[str] | None
    highest_price: str | None
    security: str | None

    def parts(self) -> dict[str, Any]:
        """Return what is carried as it is stated."""
        names = ("currency_code", "account", "security", *_POSSIBLE)
        parts = {name: getattr(self, name) for name in names}
        if self.amount is not None and self.currency_code is not None:
            parts["amount_minor"] = read_amount(self.currency_code, self.amount)
        return parts


async def security_parameters(
    processor: Processor,
    connection: Connection,
    consignment: ConsignmentRow,
    stated: StatedSecurity,
    root: int,
) -> dict[str, Any]:
    """Return what an act on a security carries, beside currency and amount that its order states. root: of
    its case, locked.

    Raises SeraiError `measure-faulty`, `security-amount-unknown`, `security-exceeded`, `not-found`.
    """
    if stated.kind in LESSENING:
        return await _lessened(processor, connection, stated, root)
    account = {} if stated.account is None else {"account": stated.account}
    possible = {name: value for name in _POSSIBLE if (value := getattr(stated, name))}
    if (stated.amount is None) == (not possible):
        raise faulty("See to it that the order states the amount to be secured, or what is possible.")
    if stated.amount is not None:
        return account
    data = await _open_data(processor, consignment, stated)
    highest = await find_highest_dues(
        processor.services, connection, processor.law, consignment, data, at=processor.services.clock.now()
    )
    if len(highest) != 1:
        raise faulty(
            "See to it that the order states the amount: it is owed in several currencies, or not at all."
        )
    ((currency, most),) = highest.items()
    paid, elsewhere = await _paid_and_owed_elsewhere(processor, connection, consignment, root)
    missing = most + elsewhere[currency] - paid[currency]
    if missing <= 0:
        raise faulty(
            "See to it that something is left to be secured: all that may be owed is paid. Release it."
        )
    return {
        **account,
        **{name: list(value) if not isinstance(value, str) else value for name, value in possible.items()},
        "currency_code": currency,
        "amount_minor": missing,
        "highest_minor": most,
    }


async def find_security(
    connection: Connection, root: int, *, administration_id: int
) -> list[tuple[Act, int]]:
    """Return the securities that stand in a case, and what is left of each, minor units."""
    acts = await _standing(connection, root, administration_id)
    left = {one.act_id: one for one in net_amounts(acts, format_id)}
    return [
        (act, left[act.act_id].parameters["amount_minor"])
        for act in acts
        if act.kind in SECURING and left[act.act_id].parameters.get("amount_minor", 0) > 0
    ]


async def _standing(connection: Connection, root: int, administration_id: int) -> list[Act]:
    found = await select_standing_acts(connection, [root], ENTERED_KINDS, administration_id=administration_id)
    return [act for _, act in found]


async def _open_data(processor: Processor, consignment: ConsignmentRow, stated: StatedSecurity) -> OpenData:
    services = processor.services
    documents = await read_documents(
        services, {consignment.document_id: "declaration"}, "decide-again", services.clock.now(), {}
    )
    items = [item for one in documents.values() if isinstance(one, Consignment) for item in one.goods_items]
    numbers, currencies = [one.sequence_number for one in items], {one.invoice_currency_code for one in items}
    named = stated.goods_item or (numbers[0] if len(numbers) == 1 else None)
    is_of_item = stated.possible_commodity_codes or stated.possible_origins
    if is_of_item and named not in numbers:
        raise faulty("See to it that goods_item is the sequence number of goods of the declaration.")
    if stated.highest_price and len(currencies) != 1:
        raise faulty(
            "See to it that the order states the amount: the goods have prices in several currencies."
        )
    currency = next(iter(currencies), "")
    return OpenData(
        named or 0,
        stated.possible_commodity_codes or (),
        stated.possible_origins or (),
        read_amount(currency, stated.highest_price) if stated.highest_price else None,
        currency,
    )


async def _paid_and_owed_elsewhere(
    processor: Processor, connection: Connection, consignment: ConsignmentRow, root: int
) -> tuple[Counter[str], Counter[str]]:
    """Return what is paid or secured in a case, and what its other consignments owe, by currency."""
    key = {"administration_id": processor.services.administration_id}
    paid: Counter[str] = Counter()
    for act in net_amounts(await _standing(connection, root, **key), format_id):
        if "payment" in ACT_KINDS[act.kind].effects and "amount_minor" in act.parameters:
            paid[act.parameters["currency_code"]] += act.parameters["amount_minor"]
    owed: Counter[str] = Counter()
    for due in await revenue_store.select_border_dues(connection, [root], **key):
        if due.consignment_id != consignment.consignment_id:
            owed[due.currency_code] += due.amount_minor
    return paid, owed


async def _lessened(
    processor: Processor, connection: Connection, stated: StatedSecurity, root: int
) -> dict[str, Any]:
    """Return what is called or freed of a security. What is freed without an amount is all that is left."""
    key = {"administration_id": processor.services.administration_id}
    secured = await find_security(connection, root, **key)
    found = next(((act, left) for act, left in secured if format_id(act.act_id) == stated.security), None)
    if found is None:
        raise not_found()
    act, left = found
    currency = act.parameters["currency_code"]
    if (stated.amount is None) != (stated.currency_code is None) or stated.currency_code not in (
        None,
        currency,
    ):
        raise faulty(MessageText("See to it that the amount is in {currency_code}.", currency_code=currency))
    amount = left if stated.amount is None else read_amount(currency, stated.amount)
    most = left
    if stated.kind == "security-called":
        most = min(left, await _unpaid(connection, root, currency, key["administration_id"]))
    if amount > most:
        raise SeraiError(
            "security-exceeded",
            MessageText(
                "Of this security {currency_code} {left} can be so treated.",
                currency_code=currency,
                left=format_minor(most, currency),
            ),
            "State no more: what is called is owed and not paid, and what is freed is still secured.",
        )
    number = act.parameters.get("account")
    return {
        "security": stated.security,
        "currency_code": currency,
        "amount_minor": amount,
        **({} if number is None else {"account": number}),
    }


async def _unpaid(connection: Connection, root: int, currency: str, administration_id: int) -> int:
    """Return what a case owes and nobody has paid, whatever is secured."""
    dues = await revenue_store.select_border_dues(connection, [root], administration_id=administration_id)
    owed = sum(one.amount_minor for one in dues if one.currency_code == currency)
    paid: int = sum(
        act.parameters["amount_minor"]
        for act in net_amounts(await _standing(connection, root, administration_id), format_id)
        if act.kind not in SECURING
        and "payment" in ACT_KINDS[act.kind].effects
        and act.parameters.get("currency_code") == currency
    )
    return max(owed - paid, 0)

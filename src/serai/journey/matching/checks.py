"""Every fault of an order, payment, transport document or arrival at once."""

import datetime as dt
from collections.abc import Sequence

from serai.model.code_lists import CHANNEL_CODES, COUNTRY_CODES
from serai.model.documents import Arrival, Order, Payment, Person, Return, TransportDocument
from serai.model.findings import Finding
from serai.model.money import MICRO, NUMBER_MAX, PLACES, read_decimal


def find_faults(document: Order | Payment | TransportDocument | Arrival | Return) -> list[Finding]:
    """Return all faults of one document; none: it can be accepted."""
    if isinstance(document, Order):
        found = _order(document)
    elif isinstance(document, Payment):
        found = _payment(document)
    elif isinstance(document, TransportDocument):
        found = _transport(document)
    elif isinstance(document, Return):
        found = _return(document)
    else:
        found = _arrival(document)
    return [*found, *_people(document)]


def _order(order: Order) -> list[Finding]:
    found = [
        *_currency("/currency_code", order.currency_code),
        *_instant("/purchased_at", order.purchased_at),
        *_repeated([line.sequence_number for line in order.lines]),
    ]
    for name in ("freight_amount", "insurance_amount", "discount_amount", "tax_amount"):
        found += _amount(f"/{name}", getattr(order, name), order.currency_code)
    for place, line in enumerate(order.lines):
        found += _amount(f"/lines/{place}/amount", line.amount, order.currency_code)
        found += _number(f"/lines/{place}/quantity", line.quantity, must_be_positive=True)
    return found


def _payment(payment: Payment) -> list[Finding]:
    found = [
        *_currency("/currency_code", payment.currency_code),
        *_amount("/amount", payment.amount, payment.currency_code),
        *_instant("/paid_at", payment.paid_at),
    ]
    if payment.amount.strip("0.") == "":
        found.append(Finding("not-positive", "/amount"))
    return found


def _transport(document: TransportDocument) -> list[Finding]:
    found: list[Finding] = []
    if document.logistics_channel_code not in CHANNEL_CODES:
        found.append(
            Finding(
                "unknown-channel",
                "/logistics_channel_code",
                parameters={"value": document.logistics_channel_code},
            )
        )
    for name in ("scheduled_departure_at", "scheduled_arrival_at"):
        found += _instant(f"/{name}", getattr(document, name))
    return [*found, *_number("/gross_mass_kg", document.gross_mass_kg, must_be_positive=True)]


def _arrival(arrival: Arrival) -> list[Finding]:
    found = _instant("/arrived_at", arrival.arrived_at)
    named = (
        arrival.conveyance_reference,
        arrival.master_document,
        arrival.receptacle_id,
        arrival.house_document,
    )
    count = sum(one is not None for one in named)
    if count != 1:
        found.append(Finding("arrival-names-one", "", parameters={"value": str(count)}))
    return found


def _return(document: Return) -> list[Finding]:
    found = _repeated([item.sequence_number for item in document.goods_items], "goods_items")
    for place, item in enumerate(document.goods_items):
        found += _number(f"/goods_items/{place}/quantity", item.quantity, must_be_positive=True)
    return found


def _people(document: object) -> list[Finding]:
    found = []
    for role in ("buyer", "seller", "payer", "consignor", "consignee", "declarant"):
        person: Person | None = getattr(document, role, None)
        if person is None:
            continue
        if person.country_code not in COUNTRY_CODES:
            found.append(
                Finding("unknown-country", f"/{role}/country_code", parameters={"value": person.country_code})
            )
        if person.name is None and person.party_identifier is None and not person.remarks:
            found.append(Finding("person-without-name", f"/{role}", parameters={"value": role}))
    return found


def _currency(pointer: str, code: str) -> list[Finding]:
    return [] if code in PLACES else [Finding("unknown-currency", pointer, parameters={"value": code})]


def _amount(pointer: str, text: str | None, currency: str) -> list[Finding]:
    found = _number(pointer, text, must_be_positive=False)
    if text is None or found or currency not in PLACES:
        return found
    decimals = text.partition(".")[2].rstrip("0")
    if len(decimals) > PLACES[currency]:
        return [Finding("too-many-decimals", pointer, parameters={"value": currency})]
    return []


def _number(pointer: str, text: str | None, *, must_be_positive: bool) -> list[Finding]:
    if text is None:
        return []
    number = read_decimal(text)
    if number is None:
        return [Finding("not-a-decimal", pointer)]
    if number > NUMBER_MAX * MICRO:
        return [Finding("number-too-large", pointer)]
    if must_be_positive and number <= 0:
        return [Finding("not-positive", pointer)]
    return [Finding("negative-amount", pointer)] if number < 0 else []


def _instant(pointer: str, text: str | None) -> list[Finding]:
    if text is None:
        return []
    instant = read_instant(text)
    if instant is None:
        return [Finding("not-an-instant", pointer)]
    return [] if 2000 <= instant.year < 2100 else [Finding("instant-out-of-range", pointer)]


def read_instant(text: str) -> dt.datetime | None:
    """Return an RFC 3339 instant in UTC, to the millisecond; None without an offset or when it is none."""
    try:
        instant = dt.datetime.fromisoformat(text)
        if instant.tzinfo is None:
            return None
        instant = instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _repeated(numbers: Sequence[int], lines: str = "lines") -> list[Finding]:
    seen: set[int] = set()
    found = []
    for place, number in enumerate(numbers):
        if number in seen:
            found.append(
                Finding(
                    "sequence-number-repeated",
                    f"/{lines}/{place}/sequence_number",
                    parameters={"value": str(number)},
                )
            )
        seen.add(number)
    return found

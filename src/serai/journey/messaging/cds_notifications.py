"""What happened to a declaration -> the notifications of the customs declaration service, in its order.

As published sequences have it: a declaration of goods that are there is accepted, its tax is stated, stated
again as due, and it is cleared (DMSACC, DMSTAX 67, DMSTAX 4, DMSCLE). One lodged before is received, and
accepted when the goods are presented. An amendment is received and granted, its tax stated again, and its
result told before the declaration is cleared.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from serai.formats.wco_res import REQUEST_GRANTED, Remark, TaxLine
from serai.journey.decision.answer import ChargeOut, DecisionOut
from serai.journey.messaging.message_exchange import Happening
from serai.model.documents import DeclaredTax

TAX_STATED, TAX_DUE = "67", "4"
"""Status of a tax notification: as calculated, and as owed on release."""

CLEARED = Remark(code="A2", type_code="AFB")
"""Cleared after the checks of the system; A1, after a check by a person, is not told apart here."""

_TAX_TYPE_CHARACTERS_MAX = 3
_UNDER_CONTROL = frozenset({"review", "examine"})
_RATE_DECIMALS = Decimal("0.000001")


class RenderedFinding(msgspec.Struct, frozen=True):
    """One notification: what it says, with its status, remarks and tax lines."""

    function: str
    status_code: str = ""
    remarks: list[Remark] = []
    tax_lines: list[TaxLine] = []


def was_there(one: Happening) -> bool:
    """Say whether the goods were there when the declaration was lodged."""
    if one.consignment is None or one.consignment.arrived_at is None or one.filed_at is None:
        return False
    return one.consignment.arrived_at < one.filed_at.replace(microsecond=0)


def notifications_of(one: Happening, *, is_there: bool) -> list[RenderedFinding]:
    """Return what an event says, in order. is_there: see `was_there`."""
    decision = one.decision
    if decision is None:
        return []
    said: list[RenderedFinding] = []
    if one.kind == "decided":
        said = [RenderedFinding("accepted" if is_there else "received"), *_assessed(decision)]
    elif one.kind == "arrived" and not is_there:
        said = [RenderedFinding("received"), RenderedFinding("accepted")]
    elif one.kind == "decided-again" and (one.is_amended or not one.is_presented or not is_there):
        # That goods are there which were said to be there changes nothing that has not been told.
        said = [*_cause(one, is_there=is_there), *_assessed(decision)]
    elif one.kind == "released":
        said = [*_cause(one, is_there=is_there), *_processed(one, decision)]
    elif one.kind == "invalidated":
        said = [RenderedFinding("request-decided", REQUEST_GRANTED), RenderedFinding("invalidated")]
    return said


def _cause(one: Happening, *, is_there: bool) -> Iterator[RenderedFinding]:
    """Tell why a decision was made again."""
    if one.is_amended:
        yield RenderedFinding("received")
        yield RenderedFinding("request-decided", REQUEST_GRANTED)
    elif one.is_presented and not is_there:
        yield RenderedFinding("received")
        yield RenderedFinding("accepted")


def _assessed(decision: DecisionOut) -> Iterator[RenderedFinding]:
    lines = tax_lines(decision)
    if lines:
        yield RenderedFinding("tax", TAX_STATED, tax_lines=lines)
    if decision.status == "document-missing":
        yield RenderedFinding("documents-wanted")
    elif decision.lane in _UNDER_CONTROL:
        yield RenderedFinding("control")
    elif decision.lane == "refuse":
        yield RenderedFinding("rejected")


def _processed(one: Happening, decision: DecisionOut) -> Iterator[RenderedFinding]:
    lines = tax_lines(decision)
    if lines and one.is_amended:
        yield RenderedFinding("tax", TAX_STATED, tax_lines=lines)
    if lines:
        yield RenderedFinding("tax", TAX_DUE, tax_lines=lines)
    if decision.version > 1:
        yield RenderedFinding("amended")
    yield RenderedFinding("cleared", remarks=[CLEARED])


def tax_lines(decision: DecisionOut) -> list[TaxLine]:
    """Return the charges as tax lines; none where nothing is to be paid. A charge of the whole consignment
    stands at the first goods item."""
    charges = [(item.sequence_number, charge) for item in decision.goods_items for charge in item.charges]
    first = decision.goods_items[0].sequence_number if decision.goods_items else 1
    charges += [(first, charge) for charge in decision.charges]
    if not any(Decimal(charge.amount) for _, charge in charges):
        return []
    return [TaxLine(number, _tax(charge)) for number, charge in charges]


def _tax(charge: ChargeOut) -> DeclaredTax:
    code = charge.tax_type_code
    # Paid at sale, or waived: assessed all the same, and nothing is left to be paid.
    is_owed = not charge.is_waived and charge.due == "border"
    return DeclaredTax(
        # Codes of some laws are longer than the schema's three characters.
        type_code=code if 0 < len(code) <= _TAX_TYPE_CHARACTERS_MAX else None,
        base_amount=charge.base_amount,
        rate_percent=_percent(charge),
        assessed_amount=charge.amount,
        payable_amount=charge.amount if is_owed else "0",
        currency_code=charge.currency_code,
    )


def _percent(charge: ChargeOut) -> str | None:
    if charge.rate_numerator is None or not charge.rate_denominator:
        return None
    rate = Decimal(charge.rate_numerator) * 100 / Decimal(charge.rate_denominator)
    return f"{rate.quantize(_RATE_DECIMALS).normalize():f}"

"""What happened to a declaration -> the notifications of the customs declaration service, in its order.

As published sequences have it: a declaration of goods that are there is accepted, its tax is stated, stated
again as due, and it is cleared (DMSACC, DMSTAX 67, DMSTAX 4, DMSCLE). One lodged before is received, and
accepted when the goods are presented. An amendment is received and granted, its tax stated again, and its
result notified before the declaration is cleared.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from serai.formats.wco_res import REQUEST_GRANTED, Remark, TaxLine
from serai.journey.decision.answer import ChargeOut, DecisionOut
from serai.journey.messaging.message_exchange import Notification
from serai.model.documents import DeclaredTax

TAX_STATED, TAX_DUE = "67", "4"
"""Status of a tax notification: as calculated, and as owed on release."""

CLEARED = Remark(code="A2", type_code="AFB")
"""Cleared after the checks of the system; A1, after a check by a person, is not distinguished here."""

_TAX_TYPE_CHARACTERS_MAX = 3
_UNDER_CONTROL = frozenset({"review", "examine"})


class DmsNotification(msgspec.Struct, frozen=True):
    """One notification: what it says, with its status, remarks and tax lines."""

    function: str
    status_code: str = ""
    remarks: list[Remark] = []
    tax_lines: list[TaxLine] = []


def was_there(one: Notification) -> bool:
    """Say whether the goods were there when the declaration was lodged."""
    if one.consignment is None or one.consignment.arrived_at is None or one.filed_at is None:
        return False
    return one.consignment.arrived_at < one.filed_at.replace(microsecond=0)


def dms_notifications_of(one: Notification, *, is_there: bool) -> list[DmsNotification]:
    """Return what an event says, in order. is_there: see `was_there`."""
    decision = one.decision
    if decision is None:
        return []
    said: list[DmsNotification] = []
    if one.kind == "decided":
        said = [DmsNotification("accepted" if is_there else "received"), *_assessed(decision)]
    elif one.kind == "arrived" and not is_there:
        said = [DmsNotification("received"), DmsNotification("accepted")]
    elif one.kind == "decided-again" and (one.is_amended or not one.is_presented or not is_there):
        # That goods are there which were said to be there changes nothing that has not been notified.
        said = [*_cause(one, is_there=is_there), *_assessed(decision)]
    elif one.kind == "released":
        said = [*_cause(one, is_there=is_there), *_processed(one, decision)]
    elif one.kind == "invalidated":
        said = [DmsNotification("request-decided", REQUEST_GRANTED), DmsNotification("invalidated")]
    return said


def _cause(one: Notification, *, is_there: bool) -> Iterator[DmsNotification]:
    """Notify why a decision was made again."""
    if one.is_amended:
        yield DmsNotification("received")
        yield DmsNotification("request-decided", REQUEST_GRANTED)
    elif one.is_presented and not is_there:
        yield DmsNotification("received")
        yield DmsNotification("accepted")


def _assessed(decision: DecisionOut) -> Iterator[DmsNotification]:
    lines = tax_lines(decision)
    if lines:
        yield DmsNotification("tax", TAX_STATED, tax_lines=lines)
    if decision.status == "document-missing":
        yield DmsNotification("documents-wanted")
    elif decision.lane in _UNDER_CONTROL:
        yield DmsNotification("control")
    elif decision.lane == "refuse":
        yield DmsNotification("rejected")


def _processed(one: Notification, decision: DecisionOut) -> Iterator[DmsNotification]:
    lines = tax_lines(decision)
    if lines and one.is_amended:
        yield DmsNotification("tax", TAX_STATED, tax_lines=lines)
    if lines:
        yield DmsNotification("tax", TAX_DUE, tax_lines=lines)
    if decision.version > 1:
        yield DmsNotification("amended")
    yield DmsNotification("cleared", remarks=[CLEARED])


def tax_lines(decision: DecisionOut) -> list[TaxLine]:
    """Return the charges as tax lines; none where nothing is to be paid, or a charge cannot be said, so that
    the others would pass for the whole. A charge of the whole consignment stands at the first goods item."""
    if decision.totals is None:
        return []
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
        rate_percent=charge.rate_percent,
        assessed_amount=charge.amount,
        payable_amount=charge.amount if is_owed else "0",
        currency_code=charge.currency_code,
    )

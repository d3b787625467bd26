"""A plan held against the books: what the history says was charged and what was paid are what the ledger
has, to the minor unit. Pure."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from serai.journey.repayment_plan.calculation import NOT_ORDERED, Calculated, ChargeSum
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor

Key = TypeVar("Key", bound=Hashable)


def need_tied_out(
    calculated: Calculated,
    assessed: Mapping[tuple[str, str, str], int],
    allocated: Mapping[str, int],
) -> None:
    """Raise SeraiError `repayment-plan-not-tied-out` at the first difference. assessed, allocated: of the
    ledger."""
    for key in _differing(calculated.assessed, assessed):
        country, currency, phase = key
        raise _not_tied_out(
            MessageText(
                "The history has {found} {currency} charged to {country} ({phase}); the ledger has {booked}.",
                found=format_minor(calculated.assessed.get(key, 0), currency),
                booked=format_minor(assessed.get(key, 0), currency),
                currency=currency,
                country=country,
                phase=phase,
            )
        )
    for currency in _differing(calculated.allocated, allocated):
        raise _not_tied_out(
            MessageText(
                "Payments have {found} {currency} taken off charges; the ledger has {booked}.",
                found=format_minor(calculated.allocated.get(currency, 0), currency),
                booked=format_minor(allocated.get(currency, 0), currency),
                currency=currency,
            )
        )
    for one in calculated.totals.charges:
        _need_sums(calculated, one)


def _need_sums(calculated: Calculated, one: ChargeSum) -> None:
    """Lines and orders are what charges come to: else this code is wrong, and nothing is paid."""
    lines = [way for way in calculated.totals.ways if way.currency_code == one.currency_code]
    ordered = [order for order in calculated.totals.orders if order.currency_code == one.currency_code]
    known = [way for way in lines if way.recipient_kind not in NOT_ORDERED]
    sums = (
        sum(way.amount_minor for way in lines) == one.due_back_minor,
        sum(way.amount_minor for way in known) == sum(order.amount_minor for order in ordered),
        sum(way.interest_minor for way in known) == sum(order.interest_minor for order in ordered),
        one.unpaid_minor >= 0,
    )
    if not all(sums):
        raise _not_tied_out(
            MessageText(
                "The lines of the plan do not come to what is due back in {currency}.",
                currency=one.currency_code,
            )
        )


def _differing(found: Mapping[Key, int], booked: Mapping[Key, int]) -> list[Key]:
    keys = dict.fromkeys([*found, *booked])
    return [key for key in keys if found.get(key, 0) != booked.get(key, 0)]


def _not_tied_out(message: MessageText) -> SeraiError:
    return SeraiError(
        "repayment-plan-not-tied-out",
        message,
        "Run `serai ledger check`; where hours of the history are missing, write it anew: serai history.",
    )

"""What a case states of its buyer's parcels before this one, as parcels that come in before it.

A message cannot say what was drawn on an allowance, nor what else came that day: only other parcels can.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from serai.laboratory.worked_examples.running import USED_BEFORE
from serai.model.documents import Consignment
from serai.model.money import format_minor
from tests.conformance.law_sets import CaseMessage

PARCEL_MINOR_MAX = 500_000
"""China lets one parcel draw CNY 5,000 at most; no other law that counts money is here."""
SMALL_MINOR = 500
"""Five of a currency with cents: below what any law counts as more than a trifle."""


def earlier_parcels(message: CaseMessage) -> list[Consignment]:
    """Return the parcels of a case's buyer that come before the case's own, in order."""
    document = message.document
    amounts = [*_drawn_before(message), *_of_the_same_day(message)]
    item = document.goods_items[0]
    return [
        replace(
            document,
            reference=f"{document.reference}-before-{number}",
            goods_items=[
                replace(
                    item,
                    quantity="1",
                    invoice_amount=format_minor(amount, currency),
                    invoice_currency_code=currency,
                    excise_amount=None,
                )
            ],
            freight_amount=None,
            insurance_amount=None,
            discount_amount=None,
        )
        for number, (amount, currency) in enumerate(amounts, start=1)
    ]


def _drawn_before(message: CaseMessage) -> Iterator[tuple[int, str]]:
    """What draws on the allowance as much as the case says was drawn: amount and currency of each parcel."""
    case = message.case
    allowance = next((pack.allowance for pack in message.law.packs.values() if pack.allowance), None)
    used = next((case["input"]["buyer"][name] for name in USED_BEFORE if name in case["input"]["buyer"]), 0)
    if allowance is None:
        return
    if allowance.kind == "count":
        for _ in range(used):
            yield SMALL_MINOR, case["currency"]
        return
    while used:
        drawn = min(used, PARCEL_MINOR_MAX)
        used -= drawn
        yield drawn, case["currency"]


def _of_the_same_day(message: CaseMessage) -> Iterator[tuple[int, str]]:
    given = message.case["input"]
    for amount in given.get("aggregated_with_minor", ()):
        yield amount, message.case["currency"]
    if "aggregated_usd_cents" in given:
        yield given["aggregated_usd_cents"], "USD"

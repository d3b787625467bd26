"""The code that a bank's application reads a payment from, as a picture in the page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from serai.formats.epc_qr import CURRENCY_CODE, CreditTransfer, render_svg
from serai.journey.revenue.payment_advice import PaymentAdvice
from serai.model.errors import SeraiError
from serai.model.money import PLACES


class Transfer(msgspec.Struct, frozen=True):
    """How to pay, as a page says it. code: a picture (SVG), where a bank's application could read it; "":
    else."""

    payee: str
    account: str
    creditor_reference: str
    code: str


def transfer_of(advice: PaymentAdvice | None, owed: Iterable[tuple[str, str]]) -> Transfer | None:
    """Return how to pay what is owed. owed: currency and decimal amount of each sum."""
    if advice is None:
        return None
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in owed:
        sums[currency] += Decimal(amount)
    return Transfer(advice.payee, advice.account, advice.creditor_reference, _code(advice, sums))


def named_by_its_box(code: str) -> str:
    """Return a code (SVG) whose words stand on the element around it: who hears a page hears them once."""
    return code.replace("<svg ", '<svg aria-hidden="true" ', 1)


def _code(advice: PaymentAdvice, sums: Mapping[str, Decimal]) -> str:
    """Return the code of the one sum in euro; nothing where there are several, or another currency."""
    if sums.keys() != {CURRENCY_CODE}:
        return ""
    transfer = CreditTransfer(
        name=advice.payee,
        iban=advice.account,
        amount_minor=int(sums[CURRENCY_CODE].scaleb(PLACES[CURRENCY_CODE])),
        creditor_reference=advice.creditor_reference,
    )
    try:
        return named_by_its_box(render_svg(transfer))
    except SeraiError:
        # An account that is no IBAN: people type it as they read it.
        return ""

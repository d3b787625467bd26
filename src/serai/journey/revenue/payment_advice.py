"""How what a case owes is paid: to whom, on which account, under which reference."""

import msgspec

from serai.foundation.id_text import format_id, parse_id
from serai.model.creditor_reference import content_of, format_reference, make_reference
from serai.model.errors import SeraiError


class Payee(msgspec.Struct, frozen=True):
    """To whom is paid. account: its number (IBAN)."""

    name: str
    account: str


class PaymentAdvice(msgspec.Struct, frozen=True):
    """How to pay by a credit transfer. creditor_reference: what the payer writes so that the payment finds
    the case (ISO 11649), in blocks of four."""

    payee: str
    account: str
    creditor_reference: str


def advise_payment(payee: Payee | None, case_id: int, *, is_owed: bool) -> PaymentAdvice | None:
    """Say how a case is paid. None: nothing is owed, or the administration has set no account."""
    if payee is None or not is_owed:
        return None
    return PaymentAdvice(payee.name, payee.account, format_reference(reference_of_case(case_id)))


def reference_of_case(case_id: int) -> str:
    """Return the creditor reference (ISO 11649) under which what a case owes is paid."""
    return make_reference(format_id(case_id).replace("-", ""))


def case_of_reference(reference: str) -> int | None:
    """Return the case that a creditor reference says it is for; None: it is none of ours."""
    try:
        return parse_id(content_of(reference))
    except SeraiError:
        return None

"""How what a case owes is paid: to whom, on which account, under which reference."""

import msgspec

from serai.model.creditor_reference import format_reference, make_reference


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


def advise_payment(payee: Payee | None, case_id: str, *, is_owed: bool) -> PaymentAdvice | None:
    """Say how a case is paid. case_id: as text. None: nothing is owed, or the administration has set no
    account."""
    if payee is None or not is_owed:
        return None
    return PaymentAdvice(payee.name, payee.account, format_reference(reference_of_case(case_id)))


def reference_of_case(case_id: str) -> str:
    """Return the creditor reference (ISO 11649) under which what a case owes is paid. case_id: as text."""
    return make_reference(case_id.replace("-", ""))

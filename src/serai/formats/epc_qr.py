"""The QR code that a bank's application reads a SEPA credit transfer from (EPC069-12, version 2.1).

The code holds euro only, at most 331 bytes, error correction M. Its lines are separated by line feeds, so no
value may hold one: a name with a line feed would be read as an account number.
"""

import unicodedata
from decimal import Decimal
from typing import Final

import msgspec
import segno
from segno.helpers import make_epc_qr
from stdnum import bic as bic_numbers
from stdnum import iban as iban_numbers

from serai.model.creditor_reference import read_reference
from serai.model.errors import SeraiError
from serai.model.money import PLACES, format_minor

CURRENCY_CODE: Final = "EUR"
AMOUNT_MINOR_MAX: Final = 99_999_999_999
NAME_CHARACTERS_MAX: Final = 70
TEXT_CHARACTERS_MAX: Final = 140
PAYLOAD_BYTES_MAX: Final = 331
_PURPOSE_CHARACTERS: Final = 4


class CreditTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """What a payer's application is filled in with.

    creditor_reference: ISO 11649; or text: free words; one of the two. amount_minor: of currency_code, which
    has to be EUR. bic: only where the payee's bank is outside the European Economic Area. purpose_code: four
    letters of the ISO external code list, such as TAXS.
    """

    name: str
    iban: str
    amount_minor: int
    currency_code: str = CURRENCY_CODE
    creditor_reference: str = ""
    text: str = ""
    bic: str = ""
    purpose_code: str = ""


def make_code(transfer: CreditTransfer) -> segno.QRCode:
    """Make the code. The character set is the smallest that holds the name: ISO 8859-1 first, else UTF-8.

    Raises SeraiError `no-epc-code` with what cannot stand in it.
    """
    _refuse_unfit(transfer)
    amount = Decimal(transfer.amount_minor).scaleb(-PLACES[CURRENCY_CODE])
    try:
        return make_epc_qr(
            name=transfer.name.strip(),
            iban=iban_numbers.compact(transfer.iban),
            amount=amount,
            text=transfer.text or None,
            reference=read_reference(transfer.creditor_reference) if transfer.creditor_reference else None,
            bic=transfer.bic or None,
            purpose=transfer.purpose_code or None,
        )
    except ValueError as fault:
        # What is left is the length of the whole in bytes.
        raise _refusal(f"it would be longer than {PAYLOAD_BYTES_MAX} bytes") from fault


def render_svg(transfer: CreditTransfer, *, scale: int = 4) -> str:
    """Make the code as a picture for a page, with the quiet zone that readers need."""
    return make_code(transfer).svg_inline(scale=scale, border=4, omitsize=False)


def _refuse_unfit(transfer: CreditTransfer) -> None:
    if transfer.currency_code != CURRENCY_CODE:
        raise _refusal(f"the amount is in {transfer.currency_code}, and the code holds euro only")
    if not 1 <= transfer.amount_minor <= AMOUNT_MINOR_MAX:
        most = format_minor(AMOUNT_MINOR_MAX, CURRENCY_CODE)
        raise _refusal(f"the amount has to be between 0.01 and {most} EUR")
    if not 1 <= len(transfer.name.strip()) <= NAME_CHARACTERS_MAX or not _is_plain(transfer.name):
        raise _refusal(f"the payee's name has to be 1 to {NAME_CHARACTERS_MAX} characters on one line")
    if not iban_numbers.is_valid(transfer.iban):
        raise _refusal("the account number is no IBAN with sound check digits")
    if transfer.bic and not bic_numbers.is_valid(transfer.bic):
        raise _refusal("the bank's code is no BIC of 8 or 11 characters")
    if bool(transfer.creditor_reference) == bool(transfer.text):
        raise _refusal("it holds a creditor reference or free words, exactly one of the two")
    if transfer.creditor_reference and read_reference(transfer.creditor_reference) is None:
        raise _refusal("the creditor reference is none of ISO 11649 with sound check digits")
    if len(transfer.text) > TEXT_CHARACTERS_MAX or not _is_plain(transfer.text):
        raise _refusal(f"free words have to be at most {TEXT_CHARACTERS_MAX} characters on one line")
    code = transfer.purpose_code
    is_code = len(code) == _PURPOSE_CHARACTERS and code.isascii() and code.isalnum()
    if code and not is_code:
        raise _refusal("the purpose is no code of four letters or digits")


def _is_plain(text: str) -> bool:
    """Say whether a text has no line breaks and other signs that steer a reader instead of being read."""
    return not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in text)


def _refusal(why: str) -> SeraiError:
    return SeraiError(
        "no-epc-code",
        f"There is no QR code for this payment: {why}.",
        "Show the account number and the creditor reference in words, or correct the payee's details.",
    )

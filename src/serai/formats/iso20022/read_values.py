"""Values of bank messages: amounts in minor units, days, instants, accounts, codes; faults at their place."""

import datetime as dt
from typing import Final, NamedTuple

from serai.formats.found import Found
from serai.formats.iso20022.message import BankAccount
from serai.formats.xml_document import Reader
from serai.formats.xml_shape import decimal_of
from serai.model.check_digits import find_check_digit
from serai.model.findings import Finding
from serai.model.money import NUMBER_MAX, PLACES

_DAY_CHARACTERS: Final = 10
_VALUE_CHARACTERS_MAX: Final = 16


class Amount(NamedTuple):
    """An amount as messages have it: never below zero, its direction stands beside it."""

    minor: int
    currency_code: str


def text_of(reader: Reader, way: str = "") -> str:
    """Return a text, trimmed; empty: it is absent."""
    return str(reader.text(way) or "")


def read_amount(reader: Reader, found: Found) -> Amount | None:
    """Read an amount with its currency; None: absent, or it is none, which is told.

    An amount has the places of its currency (ISO 4217): `10.00` JPY is ten yen, `10.05` JPY is none.
    """
    text, currency = reader.text(), reader.own_attribute("Ccy") or ""
    if text is None or not currency:
        return None  # The check of shape tells it.
    places = PLACES.get(currency)
    if places is None:
        value = currency[:_VALUE_CHARACTERS_MAX]
        found.add(Finding("unknown-currency", f"{reader.path}/@Ccy", parameters={"value": value}))
        return None
    minor, fault = _minor_of(text, currency, places)
    if fault is not None:
        found.add(Finding(fault[0], reader.path, parameters=fault[1]))
        return None
    return Amount(minor, currency)


def _minor_of(text: str, currency: str, places: int) -> tuple[int, tuple[str, dict[str, str]] | None]:
    """Return minor units, or 0 and code and parameters of why it is no amount."""
    number = decimal_of(text)
    if number is None:
        return 0, ("not-a-decimal", {})
    if number < 0:
        return 0, ("negative-amount", {})
    if number > NUMBER_MAX:
        return 0, ("out-of-range", {})
    minor = number.scaleb(places)
    if minor != int(minor):
        return 0, ("iso20022-places", {"currency": currency, "places": str(places)})
    return int(minor), None


def read_signed(reader: Reader, found: Found) -> Amount | None:
    """Read the amount of a record with its direction: below zero, money left the account; None as above."""
    amount = read_amount(reader.at("Amt"), found)
    direction = text_of(reader, "CdtDbtInd")
    if amount is None or direction not in {"CRDT", "DBIT"}:
        return None
    return amount if direction == "CRDT" else Amount(-amount.minor, amount.currency_code)


def read_day(reader: Reader, found: Found) -> dt.date | None:
    """Read a day, also where it is a choice of day or instant; None: absent, or none, which is told."""
    for place in (reader.at("Dt"), reader.at("DtTm"), reader):
        text = text_of(place)
        if text:
            try:
                return dt.date.fromisoformat(text[:_DAY_CHARACTERS])
            except ValueError:
                found.add(Finding("iso20022-no-such-day", place.path))
                return None
    return None


def read_instant(reader: Reader, found: Found) -> dt.datetime | None:
    """Read an instant; one without offset is in the bank's local time and stays so. None as above."""
    text = text_of(reader)
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text.replace("T24:00:00", "T00:00:00"))
    except ValueError:
        found.add(Finding("iso20022-no-such-day", reader.path))
        return None


def read_flag(reader: Reader) -> bool:
    """Say whether a flag is there and true."""
    return text_of(reader) in {"true", "1"}


def read_whole(reader: Reader) -> int | None:
    """Read a whole number; None: absent or none, which the check of shape tells."""
    number = decimal_of(text_of(reader))
    return int(number) if number is not None and number == int(number) else None


def read_account(reader: Reader, found: Found) -> BankAccount:
    """Read an account; that its number has a wrong check digit is told."""
    identification = reader.at("Id")
    iban = text_of(identification, "IBAN")
    if iban and not _is_sound(iban):
        wrong = find_check_digit("iban", iban, identification.at("IBAN").path)
        if wrong is not None:
            found.add(wrong)
    return BankAccount(iban, text_of(identification, "Othr/Id"), text_of(reader, "Ccy"))


def _is_sound(iban: str) -> bool:
    """Say whether the rest by 97 is right (ISO 7064), as it nearly always is; else the library is asked."""
    if not (iban.isascii() and iban.isalnum()):
        return False
    return int("".join([str(int(sign, 36)) for sign in iban[4:] + iban[:4]])) % 97 == 1


def read_code(reader: Reader) -> str:
    """Read a code that is a choice of an ISO code and the sender's own."""
    return text_of(reader, "Cd") or text_of(reader, "Prtry")


def read_reference(remittance: Reader) -> str:
    """Read the first structured creditor reference of remittance information; empty: there is none."""
    for structured in remittance.all("Strd"):
        reference = text_of(structured, "CdtrRefInf/Ref")
        if reference:
            return reference
    return ""


def read_lines(reader: Reader, name: str) -> tuple[str, ...]:
    """Read the texts of one name in order, blank ones left out."""
    return tuple(text for one in reader.all(name) if (text := text_of(one)))

"""Duties as tariffs write them, such as `10 % + 93.1 GBP / 100 kg` or `4.4¢/kg + 8.5%`, into exact terms."""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

import msgspec

from serai.formats.tariff_files.facts import TITLE_OF_QUALIFIER, TITLE_OF_UNIT, TITLE_OF_WORD, UNITS
from serai.formats.tariff_files.outcome import Refused
from serai.law.tariff_line import Unit
from serai.model.money import MICRO, PLACES

PPM_OF_PERCENT: Final = 10_000
CHARACTERS_MAX: Final = 1_000
"""Duties in use have a tenth of it; looking for signs in longer texts takes its square."""
_FREE: Final = frozenset({"free", "nihil", "exempt"})
_SIGNS: Final = re.compile(r"\s+(MIN|MAX)\s+|\s*(\+)\s*|\s+(-)\s+", re.IGNORECASE)
_NUMBER: Final = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?|\d{1,12}(?:\.\d{1,9})?)"
_RATE: Final = re.compile(rf"{_NUMBER}\s*%", re.ASCII)
_AMOUNT: Final = re.compile(
    rf"{_NUMBER}\s*(?P<currency>[A-Z]{{3}})\s*(?:/\s*|(?=each\b)|(?=[A-Z]{{3}}\b))(?P<unit>\S.*)"
)
_CONDITION: Final = re.compile(r"\bcond\b", re.IGNORECASE)
_QUALIFIED: Final = re.compile(r"(?P<unit>[a-z]{3}|10{0,3} ?kg|kg) ?/? ?(?P<qualifier>\S.*)")
_DOLLARS: Final = re.compile(rf"\$\s*{_NUMBER}\s*(?:/\s*|\s(?=each\b))(?P<unit>\S.*)", re.ASCII)
_CENTS: Final = re.compile(rf"{_NUMBER}\s*(?:¢|cents?)\s*(?:/\s*|\s*(?=each\b))(?P<unit>\S.*)", re.ASCII)
_PER_THOUSAND: Final = re.compile(r"(\d),(\d{3})")
_NOT_UNDERSTOOD: Final = "Write the row as plain-csv, or the duty into the pack as a charge of its own."


class Part(NamedTuple):
    """One part of a duty. sign: empty (first), +, -, MIN or MAX. currency: empty for a rate in percent."""

    sign: str
    number: Decimal
    currency: str = ""
    unit: str = ""


class Terms(msgspec.Struct, frozen=True):
    """What a line charges, under the names of `TariffLine`; currency: of its amounts, empty without any."""

    ad_valorem_ppm: int = 0
    specific_micro: int = 0
    specific_unit: Unit = ""
    minimum_micro: int = 0
    maximum_micro: int | None = None
    minimum_ppm: int = 0
    maximum_ppm: int | None = None
    currency: str = ""

    def fields(self) -> dict[str, Any]:
        """Return the fields of a line."""
        fields = msgspec.structs.asdict(self)
        del fields["currency"]
        return fields


def read_duty(text: str) -> Terms:
    """Read a duty as it is written. Raises Refused."""
    text = " ".join(text.split())
    if len(text) > CHARACTERS_MAX:
        raise Refused("duty-not-understood", f"The duty has {len(text)} characters.", _NOT_UNDERSTOOD)
    if not text:
        raise Refused("duty-missing", "The row says no duty.", "Add it; `0 %` says free.")
    if _CONDITION.search(text):
        raise by_condition(text)
    if text.lower() in _FREE:
        return Terms()
    pieces = _SIGNS.split(text)
    signs = ["", *(next(filter(None, pieces[at : at + 3])).upper() for at in range(1, len(pieces), 4))]
    return build_terms(_read_part(sign, piece) for sign, piece in zip(signs, pieces[::4], strict=True))


def by_condition(conditions: str) -> Refused:
    """Return why a duty that depends on conditions is no line, with the conditions and their rates."""
    return Refused(
        "duty-by-condition",
        f"The amount depends on conditions: {conditions[:400]}.",
        "Write it into the pack as charges with conditions.",
    )


def build_terms(parts: Iterable[Part]) -> Terms:
    """Add the parts of a duty up; after MIN or MAX they belong to that bound. Raises Refused."""
    rates = dict.fromkeys(("", "MIN", "MAX"), 0)
    amounts = dict.fromkeys(rates, Fraction())
    seen: set[str] = set()
    units: set[Unit] = set()
    currencies: set[str] = set()
    side = ""
    for part in parts:
        if part.sign == "-":
            raise Refused("duty-not-understood", "The duty takes one amount off another.", _NOT_UNDERSTOOD)
        if part.sign in ("MIN", "MAX"):
            if part.sign in seen:
                raise Refused("duty-not-understood", f"{part.sign} stands twice.", _NOT_UNDERSTOOD)
            side = part.sign
        seen.add(side)
        if part.currency:
            unit, factor = _unit(part.unit)
            units.add(unit)
            currencies.add(part.currency)
            amounts[side] += Fraction(part.number) * 10 ** _places(part.currency) * MICRO / factor
        else:
            rates[side] += _ppm(part.number)
    if len(units) > 1 or len(currencies) > 1:
        raise Refused(
            "two-units",
            f"Amounts stand in {', '.join(sorted(units | currencies))}; a line has one of each.",
            _NOT_UNDERSTOOD,
        )
    micros = {side: _whole(micro) for side, micro in amounts.items()}
    has_maximum = "MAX" in seen
    # One of the two says the bound, unless both are part of it.
    is_amount = has_maximum and micros["MAX"] > 0
    is_share = has_maximum and (rates["MAX"] > 0 or not is_amount)
    return Terms(
        ad_valorem_ppm=rates[""],
        specific_micro=micros[""],
        specific_unit=next(iter(units), ""),
        minimum_ppm=rates["MIN"],
        minimum_micro=micros["MIN"],
        maximum_ppm=rates["MAX"] if is_share else None,
        maximum_micro=micros["MAX"] if is_amount else None,
        currency=next(iter(currencies), ""),
    )


def _read_part(sign: str, piece: str) -> Part:
    piece = piece.strip()
    if found := _RATE.fullmatch(piece):
        return Part(sign, _decimal(found["number"]))
    if found := _AMOUNT.fullmatch(piece):
        return Part(sign, _decimal(found["number"]), found["currency"], found["unit"])
    if found := _DOLLARS.fullmatch(piece):
        return Part(sign, _decimal(found["number"]), "USD", found["unit"])
    if found := _CENTS.fullmatch(piece):
        return Part(sign, _decimal(found["number"]) / 100, "USD", found["unit"])
    if title := TITLE_OF_WORD.get(piece.lower()):
        raise Refused("duty-not-understood", f"`{piece}` is {title}.", _NOT_UNDERSTOOD)
    raise Refused("duty-not-understood", f"`{piece[:80]}` is no rate and no amount by unit.", _NOT_UNDERSTOOD)


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _ppm(percent: Decimal) -> int:
    ppm = percent * PPM_OF_PERCENT
    if ppm != int(ppm):
        raise Refused(
            "rate-too-fine",
            f"{percent} % is finer than a millionth.",
            "Round it as the law says, as plain-csv.",
        )
    return int(ppm)


def _whole(micro: Fraction) -> int:
    if micro.denominator != 1:
        raise Refused(
            "amount-too-fine",
            "By unit, the amount is finer than a millionth of a minor unit.",
            "Write it as a charge of the pack, with a rate that is a fraction.",
        )
    return int(micro)


def _places(currency: str) -> int:
    places = PLACES.get(currency)
    if places is None:
        raise Refused("currency-unknown", f"`{currency}` is no currency.", "Write the code of ISO 4217.")
    return places


def _unit(name: str) -> tuple[Unit, Fraction]:
    plain = " ".join(_PER_THOUSAND.sub(r"\1\2", name).split()).lower()
    known = UNITS.get(plain)
    if known is None:
        title = _title_of_unit(plain)
        raise Refused(
            "unit-unknown",
            f"`{name[:40]}` {f'is {title}, which' if title else 'is no unit that'} goods "
            f"{'do not state here' if title else 'state here'}.",
            f"Known are {', '.join(sorted(UNITS))}; otherwise write the duty into the pack.",
        )
    return known


def _title_of_unit(plain: str) -> str:
    """Say what a unit of TARIC counts that goods here do not, such as `dtn e`; empty: it is none known."""
    if plain in TITLE_OF_UNIT:
        return TITLE_OF_UNIT[plain]
    found = _QUALIFIED.fullmatch(plain)
    if found is None or not (found["unit"] in UNITS or found["unit"] in TITLE_OF_UNIT):
        return ""
    qualifier = TITLE_OF_QUALIFIER.get(found["qualifier"])
    return f"{TITLE_OF_UNIT.get(found['unit'], found['unit'].upper())} of {qualifier}" if qualifier else ""

"""The number of a postal receptacle (UPU S9): from where to where, what, and how heavy."""

import re
from decimal import Decimal

import msgspec

CHARACTERS = 29

_FORM = re.compile(
    r"(?P<origin>[A-Z]{5}[A-Z0-9])(?P<destination>[A-Z]{5}[A-Z0-9])(?P<category>[A-Z])(?P<subclass>[A-Z]{2})"
    # After the serial number: last of its dispatch or not, registered or not.
    r"(?P<year>\d)(?P<dispatch>\d{4})(?P<serial>\d{3})\d{2}(?P<mass>\d{4})",
    re.ASCII,
)
_MASS_STEP_KG = Decimal("0.1")


class Receptacle(msgspec.Struct, frozen=True):
    """A bag, tray or container of mail. origin, destination: offices of exchange, country first.

    dispatch: number of the dispatch in the year. gross_mass_kg: decimal, in steps of 0.1; 0.0 is not stated.
    """

    origin: str
    destination: str
    category: str
    subclass: str
    dispatch: str
    serial: str
    gross_mass_kg: str


def read_receptacle(number: str) -> Receptacle | None:
    """Read a number; None: it has another form."""
    match = _FORM.fullmatch(number)
    if match is None:
        return None
    return Receptacle(
        match["origin"],
        match["destination"],
        match["category"],
        match["subclass"],
        match["dispatch"],
        match["serial"],
        str(int(match["mass"]) * _MASS_STEP_KG),
    )

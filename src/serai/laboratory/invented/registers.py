"""An invented list of denied parties and an invented register of scheme numbers; both titles say so."""

from typing import Literal

import msgspec

from serai.laboratory.invented import names, numbers
from serai.laboratory.invented.draws import import_numbers

COMMON_NAME = "Anna Maria Kowalska"
"""On the list as an invented person, and the name of an innocent buyer among the named parcels."""
NAMED_SCHEME_NUMBER = "IM2760000018"
"""Valid number that the named parcels use."""
_ARN_EVERY = 3


class DeniedParty(msgspec.Struct, frozen=True):
    """An entry of the list. kind_code: person or organisation."""

    entry_id: str
    name: str
    kind_code: Literal["person", "organisation"]


class DeniedPartyList(msgspec.Struct, frozen=True):
    """A list with the title that says it is invented."""

    title: str
    entries: tuple[DeniedParty, ...]


class Scheme(msgspec.Struct, frozen=True):
    """A number of the register.

    kind_code: IOSS, GB-VAT, ABN or ARN. valid_from, valid_to: days, half-open; valid_to None: open.
    """

    kind_code: str
    number: str
    valid_from: str
    valid_to: str | None = None


class SchemeRegister(msgspec.Struct, frozen=True):
    """A register with the title that says it is invented. unknown: numbers in use that are *not* in it."""

    title: str
    entries: tuple[Scheme, ...]
    unknown: tuple[str, ...]


def denied_parties() -> DeniedPartyList:
    """Ten thousand invented names, people and firms in turn, and one common name."""
    entries = [
        DeniedParty(f"INV-{i:05d}", listed, "organisation" if i % 2 else "person")
        for i, listed in enumerate(names.listed_names(), 1)
    ]
    common = DeniedParty("INV-00000", COMMON_NAME, "person")
    return DeniedPartyList("INVENTED list of denied parties (Serai demo)", (common, *entries))


def scheme_of(regime: int, import_number: str) -> tuple[str, str]:
    """Kind and number that stand for the yardstick's number under a regime: EU 0, GB 1, AU 3."""
    if regime == 0:
        return "IOSS", import_number
    serial = int(import_number[5:11])
    if regime == 1:
        return "GB-VAT", numbers.gb_vat(serial)
    return ("ARN", numbers.arn(serial)) if serial % _ARN_EVERY == 0 else ("ABN", numbers.abn(serial))


def scheme_register(count: int, seed: int = 1) -> SchemeRegister:
    """Register of the numbers that `consignments(count, seed)` and the named parcels use.

    Numbers with a wrong check digit in the yardstick (one in twenty) are unknown; one in fifty ended.
    """
    entries = {NAMED_SCHEME_NUMBER: Scheme("IOSS", NAMED_SCHEME_NUMBER, "2021-07-01")}
    unknown: list[str] = []
    for slot, number in enumerate(import_numbers(seed, count)):
        for regime in (0, 1, 3):
            kind, registered = scheme_of(regime, number)
            if slot % 20 == 0:
                unknown.append(registered)
            else:
                ended = "2026-05-01" if slot % 50 == 7 else None
                entries.setdefault(registered, Scheme(kind, registered, "2021-07-01", ended))
    known = tuple(entries.values())
    return SchemeRegister(
        "INVENTED register of scheme numbers (Serai demo)",
        known,
        tuple(number for number in unknown if number not in entries),
    )

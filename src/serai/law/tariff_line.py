"""One dated row of a tariff, and what it says of goods."""

import datetime as dt
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

Digits = Annotated[str, Meta(pattern=r"^[0-9]{2,14}$")]
Ppm = Annotated[int, Meta(ge=0, le=10_000_000)]
Micro = Annotated[int, Meta(ge=0, le=10**15)]
Unit = Literal["", "kg", "piece", "pair", "litre", "litre_alcohol", "m2"]
ORDINARY_PREFERENCES = ("", "100")
"""No preference: none claimed, or code 100, third-country duty (UCC-DA Annex B, D.E. 14 11 000)."""


class TariffLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One dated row of a tariff.

    measure: duty, tax, excise or another the vocabulary names. origin_code, preference_code, territory_code:
    empty says any (third country). origin_codes: any of several countries, instead of origin_code.
    excluded_origin_codes: countries the line is not for. additional_code: the line is only for goods that
    claim it, such as those of one producer; of several claimed that fit, the first line counts.
    ad_valorem_ppm: parts per million of the value, at most 1000 %. specific_micro: millionths of a minor unit
    for one `specific_unit`; minimum_micro, maximum_micro: bounds, likewise per unit; minimum_ppm,
    maximum_ppm: bounds as a share of the value, on top of those per unit. source: text reference of the law.
    footnotes: their codes; the text stands at the source. is_extract: neighbours of the line may be missing.
    """

    measure: str
    commodity_prefix: Digits
    valid_from: dt.date
    valid_to: dt.date | None
    source: Annotated[str, Meta(min_length=1)]
    origin_code: str = ""
    origin_codes: tuple[str, ...] = ()
    excluded_origin_codes: tuple[str, ...] = ()
    preference_code: str = ""
    additional_code: str = ""
    territory_code: str = ""
    ad_valorem_ppm: Ppm = 0
    specific_micro: Micro = 0
    specific_unit: Unit = ""
    minimum_micro: Micro = 0
    maximum_micro: Micro | None = None
    minimum_ppm: Ppm = 0
    maximum_ppm: Ppm | None = None
    confidence: Literal["sourced", "partly", "from-general-knowledge"] = "sourced"
    footnotes: tuple[str, ...] = ()
    is_extract: bool = False

    def terms(self) -> tuple[object, ...]:
        """Return what the line charges, to compare lines below a short code."""
        return (
            self.ad_valorem_ppm,
            self.specific_micro,
            self.specific_unit,
            self.minimum_micro,
            self.maximum_micro,
            self.minimum_ppm,
            self.maximum_ppm,
        )

    def is_ad_valorem_only(self) -> bool:
        """Say whether a share of the value is all there is."""
        return (
            not self.specific_micro
            and not self.minimum_micro
            and not self.minimum_ppm
            and self.maximum_micro is None
            and self.maximum_ppm is None
        )

    def is_for_origin(self, origin_code: str) -> bool:
        """Say whether the line is for goods of a country; empty: the origin is not known."""
        if origin_code in self.excluded_origin_codes:
            return False
        if self.origin_codes:
            return origin_code in self.origin_codes
        return self.origin_code in ("", origin_code)

    def closeness(self) -> int:
        """Return how closely the line names what it is for: an additional code before none; then a country
        before a group before any; then a territory before any.
        """
        origin = 2 if self.origin_code else int(bool(self.origin_codes))
        return 6 * int(self.additional_code != "") + 2 * origin + int(self.territory_code != "")


class Asked(NamedTuple):
    """What a tariff is asked. preference_code: claimed. day: since 1970. additional_codes: claimed, with
    blanks between.
    """

    measure: str
    commodity_code: str
    origin_code: str
    preference_code: str
    territory_code: str
    day: int
    additional_codes: str = ""


def preference_of(preference_code: str) -> str:
    """Return the preference a line must have for the one claimed."""
    return "" if preference_code in ORDINARY_PREFERENCES else preference_code


_EPOCH = dt.date(1970, 1, 1).toordinal()
DAY_MAX = dt.date(9999, 12, 31).toordinal() - _EPOCH


def day_number(day: dt.date | None) -> int:
    """Return days since 1970-01-01; an open end is the last day there is."""
    return DAY_MAX if day is None else day.toordinal() - _EPOCH


def day_of(number: int) -> dt.date:
    """Return the date of a day number."""
    return dt.date.fromordinal(number + _EPOCH)

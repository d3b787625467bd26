"""What codes of tariff files mean: `facts.yaml`, decoded."""

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from importlib.resources import files
from typing import Final, Literal

import msgspec

from serai.law.tariff_line import Unit


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class MeasureType(_Row, frozen=True, kw_only=True):
    """Measure types with one meaning. reason, next_step: why a row cannot be taken, and what to do."""

    codes: list[str]
    title: str
    status: Literal["line", "none", "not-yet"]
    measure: str = ""
    preference_code: str = ""
    reason: str = ""
    next_step: str = ""


class _AreaPreference(_Row, frozen=True, kw_only=True):
    areas: list[str]
    preference_code: str


class _DutyExpression(_Row, frozen=True, kw_only=True):
    codes: list[str]
    sign: str


class _Unit(_Row, frozen=True, kw_only=True):
    names: list[str]
    unit: Unit
    numerator: int = 1
    denominator: int = 1


class _OtherExpression(_Row, frozen=True, kw_only=True):
    codes: list[str]
    words: list[str]
    title: str


class _Titled(_Row, frozen=True, kw_only=True):
    names: list[str]
    title: str


class _Programme(_Row, frozen=True, kw_only=True):
    symbols: list[str]
    origin_codes: list[str]


class ColumnTwo(_Row, frozen=True, kw_only=True):
    """Countries whose goods pay column 2 of the HTS from a day on."""

    origin_codes: list[str]
    valid_from: dt.date


class _Facts(_Row, frozen=True, kw_only=True):
    measure_types: list[MeasureType]
    any_origin_areas: list[str]
    preference_of_areas: list[_AreaPreference]
    duty_expressions: list[_DutyExpression]
    other_expressions: list[_OtherExpression]
    other_units: list[_Titled]
    unit_qualifiers: list[_Titled]
    units: list[_Unit]
    programmes: list[_Programme]
    column_2: list[ColumnTwo]


_FACTS: Final = msgspec.yaml.decode(
    (files("serai.formats.tariff_files") / "facts.yaml").read_bytes(), type=_Facts
)
MEASURE_TYPES: Final[Mapping[str, MeasureType]] = {
    code: one for one in _FACTS.measure_types for code in one.codes
}
ANY_ORIGIN_AREAS: Final = frozenset(_FACTS.any_origin_areas)
PREFERENCE_OF_AREA: Final[Mapping[str, str]] = {
    area: one.preference_code for one in _FACTS.preference_of_areas for area in one.areas
}
SIGN_OF_EXPRESSION: Final[Mapping[str, str]] = {
    code: one.sign for one in _FACTS.duty_expressions for code in one.codes
}
TITLE_OF_EXPRESSION: Final[Mapping[str, str]] = {
    code: one.title for one in _FACTS.other_expressions for code in one.codes
}
TITLE_OF_WORD: Final[Mapping[str, str]] = {
    word.lower(): one.title for one in _FACTS.other_expressions for word in one.words
}
TITLE_OF_UNIT: Final[Mapping[str, str]] = {
    name.lower(): one.title for one in _FACTS.other_units for name in one.names
}
TITLE_OF_QUALIFIER: Final[Mapping[str, str]] = {
    name.lower(): one.title for one in _FACTS.unit_qualifiers for name in one.names
}
UNITS: Final[Mapping[str, tuple[Unit, Fraction]]] = {
    name.lower(): (one.unit, Fraction(one.numerator, one.denominator))
    for one in _FACTS.units
    for name in one.names
}
PROGRAMMES: Final[Mapping[str, tuple[str, ...]]] = {
    symbol: tuple(one.origin_codes) for one in _FACTS.programmes for symbol in one.symbols
}
COLUMN_TWO: Final = tuple(_FACTS.column_2)

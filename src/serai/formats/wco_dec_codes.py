"""What codes of customs law in a WCO declaration mean: `wco_dec_codes.yaml`, decoded."""

from collections.abc import Collection
from importlib.resources import files
from typing import Annotated, Final

import msgspec
from msgspec import Meta

_PREFIX_LENGTH: Final = 2
_Prefix = Annotated[str, Meta(min_length=_PREFIX_LENGTH, max_length=_PREFIX_LENGTH)]


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """source: where the meaning is laid down."""

    source: str


class Scheme(_Row, frozen=True):
    """A scheme that an additional procedure says the tax was paid under."""

    additional_procedure_code: str
    scheme_kind_code: str


class PresentedTypes(_Row, frozen=True):
    """Types of declarations that say that the goods are there."""

    declaration_type_codes: list[str]


class SaleNature(_Row, frozen=True):
    """A nature of sale that an additional procedure says."""

    additional_procedure_code: str
    sale_nature_code: str


class Preference(_Row, frozen=True):
    """How codes of duty regimes begin that claim a preference."""

    regime_codes_begin_with: list[str]


class Issuer(_Row, frozen=True):
    """A head of identifiers that is no country code, and the country it stands for."""

    identifier_prefix: _Prefix
    country_code: str


class Part(_Row, frozen=True):
    """A part of a country, and what tells that goods are received there."""

    country_code: str
    region_code: str
    statement_codes: list[str] = []
    identifier_prefix: _Prefix | None = None


class DecCodes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of the file."""

    schemes: list[Scheme]
    presented_types: list[PresentedTypes]
    sale_natures: list[SaleNature]
    preferences: list[Preference]
    issuers: list[Issuer]
    parts: list[Part]


DEC_CODES: Final = msgspec.yaml.decode(
    (files("serai.formats") / "wco_dec_codes.yaml").read_bytes(), type=DecCodes
)


def scheme_kind(procedures: Collection[str]) -> str | None:
    """Return the scheme that additional procedures name."""
    found = (one.scheme_kind_code for one in DEC_CODES.schemes if one.additional_procedure_code in procedures)
    return next(found, None)


def is_lodged_on_presentation(declaration_type_code: str) -> bool:
    """Say whether a type of declaration says that the goods are there."""
    return any(declaration_type_code in one.declaration_type_codes for one in DEC_CODES.presented_types)


def sale_nature(procedures: Collection[str]) -> str | None:
    """Return the nature of sale that additional procedures name."""
    rows = DEC_CODES.sale_natures
    return next((one.sale_nature_code for one in rows if one.additional_procedure_code in procedures), None)


def is_preference(regime_code: str | None) -> bool:
    """Say whether a code of duty regime claims a preference."""
    return regime_code is not None and any(
        regime_code.startswith(tuple(one.regime_codes_begin_with)) for one in DEC_CODES.preferences
    )


def issuing_country(identifier: str) -> str | None:
    """Return the country that issued an EORI or VAT number; None where its head is no letters."""
    prefix = identifier[:_PREFIX_LENGTH]
    if not prefix.isalpha():
        return None
    return next((one.country_code for one in DEC_CODES.issuers if one.identifier_prefix == prefix), prefix)


def region_of(country_code: str | None, statements: Collection[str | None], identifier: str) -> str | None:
    """Return the part of a country where goods are received.

    statements: codes, of the goods. identifier: of who receives them, where nothing else is known of it,
    else "".
    """
    prefix = identifier[:_PREFIX_LENGTH]
    for part in DEC_CODES.parts:
        is_said = any(code in statements for code in part.statement_codes)
        if part.country_code == country_code and (is_said or part.identifier_prefix == prefix):
            return part.region_code
    return None

"""A permit in the form in which an agency states or signs it: own JSON, and what is read out of others."""

import datetime as dt
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

SIGNED_TYPE: Final = "permit+json"
"""What the header of a signed permit says was signed (RFC 7515, `typ`)."""
ECERT_TYPE: Final = "spscertificate+xml"
"""Likewise of a UN/CEFACT SPS certificate: the payload is its XML, byte for byte."""

PermitNumber = Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[\x21-\x7e]+$")]
_Code = Annotated[str, Meta(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9-]+$")]
_Decimal = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^\d{1,12}(\.\d{1,6})?$")]


class PermitHolder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For whom a permit is: `bearer`, whoever names it; `party`, a registered party; `person`, whoever has a
    number of identity. party, identity_number: of these two, as the declaration states it."""

    kind: Literal["bearer", "party", "person"]
    party: Annotated[str, Meta(min_length=1, max_length=35)] | None = None
    identity_number: Annotated[str, Meta(min_length=4, max_length=35)] | None = None


class PermitTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a permit says.

    number: the agency's own, once for ever. type_code: of the document, as a declaration names it (C400,
    N851, 911). holder: for whom. commodity_codes: beginnings of the codes of the goods; goods_kind_codes:
    their kinds in the table of kinds; neither: any goods. territory_codes: countries where the goods may end;
    none: the whole territory. quantity, in quantity_unit_code (UN/ECE Recommendation 20): at most in all;
    value, in currency_code: likewise; not said: no limit. valid_to: the first instant out of force.
    """

    number: PermitNumber
    type_code: _Code
    holder: PermitHolder
    commodity_codes: Annotated[list[Annotated[str, Meta(pattern=r"^\d{2,10}$")]], Meta(max_length=100)] = []
    goods_kind_codes: Annotated[
        list[Annotated[str, Meta(pattern=r"^[a-z][a-z-]{1,40}$")]], Meta(max_length=50)
    ] = []
    territory_codes: Annotated[list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]], Meta(max_length=60)] = []
    quantity: _Decimal | None = None
    quantity_unit_code: Annotated[str, Meta(pattern="^[A-Z0-9]{2,3}$")] | None = None
    value: _Decimal | None = None
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    valid_from: Annotated[dt.datetime, Meta(tz=True)]
    valid_to: Annotated[dt.datetime, Meta(tz=True)]


class SignedPermit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A permit as an agency signs it in own JSON. administration: the code of the one that it is for: brought
    to another it is none."""

    administration: Annotated[str, Meta(min_length=1, max_length=35)]
    permit: PermitTerms

"""How rights holders are served, and the clocks of holder and declarant: laws/rights.yaml."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from serai.foundation.shipped import find_shipped

_FILE: Final = "rights.yaml"
_Days = Annotated[int, Meta(ge=1, le=90)]
Use = Literal[
    "begin-proceedings",
    "pending-proceedings",
    "criminal-investigation",
    "seek-compensation",
    "agree-destruction",
]
"""What names that are given to a holder may be used for."""


class RecordalExtensionLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many years at most a recordal is made to last longer, on a request before it expires; what is
    asked for later than asked_before_days working days before that may be refused for it alone."""

    years_max: Annotated[int, Meta(ge=1, le=20)]
    asked_before_days: _Days | None
    law_reference: str


class RecordalLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a recordal lasts at most. extension: None: the law knows none."""

    years_max: Annotated[int, Meta(ge=1, le=20)]
    extension: RecordalExtensionLaw | None
    law_reference: str


class OwnInitiativeLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many working days there are for a recordal, where goods are detained without one."""

    days: _Days
    law_reference: str


class HolderExtensionLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many working days at most the time of a holder to begin proceedings is made longer, once, on a
    reasoned request; never of goods that do not keep."""

    days_max: _Days
    law_reference: str


class HolderLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many working days a holder has to answer; perishable_days: of goods that do not keep.
    extension: None: the law knows none."""

    days: _Days
    perishable_days: _Days
    extension: HolderExtensionLaw | None
    law_reference: str


class DeclarantLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many working days a declarant has, likewise. silence: what it stands for when they have passed."""

    days: _Days
    perishable_days: _Days
    silence: Literal["consent", "nothing"]
    law_reference: str


class SmallConsignmentLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which parcels are destroyed without the holder: of at most so many pieces, or lighter than so much."""

    pieces_max: Annotated[int, Meta(ge=1)]
    below_mass_g: Annotated[int, Meta(ge=1)]
    law_reference: str

    def is_small(self, pieces_count: int, mass_g: int) -> bool:
        """Say whether a parcel is one."""
        return pieces_count <= self.pieces_max or mass_g < self.below_mass_g


class DisclosureLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names that are given to a holder may be used for."""

    uses: list[Use]
    law_reference: str


class PriorityLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a recordal is low: of detentions that have ended within window_days, so many at least, more than
    low_above_ppm were baseless."""

    window_days: Annotated[int, Meta(ge=1)]
    ended_min: Annotated[int, Meta(ge=1)]
    low_above_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    source: str

    def is_low(self, ended_count: int, baseless_count: int) -> bool:
        """Say whether so many baseless ones make a recordal low."""
        if ended_count < self.ended_min:
            return False
        return baseless_count * 1_000_000 > self.low_above_ppm * ended_count


class RightsLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How rights are enforced in some countries; none named: elsewhere. read: where it was read, by field;
    unread: fields written from general knowledge. valid_to: the first day out of force."""

    country_codes: list[str]
    recordal: RecordalLaw
    detention_reference: str
    own_initiative: OwnInitiativeLaw
    holder: HolderLaw
    declarant: DeclarantLaw
    small_consignment: SmallConsignmentLaw | None
    disclosure: DisclosureLaw
    priority: PriorityLaw
    read: dict[str, str]
    unread: list[str]
    valid_from: date
    valid_to: date | None
    source: str


@cache
def shipped_rights_laws() -> tuple[RightsLaw, ...]:
    """Return the table that came with the laws."""
    return read_rights_laws((find_shipped("laws") / _FILE).read_bytes())


def read_rights_laws(content: bytes) -> tuple[RightsLaw, ...]:
    """Read a table. Raises msgspec.ValidationError, ValueError where it says of a field neither or both."""
    laws = tuple(msgspec.yaml.decode(content, type=list[RightsLaw]))
    fields = ("recordal", "detention_reference", "own_initiative", "holder", "declarant", "disclosure")
    for one in laws:
        wanted = {*fields, "small_consignment"} if one.small_consignment else set(fields)
        if {*one.read, *one.unread} != wanted or not one.read.keys().isdisjoint(one.unread):
            raise ValueError(f"rights.yaml does not say of each field whether it was read: {wanted}")
    return laws


def rights_law_of(country_code: str, at: datetime) -> RightsLaw:
    """Return how rights are enforced in a country."""
    on = at.astimezone(UTC).date()
    valid = [
        one
        for one in shipped_rights_laws()
        if one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
    ]
    named = [one for one in valid if country_code in one.country_codes]
    return (named or [one for one in valid if not one.country_codes])[0]

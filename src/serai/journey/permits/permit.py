"""A permit of another government agency, and whether it covers a goods item. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Final, Literal, NamedTuple, get_args

import msgspec

HolderKind = Literal["bearer", "party", "person"]
"""Whoever names it, a registered party, or a person known by a number of identity."""
PermitSource = Literal["issued", "signed", "ecert"]
"""Issued here, or brought: own JSON or a UN/CEFACT SPS certificate, each signed by its agency."""
PermitFault = Literal[
    "permit-unknown",
    "permit-of-another-agency",
    "permit-revoked",
    "permit-not-in-force",
    "permit-other-goods",
    "permit-other-territory",
    "permit-other-holder",
    "permit-other-measure",
    "permit-exhausted",
]
"""Why a permit does not cover a goods item; codes of findings."""
EXHAUSTED: Final = "permit-exhausted"
PERMIT_FINDINGS: Final[frozenset[str]] = frozenset(get_args(PermitFault))
PIECES: Final = frozenset({"C62", "H87", "NAR", "NMB"})
"""Units of UN/ECE Recommendation 20 that count pieces: one stands for another."""
_MICRO_PER_GRAM: Final = {"KGM": 1_000, "GRM": 1_000_000}


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """A permit as stored. party_id: the agency. number: its own, once for ever. type_code: of the document
    that names it (C400, N851). holder_party_id, holder_hash: of whom; None: of another kind of holder.
    quantity_micro: at most in all, millionths of the unit; value_minor: likewise, minor units; None: no
    limit. drawn_*: written off so far. commodity_codes: beginnings; goods_kind_codes: words for kinds; both
    empty: any goods. territory_codes: countries where the goods may end; empty: any. valid_to: the first
    instant out of force. content_hash: of what it says, so that the same is the same.
    """

    permit_id: int
    party_id: int
    number: str
    type_code: str
    source: PermitSource
    holder_kind: HolderKind
    holder_party_id: int | None = None
    holder_hash: bytes | None = None
    quantity_micro: int | None = None
    quantity_unit_code: str | None = None
    value_minor: int | None = None
    currency_code: str | None = None
    drawn_quantity_micro: int = 0
    drawn_value_minor: int = 0
    commodity_codes: tuple[str, ...] = ()
    goods_kind_codes: tuple[str, ...] = ()
    territory_codes: tuple[str, ...] = ()
    valid_from: datetime
    valid_to: datetime
    registered_at: datetime
    revoked_at: datetime | None = None
    content_hash: bytes = b""

    def is_in_force(self, at: datetime) -> bool:
        """Say whether anything may be written off of it."""
        return self.valid_from <= at < self.valid_to and self.revoked_at is None


class PermitGoods(msgspec.Struct, frozen=True, kw_only=True):
    """A goods item as it is held against a permit. kinds: that its description names. quantities_micro: by
    unit, as far as it is known; mass_g: None where not stated. value_minor: None where it is not known.
    country_codes: where it ends. party_ids: who may be the holder. holder_hashes: likewise, of persons.
    is_drawn: the permit was written off for it before, when it was in force.
    """

    commodity_code: str
    kinds: tuple[str, ...]
    quantities_micro: Mapping[str, int]
    mass_g: int | None
    value_minor: int | None
    currency_code: str
    country_codes: frozenset[str]
    party_ids: frozenset[int]
    holder_hashes: frozenset[bytes]
    is_drawn: bool = False


class Amount(NamedTuple):
    """What is written off: millionths of the permit's unit, minor units of its currency."""

    quantity_micro: int
    value_minor: int


def judge_permit(
    permit: Permit, goods: PermitGoods, at: datetime, *, returned: Amount
) -> Amount | PermitFault:
    """Return what a goods item takes of a permit, or why it does not cover it. returned: of the item, what
    went back of it before, which it takes no more.

    What was written off before stays so when the permit has ended since; a revoked one covers nothing.
    """
    amount = amount_of(permit, goods)
    if amount is not None:
        amount = Amount(*(max(0, whole - back) for whole, back in zip(amount, returned, strict=True)))
    faults: list[tuple[PermitFault, bool]] = [
        ("permit-revoked", permit.revoked_at is not None),
        ("permit-not-in-force", not goods.is_drawn and not permit.is_in_force(at)),
        ("permit-other-goods", not covers_goods(permit, goods.commodity_code, goods.kinds)),
        ("permit-other-territory", not _ends_in(permit.territory_codes, goods.country_codes)),
        ("permit-other-holder", not goods.is_drawn and not _is_holder(permit, goods)),
        ("permit-other-measure", amount is None),
        ("permit-exhausted", amount is not None and not has_left(permit, amount)),
    ]
    fault = next((code for code, is_so in faults if is_so), None)
    if fault is not None:
        return fault
    assert amount is not None, "it is told above"
    return amount


class Candidate(NamedTuple):
    """A permit that covers goods but has too little left. amount: what the whole item takes in its units;
    returned: of the item, what went back of what it gave."""

    permit: Permit
    amount: Amount
    returned: Amount


def share_out(candidates: Sequence[Candidate]) -> list[tuple[Permit, Amount]] | None:
    """Return what each of several permits gives so that they cover a goods item together, in their order;
    None: they do not. Parts are exact; each is rounded up, never above what a permit has left."""
    rest = Fraction(1) - sum((_part(one.returned, one.amount) for one in candidates), Fraction(0))
    shares: list[tuple[Permit, Amount]] = []
    for permit, amount, _ in candidates:
        part = min(rest, _part_left(permit, amount))
        if part > 0:
            shares.append((permit, Amount(*(ceil(whole * part) for whole in amount))))
            rest -= part
    return shares if rest <= 0 else None


def _part(some: Amount, whole: Amount) -> Fraction:
    return next((Fraction(one, all_) for one, all_ in zip(some, whole, strict=True) if all_), Fraction(0))


def _part_left(permit: Permit, amount: Amount) -> Fraction:
    """Return which part of an item a permit can still give."""
    limits = (
        (permit.quantity_micro, permit.drawn_quantity_micro, amount.quantity_micro),
        (permit.value_minor, permit.drawn_value_minor, amount.value_minor),
    )
    parts = [Fraction(most - drawn, takes) for most, drawn, takes in limits if most is not None and takes]
    return min(parts, default=Fraction(1))


def covers_goods(permit: Permit, commodity_code: str, kinds: tuple[str, ...]) -> bool:
    """Say whether a permit is for goods of a code or of one of these kinds."""
    if not permit.commodity_codes and not permit.goods_kind_codes:
        return True
    is_of_code = bool(permit.commodity_codes) and commodity_code.startswith(permit.commodity_codes)
    return is_of_code or not set(kinds).isdisjoint(permit.goods_kind_codes)


def has_left(permit: Permit, amount: Amount) -> bool:
    """Say whether so much can still be written off."""
    quantity_max, value_max = permit.quantity_micro, permit.value_minor
    return (quantity_max is None or permit.drawn_quantity_micro + amount.quantity_micro <= quantity_max) and (
        value_max is None or permit.drawn_value_minor + amount.value_minor <= value_max
    )


def has_some_left(permit: Permit) -> bool:
    """Say whether anything can still be written off."""
    return has_left(permit, Amount(1, 1))


def _ends_in(territory_codes: Sequence[str], country_codes: frozenset[str]) -> bool:
    return not territory_codes or not country_codes.isdisjoint(territory_codes)


def _is_holder(permit: Permit, goods: PermitGoods) -> bool:
    if permit.holder_kind == "party":
        return permit.holder_party_id in goods.party_ids
    return permit.holder_kind == "bearer" or permit.holder_hash in goods.holder_hashes


def amount_of(permit: Permit, goods: PermitGoods) -> Amount | None:
    """Return what an item takes in the units of a permit; None: it cannot be told, which is never zero."""
    quantity = _quantity(permit.quantity_unit_code, goods)
    if quantity is None:
        return None
    if permit.currency_code is None:
        return Amount(quantity, 0)
    if permit.currency_code != goods.currency_code or goods.value_minor is None:
        return None
    return Amount(quantity, goods.value_minor)


def _quantity(unit: str | None, goods: PermitGoods) -> int | None:
    if unit is None:
        return 0
    if unit in _MICRO_PER_GRAM:
        return None if goods.mass_g is None else goods.mass_g * _MICRO_PER_GRAM[unit]
    units = PIECES if unit in PIECES else {unit}
    return next((goods.quantities_micro[one] for one in sorted(units) if one in goods.quantities_micro), None)

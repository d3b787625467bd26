"""Whether a token speaks of the goods that are declared: item by item, each difference by name."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

import msgspec

from serai.journey.tax_paid.token import PaidItem, TaxPaid, hash_of_order, tag_of_scheme

MismatchField = Literal[
    "scheme_code",
    "scheme_number",
    "order_reference",
    "item_not_paid",
    "item_not_declared",
    "commodity_code",
    "currency_code",
    "value",
    "gross_mass",
]
_HEADING_DIGITS: Final = 6
"""What customs services of all countries have alike (WCO, Harmonized System)."""
_PPM: Final = 1_000_000


class DeclaredItem(msgspec.Struct, frozen=True, kw_only=True):
    """A goods item as it is declared. value: in currency_code. gross_mass_g: None: nobody says it."""

    sequence_number: int
    commodity_code: str
    value: Decimal
    currency_code: str
    gross_mass_g: int | None = None


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """What is declared. order_references: all that the declaration and its documents name."""

    scheme_code: str
    scheme_number: str
    order_references: tuple[str, ...]
    items: tuple[DeclaredItem, ...]


class Tolerance(msgspec.Struct, frozen=True, kw_only=True):
    """How far a declaration may be above the token; the law of the administration says it. What is below it
    was paid for anyway."""

    value_ppm: int
    mass_ppm: int


class Mismatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """One difference. sequence_number: 0: of the consignment. in_token, declared: None where it is not said
    in clear."""

    field: MismatchField
    sequence_number: int = 0
    in_token: str | None = None
    declared: str | None = None


def find_mismatches(claims: TaxPaid, declared: Declared, tolerance: Tolerance) -> list[Mismatch]:
    """Return every difference between a token and what is declared; none: it speaks of these goods.

    Commodity codes are compared by their first six digits, as far as both have them. Items that are declared
    and were not paid for count, and so do items paid for and not declared: the token is used up as a whole.
    """
    found = [*_of_consignment(claims, declared)]
    by_number = {one.sequence_number: one for one in declared.items}
    for paid in claims.items:
        item = by_number.pop(paid.sequence_number, None)
        if item is None:
            found.append(Mismatch("item_not_declared", paid.sequence_number))
        else:
            found += _of_item(claims, paid, item, tolerance)
    return [*found, *(Mismatch("item_not_paid", number) for number in sorted(by_number))]


def _of_consignment(claims: TaxPaid, declared: Declared) -> Sequence[Mismatch]:
    found = []
    if declared.scheme_code != claims.scheme_code:
        found.append(Mismatch("scheme_code", 0, claims.scheme_code, declared.scheme_code))
    tag = tag_of_scheme(claims.administration_code, claims.scheme_code, declared.scheme_number)
    if tag != claims.scheme_tag:
        found.append(Mismatch("scheme_number"))
    hashes = {hash_of_order(claims.number, one) for one in declared.order_references}
    if claims.order_hash not in hashes:
        found.append(Mismatch("order_reference"))
    return found


def _of_item(claims: TaxPaid, paid: PaidItem, item: DeclaredItem, tolerance: Tolerance) -> list[Mismatch]:
    number, found = item.sequence_number, []
    length = min(_HEADING_DIGITS, len(paid.commodity_code), len(item.commodity_code))
    if paid.commodity_code[:length] != item.commodity_code[:length]:
        found.append(Mismatch("commodity_code", number, paid.commodity_code, item.commodity_code))
    if item.currency_code != claims.currency_code:
        # Of two currencies nobody knows here which is more.
        found.append(Mismatch("currency_code", number, claims.currency_code, item.currency_code))
    elif _is_above(item.value, Decimal(paid.value), tolerance.value_ppm):
        found.append(Mismatch("value", number, paid.value, f"{item.value:f}"))
    mass = item.gross_mass_g
    if mass is not None and _is_above(Decimal(mass), Decimal(paid.gross_mass_g), tolerance.mass_ppm):
        found.append(Mismatch("gross_mass", number, str(paid.gross_mass_g), str(mass)))
    return found


def _is_above(declared: Decimal, paid: Decimal, tolerance_ppm: int) -> bool:
    return declared * _PPM > paid * (_PPM + tolerance_ppm)

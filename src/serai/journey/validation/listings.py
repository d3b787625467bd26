"""Goods held against the offer by which they were sold: price, number of pieces and kind, as advice."""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from importlib.resources import files
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from serai.journey.descriptions.title_goods import Sold, find_other_goods
from serai.journey.validation.columns import Columns
from serai.journey.validation.fields import DocumentFields
from serai.journey.validation.remarks import Remarks, these_values
from serai.model.columns import Frame
from serai.model.documents import Listing
from serai.model.frames import ABSENT
from serai.model.money import MICRO, PLACES, format_minor, read_decimal, render_exact

LISTING_ADVICE: Final = frozenset(
    {"price-below-listing", "price-above-listing", "quantity-not-of-listing", "listing-of-other-goods"}
)

_Percent = Annotated[int, Meta(ge=0)]
_FIRST_IDEOGRAPH = "\u2e80"  # from here on words stand without blanks


class _Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Percent of the offer's price by which a declared one may lie below or above."""

    below_max_percent: Annotated[_Percent, Meta(lt=100)]
    above_max_percent: _Percent


class _TitleCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """How titles say how many pieces are sold together."""

    count_max: Annotated[int, Meta(ge=2)]
    phrases: tuple[str, ...]
    measures: tuple[str, ...]
    parts: frozenset[str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what finds a number of pieces in lower case: one that is no part of another number, of a
        choice (1/3 pcs) or of a measure."""
        measures = "|".join(map(re.escape, self.measures))
        ends = rf"(?!\w|[.,/+~\u00d7-]?\d|\s?(?:{measures})\b)"
        phrases = "|".join(_of_phrase(one, ends) for one in self.phrases)
        # Looked at from each place on: of two numbers that share a word ("2 pack of 10") both are found.
        return re.compile(f"(?=(?:{phrases}))")

    @cached_property
    def parts_written(self) -> tuple[str, ...]:
        """Return the words of goods made of pieces that stand without blanks."""
        return tuple(one for one in sorted(self.parts) if one >= _FIRST_IDEOGRAPH)


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `listings.yaml` states."""

    counted_units: frozenset[str]
    piece_units: frozenset[str]
    price: _Price
    title_count: _TitleCount


_BEGINS = r"(?<![\w.,/~+\u00d7-])(?<!\d\s)(?<![/+\u00d7x-]\s)"


def _of_phrase(phrase: str, ends: str) -> str:
    before, _, after = (re.escape(part.strip()).replace(r"\ ", r"[\s-]") for part in phrase.partition("#"))
    if after >= _FIRST_IDEOGRAPH:
        return rf"(?<![\d.,/+-])(\d{{1,4}}){after}"
    if before:
        return rf"(?<!\w){before}\s(\d{{1,4}}){ends}"
    return rf"{_BEGINS}(\d{{1,4}})[\s-]?{after}{ends}"


RULES: Final = msgspec.yaml.decode(
    (files("serai.journey.validation") / "listings.yaml").read_bytes(), type=Rules
)


class Declared(NamedTuple):
    """What is declared of a goods item. price_micro: of the line; ABSENT: not known. supplementary_micro:
    quantity in the unit beside it; ABSENT: none."""

    price_micro: int
    currency_code: str
    quantity_micro: int
    unit_code: str
    supplementary_micro: int = ABSENT
    supplementary_unit_code: str = ""


class Contradiction(NamedTuple):
    """What does not fit the offer. field: of the goods item."""

    code: str
    field: str
    parameters: dict[str, str]


def add_listing_advice(documents: DocumentFields, columns: Columns, remarks: Remarks) -> None:
    """Add advice for goods that the offer named with them contradicts. Most batches name none."""
    listings: Sequence[Listing | None] = documents.items.objects("listing")
    if not any(listings):
        return
    frame = columns.items
    prices, quantities = frame.numbers("invoice_amount_micro"), frame.numbers("quantity_micro")
    beside = frame.numbers("supplementary_quantity_micro")
    names = ("invoice_currency_code", "quantity_unit_code", "supplementary_unit_code")
    currencies, units, others = (frame.words(name) for name in names)
    for item, listing in enumerate(listings):
        if listing is None:
            continue
        currency, unit, other = (
            one.words[one.codes[item]] if one.codes[item] >= 0 else "" for one in (currencies, units, others)
        )
        declared = Declared(
            int(prices[item]), currency, int(quantities[item]), unit, int(beside[item]), other
        )
        for found in contradict(declared, listing):
            remarks.add_items([item], found.code, found.field, these_values(found.parameters), "advice")
    _add_other_goods(documents, listings, frame, remarks)


def _add_other_goods(
    documents: DocumentFields, listings: Sequence[Listing | None], items: Frame, remarks: Remarks
) -> None:
    descriptions, codes = documents.items.texts("description"), items.words("commodity_code")
    sold = {
        item: Sold(listing.title, descriptions[item] or "", codes.words[codes.codes[item]])
        for item, listing in enumerate(listings)
        if listing is not None and listing.title and codes.codes[item] >= 0
    }
    for item, other in zip(sold, find_other_goods(list(sold.values())), strict=True):
        if other is not None:
            parameters = {
                "offered": other.code,
                "declared": sold[item].commodity_code,
                "terms": ", ".join(other.words),
            }
            remarks.add_items(
                [item], "listing-of-other-goods", "commodity_code", these_values(parameters), "advice"
            )


def contradict(declared: Declared, listing: Listing, rules: Rules = RULES) -> list[Contradiction]:
    """Return what of a goods item does not fit the offer by which it was sold.

    What cannot be compared says nothing: another currency, a unit that does not count, a title without a
    certain number of pieces.
    """
    if declared.quantity_micro <= 0:
        return []  # has its own fault, or is unknown
    count = read_count(listing.title or "", rules)
    found = (_hold_price(declared, listing, count, rules), _hold_count(declared, count, rules))
    return [one for one in found if one is not None]


def read_count(title: str, rules: Rules = RULES) -> int | None:
    """Return how many pieces are sold together under a title; None where it does not say for certain."""
    asked, text = rules.title_count, " ".join(title.casefold().split())
    if not asked.parts.isdisjoint(re.findall(r"\w+", text)) or any(
        one in text for one in asked.parts_written
    ):
        return None
    found = {int(next(filter(None, one.groups()))) for one in asked.pattern.finditer(text)}
    count = found.pop() if len(found) == 1 else 0
    return count if 2 <= count <= asked.count_max else None


def _hold_price(
    declared: Declared, listing: Listing, count: int | None, rules: Rules
) -> Contradiction | None:
    offered = read_decimal(listing.price_amount or "")
    if not offered or offered < 0 or declared.price_micro <= 0:
        return None
    if listing.price_currency_code != declared.currency_code or declared.currency_code not in PLACES:
        return None
    if declared.unit_code not in rules.counted_units:
        return None
    # Where the pieces of whole packs may have been counted, the offer's price is that of a pack or of a
    # piece: what lies between the two tells nothing.
    parts = count if count is not None and declared.quantity_micro % (count * MICRO) == 0 else 1
    lowest, highest = Fraction(offered, parts), Fraction(offered)
    own = Fraction(declared.price_micro * MICRO, declared.quantity_micro)
    if own * 100 < lowest * (100 - rules.price.below_max_percent):
        return _say_price("price-below-listing", declared.currency_code, own, lowest)
    if own * 100 > highest * (100 + rules.price.above_max_percent):
        return _say_price("price-above-listing", declared.currency_code, own, highest)
    return None


def _say_price(code: str, currency: str, own: Fraction, offered: Fraction) -> Contradiction:
    parameters = {
        "declared": _amount(own, currency),
        "offered": _amount(offered, currency),
        "percent": str(int(abs(offered - own) * 100 / offered)),
    }
    return Contradiction(code, "invoice_amount", parameters)


def _amount(micro: Fraction, currency: str) -> str:
    return f"{format_minor(round(micro * 10 ** PLACES[currency] / MICRO), currency)} {currency}"


def _hold_count(declared: Declared, count: int | None, rules: Rules) -> Contradiction | None:
    if count is None:
        return None
    stated = [
        quantity
        for quantity, unit in (
            (declared.quantity_micro, declared.unit_code),
            (declared.supplementary_micro, declared.supplementary_unit_code),
        )
        if unit in rules.piece_units and quantity > 0
    ]
    if not stated or any(quantity % (count * MICRO) == 0 for quantity in stated):
        return None
    own = render_exact(Fraction(stated[0], MICRO))
    return Contradiction("quantity-not-of-listing", "quantity", {"declared": own, "offered": str(count)})

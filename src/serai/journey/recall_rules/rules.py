"""Which goods a recall asks for, as data, and which consignments hold such goods. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from serai.model.documents import Consignment, GoodsItem
from serai.model.errors import SeraiError
from serai.model.packed_detail import PackedItem

Sureness = Literal["certain", "possible"]
"""Certain: its product number is one that is recalled and, where batches are named, so is its batch.
Possible: an officer has to look."""

_WORD = re.compile(r"\w+")
_Prefix = Annotated[str, Meta(pattern="^[0-9]{4,10}$")]
_Gtin = Annotated[str, Meta(pattern="^[0-9]{8,14}$")]
_Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
_Identifier = Annotated[str, Meta(min_length=1, max_length=70)]
_Phrase = Annotated[str, Meta(min_length=3, max_length=64)]
_Code = Annotated[str, Meta(min_length=1, max_length=35)]
_PictureHash = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
DIFFERING_BITS_MAX: Final = 10
"""Of 64, in which the hashes of two pictures may differ that are taken for the same."""


class RecallRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Goods that are asked for: of those that are stated, one of each has to hold, of the same goods item.

    hs_prefixes: how commodity codes begin, four digits at least. gtins: product numbers of GS1. seller_ids:
    identifiers of sellers, as declarations name them. origin_country_codes: of origin. words: words or
    phrases of the description, whole, in any case. One of the others has to stand beside an origin.
    lots, serials: of the product numbers, those batches and pieces alone; goods whose batch is not stated may
    be meant. models, names, picture_hashes: each alone makes goods that an officer looks at, whatever their
    product number: model, words of description or offer, picture of the offer.
    """

    hs_prefixes: Annotated[list[_Prefix], Meta(max_length=200)] = []
    gtins: Annotated[list[_Gtin], Meta(max_length=1_000)] = []
    seller_ids: Annotated[list[_Identifier], Meta(max_length=200)] = []
    origin_country_codes: Annotated[list[_Country], Meta(max_length=250)] = []
    words: Annotated[list[_Phrase], Meta(max_length=100)] = []
    lots: Annotated[list[_Code], Meta(max_length=1_000)] = []
    serials: Annotated[list[_Code], Meta(max_length=1_000)] = []
    models: Annotated[list[_Identifier], Meta(max_length=100)] = []
    names: Annotated[list[_Phrase], Meta(max_length=100)] = []
    picture_hashes: Annotated[list[_PictureHash], Meta(max_length=20)] = []

    @property
    def reads_documents(self) -> bool:
        """Say whether it asks for what stands in declarations alone, which are sealed."""
        return bool(self.gtins or self.seller_ids or self.words or self.is_by_likeness)

    @property
    def is_by_likeness(self) -> bool:
        """Say whether it asks for goods that look or are called like those that are recalled."""
        return bool(self.models or self.names or self.picture_hashes)


def check_rule(rule: RecallRule) -> None:
    """Raise SeraiError `recall-rule-too-wide` for a rule that names no goods."""
    phrases = [plain_text(one) for one in (*rule.words, *rule.names)]
    names_goods = rule.hs_prefixes or rule.gtins or rule.seller_ids or rule.words or rule.is_by_likeness
    if any(len(one) < _PHRASE_LENGTH_MIN for one in phrases) or not names_goods:
        raise SeraiError(
            "recall-rule-too-wide",
            "This rule names no goods: it would find everything.",
            "Name commodity codes, product numbers, sellers or words of at least three letters.",
        )
    if (rule.lots or rule.serials) and not rule.gtins:
        raise SeraiError(
            "recall-rule-too-wide",
            "Batches and serial numbers are those of a product, and no product number is named.",
            "Name the product number (GTIN) of the goods, too.",
        )


_PHRASE_LENGTH_MIN = 3 + 2
"""Three letters, and a blank on either side."""


def may_hold(rule: RecallRule, items: Iterable[PackedItem]) -> bool:
    """Say whether goods may be asked for, by what is recorded of them: codes and origins."""
    return any(_has_code(rule, one.commodity_code, one.origin_country_code) for one in items)


def find_consignments(rule: RecallRule, documents: Mapping[int, Consignment]) -> dict[int, Sureness]:
    """Return those consignments of documents that hold goods asked for, and how sure that is."""
    searched = prepare_rule(rule)
    return {
        consignment_id: sureness
        for consignment_id, document in documents.items()
        if (sureness := searched.find(document)) is not None
    }


def prepare_rule(rule: RecallRule) -> "Searched":
    """Return a rule as it is looked for in many declarations."""
    return Searched(
        rule,
        frozenset(plain_gtin(one) for one in rule.gtins),
        frozenset(rule.seller_ids),
        tuple(plain_text(one) for one in rule.words),
        frozenset(_plain_code(one) for one in rule.lots),
        frozenset(_plain_code(one) for one in rule.serials),
        frozenset(plain_text(one) for one in rule.models),
        tuple(plain_text(one) for one in rule.names),
        tuple(int(one, 16) for one in rule.picture_hashes),
    )


_GTIN_LENGTH = 14


class Searched(msgspec.Struct, frozen=True):
    """A rule, its lists in the form in which they are compared. gtins: of 14 digits."""

    rule: RecallRule
    gtins: frozenset[str]
    seller_ids: frozenset[str]
    phrases: tuple[str, ...]
    lots: frozenset[str]
    serials: frozenset[str]
    models: frozenset[str]
    names: tuple[str, ...]
    pictures: tuple[int, ...]

    def find(self, document: Consignment) -> Sureness | None:
        """Say how sure it is that a declaration holds goods asked for; None: it does not."""
        if self.seller_ids and document.seller_id not in self.seller_ids:
            return None
        found = {self._find_item(one) for one in document.goods_items}
        if "certain" in found:
            return "certain"
        return "possible" if "possible" in found else None

    def _find_item(self, item: GoodsItem) -> Sureness | None:
        if not _has_code(self.rule, item.commodity_code, item.origin_country_code):
            return None
        named = self._find_named(item)
        if named is not None:
            return named
        return "possible" if self.rule.is_by_likeness and self._resembles(item) else None

    def _find_named(self, item: GoodsItem) -> Sureness | None:
        """Look at what names the goods: product number with its batch, words of the description."""
        if self.rule.is_by_likeness and not self.gtins and not self.phrases:
            return None
        if self.gtins and plain_gtin(item.standard_product_id or "") not in self.gtins:
            return None
        if self.phrases:
            description = plain_text(item.description)
            if not any(one in description for one in self.phrases):
                return None
        return self._find_batch(item) if self.gtins else "possible"

    def _find_batch(self, item: GoodsItem) -> Sureness | None:
        asked = [
            (listed, stated)
            for listed, stated in ((self.lots, item.lot_number), (self.serials, item.serial_number))
            if listed
        ]
        if not asked or any(stated and _plain_code(stated) in listed for listed, stated in asked):
            return "certain"
        # Another batch than those that are recalled; where it is not stated, nobody knows.
        return None if all(stated for _, stated in asked) else "possible"

    def _resembles(self, item: GoodsItem) -> bool:
        if self.models and item.model and plain_text(item.model) in self.models:
            return True
        listing = item.listing
        if self.names:
            said = [item.description, item.model, listing.title if listing else None]
            words = plain_text(" ".join(one for one in said if one))
            if any(one in words for one in self.names):
                return True
        if not self.pictures or listing is None or listing.picture_hash is None:
            return False
        shown = int(listing.picture_hash, 16)
        return any(is_same_picture(shown, one) for one in self.pictures)


def is_same_picture(one: int, other: int) -> bool:
    """Say whether the hashes of two pictures are so near that they are taken for one picture."""
    return (one ^ other).bit_count() <= DIFFERING_BITS_MAX


def _has_code(rule: RecallRule, commodity_code: str, origin_country_code: str) -> bool:
    if rule.origin_country_codes and origin_country_code not in rule.origin_country_codes:
        return False
    return not rule.hs_prefixes or commodity_code.startswith(tuple(rule.hs_prefixes))


def plain_gtin(number: str) -> str:
    """Return a product number as it is compared: of fourteen digits."""
    return number.zfill(_GTIN_LENGTH)


def words_in(text: str) -> list[str]:
    """Return the words of a text in one case."""
    return _WORD.findall(text.casefold())


def plain_text(text: str) -> str:
    """Return the words of a text in one case, a blank around each."""
    return f" {' '.join(words_in(text))} "


def _plain_code(text: str) -> str:
    """Return a batch or serial number as it is compared: case and blanks do not tell batches apart."""
    return "".join(text.split()).upper()


def encode_rule(rule: RecallRule) -> str:
    """Return a rule as it is kept: what its lists hold once each, in order."""
    listed: dict[str, Any] = msgspec.to_builtins(rule)
    return msgspec.json.encode({name: sorted(set(one)) for name, one in sorted(listed.items())}).decode()

"""Which goods a recall asks for, as data, and which consignments hold such goods. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from serai.model.documents import Consignment, GoodsItem
from serai.model.errors import SeraiError
from serai.model.packed_detail import PackedItem

_WORD = re.compile(r"\w+")
_Prefix = Annotated[str, Meta(pattern="^[0-9]{4,10}$")]
_Gtin = Annotated[str, Meta(pattern="^[0-9]{8,14}$")]
_Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
_Identifier = Annotated[str, Meta(min_length=1, max_length=70)]
_Phrase = Annotated[str, Meta(min_length=3, max_length=64)]


class RecallRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Goods that are asked for: of those that are stated, one of each has to hold, of the same goods item.

    hs_prefixes: how commodity codes begin, four digits at least. gtins: product numbers of GS1. seller_ids:
    identifiers of sellers, as declarations name them. origin_country_codes: of origin. words: words or
    phrases of the description, whole, in any case. One of the others has to stand beside an origin.
    """

    hs_prefixes: Annotated[list[_Prefix], Meta(max_length=200)] = []
    gtins: Annotated[list[_Gtin], Meta(max_length=1_000)] = []
    seller_ids: Annotated[list[_Identifier], Meta(max_length=200)] = []
    origin_country_codes: Annotated[list[_Country], Meta(max_length=250)] = []
    words: Annotated[list[_Phrase], Meta(max_length=100)] = []

    @property
    def reads_documents(self) -> bool:
        """Say whether it asks for what stands in declarations alone, which are sealed."""
        return bool(self.gtins or self.seller_ids or self.words)


def check_rule(rule: RecallRule) -> None:
    """Raise SeraiError `recall-rule-too-wide` for a rule that names no goods."""
    phrases = [_plain(one) for one in rule.words]
    if any(len(one) < _PHRASE_LENGTH_MIN for one in phrases) or not (
        rule.hs_prefixes or rule.gtins or rule.seller_ids or rule.words
    ):
        raise SeraiError(
            "recall-rule-too-wide",
            "This rule names no goods: it would find everything.",
            "Name commodity codes, product numbers, sellers or words of at least three letters.",
        )


_PHRASE_LENGTH_MIN = 3 + 2
"""Three letters, and a blank on either side."""


def may_hold(rule: RecallRule, items: Iterable[PackedItem]) -> bool:
    """Say whether goods may be asked for, by what is recorded of them: codes and origins."""
    return any(_has_code(rule, one.commodity_code, one.origin_country_code) for one in items)


def find_consignments(rule: RecallRule, documents: Mapping[int, Consignment]) -> set[int]:
    """Return those consignments of documents that hold goods asked for."""
    searched = _Searched(
        rule,
        frozenset(one.zfill(_GTIN_LENGTH) for one in rule.gtins),
        frozenset(rule.seller_ids),
        tuple(_plain(one) for one in rule.words),
    )
    return {consignment_id for consignment_id, document in documents.items() if searched.is_in(document)}


_GTIN_LENGTH = 14


class _Searched(msgspec.Struct, frozen=True):
    rule: RecallRule
    gtins: frozenset[str]
    seller_ids: frozenset[str]
    phrases: tuple[str, ...]

    def is_in(self, document: Consignment) -> bool:
        if self.seller_ids and document.seller_id not in self.seller_ids:
            return False
        return any(self._is_item(one) for one in document.goods_items)

    def _is_item(self, item: GoodsItem) -> bool:
        if not _has_code(self.rule, item.commodity_code, item.origin_country_code):
            return False
        if self.gtins and (item.standard_product_id or "").zfill(_GTIN_LENGTH) not in self.gtins:
            return False
        if not self.phrases:
            return True
        description = _plain(item.description)
        return any(one in description for one in self.phrases)


def _has_code(rule: RecallRule, commodity_code: str, origin_country_code: str) -> bool:
    if rule.origin_country_codes and origin_country_code not in rule.origin_country_codes:
        return False
    return not rule.hs_prefixes or commodity_code.startswith(tuple(rule.hs_prefixes))


def _plain(text: str) -> str:
    """Return the words of a text in one case, a blank around each."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def encode_rule(rule: RecallRule) -> str:
    """Return a rule as it is kept: what its lists hold once each, in order."""
    listed: dict[str, Any] = msgspec.to_builtins(rule)
    return msgspec.json.encode({name: sorted(set(one)) for name, one in sorted(listed.items())}).decode()

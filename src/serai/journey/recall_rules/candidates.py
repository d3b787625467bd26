"""Which declarations of a batch may hold recalled goods, by a look at columns: few are read whole. Pure.

A declaration that is no candidate holds none; what a candidate holds, `Searched.find` says.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np

from serai.journey.recall_rules.rules import Searched, plain_gtin, plain_text, words_in
from serai.journey.validation.fields import DocumentFields, Fields
from serai.model.columns import Flags

_NOTHING: frozenset[str] = frozenset()


class CandidateIndex(msgspec.Struct, frozen=True):
    """What to look for on behalf of all recalls that suspend, each of which names product numbers. gtins: of
    14 digits. models: in plain words. words: one of each name that they look for. has_pictures: they look for
    pictures, too."""

    gtins: frozenset[str] = _NOTHING
    models: frozenset[str] = _NOTHING
    words: frozenset[str] = _NOTHING
    has_pictures: bool = False

    def find(self, fields: DocumentFields) -> frozenset[int]:
        """Return the places of documents that may hold such goods."""
        items = fields.items
        if not self.gtins or not items.count:
            return frozenset()
        is_candidate = _rows_where(items, "standard_product_id", lambda one: plain_gtin(one) in self.gtins)
        if self.models:
            is_candidate |= _rows_where(items, "model", lambda one: plain_text(one) in self.models)
        if self.words:
            for name in ("description", "model"):
                is_candidate |= _rows_where(items, name, self._says)
        if self.words or self.has_pictures:
            for place in np.flatnonzero(items.is_given("listing")).tolist():
                is_candidate[place] |= self._shows(items.struct(place).listing)
        owners = np.repeat(np.arange(fields.count), fields.item_counts)
        return frozenset(owners[is_candidate].tolist())

    def _says(self, text: str) -> bool:
        return not self.words.isdisjoint(words_in(text))

    def _shows(self, listing: Any) -> bool:
        return self._says(listing.title or "") or (self.has_pictures and listing.picture_hash is not None)


def index_candidates(searched: Iterable[Searched]) -> CandidateIndex:
    """Index what recalls look for. Of a name its longest word is enough: the rarest, as a rule."""
    each = list(searched)
    return CandidateIndex(
        frozenset().union(*(one.gtins for one in each)),
        frozenset().union(*(one.models for one in each)),
        frozenset(max(name.split(), key=len) for one in each for name in one.names),
        any(one.pictures for one in each),
    )


def _rows_where(items: Fields, name: str, is_meant: Callable[[str], bool]) -> Flags:
    """Return the rows whose text is meant; each distinct one is looked at once."""
    column = items.words(name)
    meant = np.array([bool(word) and is_meant(word) for word in (*column.words, "")], dtype=np.bool_)
    # What is not given has the code -1: the last.
    flags: Flags = meant[column.codes]
    return flags

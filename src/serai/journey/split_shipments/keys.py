"""Keys by which parcels of one order meet: keyed pseudonyms, made while the people of a batch are at hand.

Each distinct word of a batch is hashed once; what a row says is put together from these numbers. A street is
the sum of its words, so that their order makes no difference.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.split_shipments.rules import TOKEN_SIZE_BYTES
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT
from serai.model.names.addresses import street_words
from serai.model.names.tokens import name_tokens

_HEADING_DIGITS = 4
_PERCENT = 100
_Words = npt.NDArray[np.uint64]


class Consignees(NamedTuple):
    """Who receives parcels, and from whom: one entry for each parcel, as written; None: not stated. rows: of
    the batch, ascending. headings: of the goods; currencies: of the limit they are held against."""

    rows: Int64s
    names: Sequence[str | None]
    streets: Sequence[str | None]
    postcodes: Sequence[str | None]
    cities: Sequence[str | None]
    countries: Sequence[str | None]
    sellers: Sequence[str | None]
    headings: Sequence[str | None]
    currencies: Sequence[str | None]


class SplitKeys(NamedTuple):
    """Keys of a batch, one entry for each parcel that has one. rows: of the batch. people: tokens of names,
    keyed, TOKEN_SIZE_BYTES each."""

    rows: Int64s
    key_hashes: Int64s
    people: list[bytes]


def make_keys(pseudonymiser: Pseudonymiser, parcels: Consignees) -> SplitKeys:
    """Return the keys of parcels whose street, seller, heading and consignee are named."""
    streets = street_words([one or "" for one in parcels.streets])
    is_kept = [
        all(given) for given in zip(streets, parcels.sellers, parcels.headings, parcels.names, strict=True)
    ]
    places = np.flatnonzero(is_kept).astype(np.int64)
    # A postcode says which town it is; towns are written in many ways.
    towns = [
        "".join(filter(str.isalnum, postcode)).upper() if postcode else (city or "").casefold()
        for postcode, city in zip(parcels.postcodes, parcels.cities, strict=True)
    ]
    columns = [_sums(pseudonymiser, "street", streets)]
    for name, texts in (
        ("town", towns),
        ("country", parcels.countries),
        ("seller", parcels.sellers),
        ("heading", parcels.headings),
        ("currency", parcels.currencies),
    ):
        columns.append(_numbers(pseudonymiser, name, texts))
    hashes = _joined([column[places] for column in columns])
    names = parcels.names
    return SplitKeys(
        parcels.rows[places],
        hashes,
        _people(pseudonymiser, [names[place] or "" for place in places.tolist()]),
    )


def _hash_words(pseudonymiser: Pseudonymiser, name: str, words: Iterable[str]) -> dict[str, int]:
    distinct = list(dict.fromkeys(words))
    numbers = pseudonymiser.numbers(Purpose.SPLIT, [f"{name}={word}".encode() for word in distinct])
    return dict(zip(distinct, numbers.tolist(), strict=True))


def _numbers(pseudonymiser: Pseudonymiser, name: str, texts: Sequence[str | None]) -> _Words:
    words = [one or "" for one in texts]
    known = _hash_words(pseudonymiser, name, words)
    return np.fromiter(map(known.__getitem__, words), np.int64, len(words)).view(np.uint64)


def _sums(pseudonymiser: Pseudonymiser, name: str, texts: Sequence[Sequence[str]]) -> _Words:
    flat = [word for words in texts for word in words]
    known = _hash_words(pseudonymiser, name, flat)
    numbers = np.fromiter(map(known.__getitem__, flat), np.int64, len(flat)).view(np.uint64)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    summed = np.append(np.zeros(1, dtype=np.uint64), np.cumsum(numbers, dtype=np.uint64))[np.append(0, ends)]
    sums: _Words = np.diff(summed)
    return sums


def _joined(columns: Sequence[_Words]) -> Int64s:
    """Put keyed numbers into one: what differs in one of them differs as a whole (SplitMix64's finaliser)."""
    joined = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed = (joined ^ column) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        joined = mixed ^ (mixed >> np.uint64(31))
    return joined.view(np.int64)


_FIRST_SIGN = "\u2e80"
_BLANK = "\x01"


def _people(pseudonymiser: Pseudonymiser, names: Sequence[str]) -> list[bytes]:
    """Return the tokens of each name, keyed and packed; the order of words is that of the name."""
    # Where signs stand for syllables, which of them is the family's is told from the whole name.
    words = [name.split() if name.isascii() else _words_of_signs(name) for name in names]
    tokens = {word: _tokens_of(word) for its in words for word in its}
    known = _hash_words(pseudonymiser, "name", (token for its in tokens.values() for token in its))
    packed = {
        word: b"".join((known[token] % 2**32).to_bytes(TOKEN_SIZE_BYTES) for token in its)
        for word, its in tokens.items()
    }
    return [b"".join(map(packed.__getitem__, its)) for its in words]


# Words of names come again and again: single ones, of nobody in particular, and not many.
@lru_cache(maxsize=20_000)
def _tokens_of(word: str) -> tuple[str, ...]:
    return name_tokens(word.replace(_BLANK, " "))


def _words_of_signs(name: str) -> list[str]:
    return [name.replace(" ", _BLANK)] if any(sign >= _FIRST_SIGN for sign in name) else name.split()


def main_headings(items: Frame, first_items: Int64s) -> list[str | None]:
    """Return the first four digits of the code of each consignment's dearest goods item (one of them).

    items: frame of goods items with owner, commodity_code and invoice_amount_micro.
    """
    codes = items.words("commodity_code")
    words: list[str | None] = [*(word[:_HEADING_DIGITS] for word in codes.words), None]
    place = first_items
    if len(first_items) < items.row_count:
        order = np.lexsort((items.numbers("invoice_amount_micro"), items.numbers("owner")))
        place = order[np.append(first_items[1:], items.row_count) - 1]
    return [words[code] for code in codes.codes[place].tolist()]


def may_be_parts(values_minor: Int64s, limits_minor: Int64s, min_percent: int) -> Flags:
    """Say which values are known, not above their law's limit, and not below min_percent of it: what is worth
    less would have to come in a great many parcels."""
    is_known = (values_minor != ABSENT) & (limits_minor != ABSENT)
    values, limits = np.where(is_known, values_minor, 0), np.where(is_known, limits_minor, 0)
    found: Flags = is_known & (values <= limits) & (values >= -(-limits * min_percent // _PERCENT))
    return found

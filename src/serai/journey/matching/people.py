"""Whether two documents speak of the same people, by pseudonyms of names and telephone numbers."""

from typing import Final

import numpy as np

from serai.model.columns import Flags, Frame, Int64s
from serai.model.names.tokens import NAME_TOKENS_COUNT_MAX

UNKNOWN, STRANGERS, PERHAPS, SIMILAR, SAME = range(5)
"""One names nobody; no token in common; one of several; all of the shorter, or two and more; as written."""

_TOKENS: Final = tuple(f"name_token_{place}" for place in range(1, NAME_TOKENS_COUNT_MAX + 1))
_CHUNK_COUNT = 500_000


def compare_people(documents: Frame, first: Int64s, second: Int64s) -> Int64s:
    """Return how the names of pairs of documents stand to each other."""
    found = np.empty(len(first), dtype=np.int64)
    for begin in range(0, len(first), _CHUNK_COUNT):
        rows = slice(begin, begin + _CHUNK_COUNT)
        found[rows] = _compare(documents, first[rows], second[rows])
    return found


def _compare(documents: Frame, first: Int64s, second: Int64s) -> Int64s:
    is_same = same_name(documents, first, second)
    one, other = _tokens(documents, first), _tokens(documents, second)
    is_shared = ((one[:, :, None] == other[:, None, :]) & (one[:, :, None] != 0)).any(axis=2)
    shared = is_shared.sum(axis=1)
    shorter = np.minimum((one != 0).sum(axis=1), (other != 0).sum(axis=1))
    found = np.where(shared == 0, STRANGERS, PERHAPS)
    found[(shared >= 2) | ((shared == shorter) & (shared > 0))] = SIMILAR
    found[shorter == 0] = UNKNOWN
    found[is_same] = SAME
    return found


def same_name(documents: Frame, first: Int64s, second: Int64s) -> Flags:
    """Say of pairs whether a name of one stands in the other as it is written."""
    found = np.zeros(len(first), dtype=np.bool_)
    for one in ("name_hash", "other_name_hash"):
        for other in ("name_hash", "other_name_hash"):
            left = documents.numbers(one)[first]
            found |= (left == documents.numbers(other)[second]) & (left != 0)
    return found


def _tokens(documents: Frame, rows: Int64s) -> Int64s:
    return np.stack([documents.numbers(name)[rows] for name in _TOKENS], axis=1)

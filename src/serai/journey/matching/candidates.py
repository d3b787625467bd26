"""Pairs of documents worth weighing: those that share a number in some form, people, a telephone, or an
amount on a day. Each group is bounded: what too many documents share says nothing of any of them."""

from typing import Final

import numpy as np

from serai.journey.matching.evidence import LINKED_KINDS
from serai.journey.matching.grouping import distinct_pairs, pairs_within
from serai.journey.reconciliation.days import day_of_documents
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT
from serai.model.names.tokens import NAME_TOKENS_COUNT_MAX

GROUP_DOCUMENTS_COUNT_MAX: Final = 24
_WINDOW_DAYS: Final = 8
_MIX: Final = 0x9E3779B97F4A7C15


def find_candidates(documents: Frame, numbers: Frame, is_wanted: Flags) -> tuple[Int64s, Int64s]:
    """Return pairs of documents that may belong together, of those wanted only."""
    rows = np.flatnonzero(is_wanted)
    owners = numbers.numbers("document")
    wanted_numbers = np.flatnonzero(is_wanted[owners])
    blocks = [
        *_number_blocks(numbers, wanted_numbers),
        *_people_blocks(documents, rows),
        *_amount_blocks(documents, rows),
    ]
    pairs = [pairs_within(*block, count_max=GROUP_DOCUMENTS_COUNT_MAX) for block in blocks]
    return keep_linked_kinds(
        documents, np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])
    )


def keep_linked_kinds(documents: Frame, first: Int64s, second: Int64s) -> tuple[Int64s, Int64s]:
    """Return each pair of kinds that meet once."""
    kinds = documents.numbers("kind_number")
    low = np.minimum(kinds[first], kinds[second])
    high = np.maximum(kinds[first], kinds[second])
    is_meeting = np.zeros(len(first), dtype=np.bool_)
    for one, other in LINKED_KINDS:
        is_meeting |= (low == one) & (high == other)
    first, second = first[is_meeting], second[is_meeting]
    return distinct_pairs(np.minimum(first, second), np.maximum(first, second), documents.row_count)


Block = tuple[Int64s, Int64s]
"""Rows of documents, and the value that each is found by."""


def _number_blocks(numbers: Frame, rows: Int64s) -> list[Block]:
    owners = numbers.numbers("document")[rows]
    blocks = []
    for form in ("exact", "plain", "digits", "head", "tail"):
        values = numbers.numbers(form)[rows]
        is_there = values != 0
        blocks.append((owners[is_there], values[is_there]))
    return blocks


def _people_blocks(documents: Frame, rows: Int64s) -> list[Block]:
    """Telephones; and pairs of names in a window of days, which each document is in twice."""
    phones = documents.numbers("phone_hash")[rows]
    blocks = [(rows[phones != 0], phones[phones != 0])]
    tokens = [documents.numbers(f"name_token_{place}")[rows] for place in range(1, NAME_TOKENS_COUNT_MAX + 1)]
    windows = _windows(documents, rows)
    found: list[Block] = []
    for place, one in enumerate(tokens):
        for other in tokens[place + 1 :]:
            is_pair = (one != 0) & (other != 0)
            if not is_pair.any():
                continue
            pair = mix(np.minimum(one, other)[is_pair], np.maximum(one, other)[is_pair])
            found += [(rows[is_pair], mix(pair, window[is_pair])) for window in windows]
    # All places of tokens together: the same two may stand in other places in another document.
    if found:
        blocks.append((np.concatenate([one for one, _ in found]), np.concatenate([two for _, two in found])))
    return blocks


def _amount_blocks(documents: Frame, rows: Int64s) -> list[Block]:
    """One amount in one currency in a window of days: what orders come to, what was paid."""
    windows = _windows(documents, rows)
    currency = documents.words("currency_code").codes[rows].astype(np.int64)
    amounts = [documents.numbers(name)[rows] for name in ("goods_minor", "paid_minor")]
    amounts.append(_due(documents, rows))
    found: list[Block] = []
    for amount in amounts:
        is_there = (amount != ABSENT) & (currency >= 0) & (amount != 0)
        value = mix(amount[is_there], currency[is_there])
        found += [(rows[is_there], mix(value, window[is_there])) for window in windows]
    return [(np.concatenate([one for one, _ in found]), np.concatenate([two for _, two in found]))]


def _due(documents: Frame, rows: Int64s) -> Int64s:
    goods = documents.numbers("goods_minor")[rows]
    due = goods.copy()
    for name, sign in (
        ("discount_minor", -1),
        ("freight_minor", 1),
        ("insurance_minor", 1),
        ("tax_minor", 1),
    ):
        values = documents.numbers(name)[rows]
        due += sign * np.where(values == ABSENT, 0, values)
    return np.where(goods == ABSENT, ABSENT, due)


def _windows(documents: Frame, rows: Int64s) -> tuple[Int64s, Int64s]:
    """Two windows that overlap by half: documents half a window apart share one."""
    day = day_of_documents(documents)[rows]
    day = np.where(day == ABSENT, 0, day)
    return 2 * (day // _WINDOW_DAYS), 2 * ((day + _WINDOW_DAYS // 2) // _WINDOW_DAYS) + 1


def mix(one: Int64s, other: Int64s) -> Int64s:
    """Return one number for two: the same for the same, else most likely another."""
    left, right = one.astype(np.uint64), other.astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = (
            left ^ (right + np.uint64(_MIX) + (left << np.uint64(6)) + (left >> np.uint64(2)))
        ) * np.uint64(_MIX)
    found: Int64s = (mixed ^ (mixed >> np.uint64(29))).astype(np.int64)
    return found

"""JSON put together column by column: Arrow's string kernels on whole batches, no Python object a row.

What many rows say alike is written once for each distinct row and spread over all. Up to FEW rows a call of
Arrow costs more than the rows: texts are then a list, and every function gives the same by Python's means.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.foundation.id_text import format_id_array, format_ids
from serai.journey.decision.answer import format_amounts
from serai.law.small_arrays import distinct_rows
from serai.model.columns import Coded, Flags, Int32s, Int64s
from serai.model.frames import ABSENT
from serai.model.money import PLACES, format_minor

FEW: Final = 256

Texts = Any
"""Text, one a row, null or None where there is none: a list of up to FEW rows, of more an Arrow array."""


def texts_of(values: Sequence[str | None]) -> Texts:
    """Return texts."""
    return list(values) if len(values) <= FEW else pa.array(values, pa.string())


def array_of(texts: Texts) -> Any:
    """Return texts as an Arrow array, however few."""
    return pa.array(texts, pa.string()) if isinstance(texts, list) else texts


def bytes_of(texts: Texts) -> list[bytes]:
    """Return texts as bytes in UTF-8."""
    if isinstance(texts, list):
        return [text.encode() for text in texts]
    encoded: list[bytes] = texts.cast(pa.binary()).to_pylist()
    return encoded


def join(*parts: Texts | str) -> Texts:
    """Join parts row by row; one that is the same in every row is a str. A row lacking a part has none."""
    if not any(isinstance(part, list) for part in parts):
        arrays = [_scalar(part) if isinstance(part, str) else part for part in parts]
        return pc.binary_join_element_wise(*arrays, _scalar(""))
    rows = zip(*(repeat(part) if isinstance(part, str) else part for part in parts), strict=False)
    return [None if None in row else "".join(row) for row in rows]


def optional(*parts: Texts | str) -> Texts:
    """Join parts row by row; a row lacking a part is empty."""
    joined = join(*parts)
    if isinstance(joined, list):
        return [one or "" for one in joined]
    return pc.coalesce(joined, _scalar("")) if joined.null_count else joined


def enclose(texts: Texts, before: str, after: str) -> list[Texts | str]:
    """Return parts to be joined: texts between two others, where they are not empty."""
    if isinstance(texts, list):
        return [[f"{before}{text}{after}" if text else "" for text in texts]]
    nothing = _scalar("")
    is_given = pc.not_equal(texts, nothing)
    if not is_given.true_count:
        return [""]
    around = (pc.if_else(is_given, _scalar(one), nothing) for one in (before, after))
    return [next(around), texts, next(around)]


@lru_cache(maxsize=256)
def _scalar(text: str) -> Any:
    """Return a text as Arrow's kernels take it; making one costs more than a call with it."""
    return pa.scalar(text, pa.string())


def spread(keys: Sequence[Int64s | Int32s | Flags], write: Callable[[int], str]) -> Texts:
    """Write a text for each distinct row of keys and give it to all rows like it. write: gets one of them."""
    first_rows, places = distinct_rows(keys)
    return take([write(row) for row in first_rows], places)


def take(texts: Texts, rows: Int64s) -> Texts:
    """Return the rows asked for."""
    if len(rows) > FEW:
        return array_of(texts).take(pa.array(rows))
    if isinstance(texts, list):
        return [texts[row] for row in rows.tolist()]
    return texts.take(pa.array(rows)).to_pylist()


def join_by(texts: Texts, owners: Int64s, owner_count: int) -> Texts:
    """Join the texts of each owner with commas; of none it is empty. owners: ascending."""
    bounds = np.searchsorted(owners, np.arange(owner_count + 1)).astype(np.int32)
    if owner_count <= FEW:
        listed = texts if isinstance(texts, list) else texts.to_pylist()
        ends = bounds.tolist()
        return [",".join(listed[begin:end]) for begin, end in pairwise(ends)]
    if len(owners) == owner_count and (np.diff(bounds) == 1).all():
        return texts
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds), array_of(texts)), ",")


def numbers_text(numbers: Int64s) -> Texts:
    """Write whole numbers; ABSENT is none."""
    if len(numbers) <= FEW:
        return [None if number == ABSENT else str(number) for number in numbers.tolist()]
    absent = numbers == ABSENT
    return pc.cast(pa.array(numbers, mask=absent if absent.any() else None), pa.string())


def ids_text(numbers: Int64s) -> Texts:
    """Write ids as people read them."""
    return format_ids(numbers) if len(numbers) <= FEW else format_id_array(numbers)


def amounts_text(amounts_minor: Int64s, currency: Coded) -> Texts:
    """Write amounts, each in the currency of its row; none where the amount or the currency is absent."""
    if len(amounts_minor) <= FEW:
        return [
            None if amount == ABSENT or word is None else format_minor(amount, word)
            for amount, word in zip(amounts_minor.tolist(), currency.texts(), strict=True)
        ]
    places = np.array([*(PLACES[word] for word in currency.words), -1], dtype=np.int64)[currency.codes]
    distinct_places = np.unique(places).tolist()
    if len(distinct_places) == 1 and distinct_places[0] >= 0:
        return format_amounts(amounts_minor, distinct_places[0])
    order = np.argsort(places, kind="stable")
    parts = []
    for count in distinct_places:
        rows = order[np.searchsorted(places[order], count) : np.searchsorted(places[order], count, "right")]
        parts.append(
            pa.nulls(len(rows), pa.string()) if count < 0 else format_amounts(amounts_minor[rows], count)
        )
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    return pa.concat_arrays(parts).take(pa.array(back))

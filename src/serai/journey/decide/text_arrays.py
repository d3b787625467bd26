"""JSON put together column by column: Arrow's string kernels on whole batches, no Python object a row.

What many rows say alike is written once for each distinct row and spread over all.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.law.few_rows import distinct_rows
from serai.model.columns import Flags, Int32s, Int64s
from serai.model.frames import ABSENT

Texts = Any
"""An Arrow array of text, one a row."""


def texts_of(values: Sequence[str | None]) -> Texts:
    """Return texts as an array."""
    return pa.array(values, pa.string())


def join(*parts: Texts | str) -> Texts:
    """Join parts row by row; one that is the same in every row is a str. A row lacking a part is null."""
    return pc.binary_join_element_wise(*parts, "")


def optional(*parts: Texts | str) -> Texts:
    """Join parts row by row; a row lacking a part is empty."""
    joined = join(*parts)
    return joined.fill_null("") if joined.null_count else joined


def spread(keys: Sequence[Int64s | Int32s | Flags], write: Callable[[int], str]) -> Texts:
    """Write a text for each distinct row of keys and give it to all rows like it. write: gets one of them."""
    first_rows, places = distinct_rows(keys)
    return pa.array([write(row) for row in first_rows], pa.string()).take(pa.array(places))


def numbers_text(numbers: Int64s) -> Texts:
    """Write whole numbers; ABSENT is null."""
    absent = numbers == ABSENT
    return pc.cast(pa.array(numbers, mask=absent if absent.any() else None), pa.string())


def join_by(texts: Texts, owners: Int64s, owner_count: int) -> Texts:
    """Join the texts of each owner with commas; of none it is empty. owners: ascending."""
    bounds = np.searchsorted(owners, np.arange(owner_count + 1)).astype(np.int32)
    if owner_count and int(bounds[-1]) == owner_count and (np.diff(bounds) == 1).all():
        return texts
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds), texts), ",")

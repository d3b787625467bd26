"""Arrow arrays looked into without a Python object a row: which rows are there, and where their texts lie."""

from typing import Any

import numpy as np
import numpy.typing as npt

from serai.model.columns import Flags


def is_given(array: Any) -> Flags:
    """Say which rows of an array are there."""
    if not array.null_count:
        return np.ones(len(array), dtype=np.bool_)
    given: Flags = array.is_valid().to_numpy(zero_copy_only=False)
    return given


def text_bounds(array: Any) -> npt.NDArray[np.int32]:
    """Return where each text begins in the array's bytes, and where the last one ends."""
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)
    return offsets[array.offset : array.offset + len(array) + 1]


def text_bytes(array: Any) -> npt.NDArray[np.uint8]:
    """Return the bytes of all texts of an array, one after the other."""
    data = array.buffers()[2]
    if data is None:
        return np.zeros(0, dtype=np.uint8)
    bounds = text_bounds(array)
    return np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]]

"""Columns as MessagePack: a batch's values packed in one go by NumPy and Arrow, each in its shortest form.

Each function returns a pyarrow array of bytes, a value a row; joined side by side they are the rows' values,
byte for byte as a MessagePack encoder gives them.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from serai.model.columns import BitSets, Coded, Flags, Int64s
from serai.model.frames import ABSENT


def pack_bits(bits: int) -> bytes:
    """Return a set of bits as bytes, the lowest first, without zeros at the end."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def read_bits(packed: bytes) -> int:
    """Return the set of bits that `pack_bits` packed."""
    return int.from_bytes(packed, "little")


def list_numbers(values: Int64s) -> list[int | None]:
    """Return integers; ABSENT is None."""
    listed: list[int | None] = values.tolist()
    return [None if one == ABSENT else one for one in listed] if ABSENT in listed else listed


Distinct = tuple[Sequence[bytes], Int64s]
"""Few distinct values, packed, and for each row the place of its own."""


def pack_equally(count: int, *parts: Distinct) -> Any:
    """Return columns of few distinct values, joined: each combination that occurs is put together once."""
    joined, size = np.zeros(count, dtype=np.int64), 1
    for values, places in parts:
        joined = joined * len(values) + places
        size *= max(1, len(values))
    assert size < 2**62, "few distinct values each"
    combinations, rows = np.unique(joined, return_inverse=True)
    packed = []
    for combination in combinations.tolist():
        rest, pieces = combination, []
        for values, _ in reversed(parts):
            rest, place = divmod(rest, len(values))
            pieces.append(values[place])
        packed.append(b"".join(reversed(pieces)))
    return pa.array(packed, pa.binary()).take(pa.array(rows))


def few_numbers(values: Int64s) -> Distinct:
    """Return numbers of which few are different."""
    distinct, places = np.unique(values, return_inverse=True)
    return [_encode(one) for one in distinct.tolist()], places


def few_flags(values: Flags) -> Distinct:
    """Return truth values."""
    return [_encode(False), _encode(True)], values.astype(np.int64)


def few_words(coded: Coded, *, absent: str | None) -> Distinct:
    """Return words; an absent one as `absent`, None: nil."""
    places = np.where(coded.codes < 0, len(coded.words), coded.codes).astype(np.int64)
    return [_encode(word) for word in (*coded.words, absent)], places


def few_places(coded: Coded, words: Sequence[str], *, absent: str | None) -> Distinct:
    """Return the places of words in a fixed list; of an absent one that of `absent`."""
    values = [_encode(words.index(word)) for word in coded.words]
    if absent is not None:
        values.append(_encode(words.index(absent)))
    return values or [b""], np.where(coded.codes < 0, len(coded.words), coded.codes).astype(np.int64)


def pack_words(coded: Coded, *, absent: str | None) -> Any:
    """Return words; an absent one as `absent`, None: nil."""
    values, places = few_words(coded, absent=absent)
    return pa.array(values, pa.binary()).take(pa.array(places))


def pack_maps(coded: Coded) -> Any:
    """Return JSON objects of texts as maps; an absent one is empty."""
    values = [_encode(msgspec.json.decode(word)) for word in coded.words]
    places = np.where(coded.codes < 0, len(values), coded.codes).astype(np.int64)
    return pa.array([*values, _encode({})], pa.binary()).take(pa.array(places))


def pack_bit_sets(bits: BitSets) -> Any:
    """Return sets of bits as `pack_bits` packs them."""
    values = [_encode(pack_bits(one)) for one in bits.sets]
    return pa.array(values, pa.binary()).take(pa.array(bits.codes))


def rank_words(coded: Coded) -> Int64s:
    """Return the place of each row's word among the words in their order."""
    ranks = np.zeros(len(coded.words) + 1, dtype=np.int64)
    ranks[np.array(sorted(range(len(coded.words)), key=coded.words.__getitem__), dtype=np.int64)] = range(
        len(coded.words)
    )
    return ranks[coded.codes]


def pack_constant(byte: int, count: int) -> Any:
    """Return one byte in each row."""
    return pa.repeat(_scalar(bytes([byte])), count)


_encode = msgspec.msgpack.Encoder().encode
_LIMITS = ((0x7F, 0, 0), (0xFF, 0xCC, 1), (0xFFFF, 0xCD, 2), (0xFFFF_FFFF, 0xCE, 4), (2**63 - 1, 0xCF, 8))
"""Numbers from 0: up to which, tag, bytes behind it."""
_BELOW = ((-0x20, 0, 0), (-0x80, 0xD0, 1), (-0x8000, 0xD1, 2), (-0x8000_0000, 0xD2, 4), (-(2**63), 0xD3, 8))
"""Numbers below 0: down to which, tag, bytes behind it."""


def pack_numbers(values: Int64s) -> Any:
    """Return integers in their shortest form; ABSENT is nil."""
    count = len(values)
    cells = np.zeros((count, 9), dtype=np.uint8)
    cells[:, 1:] = values.astype(">i8").view(np.uint8).reshape(count, 8)
    widths = np.zeros(count, dtype=np.int64)
    is_open = np.ones(count, dtype=np.bool_)
    for (up, tag, width), (down, low_tag, _) in zip(_LIMITS, _BELOW, strict=True):
        for found, its_tag in (
            (is_open & (values >= 0) & (values <= up), tag),
            (is_open & (values < 0) & (values >= down), low_tag),
        ):
            widths[found] = width
            # The tag stands right before the bytes that count; a small number is its own tag.
            cells[found, 8 - width] = its_tag if its_tag else cells[found, 8]
            is_open &= ~found
    is_absent = values == ABSENT
    cells[is_absent, 8], widths[is_absent] = 0xC0, 0
    return _from_cells(cells, widths + 1)


def _from_cells(cells: Any, lengths: Int64s) -> Any:
    """Return binary values of the last `length` bytes of each row."""
    content = cells[np.arange(cells.shape[1]) >= cells.shape[1] - lengths[:, None]]
    return _from_lengths(content, lengths)


def _from_lengths(content: Any, lengths: Int64s) -> Any:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(content))]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)


def pack_blobs(values: Any) -> Any:
    """Return bytes (pyarrow, binary)."""
    return join_packed([_prefixes(pc.binary_length(values).to_numpy(), _blob_head), values])


def pack_groups(count: int, rows: Any, owners: Int64s, *order: Int64s) -> Any:
    """Return for each consignment the array of its rows, in order."""
    sorted_places = np.lexsort((*reversed(order), owners))
    if (np.diff(sorted_places) != 1).any():
        rows = rows.take(pa.array(sorted_places))
    counts = np.bincount(owners, minlength=count).astype(np.int64)
    offsets = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(counts, out=offsets[1:])
    lists = pa.ListArray.from_arrays(pa.array(offsets), rows)
    return join_packed([_prefixes(counts, _array_head), pc.binary_join(lists, _scalar(b""))])


def _prefixes(lengths: Int64s, head: Callable[[int], bytes]) -> Any:
    distinct, places = np.unique(lengths, return_inverse=True)
    return pa.array([head(one) for one in distinct.tolist()], pa.binary()).take(pa.array(places))


def _array_head(count: int) -> bytes:
    if count < 16:
        return bytes([0x90 | count])
    return b"\xdc" + count.to_bytes(2, "big") if count < 2**16 else b"\xdd" + count.to_bytes(4, "big")


def _blob_head(length: int) -> bytes:
    for tag, width in ((b"\xc4", 1), (b"\xc5", 2)):
        if length < 2 ** (8 * width):
            return tag + length.to_bytes(width, "big")
    return b"\xc6" + length.to_bytes(4, "big")


def join_packed(columns: Sequence[Any]) -> Any:
    """Return the columns side by side (pyarrow, binary)."""
    return pc.binary_join_element_wise(*columns, _scalar(b""))


@lru_cache(maxsize=64)
def _scalar(value: bytes) -> Any:
    """Return bytes as Arrow's kernels take them; out of a Python object it looks for pandas, each time."""
    return pa.scalar(value, pa.binary())


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

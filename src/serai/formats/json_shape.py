"""The shape of a document as Arrow sees it: types of its columns, and which rows break a limit of the struct.

Both derive from the same structs that the careful reader decodes into.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.model.columns import Flags
from serai.model.packed_columns import is_given, text_bounds, text_bytes

_PRINTABLE: Final = r"^[\x21-\x7e]+$"
_PRINTABLE_BOUNDS: Final = (0x21, 0x7E)

Keys = dict[str, "Keys"]
"""Names of fields that were seen, each with those within it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One type of a document's tree. kind: text, integer, flag, list or object.

    least, most: bounds of length or value, None: open. inner: of a list's entries. fields: of an object.
    required: names of fields that may not be left out. left_out: values of fields that the encoder leaves
    out.
    """

    kind: str
    least: int | None = None
    most: int | None = None
    pattern: str | None = None
    inner: "Shape | None" = None
    fields: Mapping[str, "Shape"] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    left_out: Mapping[str, Any] = field(default_factory=dict)


RARE: Final = "detail"
"""What full declarations say and parcels do not; there the first reader reads all."""


@cache
def declared_shape(struct: type[Any]) -> Shape:
    """Derive the shape of a struct, without what is rare wherever it stands."""
    return _shape(msgspec.inspect.type_info(struct))


def _shape(info: Any) -> Shape:  # noqa: PLR0911 - one line a kind of type
    match info:
        case msgspec.inspect.UnionType():
            (only,) = (one for one in info.types if not isinstance(one, msgspec.inspect.NoneType))
            return _shape(only)
        case msgspec.inspect.StrType():
            return Shape("text", info.min_length, info.max_length, info.pattern)
        case msgspec.inspect.LiteralType():
            return Shape("text", pattern=f"^(?:{'|'.join(re.escape(str(one)) for one in info.values)})$")
        case msgspec.inspect.IntType():
            return Shape("integer", info.ge, info.le)
        case msgspec.inspect.BoolType():
            return Shape("flag")
        case msgspec.inspect.ListType():
            inner = _shape(info.item_type)
            return Shape("list", info.min_length, info.max_length, inner=inner)
        case msgspec.inspect.StructType():
            kept = [one for one in info.fields if one.encode_name != RARE]
            return Shape(
                "object",
                fields={one.encode_name: _shape(one.type) for one in kept},
                required=frozenset(one.encode_name for one in kept if one.required),
                left_out={
                    one.encode_name: default for one in kept if (default := _left_out(one)) is not None
                },
            )
        case _:
            raise AssertionError(f"no column for {info}")


def _left_out(field: Any) -> Any | None:
    """Return the value of a field that is left out when it is written, None where that is none.

    The encoder leaves out what is the very object of the default: of texts, those of one sign at most.
    """
    if field.default_factory is list:
        return []
    default = field.default
    if isinstance(default, bool | int) or (isinstance(default, str) and len(default) < 2):
        return default
    return None


def arrow_type(shape: Shape, seen: Keys | None = None) -> Any:
    """Return the Arrow type of a shape. seen: optional fields not in it are left out; None: none is."""
    if shape.kind == "object":
        kept = {
            name: inner
            for name, inner in shape.fields.items()
            if seen is None or name in seen or name in shape.required
        }
        within = {name: None if seen is None else seen.get(name, {}) for name in kept}
        return pa.struct([(name, arrow_type(inner, within[name])) for name, inner in kept.items()])
    if shape.inner is not None:
        return pa.list_(arrow_type(shape.inner, seen))
    return {"text": pa.string(), "integer": pa.int64(), "flag": pa.bool_()}[shape.kind]


def add_keys(tree: Any, seen: Keys) -> None:
    """Note which fields a read document has."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            add_keys(value, seen.setdefault(name, {}))
    elif isinstance(tree, list):
        for value in tree:
            add_keys(value, seen)


def merge_keys(some: Keys, others: Keys) -> Keys:
    """Return the fields of both."""
    merged = {**some}
    for name, inner in others.items():
        merged[name] = merge_keys(merged.get(name, {}), inner)
    return merged


def find_misfits(array: Any, shape: Shape) -> Flags | None:
    """Say which rows lack a required field or break a limit, None: none does. Of an absent value nothing is
    asked.
    """
    match shape.kind:
        case "text":
            return _text_misfits(array, shape)
        case "integer":
            return _integer_misfits(array, shape)
        case "list":
            return _list_misfits(array, shape)
        case "object":
            return _object_misfits(array, shape)
        case _:
            return None


def _text_misfits(array: Any, shape: Shape) -> Flags | None:
    if array.null_count == len(array):
        return None
    lengths = np.diff(text_bounds(array))
    misfits = np.zeros(len(array), dtype=np.bool_)
    if shape.least and int((lengths < shape.least).sum()) > array.null_count:
        misfits |= is_given(array) & (lengths < shape.least)
    if shape.most is not None and int(lengths.max()) > shape.most:
        # Characters count, not bytes.
        misfits |= pc.fill_null(pc.utf8_length(array), 0).to_numpy() > shape.most
    if shape.pattern is not None:
        signs = text_bytes(array)
        low, high = _PRINTABLE_BOUNDS
        if shape.pattern != _PRINTABLE or int(signs.min()) < low or int(signs.max()) > high:
            fits = pc.fill_null(pc.match_substring_regex(array, shape.pattern), True)
            misfits |= ~fits.to_numpy(zero_copy_only=False)
    return misfits if misfits.any() else None


def _integer_misfits(array: Any, shape: Shape) -> Flags | None:
    if array.null_count == len(array):
        return None
    least, most = shape.least, shape.most
    numbers = array.fill_null(least or 0).to_numpy()
    misfits = np.zeros(len(numbers), dtype=np.bool_)
    if least is not None:
        misfits |= numbers < least
    if most is not None:
        misfits |= numbers > most
    return misfits if misfits.any() else None


def _list_misfits(array: Any, shape: Shape) -> Flags | None:
    assert shape.inner is not None
    bounds = np.frombuffer(array.buffers()[1], dtype=np.int32)[: len(array) + 1]
    counts = np.diff(bounds)
    misfits = np.zeros(len(array), dtype=np.bool_)
    if shape.least:
        misfits |= is_given(array) & (counts < shape.least)
    if shape.most is not None:
        misfits |= counts > shape.most
    inner = find_misfits(array.values, shape.inner)
    if inner is not None:
        misfits[np.repeat(np.arange(len(array)), counts)[inner[bounds[0] : bounds[-1]]]] = True
    return misfits if misfits.any() else None


def _object_misfits(array: Any, shape: Shape) -> Flags | None:
    misfits = np.zeros(len(array), dtype=np.bool_)
    for place in range(array.type.num_fields):
        name, inner = array.type.field(place).name, array.field(place)
        if name in shape.required and inner.null_count > array.null_count:
            misfits |= is_given(array) & ~is_given(inner)
        found = find_misfits(inner, shape.fields[name])
        if found is not None:
            misfits |= found
    return misfits if misfits.any() else None

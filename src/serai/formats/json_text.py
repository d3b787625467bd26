"""Columns into canonical JSON: the bytes that `json_lines.canonical` gives, without an object a row.

For texts in which nothing has to be escaped: what the second reader does not call doubtful.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.formats.json_shape import Shape, declared_shape
from serai.model.packed_columns import is_given

_NOTHING = ""


def write_parts(documents: Any, kind: Any) -> dict[str, Any]:
    """Return each field that a document of the kind has, in the struct's order: its name, a colon and its
    value (after all but the first: a comma before it), empty where a document leaves it out.

    documents: of `JsonColumns`; the first field is one that every document has.
    """
    shape = declared_shape(kind)
    parts: dict[str, Any] = {}
    for name, array in _given(documents, shape):
        before = f'"{name}":' if not parts else f',"{name}":'
        parts[name] = enclose(before, *_value(array, shape.fields[name]))
    return parts


def enclose(*parts: Any) -> Any:
    """Join parts row by row; a row that lacks one is empty. Parts that are the same in every row: str."""
    joined = _join(*parts)
    return pc.coalesce(joined, _NOTHING) if joined.null_count else joined


def join_parts(parts: Iterable[Any]) -> list[bytes]:
    """Join the fields of each document to one JSON object."""
    written: list[bytes] = _join("{", *parts, "}").cast(pa.binary()).to_pylist()
    return written


def _join(*parts: Any) -> Any:
    """Join parts row by row; a row that lacks one has none. Parts that are the same in every row: str."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif not isinstance(part, str) or part:
            merged.append(part)
    return pc.binary_join_element_wise(*merged, _NOTHING)


def _value(array: Any, shape: Shape) -> tuple[Any, ...]:
    """Return what is to be joined to the JSON of a value, none where there is none."""
    if shape.kind == "text":
        return '"', array, '"'
    if shape.inner is not None:
        return "[", _list(array, shape.inner), "]"
    if shape.kind == "object":
        return (_object(array, shape),)
    return (array.cast(pa.string()),)


def _list(array: Any, inner: Shape) -> Any:
    """Join the entries of each list with commas."""
    counts = pc.fill_null(pc.list_value_length(array), 0).to_numpy()
    entries = _join(*_value(array.flatten(), inner))
    if (counts == 1).all():
        return entries
    bounds = np.concatenate([np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)])
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds), entries), ",")
    return pc.if_else(array.is_valid(), joined, None) if array.null_count else joined


def _object(array: Any, shape: Shape) -> Any:
    if array.null_count:
        # Written for those alone that have it: most documents name few of the parties that they could.
        there = is_given(array)
        places = pa.array(np.cumsum(there) - 1, mask=~there)
        return _object(array.filter(pa.array(there)), shape).take(places)
    parts: list[Any] = ["{"]
    has_begun = False
    for name, column in _given(array, shape):
        is_certain = not column.null_count
        if has_begun:
            field = (f',"{name}":', *_value(column, shape.fields[name]))
        else:
            field = (f'"{name}":', *_value(column, shape.fields[name]), _NOTHING if is_certain else ",")
        has_begun |= is_certain
        parts += field if is_certain else [enclose(*field)]
    written = pa.array(["{}"] * len(array), pa.string()) if len(parts) == 1 else _join(*parts, "}")
    return written if has_begun else pc.replace_substring(written, ",}", "}")


def _given(array: Any, shape: Shape) -> Iterable[tuple[str, Any]]:
    """Give the fields of a struct array that some row has, in the struct's order, without what is left out
    because it is what a reader takes for granted."""
    columns: Mapping[str, Any] = dict(zip([one.name for one in array.type], array.flatten(), strict=True))
    for name in shape.fields:
        column = columns.get(name)
        if column is None:
            continue
        default = shape.left_out.get(name)
        if default is not None:
            is_told = (
                pc.not_equal(pc.list_value_length(column), 0)
                if isinstance(default, list)
                else pc.not_equal(column, default)
            )
            column = pc.if_else(is_told, column, None)
        if column.null_count < len(column):
            yield name, column

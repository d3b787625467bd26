"""Everything in data that is not as a struct has it: every fault with its way, where msgspec stops at the
first.
"""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from serai.law.nearest import did_you_mean

Path = tuple[str | int, ...]
"""The way to a part: keys of maps and places of lists."""


def find_shape_faults(data: Any, kind: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Find what keeps data from being of a kind: the way to it, and what is wrong there; none: it is one.

    kind: a struct, a list, a map, or what msgspec converts as a whole.
    """
    kind = _branch_of(data, kind)
    if _is_struct(kind) and isinstance(data, dict):
        yield from _find_in_struct(data, kind, path)
    elif get_origin(kind) is list and isinstance(data, list):
        (item_kind,) = get_args(kind)
        for place, value in enumerate(data):
            yield from find_shape_faults(value, item_kind, (*path, place))
    elif get_origin(kind) is dict and isinstance(data, dict):
        _, value_kind = get_args(kind)
        for key, value in data.items():
            yield from find_shape_faults(value, value_kind, (*path, key))
    else:
        try:
            msgspec.convert(data, kind, strict=True)
        except msgspec.ValidationError as fault:
            yield path, str(fault).partition(" - at `")[0] + _choices(data, kind)


def _find_in_struct(data: dict[str, Any], kind: Any, path: Path) -> Iterator[tuple[Path, str]]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in data.keys() - fields.keys():
        near = did_you_mean(str(name), fields.keys() - data.keys())
        yield (*path, name), f"Object contains unknown field `{str(name)[:80]}`.{near}".removesuffix(".")
    for name, field in fields.items():
        if name in data:
            yield from find_shape_faults(data[name], field.type, (*path, name))
    missing = [f"`{name}`" for name, field in fields.items() if field.required and name not in data]
    if missing:
        yield path, f"Object missing required field {', '.join(missing)}"


def _choices(data: Any, kind: Any) -> str:
    """Return the words of a closed list that a text is none of, and the nearest."""
    members = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    words = [word for one in members if get_origin(one) is Literal for word in get_args(one)]
    if not isinstance(data, str) or not words:
        return ""
    return f": it is one of {', '.join(words)}.{did_you_mean(data, words)}".removesuffix(".")


def _branch_of(data: Any, kind: Any) -> Any:
    """Return the member of a union that data of this form can only mean; else the union."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    members = get_args(kind)
    if isinstance(data, dict):
        return next((one for one in members if _is_struct(one)), kind)
    if isinstance(data, list):
        return next((one for one in members if get_origin(_bare(one)) is list), kind)
    return kind


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)

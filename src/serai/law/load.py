"""Bytes of a pack into structs, with file and line for every fault; bytes of a table (CSV) into rows.

Refused: anchors and aliases (a YAML bomb), repeated keys, files over the size limit, anything
`serai-pack/1` does not know.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar, get_origin

import msgspec
import yaml

from serai.law.fast_yaml import FastYamlError, read_fast
from serai.law.pack import Pack
from serai.law.program import LawPackError

PACK_BYTES_MAX = 2_000_000
_PACKS_KEPT = 256
_T = TypeVar("_T", bound=msgspec.Struct)


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of a pack's bytes, hexadecimal: the name a decision uses."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=_PACKS_KEPT)
def decode_pack(content: bytes, file: str) -> Pack:
    """Decode `pack.yaml`. A pack is fixed, and reading it is most of the work of a new generation or a worked
    example, so those read last are kept.

    Raises LawPackError with `file:line`: `pack-too-large`, `pack-syntax`, `pack-shape`.
    """
    if len(content) > PACK_BYTES_MAX:
        raise LawPackError("pack-too-large", file, f"{len(content)} bytes; {PACK_BYTES_MAX} is the most.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise LawPackError("pack-syntax", file, f"byte {fault.start} is not UTF-8.") from fault
    with suppress(FastYamlError, msgspec.ValidationError):
        return msgspec.convert(read_fast(text), Pack, strict=True)
    return _decode_slowly(text, file)


def _decode_slowly(text: str, file: str) -> Pack:
    """Decode with the parser that knows the line of everything: who comes here has a fault to tell."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        data = None if root is None else _Loader("").construct_document(root)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise LawPackError("pack-syntax", f"{file}:{line}", f"{fault.problem}.") from fault
    except yaml.YAMLError as fault:
        raise LawPackError("pack-syntax", file, f"{fault}.") from fault
    except ValueError as fault:
        raise LawPackError("pack-syntax", file, f"a value is none that YAML knows: {fault}.") from fault
    except RecursionError as fault:
        raise LawPackError("pack-syntax", file, "lists and maps are nested too deep.") from fault
    if root is None:
        raise LawPackError("pack-syntax", file, "the file is empty.")
    try:
        return msgspec.convert(data, Pack, strict=True)
    except msgspec.ValidationError as fault:
        message, _, path = str(fault).partition(" - at `")
        raise LawPackError(
            "pack-shape",
            f"{file}:{_line_of(root, path.rstrip('`'))}",
            f"{message} (at {path.rstrip('`') or '$'}).",
        ) from fault


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases and without repeated keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "anchors and aliases may not stand in a pack", event.start_mark
            )
        return super().compose_node(parent, index)

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.composer.ComposerError(None, None, "a key is one word", key.start_mark)
            if key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"`{key.value}` stands twice", key.start_mark)
            seen.add(key.value)
        return node


def _line_of(root: Any, path: str) -> int:
    """Find the line of a msgspec path such as `$.charges[2].rate`."""
    node = root
    for name, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", path):
        children: Mapping[str, Any] = {}
        if name and isinstance(node, yaml.MappingNode):
            children = {key.value: value for key, value in node.value}
        elif index.isdigit() and isinstance(node, yaml.SequenceNode):
            children = {str(place): value for place, value in enumerate(node.value)}
        found = children.get(name or index)
        if found is None:
            break
        node = found
    return int(node.start_mark.line) + 1


def decode_table(content: bytes, row_type: type[_T], file: str) -> Iterator[_T]:
    """Decode a CSV table with a heading line into rows of a struct; an empty cell takes the field's default
    or null, and a field that holds several texts has them in one cell, with blanks between.

    Raises LawPackError with file and line: `table-shape`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise LawPackError("table-shape", f"{file}:{line}", "the line is not UTF-8.") from fault
    of_many = {field.name for field in msgspec.structs.fields(row_type) if get_origin(field.type) is tuple}
    for line, cells in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        given: dict[str, Any] = {name: value for name, value in cells.items() if value not in ("", None)}
        given.update({name: given[name].split() for name in of_many & given.keys()})
        if "valid_to" in cells:
            given.setdefault("valid_to", None)
        try:
            yield msgspec.convert(given, row_type, strict=False)
        except msgspec.ValidationError as fault:
            raise LawPackError("table-shape", f"{file}:{line}", f"{fault}.") from fault

"""Bytes of a pack into structs, with file and line for every fault; bytes of a table (CSV) into rows.

Refused: anchors and aliases (a YAML bomb), repeated keys, files over the size limit, anything
`serai-pack/1` does not know.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar, get_origin

import msgspec
import yaml

from serai.law.fast_yaml import FastYamlError, read_fast
from serai.law.nearest import did_you_mean
from serai.law.notation import read_values
from serai.law.pack import Pack
from serai.law.pack_lines import line_of, render_path
from serai.law.pack_shape import find_shape_faults
from serai.law.program import LawPackError

PACK_BYTES_MAX = 500_000
"""The largest pack has 20,000; a faulty one is read by the slow parser."""
SYNTAX_FAULTS_MAX = 50
FORMULA_SIGNS = ("=", "+", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet runs."""
DEPTH_MAX = 50
"""A pack needs seven levels of lists and maps."""
_PACKS_KEPT = 256
_TAG = "tag:yaml.org,2002:"
_T = TypeVar("_T", bound=msgspec.Struct)


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of a pack's bytes, hexadecimal: the name a decision uses."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=_PACKS_KEPT)
def decode_pack(content: bytes, file: str) -> Pack:
    """Decode `pack.yaml`. A pack is fixed, and reading it is most of the work of a new generation or a worked
    example, so those read last are kept.

    Raises LawPackError with `file:line`: `pack-too-large`, `pack-syntax`, `pack-shape`,
    `value-notation`.
    """
    if len(content) > PACK_BYTES_MAX:
        raise LawPackError("pack-too-large", file, f"{len(content)} bytes; {PACK_BYTES_MAX} is the most.")
    text = _text_of(content, file)
    with suppress(FastYamlError, msgspec.ValidationError):
        data = read_fast(text)
        if not read_values(data):
            return msgspec.convert(data, Pack, strict=True)
    if faults := _find_in_text(text, file):
        raise faults[0]
    # Rare and sound, such as a key that is a number in quotes: the parser in C would not say.
    data = _Loader(text).get_single_data()
    read_values(data)
    return msgspec.convert(data, Pack, strict=True)


def find_pack_faults(content: bytes, file: str) -> list[LawPackError]:
    """Find all that is wrong with the form of `pack.yaml`: what is no YAML, then what is no
    pack; none: it decodes.

    The codes and places are those of `decode_pack`.
    """
    try:
        decode_pack(content, file)
    except LawPackError as first:
        if first.code == "pack-too-large":
            return [first]
        try:
            return _find_in_text(_text_of(content, file), file) or [first]
        except LawPackError as fault:
            return [fault]
    return []


def _text_of(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        likely = "UTF-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "Windows-1252 or Latin-1"
        raise LawPackError(
            "pack-syntax",
            f"{file}:{line}",
            f"byte {fault.start + 1} is not UTF-8, likely {likely}.",
            "Save the file as UTF-8.",
        ) from fault


def _find_in_text(text: str, file: str) -> list[LawPackError]:
    """Read with the parser that knows the line of everything: who comes here has a fault to tell."""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        what = f"the character {fault.character:#x} may not stand in a pack"
        return _syntax_faults([(line, what)], file)
    try:
        root: Any = loader.get_single_node()
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        return _syntax_faults([*loader.faults, (line, f"{fault.problem}")], file)
    finally:
        loader.dispose()
    if root is None:
        return [LawPackError("pack-syntax", file, "the file is empty.")]
    found = _syntax_faults(loader.faults, file)
    # What could not be read was left out of the data; that is told already.
    told = {line for line, _ in loader.faults}
    for path, message in read_values(data):
        line = line_of(root, path)
        told.add(line)
        found.append(LawPackError("value-notation", f"{file}:{line}", f"{message} (at {render_path(path)})"))
    shapes = [(line_of(root, path), path, message) for path, message in find_shape_faults(data, Pack)]
    for line, path, message in sorted(shapes, key=lambda shape: shape[0]):
        if line not in told:
            found.append(LawPackError("pack-shape", f"{file}:{line}", f"{message} (at {render_path(path)})."))
    return found


def _syntax_faults(faults: list[tuple[int, str]], file: str) -> list[LawPackError]:
    return [LawPackError("pack-syntax", f"{file}:{line}", f"{what}.") for line, what in sorted(faults)]


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases and without repeated keys, which are told in `faults` as line and fault."""

    def __init__(self, text: str) -> None:
        self.faults: list[tuple[int, str]] = []
        self._depth = 0
        super().__init__(text)

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()  # type: ignore[no-untyped-call]
            self._tell(event.start_mark, "anchors and aliases may not stand in a pack")
            return yaml.ScalarNode(f"{_TAG}null", "", event.start_mark, event.end_mark)
        self._depth += 1
        if self._depth > DEPTH_MAX:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "lists and maps are nested too deep", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        sound = []
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._tell(key.start_mark, "a key is one word")
            elif key.value in seen:
                self._tell(key.start_mark, f"`{key.value[:80]}` stands twice")
            else:
                seen.add(key.value)
                sound.append((key, value))
        node.value = sound
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except yaml.constructor.ConstructorError as fault:
            self._tell(node.start_mark, str(fault.problem))
        except ValueError as fault:
            self._tell(node.start_mark, f"a value is none that YAML knows: {str(fault)[:200]}")
        return None

    def _tell(self, mark: Any, what: str) -> None:
        self.faults.append((mark.line + 1, what))
        if len(self.faults) >= SYNTAX_FAULTS_MAX:
            raise yaml.composer.ComposerError(None, None, "the rest is not looked at", mark)


def decode_table(content: bytes, row_type: type[_T], file: str) -> Iterator[_T]:
    """Decode a CSV table with a heading line into rows of a struct; an empty cell takes the field's default
    or null, and a field that holds several texts has them in one cell, with blanks between.

    Raises LawPackError with file and line: `table-shape`.
    """
    for _, row in read_table(content, row_type, file):
        if isinstance(row, LawPackError):
            raise row
        yield row


def read_table(content: bytes, row_type: type[_T], file: str) -> Iterator[tuple[int, _T | LawPackError]]:
    """Yield each row with its line, or what is wrong with it (`table-shape`); a row spoils itself alone.

    A fault of the heading, of the encoding or of a quotation mark ends the table.
    """
    fields = {field.name: field for field in msgspec.structs.fields(row_type)}
    of_many = {name for name, field in fields.items() if get_origin(field.type) is tuple}
    line = 1
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        heading = next(reader, None)
        if heading is None:
            return
        names = [name.strip() for name in heading]
        if faults := _find_in_heading(names, fields):
            yield from ((1, LawPackError("table-shape", f"{file}:1", fault)) for fault in faults)
            return
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                yield line, _convert_row(names, cells, row_type, of_many, f"{file}:{line}")
            line = reader.line_num + 1
    except UnicodeDecodeError:
        yield _not_utf_8(content, file)
    except csv.Error as fault:
        message = f"{fault}: a quotation mark does not close, or a cell has no end."
        yield line, LawPackError("table-shape", f"{file}:{line}", message)


def _not_utf_8(content: bytes, file: str) -> tuple[int, LawPackError]:
    start = next(place for place, line in _lines(content) if not _is_utf_8(line))
    line = content[:start].count(b"\n") + 1
    likely = "UTF-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "Windows-1252 or Latin-1"
    message = f"the line is not UTF-8, likely {likely}."
    return line, LawPackError("table-shape", f"{file}:{line}", message, "Save the file as UTF-8.")


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    for line in content.splitlines(keepends=True):
        yield place, line
        place += len(line)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _find_in_heading(names: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    if len(names) == 1 and (found := next((sign for sign in ";\t|" if sign in names[0]), None)):
        return [f"the columns are separated by `{found}`; a comma is needed."]
    unknown = [name[:40] for name in names if name not in fields]
    missing = [name for name, field in fields.items() if field.required and name not in names]
    twice = sorted({name for name, count in Counter(names).items() if count > 1} & fields.keys())
    faults = []
    if unknown:
        near = next(filter(None, (did_you_mean(name, fields.keys() - set(names)) for name in unknown)), "")
        said = f"no column is called {', '.join(unknown)[:300]}; there are {', '.join(fields)}."
        faults.append(said + near)
    if missing:
        faults.append(f"the columns {', '.join(missing)} are missing.")
    if twice:
        faults.append(f"the columns {', '.join(twice)} stand twice.")
    return faults


def _convert_row(
    names: Sequence[str], cells: Sequence[str], row_type: type[_T], of_many: Set[str], place: str
) -> _T | LawPackError:
    if len(cells) != len(names):
        message = f"the row has {len(cells)} cells under {len(names)} headings: quote the commas in it."
        return LawPackError("table-shape", place, message)
    given: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    for name, cell in given.items():
        if cell.startswith(FORMULA_SIGNS) or "\0" in cell:
            message = f"{name}: a cell that begins with {cell[0]!r} or holds NUL is run by spreadsheets."
            return LawPackError("table-shape", place, message, "Begin the cell with a letter or a digit.")
    given.update({name: given[name].split() for name in of_many & given.keys()})
    if "valid_to" in names:
        given.setdefault("valid_to", None)
    try:
        return msgspec.convert(given, row_type, strict=False)
    except msgspec.ValidationError as fault:
        return LawPackError("table-shape", place, f"{fault}.")

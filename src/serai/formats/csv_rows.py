"""CSV <-> documents: one row a goods item, headers are our field names, dots for what lies deeper.

Rows that follow each other and bear the same reference, or none, are one consignment; its own fields stand on
its first row and are repeated or blank on the others. Orders likewise, a row a line; payments and transport
documents have one row each. A cell is data, never a formula.
"""

import difflib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Generic, cast

import msgspec
from msgspec.structs import fields

from serai.formats.csv_columns import LAYOUTS, Column, columns
from serai.formats.csv_lines import Lines, Row, delimiter_of, read_rows
from serai.formats.decoded import FINDINGS_MAX, DocumentT, limit_findings
from serai.formats.json_lines import canonical
from serai.formats.packed import find_packed
from serai.formats.placed import PlacedGroup, PlacedText, number_at, read_document
from serai.model.documents import Consignment
from serai.model.findings import Finding

GOODS_ITEMS_MAX = 999
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ITEMS = ("/goods_items/", "/lines/")
_FLAGS = {"true": True, "false": False}

REMARK_COLUMNS = ("serai_faults", "serai_corrected")
"""What we write beside a sender's rows, for people: read by nobody. A file that has them was written by us:
cells in it that a spreadsheet would compute stand behind an apostrophe, which is no part of them."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""Signs at which a spreadsheet begins to compute."""


class CsvDocument(msgspec.Struct, Generic[DocumentT], frozen=True):
    """One document of a file, or (document None) all that is wrong with it.

    first_row, last_row: as a spreadsheet counts, the header is row 1. Pointers: `row 3, column quantity`.
    """

    first_row: int
    last_row: int
    document: DocumentT | None
    canonical: bytes | None
    findings: list[Finding]


CsvConsignment = CsvDocument[Consignment]


def read_csv(chunks: Iterable[bytes]) -> Iterator[CsvConsignment]:
    """Read a file of consignments, as `read_csv_documents` reads any."""
    return cast("Iterator[CsvConsignment]", read_csv_documents(chunks, "declaration"))


def read_csv_documents(chunks: Iterable[bytes], kind: str) -> Iterator[CsvDocument[Any]]:
    """Read a file chunk by chunk and give its documents in order, holding one at a time. Never raises.

    kind: of CSV_KINDS.

    Delimiter: comma, semicolon or tab, whichever the header has most of. UTF-8, byte order mark or not.
    A fault in the header concerns every row: it comes alone. Other faults concern their document.
    """
    lines = Lines(chunks)
    first = lines.peek()
    if not first.strip():
        yield _nothing(1, [Finding("empty-message", "row 1")])
        return
    packed = find_packed(first)
    if packed is not None:
        yield _nothing(1, [packed])
        return
    if first.startswith(_UTF_16_MARKS) or b"\x00" in first:
        parameters = {"byte": "1", "likely_encoding": "UTF-16"}
        yield _nothing(1, [Finding("not-utf-8", "row 1", parameters=parameters)])
        return
    rows = read_rows(lines, delimiter_of(first))
    header, faults = _read_header(next(rows), kind)
    if faults:
        yield _nothing(1, limit_findings(faults))
        return
    yield from _documents(rows, header, kind)


def at_cell(finding: Finding, first_row: int) -> Finding:
    """Turn a pointer into a document that begins in a row into the cell; 0: it came in no rows."""
    return msgspec.structs.replace(finding, pointer=cell_of(first_row, finding.pointer))


def cell_of(first_row: int, pointer: str) -> str:
    """Return the cell that a pointer into a document means that begins in a row; 0: it came in no rows."""
    if not first_row or not pointer.startswith("/"):
        return pointer
    row = first_row
    if (items := next((one for one in _ITEMS if pointer.startswith(one)), None)) is not None:
        number, _, pointer = pointer.removeprefix(items).partition("/")
        row += int(number)
    column = pointer.strip("/").replace("/", ".")
    return f"row {row}, column {column}" if column else f"row {row}"


class _Header(msgspec.Struct, frozen=True):
    """names: of the columns, in order. reference: where it stands. is_ours: the file has our remarks."""

    names: list[str]
    reference: int
    is_ours: bool


def _read_header(row: Row, kind: str) -> tuple[_Header, list[Finding]]:
    if not row.is_whole:
        return _Header([], 0, is_ours=False), row.faults
    known = columns(kind)
    names = [cell.strip().lower() for cell in row.cells]
    faults = list(row.faults)
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in REMARK_COLUMNS:
            continue
        if len(faults) > FINDINGS_MAX:
            # Nobody reads of the rest, and looking for what each may have meant takes long.
            faults += [Finding("unknown-field", "row 1")] * (len(names) - position)
            break
        place = f"row 1, column {name[:64] or position + 1}"
        if name not in known:
            near = difflib.get_close_matches(name[:64], known, n=1, cutoff=0.75)
            suggestion = {"did_you_mean": near[0]} if near else {}
            faults.append(Finding("unknown-field", place, parameters={"field": name[:64], **suggestion}))
        elif name in seen:
            faults.append(Finding("repeated-field", place, parameters={"field": name}))
        seen.add(name)
    present = frozenset(names)
    for column in known.values():
        if column.is_required and column.name not in present:
            place = f"row 1, column {column.name}"
            faults.append(Finding("missing-field", place, parameters={"field": column.name}))
    reference = names.index("reference") if "reference" in names else 0
    return _Header(names, reference, is_ours=not present.isdisjoint(REMARK_COLUMNS)), faults


def _documents(rows: Iterator[Row], header: _Header, kind: str) -> Iterator[CsvDocument[Any]]:
    has_items = bool(LAYOUTS[kind].items)
    group: list[Row] = []
    spilled = 0
    reference = ""
    for row in rows:
        if not any(cell.strip() for cell in row.cells) and not row.faults:
            continue
        own = _cell(row, header.reference, is_ours=header.is_ours)
        if group and (own not in {"", reference} or not has_items):
            yield _read_group(group, header, spilled, kind)
            group, spilled = [], 0
        if not group:
            reference = own
        if len(group) < GOODS_ITEMS_MAX:
            group.append(row)
        else:
            spilled += 1
    if group:
        yield _read_group(group, header, spilled, kind)


def _cell(row: Row, position: int, *, is_ours: bool) -> str:
    cell = row.cells[position].strip() if position < len(row.cells) else ""
    return _plain(cell) if is_ours else cell


def _read_group(group: list[Row], header: _Header, spilled: int, kind: str) -> CsvDocument[Any]:
    """Read the rows of one document, faults and all."""
    layout, known, item_places = LAYOUTS[kind], columns(kind), _item_places(kind)
    first = group[0]
    faults = [fault for row in group for fault in row.faults]
    if spilled:
        limit = {"count_max": str(GOODS_ITEMS_MAX)}
        faults.append(Finding("too-many", f"row {group[-1].number + 1}", parameters=limit))
    own: dict[str, Any] = {}
    items = []
    whole = [row for row in group if row.is_whole]
    for index, row in enumerate(whole, start=1):
        item: dict[str, Any] = {}
        for name, text in _placed_cells(row, header, faults):
            column = known[name]
            if column.is_item:
                item[name] = _value(text, column)
            elif name not in own:
                own[name] = _value(text, column)
            elif own[name] != _value(text, column):
                parameters = {"field": name, "first_row": str(first.number)}
                faults.append(Finding("contradicts-first-row", text.place, parameters=parameters))
        item.setdefault("sequence_number", index)
        items.append(PlacedGroup(f"row {row.number}", item_places, item))
    document = None
    if whole:
        rows = {layout.items: items} if layout.items else {}
        found = {**_nested(own, first.number, kind), **rows}
        tree = PlacedGroup(f"row {first.number}", _own_places(kind), found)
        document, more = read_document(tree, layout.document)
        at_fault = {fault.pointer for fault in faults}
        faults += [fault for fault in more if fault.pointer not in at_fault]
    last_row = group[-1].number + spilled
    if faults or document is None:
        return CsvDocument(first.number, last_row, None, None, limit_findings(faults))
    return CsvDocument(first.number, last_row, document, canonical(document), [])


def _placed_cells(row: Row, header: _Header, faults: list[Finding]) -> Iterator[tuple[str, PlacedText]]:
    """Give the filled cells of a row with their places, and add the faults of the cells as such."""
    if any(cell.strip() for cell in row.cells[len(header.names) :]):
        parameters = {"count_max": str(len(header.names))}
        faults.append(Finding("too-many-cells", f"row {row.number}", parameters=parameters))
    for name, cell in zip(header.names, row.cells, strict=False):
        if header.is_ours and name in REMARK_COLUMNS:
            continue
        own = _plain(cell.strip()) if header.is_ours else cell.strip()
        text = PlacedText(own, f"row {row.number}, column {name}")
        if "\x00" in text:
            faults.append(Finding("nul-character", text.place))
        if text:
            yield name, text


def _plain(cell: str) -> str:
    return cell[1:].strip() if cell[:1] == "'" and cell[1:2] in FORMULA_SIGNS else cell


def _value(text: PlacedText, column: Column) -> Any:
    match column.kind:
        case "number":
            return number_at(text)
        case "flag":
            return _FLAGS.get(text.lower(), text)
        case "list":
            return [PlacedText(part, text.place) for part in text.split()]
        case _:
            return text


def _nested(own: dict[str, Any], row_number: int, kind: str) -> dict[str, Any]:
    """Turn dotted names into groups."""
    plain = {name: value for name, value in own.items() if "." not in name}
    inner: dict[str, dict[str, Any]] = {}
    for name, value in own.items():
        if "." in name:
            outer, _, field = name.partition(".")
            if columns(kind)[name].kind == "role":
                numbers = {"role": PlacedText(field.upper(), value.place), "identification_number": value}
                plain.setdefault(outer, []).append(PlacedGroup(value.place, {}, numbers))
            else:
                inner.setdefault(outer, {})[field] = value
    place = f"row {row_number}"
    return {
        **plain,
        **{name: PlacedGroup(place, _places(f"{name}.", kind), found) for name, found in inner.items()},
    }


def _places(prefix: str, kind: str) -> dict[str, str]:
    names = [name.removeprefix(prefix) for name in columns(kind) if name.startswith(prefix)]
    return {name: f", column {prefix}{name}" for name in names}


def _nothing(row: int, findings: list[Finding]) -> CsvDocument[Any]:
    return CsvDocument(row, row, None, None, findings)


@cache
def _item_places(kind: str) -> dict[str, str]:
    return {one.name: f", column {one.name}" for one in columns(kind).values() if one.is_item}


@cache
def _own_places(kind: str) -> dict[str, str]:
    places = {one.name: f", column {one.name}" for one in columns(kind).values() if not one.is_item}
    # A group that has to be there and is not at all is missed at its name.
    required = {field.name for field in fields(LAYOUTS[kind].document) if field.required}
    return places | {name: f", column {name}.name" for name in required if f"{name}.name" in columns(kind)}

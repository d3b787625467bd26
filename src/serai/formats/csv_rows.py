"""CSV <-> documents: one row a goods item, headers are our field names, dots for what lies deeper.

Rows that follow each other and bear the same reference, or none, are one consignment; its own fields stand on
its first row and are repeated or blank on the others. Orders likewise, a row a line; payments and transport
documents have one row each. A cell is data, never a formula.
"""

import csv
import difflib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Generic, cast

import msgspec
from msgspec.structs import fields

from serai.formats.decoded import Document, DocumentT, limit_findings
from serai.formats.json_lines import canonical
from serai.formats.packed import find_packed
from serai.formats.placed import PlacedGroup, PlacedText, number_at, read_document
from serai.model.documents import Consignment, Order, Payment, TransportDocument
from serai.model.findings import Finding

DELIMITERS = (",", ";", "\t")
ROW_BYTES_MAX = 256 * 1024
GOODS_ITEMS_MAX = 999
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ITEMS = ("/goods_items/", "/lines/")
_FLAGS = {"true": True, "false": False}

REMARK_COLUMNS = ("serai_faults", "serai_corrected")
"""What we write beside a sender's rows, for people: read by nobody. A file that has them was written by us:
cells in it that a spreadsheet would compute stand behind an apostrophe, which is no part of them."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""Signs at which a spreadsheet begins to compute."""

TEMPLATE_COLUMNS = """
reference channel_code sale_nature_code consignor.name consignor.country_code consignor.street consignor.city
consignor.postcode consignee.name consignee.country_code consignee.street consignee.city consignee.postcode
purchased_at freight_amount charges_currency_code scheme_kind_code scheme_number sequence_number
commodity_code description quantity invoice_amount invoice_currency_code origin_country_code gross_mass_kg
""".split()  # noqa: SIM905 a list of thirty words reads better without thirty pairs of quotes
"""What a seller fills in for most parcels; any other column of `columns()` may be added, in any order."""


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


class _Layout(msgspec.Struct, frozen=True):
    """How documents of a kind stand in rows.

    items: the field whose entries are the rows, and their struct; "": a row is a document. groups: structs
    whose fields are columns with a dot.
    """

    document: type[Document]
    items: str
    item: str
    groups: frozenset[str]


_LAYOUTS = {
    "consignment": _Layout(Consignment, "goods_items", "GoodsItem", frozenset({"Person", "Procedure"})),
    "order": _Layout(Order, "lines", "OrderLine", frozenset({"Person", "OrderDetail"})),
    "payment": _Layout(Payment, "", "", frozenset({"Person", "PaymentDetail"})),
    "transport-document": _Layout(TransportDocument, "", "", frozenset({"Person", "TransportDetail"})),
}
CSV_KINDS = tuple(_LAYOUTS)
"""Kinds of documents that come in rows."""


class _Column(msgspec.Struct, frozen=True):
    """name: as in the header. is_item: a field of the goods item. kind: text, number, flag or list."""

    name: str
    is_item: bool
    kind: str
    is_required: bool


def csv_template() -> str:
    """Give the header row to start from, as a file that a spreadsheet opens."""
    return ",".join(TEMPLATE_COLUMNS) + "\r\n"


def read_csv(chunks: Iterable[bytes]) -> Iterator[CsvConsignment]:
    """Read a file of consignments, as `read_csv_documents` reads any."""
    return cast("Iterator[CsvConsignment]", read_csv_documents(chunks, "consignment"))


def read_csv_documents(chunks: Iterable[bytes], kind: str) -> Iterator[CsvDocument[Any]]:
    """Read a file chunk by chunk and give its documents in order, holding one at a time. Never raises.

    kind: of CSV_KINDS.

    Delimiter: comma, semicolon or tab, whichever the header has most of. UTF-8, byte order mark or not.
    A fault in the header concerns every row: it comes alone. Other faults concern their document.
    """
    lines = _Lines(chunks)
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
    delimiter = max(DELIMITERS, key=lambda sign: first.count(sign.encode()))
    rows = _rows(lines, delimiter)
    header, faults = _read_header(next(rows), kind)
    if faults:
        yield _nothing(1, limit_findings(faults))
        return
    yield from _documents(rows, header, kind)


def at_cell(finding: Finding, first_row: int) -> Finding:
    """Turn a pointer into a document that begins in a row into the cell; 0: it came in no rows."""
    pointer = finding.pointer
    if not first_row or not pointer.startswith("/"):
        return finding
    row = first_row
    if (items := next((one for one in _ITEMS if pointer.startswith(one)), None)) is not None:
        number, _, pointer = pointer.removeprefix(items).partition("/")
        row += int(number)
    column = pointer.strip("/").replace("/", ".")
    return msgspec.structs.replace(finding, pointer=f"row {row}, column {column}" if column else f"row {row}")


class CsvTable(msgspec.Struct, frozen=True):
    """A file as its sender sees it. header: as written; rows: (number as a spreadsheet counts, cells)."""

    delimiter: str
    header: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(chunks: Iterable[bytes]) -> CsvTable:
    """Read the cells of a whole file, numbered as `read_csv` numbers them. Never raises."""
    lines = _Lines(chunks)
    first = lines.peek()
    delimiter = max(DELIMITERS, key=lambda sign: first.count(sign.encode()))
    rows = list(_rows(lines, delimiter))
    if not rows:
        return CsvTable(delimiter, [], [])
    return CsvTable(delimiter, rows[0].cells, [(row.number, row.cells) for row in rows[1:]])


@cache
def columns(kind: str = "consignment") -> dict[str, _Column]:
    """List every column a file may have, derived from the structs."""
    layout = _LAYOUTS[kind]
    definitions = msgspec.json.schema(layout.document)["$defs"]
    found = [
        *_columns_of(definitions, layout.document.__name__, "", layout, is_item=False),
        *(_columns_of(definitions, layout.item, "", layout, is_item=True) if layout.item else ()),
    ]
    assert len({column.name for column in found}) == len(found), "two fields share a column"
    return {column.name: column for column in found}


def _columns_of(
    definitions: Any, name: str, prefix: str, layout: _Layout, *, is_item: bool
) -> Iterator[_Column]:
    schema = definitions[name]
    for field, declared in schema["properties"].items():
        options = declared.get("anyOf", [declared])
        wanted = next(option for option in options if option != {"type": "null"})
        struct = wanted.get("$ref", "").rpartition("/")[2]
        kind = {"string": "text", "integer": "number", "boolean": "flag", "array": "list"}.get(
            wanted.get("type", "")
        )
        if struct in layout.groups:
            yield from _columns_of(definitions, struct, f"{prefix}{field}.", layout, is_item=is_item)
        elif kind is not None and (kind != "list" or "$ref" not in wanted["items"]):
            # Numbers of goods items may be left out: the order of the rows says them.
            is_required = field in schema["required"] if field != "sequence_number" else False
            yield _Column(f"{prefix}{field}", is_item, kind, is_required and not prefix)


class _Lines:
    """Lines of a chunked file, decoded one by one, that can be taken back when a row made of them fails."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = _split(chunks)
        self._again: list[bytes] = []
        self._taken: list[bytes] = []
        self._taken_bytes = 0
        # Read when it is asked for: who sends slowly waits for the answer to what is there.
        self._next: bytes | None = next(self._lines, b"").removeprefix(b"\xef\xbb\xbf")
        self._faults: list[tuple[str, dict[str, str]]] = []

    def peek(self) -> bytes:
        if self._next is None:
            self._next = self._again.pop() if self._again else next(self._lines, b"")
        return self._next

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.peek()
        if not line:
            raise StopIteration
        if self._taken_bytes > ROW_BYTES_MAX:
            raise csv.Error("a row without end")
        self._next = None
        self._taken.append(line)
        self._taken_bytes += len(line)
        if len(line) > ROW_BYTES_MAX:
            self._faults.append(("message-too-large", {"bytes_max": str(ROW_BYTES_MAX)}))
            return line[:64].decode("utf-8", "replace").replace('"', "") + "\n"
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as fault:
            byte = str(fault.start + 1)
            self._faults.append(("not-utf-8", {"byte": byte, "likely_encoding": "Windows-1252"}))
            return line.decode("utf-8", "replace")

    def close_row(self) -> list[tuple[str, dict[str, str]]]:
        """Say the lines taken since the last call made a row; give their faults."""
        faults, self._faults = self._faults, []
        self._taken, self._taken_bytes = [], 0
        return faults

    def give_back(self) -> str:
        """Keep the first of the lines taken and give it; put the others back to be read again."""
        first, *rest = self._taken or [b""]
        if rest:
            if self._next is not None:
                self._again.append(self._next)
            self._again += reversed(rest[1:])
            self._next = rest[0]
        self._taken, self._taken_bytes, self._faults = [], 0, []
        return first.decode("utf-8", "replace")


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut chunks into lines with their ends. Of a line that is too long only the beginning is kept."""
    rest = b""
    is_skipping = False
    for chunk in chunks:
        *whole, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
        for line in whole:
            if not is_skipping:
                yield line + b"\n"
            is_skipping = False
        if len(rest) > ROW_BYTES_MAX:
            if not is_skipping:
                yield rest[: ROW_BYTES_MAX + 1]
            is_skipping, rest = True, b""
    if rest and not is_skipping:
        yield rest


class _Row(msgspec.Struct, frozen=True):
    """number: as a spreadsheet counts. faults: of the whole row. is_whole: its cells are what was meant."""

    number: int
    cells: list[str]
    faults: list[Finding]
    is_whole: bool = True


def _rows(lines: _Lines, delimiter: str) -> Iterator[_Row]:
    """Read rows; a quoted cell may hold line ends. A quote that never closes spoils its own line only."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # The rest of what the quote swallowed is read again, as rows of their own.
            cells = lines.give_back().split(delimiter)
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            yield _Row(number, cells, [Finding("malformed-csv", f"row {number}")], is_whole=False)
            continue
        faults = [Finding(code, f"row {number}", parameters=told) for code, told in lines.close_row()]
        is_whole = all(fault.code != "message-too-large" for fault in faults)
        yield _Row(number, cells, faults, is_whole)


class _Header(msgspec.Struct, frozen=True):
    """names: of the columns, in order. reference: where it stands. is_ours: the file has our remarks."""

    names: list[str]
    reference: int
    is_ours: bool


def _read_header(row: _Row, kind: str) -> tuple[_Header, list[Finding]]:
    if not row.is_whole:
        return _Header([], 0, is_ours=False), row.faults
    known = columns(kind)
    names = [cell.strip().lower() for cell in row.cells]
    faults = list(row.faults)
    for position, name in enumerate(names):
        if name in REMARK_COLUMNS:
            continue
        place = f"row 1, column {name[:64] or position + 1}"
        if name not in known:
            near = difflib.get_close_matches(name[:64], known, n=1, cutoff=0.75)
            suggestion = {"did_you_mean": near[0]} if near else {}
            faults.append(Finding("unknown-field", place, parameters={"field": name[:64], **suggestion}))
        elif name in names[:position]:
            faults.append(Finding("repeated-field", place, parameters={"field": name}))
    for column in known.values():
        if column.is_required and column.name not in names:
            place = f"row 1, column {column.name}"
            faults.append(Finding("missing-field", place, parameters={"field": column.name}))
    reference = names.index("reference") if "reference" in names else 0
    return _Header(names, reference, is_ours=any(name in REMARK_COLUMNS for name in names)), faults


def _documents(rows: Iterator[_Row], header: _Header, kind: str) -> Iterator[CsvDocument[Any]]:
    has_items = bool(_LAYOUTS[kind].items)
    group: list[_Row] = []
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


def _cell(row: _Row, position: int, *, is_ours: bool) -> str:
    cell = row.cells[position].strip() if position < len(row.cells) else ""
    return _plain(cell) if is_ours else cell


def _read_group(group: list[_Row], header: _Header, spilled: int, kind: str) -> CsvDocument[Any]:
    """Read the rows of one document, faults and all."""
    layout, known, item_places = _LAYOUTS[kind], columns(kind), _item_places(kind)
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


def _placed_cells(row: _Row, header: _Header, faults: list[Finding]) -> Iterator[tuple[str, PlacedText]]:
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


def _value(text: PlacedText, column: _Column) -> Any:
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
    required = {field.name for field in fields(_LAYOUTS[kind].document) if field.required}
    return places | {name: f", column {name}.name" for name in required if f"{name}.name" in columns(kind)}

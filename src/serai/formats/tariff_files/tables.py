"""Rows of a CSV or JSON file with their lines: bounded, and a bad row spoils itself alone."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from serai.formats.packed import packing_of
from serai.formats.tariff_files.outcome import Refused, TariffFileError
from serai.law.load import FORMULA_SIGNS

FILE_BYTES_MAX: Final = 256 * 1024 * 1024
"""A whole TARIC as CSV is about 60 MB."""
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS: Final = (",", ";", "\t")
_HEAD_BYTES_MAX: Final = 100_000


class TableRow(NamedTuple):
    """One row by heading. line: of the file. fault: why its cells cannot be relied on."""

    line: int
    cells: Mapping[str, Any]
    fault: Refused | None = None


def check_bytes(content: bytes, file: str) -> None:
    """Refuse what is no text of bearable size. Raises TariffFileError."""
    if len(content) > FILE_BYTES_MAX:
        raise TariffFileError(
            "tariff-file-too-large",
            f"{file} has {len(content)} bytes; {FILE_BYTES_MAX} is the most.",
            "Split it by chapters and import each part with --add.",
        )
    packing = packing_of(content)
    if packing is not None:
        raise TariffFileError("tariff-file-packed", f"{file} is packed ({packing}).", "Unpack it first.")
    if content.startswith(_UTF_16_MARKS) or b"\x00" in content:
        line = content[: content.find(b"\x00")].count(b"\n") + 1 if b"\x00" in content else 1
        raise TariffFileError(
            "tariff-file-not-utf-8", f"{file}:{line}: not UTF-8, likely UTF-16.", "Save it as UTF-8."
        )
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise TariffFileError("tariff-file-empty", f"{file} is empty.", "Name a file with rows.")


def read_csv_rows(content: bytes, file: str, needed: Mapping[str, tuple[str, ...]]) -> Iterator[TableRow]:
    """Read rows under the headings we call them by.

    needed: our name and the headings a file may use for it, in lower case; a name that ends in `?` may be
    missing. Other columns keep their heading. Raises TariffFileError: no such headings, quotes that never
    close.
    """
    check_bytes(content, file)
    head = content[:_HEAD_BYTES_MAX].partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = max(DELIMITERS, key=head.count)
    # A byte that is no UTF-8 becomes a lone surrogate and is told with its row.
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", "surrogateescape", newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    names: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if names is None:
                names = _name_columns(cells, needed, f"{file}:{start}")
            elif any(cell.strip() for cell in cells):
                yield _row(start, names, cells)
    except csv.Error as fault:
        raise TariffFileError(
            "tariff-file-malformed",
            f"{file}:{line}: {fault}.",
            "Close the quotation mark or shorten the cell.",
        ) from fault


def _row(line: int, names: list[str], cells: list[str]) -> TableRow:
    # Spreadsheets leave out the empty cells at the end of a row.
    given = [*cells, *[""] * (len(names) - len(cells))]
    found = dict(zip(names, (cell.strip() for cell in given), strict=False))
    if not "".join(cells).isascii() and any("\udc80" <= sign <= "\udcff" for cell in cells for sign in cell):
        safe = {name: cell.encode("utf-8", "replace").decode() for name, cell in found.items()}
        fault = Refused(
            "not-utf-8",
            "The row is not UTF-8, likely Windows-1252.",
            "Save the file as UTF-8 and import it again.",
        )
        return TableRow(line, safe, fault)
    formula = next((cell for cell in found.values() if cell.startswith(FORMULA_SIGNS)), None)
    if formula is not None:
        fault = Refused(
            "cell-is-formula",
            f"The cell `{formula[:40]}` would be run by a spreadsheet.",
            "Begin the cell with a letter or a digit.",
        )
        return TableRow(line, found, fault)
    if any(cell.strip() for cell in cells[len(names) :]):
        fault = Refused(
            "too-many-cells",
            f"The row has {len(cells)} cells under {len(names)} headings.",
            "Quote the commas in it.",
        )
        return TableRow(line, found, fault)
    return TableRow(line, found)


def _name_columns(cells: list[str], needed: Mapping[str, tuple[str, ...]], place: str) -> list[str]:
    headings = [cell.strip().lower() for cell in cells]
    names = list(headings)
    for name, aliases in needed.items():
        ours = name.removesuffix("?")
        at = next((headings.index(alias) for alias in (ours, *aliases) if alias in headings), None)
        if at is not None:
            names[at] = ours
        elif not name.endswith("?"):
            raise TariffFileError(
                "tariff-column-missing",
                f"{place}: no column {ours}; the headings are {', '.join(headings)[:300]}.",
                f"Name it one of {', '.join((ours, *aliases))}, or choose another --form.",
            )
    return names


def read_json_rows(content: bytes, file: str) -> Iterator[TableRow]:
    """Read an array of objects, each with its line. Raises TariffFileError with the line."""
    check_bytes(content, file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise TariffFileError(
            "tariff-file-not-utf-8",
            f"{file}:{line}: byte {fault.start + 1} is not UTF-8.",
            "Save it as UTF-8.",
        ) from fault
    decoder = json.JSONDecoder()
    place = _skip(text, 0)
    line = 1 + text.count("\n", 0, place)
    if text[place : place + 1] != "[":
        raise _malformed(file, line, "an array of rows is expected")
    place = _skip(text, place + 1)
    counted = 0
    line = 1
    while text[place : place + 1] != "]":
        line += text.count("\n", counted, place)
        counted = place
        try:
            found, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as fault:
            raise _malformed(file, fault.lineno, fault.msg) from fault
        except (RecursionError, ValueError) as fault:
            raise _malformed(file, line, "nested too deep, or a number without end") from fault
        if isinstance(found, dict):
            yield TableRow(line, found)
        else:
            fault_of_row = Refused("row-no-object", "The entry is no object.", "Write each row as `{...}`.")
            yield TableRow(line, {}, fault_of_row)
        place = _skip(text, end)
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif text[place : place + 1] != "]":
            line += text.count("\n", counted, place)
            raise _malformed(file, line, "a comma or the end of the array is expected")


_BLANKS: Final = " \t\r\n"


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place


def _malformed(file: str, line: int, what: str) -> TariffFileError:
    return TariffFileError(
        "tariff-file-malformed", f"{file}:{line}: {what}.", "Export the file again; it may have been cut off."
    )

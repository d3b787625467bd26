"""The Harmonized Tariff Schedule of the United States, as its exports in CSV and JSON have it.

General, special and column 2 rates; notes of chapters 98 and 99 are kept by reference.
"""

import datetime as dt
import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from serai.formats.tariff_files.duty_text import CHARACTERS_MAX, read_duty
from serai.formats.tariff_files.facts import COLUMN_TWO, PROGRAMMES
from serai.formats.tariff_files.measure import Groups, Member, lines_of_group, prefix_of
from serai.formats.tariff_files.outcome import Outcome, Refused, refused, set_aside
from serai.formats.tariff_files.tables import TableRow, read_csv_rows, read_json_rows
from serai.law.tariff_line import TariffLine

_COLUMNS: Final = {
    "htsno": ("hts number", "hts_number"),
    "general": ("general rate of duty", "general_rate_of_duty"),
    "special?": ("special rate of duty", "special_rate_of_duty"),
    "other?": ("column 2 rate of duty", "column_2_rate_of_duty"),
    "additionalduties?": ("additional duties", "additional_duties"),
}
_REFERENCE: Final = re.compile(r"\b9[89][0-9]{2}\.[0-9]{2}(?:\.[0-9]{2,4})*")
_FOOTNOTE_MARK: Final = re.compile(r"\s*\d{1,2}/\s*$")
_SPECIAL: Final = re.compile(r"(?P<rate>[^()]+?)\s*\((?P<programmes>[^()]*)\)")
_NO_GROUPS: Final[Groups] = MappingProxyType({})


def read_hts_csv(content: bytes, file: str, groups: Groups, valid_from: dt.date) -> Iterator[Outcome]:
    """Read the export in CSV. valid_from: of the edition. Raises TariffFileError."""
    return _read(list(read_csv_rows(content, file, _COLUMNS)), groups, valid_from)


def read_hts_json(content: bytes, file: str, groups: Groups, valid_from: dt.date) -> Iterator[Outcome]:
    """Read the export in JSON. valid_from: of the edition. Raises TariffFileError."""
    return _read([_as_text(row) for row in read_json_rows(content, file)], groups, valid_from)


def _as_text(row: TableRow) -> TableRow:
    """Bring names to lower case, and footnotes to the references they hold."""
    cells = {str(name).lower(): cell for name, cell in row.cells.items()}
    notes = cells.get("footnotes")
    for name, cell in cells.items():
        if name in ("htsno", "general", "special", "other") and not isinstance(cell, str | None):
            return row._replace(
                cells={}, fault=Refused("row-malformed", f"`{name}` is no text.", "Export the file again.")
            )
    texts = {name: cell for name, cell in cells.items() if isinstance(cell, str)}
    if isinstance(notes, list):
        texts["footnotes"] = " ".join(str(one.get("value", "")) for one in notes if isinstance(one, dict))
    # The export spells the column in two ways.
    texts.setdefault("additionalduties", texts.get("addiitionalduties", ""))
    return row._replace(cells=texts)


class _Edition(NamedTuple):
    """What all rows share. rated: codes with a rate. above: what such codes begin with."""

    rated: frozenset[str]
    above: frozenset[str]
    groups: Groups
    valid_from: dt.date


class _Place(NamedTuple):
    """Where a rate stands: line and code of its row, and the line of a tariff without its rate."""

    line: int
    subject: str
    plain: TariffLine


def _read(rows: list[TableRow], groups: Groups, valid_from: dt.date) -> Iterator[Outcome]:
    codes = [_digits(row.cells.get("htsno", "")) for row in rows]
    rated = frozenset(
        code for code, row in zip(codes, rows, strict=True) if row.cells.get("general", "").strip()
    )
    above = frozenset(code[:length] for code in rated for length in range(2, len(code)))
    edition = _Edition(rated, above, {**_programme_groups(), **groups}, valid_from)
    for row, code in zip(rows, codes, strict=True):
        yield from _outcomes(row, code, edition)


def _outcomes(row: TableRow, code: str, edition: _Edition) -> Iterator[Outcome]:
    subject = str(row.cells.get("htsno", ""))[:20]
    if row.fault is not None:
        yield refused(row.line, subject, row.fault)
        return
    cells = {name: row.cells.get(name, "").strip() for name in ("general", "special", "other")}
    if max(map(len, cells.values())) > CHARACTERS_MAX:
        fault = Refused("duty-not-understood", "A rate without end.", "Write the row as plain-csv.")
        yield refused(row.line, subject, fault)
        return
    if not code or code.startswith("99") or not any(cells.values()):
        yield _without_own_rate(row.line, subject, code, edition, has_rate=any(cells.values()))
        return
    try:
        place = _Place(row.line, subject, _plain_line(row, code, edition.valid_from))
    except Refused as fault:
        yield refused(row.line, subject, fault)
        return
    yield _part(place, "general", cells["general"])
    if cells["special"]:
        yield from _special(place, cells["special"], edition.groups)
    if cells["other"]:
        yield _column_2(place, cells["other"])


def _plain_line(row: TableRow, code: str, valid_from: dt.date) -> TariffLine:
    names = ("footnotes", "additionalduties", "general", "special", "other")
    notes = " ".join(row.cells.get(name, "") for name in names)
    return TariffLine(
        measure="duty",
        commodity_prefix=prefix_of(code),
        valid_from=valid_from,
        valid_to=None,
        source=f"HTSUS {row.cells['htsno'].strip()}",
        footnotes=tuple(dict.fromkeys(_REFERENCE.findall(notes))),
    )


def _without_own_rate(line: int, subject: str, code: str, edition: _Edition, *, has_rate: bool) -> Outcome:
    if code.startswith("99"):
        reason = (
            "Chapter 99 applies by reference: its duty is on top of that of other goods, whose lines name it."
        )
        return set_aside(line, subject, "by-reference", reason)
    if not code and has_rate:
        return refused(
            line, subject, Refused("commodity-code-missing", "A rate without a code.", "Add the HTS number.")
        )
    if not code or code in edition.above:
        return set_aside(line, subject, "heading", "A heading; the rates stand below.")
    if any(code[:length] in edition.rated for length in range(2, len(code))):
        return set_aside(line, subject, "rate-above", "A statistical suffix; its rate stands above.")
    fault = Refused("duty-missing", "Neither the row nor one above or below it has a rate.", "Add the rate.")
    return refused(line, subject, fault)


def _part(place: _Place, column: str, text: str, programme: str = "", groups: Groups = _NO_GROUPS) -> Outcome:
    """Read the rate of one column, or of one programme in it."""
    text = _FOOTNOTE_MARK.sub("", text)
    line, subject, plain = place.line, f"{place.subject} {column}", place.plain
    by_reference = set_aside(line, subject, "by-reference", f"The rate stands elsewhere: {text[:200]}")
    if _REFERENCE.search(text):
        return by_reference
    try:
        terms = read_duty(text)
    except Refused as fault:
        # Chapter 98 speaks in words of the rates of other chapters.
        return by_reference if plain.commodity_prefix.startswith("98") else refused(line, subject, fault)
    rated = msgspec.structs.replace(plain, **terms.fields(), preference_code=programme)
    try:
        lines = lines_of_group(rated, programme, groups) if programme else (rated,)
    except Refused as fault:
        return refused(line, subject, fault)
    notes = plain.footnotes if column == "general" else ()
    return Outcome(
        line=line,
        outcome="taken",
        subject=subject,
        remark=f"notes by reference: {', '.join(notes)}" if notes else "",
        lines=lines,
        currency=terms.currency,
    )


def _special(place: _Place, text: str, groups: Groups) -> Iterator[Outcome]:
    """Read `Free (A+, AU) 1.2% (KR)`: each programme is claimed by its symbol."""
    end = 0
    for found in _SPECIAL.finditer(text):
        end = found.end()
        for symbol in filter(None, (part.strip() for part in found["programmes"].split(","))):
            yield _part(place, f"special {symbol[:10]}", found["rate"].strip(), symbol, groups)
    rest = _FOOTNOTE_MARK.sub("", text[end:]).strip()
    if rest:
        fault = Refused(
            "duty-not-understood",
            f"`{rest[:80]}` is no rate with programmes in brackets.",
            "Write these lines as plain-csv.",
        )
        yield refused(place.line, f"{place.subject} special", fault)


def _column_2(place: _Place, text: str) -> Outcome:
    outcome = _part(place, "column 2", text)
    lines = [
        msgspec.structs.replace(
            one, origin_codes=tuple(group.origin_codes), valid_from=max(one.valid_from, group.valid_from)
        )
        for one in outcome.lines
        for group in COLUMN_TWO
    ]
    return msgspec.structs.replace(outcome, lines=tuple(lines))


def _programme_groups() -> Groups:
    return {symbol: [Member(code) for code in codes] for symbol, codes in PROGRAMMES.items()}


def _digits(htsno: object) -> str:
    return re.sub(r"[^0-9]", "", htsno) if isinstance(htsno, str) else ""

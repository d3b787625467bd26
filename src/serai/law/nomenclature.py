"""Editions of the Harmonized System as tables: the codes of one, and what became of them in the next.

Tables in `tables/nomenclature`: `editions.csv`, `hs-<year>.csv` (codes of 2, 4 and 6 digits with a title in
our own words where there is one) and `hs-<year>-<year>.csv` (what changed; a code that is not named stays as
it is, as far as the table is whole).
"""

import datetime as dt
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from serai.law.load import decode_table, read_table
from serai.law.program import LawPackError

FOLDER: Final = "tables/nomenclature"
EDITIONS: Final = f"{FOLDER}/editions.csv"
Code = Annotated[str, Meta(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6})$")]
_Confidence = Literal["sourced", "partly", "from-general-knowledge"]


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An edition. headings_count, subheadings_count: as published. is_whole: its table has every code.

    is_correlation_whole: so has the table of what became of the codes of the edition before.
    """

    edition: Annotated[str, Meta(pattern=r"^[0-9]{4}$")]
    valid_from: dt.date
    valid_to: dt.date | None
    headings_count: int
    subheadings_count: int
    is_whole: bool
    is_correlation_whole: bool
    confidence: _Confidence
    source: str


class HsCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A chapter, heading or subheading. title: short and our own, not the nomenclature's; may be empty."""

    code: Code
    title: str = ""


class CorrelationRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Goods of a code of the old edition that stand under a code of the new one.

    to_code: of four digits where only the heading is known. extent: whether all goods of from_code go there.
    """

    from_code: Code
    to_code: Code
    extent: Literal["whole", "part"]
    confidence: _Confidence
    source: Annotated[str, Meta(min_length=1)]
    note: str = ""


class Nomenclature:
    """The codes of one edition."""

    def __init__(self, codes: Iterable[HsCode]) -> None:
        self.titles = {one.code: one.title for one in codes}
        self._sorted = sorted(self.titles)

    def __contains__(self, code: str) -> bool:
        return code in self.titles

    def below(self, prefix: str) -> list[str]:
        """Return the subheadings below a prefix, ascending."""
        begin, end = bisect_left(self._sorted, prefix), bisect_left(self._sorted, f"{prefix}:")
        return [code for code in self._sorted[begin:end] if len(code) == 6]

    def title_of(self, code: str) -> str:
        """Return the closest title there is for a code; empty where there is none."""
        return next((title for length in (6, 4, 2) if (title := self.titles.get(code[:length], ""))), "")


def read_editions(files: Mapping[str, bytes]) -> dict[str, Edition]:
    """Return the editions by year. Raises LawPackError."""
    content = files.get(EDITIONS)
    return {} if content is None else {one.edition: one for one in decode_table(content, Edition, EDITIONS)}


def read_nomenclature(files: Mapping[str, bytes], edition: str) -> Nomenclature:
    """Return the codes of an edition. Raises LawPackError `table-shape` also where there is no table."""
    path = f"{FOLDER}/hs-{edition}.csv"
    if path not in files:
        raise LawPackError("table-shape", path, "there is no such file.", "Put the edition's codes there.")
    return Nomenclature(decode_table(files[path], HsCode, path))


def find_nomenclature_faults(files: Mapping[str, bytes], path: str) -> Iterator[LawPackError]:
    """Find what is wrong with one of the tables of editions."""
    found = _TABLE_NAME.fullmatch(path)
    if path != EDITIONS and found is None:
        yield LawPackError(
            "table-shape", path, "the file is none of editions.csv, hs-2022.csv, hs-2022-2028.csv."
        )
        return
    kind = Edition if path == EDITIONS else HsCode
    if found is None or found["after"] is None:
        yield from (row for _, row in read_table(files[path], kind, path) if isinstance(row, LawPackError))
        return
    try:
        old = read_nomenclature(files, found["edition"])
        edition = read_editions(files).get(found["after"])
        new = read_nomenclature(files, found["after"]) if edition is not None and edition.is_whole else None
    except LawPackError:
        # It is told with its own table.
        return
    yield from find_correlation_faults(files[path], path, old, new)


_TABLE_NAME: Final = re.compile(rf"{FOLDER}/hs-(?P<edition>[0-9]{{4}})(?:-(?P<after>[0-9]{{4}}))?\.csv")


def find_correlation_faults(
    content: bytes, file: str, old: Nomenclature, new: Nomenclature | None
) -> Iterator[LawPackError]:
    """Find rows that cannot be: `table-shape` (unreadable, said twice, whole and split), `unknown-name` (no
    code of its edition). new: None where the new edition's codes are not known.
    """
    seen: dict[tuple[str, str], int] = {}
    extents: dict[str, list[str]] = defaultdict(list)
    for line, row in read_table(content, CorrelationRow, file):
        place = f"{file}:{line}"
        if isinstance(row, LawPackError):
            yield row
            continue
        if row.from_code not in old:
            yield LawPackError("unknown-name", place, f"{row.from_code} is no code of the old edition.")
        if new is not None and row.to_code not in new:
            yield LawPackError("unknown-name", place, f"{row.to_code} is no code of the new edition.")
        earlier = seen.setdefault((row.from_code, row.to_code), line)
        if earlier != line:
            message = f"{row.from_code} to {row.to_code} stands in line {earlier} already."
            yield LawPackError("table-shape", place, message, "Leave one of the two out.")
        extents[row.from_code].append(row.extent)
        if len(extents[row.from_code]) > 1 and "whole" in extents[row.from_code]:
            message = f"{row.from_code} goes whole to one code and to another too."
            yield LawPackError("table-shape", place, message, "Say `part` of each.")

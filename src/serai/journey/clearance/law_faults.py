"""Faults of a folder of law packs: every pack decoded, every composition that can be in force compiled."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.law.book import BASE_LAYER, LawBook
from serai.law.library import load_book, read_packs
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.program import LawPackError
from serai.law.tariff import day_number
from serai.law.territory import Territory
from serai.model.code_lists import CHANNEL_CODES

TERRITORIES: Final = "tables/territories.csv"


class LawFaultyError(InputFaultyError):
    """Packs that cannot be put in force; `errors` names every fault with its file and line."""

    def __init__(self, faults: Sequence[LawPackError]) -> None:
        first = faults[0]
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        super().__init__(
            tuple(InputFault(one.place, one.code, one.message, one.next_step) for one in faults),
            f"The law in force stays in force, for these packs have faults. {first.message}{more}",
            "Correct them, and see with `serai law check` whether more is wrong.",
        )
        self.code = "law-faulty"


def find_law_faults(files: Mapping[str, bytes]) -> tuple[int, int, list[LawPackError]]:
    """Load and compile the packs of a folder; returns how many are sound, compositions compiled, faults."""
    sound, faults = _decode_each(files)
    compositions = 0
    if TERRITORIES not in files:
        faults.append(
            LawPackError(
                "table-shape", TERRITORIES, "there is no such file.", "Put the tables beside the packs."
            )
        )
    if not faults:
        try:
            compositions = _compile_all(load_book(files), files, sound, faults)
        except LawPackError as fault:
            faults.append(fault)
        except (UnicodeDecodeError, csv.Error) as fault:
            faults.append(LawPackError("table-shape", "a table", f"{fault}."))
    return len(sound), compositions, faults


def _decode_each(files: Mapping[str, bytes]) -> tuple[list[Pack], list[LawPackError]]:
    """Decode pack by pack, so that one faulty file does not hide the next one's fault."""
    sound: list[Pack] = []
    faults: list[LawPackError] = []
    for path in files:
        code, _, name = path.partition("/")
        if name == "pack.yaml":
            try:
                sound.extend(one.pack for one in read_packs({path: files[path]}, [code]))
            except LawPackError as fault:
                faults.append(fault)
    return sound, faults


def _compile_all(
    book: LawBook, files: Mapping[str, bytes], packs: Iterable[Pack], faults: list[LawPackError]
) -> int:
    """Compile each composition once; add its fault to `faults`. Returns how many there are."""
    seen = dict.fromkeys(_compositions(book, files))
    compiled = {code for codes in seen for code in codes}
    # What no day brings into force alone is compiled by itself, or on the first base law of its territory.
    for pack in packs:
        if pack.code not in compiled and (pack.layer == BASE_LAYER):
            seen[pack.code,] = None
    for codes in seen:
        try:
            book.program_number(codes)
        except LawPackError as fault:
            faults.append(fault)
    return len(seen)


def _compositions(book: LawBook, files: Mapping[str, bytes]) -> Iterator[tuple[str, ...]]:
    territories = {
        (row.customs_territory_code, row.tax_territory_code)
        for row in decode_table(files[TERRITORIES], Territory, TERRITORIES)
    }
    for day in _days_of_change(one.pack for one in book.packs.values()):
        for customs, tax in sorted(territories):
            for channel in CHANNEL_CODES:
                codes = book.codes_on(customs, tax, channel, day_number(day))
                if codes is not None:
                    yield codes


def _days_of_change(packs: Iterable[Pack]) -> list[dt.date]:
    days: set[dt.date] = set()
    for pack in packs:
        spans = [(pack.valid_from, pack.valid_to), *((p.valid_from, p.valid_to) for p in pack.suspended)]
        days |= {day for span in spans for day in span if day is not None}
    return sorted(days)

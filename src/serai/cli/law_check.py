"""`serai law check`: every pack decoded, every composition of packs that can be in force compiled."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.law.book import BASE_LAYER, LawBook
from serai.law.library import load_book, read_packs
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.program import LawPackError
from serai.law.tariff import day_number
from serai.law.territory import Territory
from serai.model.code_lists import CHANNEL_CODES

_TERRITORIES = "tables/territories.csv"


def check(*, laws: LawsOption = None, output: OutputOption = None) -> int:
    """Load and compile every pack, also planned ones and drafts; say what is wrong, with file and line.

    Exit code 1 if anything is.
    """
    packs, compositions, faults = find_law_faults(read_chosen_laws(laws))
    rows = [
        {"code": fault.code, "place": fault.place, "message": fault.message, "next_step": fault.next_step}
        for fault in faults
    ]
    chosen = choose_output(output)
    if chosen == "ndjson" or (chosen == "table" and rows):
        print_rows(rows, chosen, ("code", "message", "next_step"))
    elif chosen == "table":
        print_facts({"packs": packs, "compositions": compositions, "faults": "none"}, chosen)
    else:
        print_facts({"packs": packs, "compositions": compositions, "faults": rows}, chosen)
    return 1 if faults else 0


def find_law_faults(files: Mapping[str, bytes]) -> tuple[int, int, list[LawPackError]]:
    """Load and compile the packs of a folder; returns how many are sound, compositions compiled, faults."""
    sound, faults = _decode_each(files)
    compositions = 0
    if not faults:
        try:
            compositions = _compile_all(load_book(files), files, sound, faults)
        except LawPackError as fault:
            faults.append(fault)
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
        for row in decode_table(files[_TERRITORIES], Territory, _TERRITORIES)
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

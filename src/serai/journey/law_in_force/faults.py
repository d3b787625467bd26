"""Faults of a folder of law packs, all at once: every file read, every composition that can be in force
compiled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.law.book import BASE_LAYER, LawBook, find_slot_faults
from serai.law.bounded_pattern import is_bounded
from serai.law.composition import find_program_faults
from serai.law.exchange import ExchangeRate
from serai.law.library import TERRITORIES, find_tariff_faults, load_book
from serai.law.load import decode_pack, decode_table, find_pack_faults, read_table
from serai.law.nomenclature import FOLDER as NOMENCLATURE
from serai.law.nomenclature import find_nomenclature_faults
from serai.law.pack import Pack
from serai.law.pack_lines import PackLines, find_place
from serai.law.parameter_check import find_days_without_value
from serai.law.program import LawPackError
from serai.law.registration import find_pattern_faults
from serai.law.territory import Territory

ROW_FAULTS_MAX: Final = 100
"""Faults told of one table; a file under the wrong headings has one in every row."""
FAULTS_MAX: Final = 1_000


class LawFault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with law that was handed in.

    file, line: where to look; None where no one file is meant. place: as the loader names it, such as pack
    and rule. message: with the place. next_step: what to do.
    """

    code: str
    file: str | None
    line: int | None
    place: str
    message: str
    next_step: str

    @property
    def where(self) -> str:
        """Return file and line, or the place."""
        if self.file is None:
            return self.place
        return f"{self.file}:{self.line}" if self.line else self.file


class LawFaults(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at and what is wrong. packs_count: of the sound ones."""

    packs_count: int
    compositions_count: int
    faults: list[LawFault]


class LawFaultyError(InputFaultyError):
    """Packs that cannot be put in force; `faults` names every fault with its file and line."""

    def __init__(self, faults: Sequence[LawFault]) -> None:
        first = faults[0]
        more = f" And {len(faults) - 1} more." if len(faults) > 1 else ""
        super().__init__(
            tuple(InputFault(one.where, one.code, one.message, one.next_step) for one in faults),
            f"The law in force stays in force, for these packs have faults. {first.message}{more}",
            "Correct them, and see with `serai law check` whether more is wrong.",
        )
        self.code = "law-faulty"


def find_law_faults(files: Mapping[str, bytes]) -> LawFaults:
    """Read and compile the packs of a folder, by path; say all that is wrong, each fault once."""
    packs, faults = _read_packs(files)
    # What cannot be read may define what others name, and fill what looks like a gap.
    is_whole = not faults
    faults += _find_in_tables(files)
    for pack in packs.values():
        faults += _find_in_pack(pack)
    faults += [one for one in find_slot_faults(packs.values()) if is_whole or one.code != "gap"]
    compositions_count = 0
    if not any(one.code in _KEEPS_FROM_LOADING for one in faults):
        known = {path: content for path, content in files.items() if not path.endswith("/pack.yaml")}
        known.update({path: files[path] for path in (f"{code}/pack.yaml" for code in packs)})
        compositions_count, found = _find_in_compositions(known)
        faults += [one for one in found if is_whole or one.code != "unknown-name"]
    unique = {(one.code, one.message): one for one in faults}
    return LawFaults(
        packs_count=len(packs),
        compositions_count=compositions_count,
        faults=list(_placed(islice(unique.values(), FAULTS_MAX), packs, files)),
    )


_KEEPS_FROM_LOADING: Final = frozenset({"table-shape", "tariff-overlap", "pattern-unfit", "overlap", "gap"})


def _placed(
    faults: Iterable[LawPackError], packs: Mapping[str, Pack], files: Mapping[str, bytes]
) -> Iterator[LawFault]:
    lines: dict[str, PackLines] = {}
    for fault in faults:
        file, line = find_place(fault.place, packs, files, lines)
        is_file = line is not None or file in files
        yield LawFault(
            code=fault.code,
            file=file if is_file else None,
            line=line,
            place=fault.place,
            message=fault.message,
            next_step=fault.next_step,
        )


def _read_packs(files: Mapping[str, bytes]) -> tuple[dict[str, Pack], list[LawPackError]]:
    """Decode pack by pack, so that one faulty file does not hide the next one's faults."""
    packs: dict[str, Pack] = {}
    faults: list[LawPackError] = []
    for path, content in files.items():
        folder, _, name = path.rpartition("/")
        if name == "tariff.csv" and f"{folder}/pack.yaml" not in files:
            faults.append(LawPackError("pack-misplaced", path, "there is no pack.yaml beside it."))
        if name != "pack.yaml":
            continue
        if found := find_pack_faults(content, path):
            faults += islice(found, ROW_FAULTS_MAX)
            continue
        pack = decode_pack(content, path)
        if pack.code == folder:
            packs[pack.code] = pack
        else:
            line = PackLines(content).line(("code",))
            message = f"the folder is called `{folder}`, its pack {pack.code}."
            faults.append(LawPackError("pack-misplaced", f"{path}:{line}", message))
    return packs, faults


def _find_in_pack(pack: Pack) -> Iterator[LawPackError]:
    yield from find_pattern_faults(pack)
    for parameter in pack.parameters:
        yield from find_days_without_value(parameter, pack)
    if pack.valid_to is not None and pack.valid_to <= pack.valid_from:
        yield LawPackError("wrong-dates", f"{pack.code}, valid_to", "the pack ends before it begins.")
    if pack.time_zone is not None and not _is_time_zone(pack.time_zone):
        message = f"there is no time zone `{pack.time_zone[:40]}`."
        yield LawPackError("unknown-name", f"{pack.code}, time_zone", message)


def _find_in_tables(files: Mapping[str, bytes]) -> list[LawPackError]:
    faults: list[LawPackError] = []
    if TERRITORIES not in files:
        message = "there is no such file."
        faults.append(LawPackError("table-shape", TERRITORIES, message, "Put the tables beside the packs."))
    for path, content in files.items():
        found: Iterator[LawPackError] = iter(())
        if path == TERRITORIES:
            found = _find_in_territories(content)
        elif path.startswith("tables/exchange/") and path.endswith(".csv"):
            rows = read_table(content, ExchangeRate, path)
            found = (row for _, row in rows if isinstance(row, LawPackError))
        elif path.endswith("/tariff.csv"):
            found = find_tariff_faults(content, path)
        elif path.startswith(f"{NOMENCLATURE}/"):
            found = find_nomenclature_faults(files, path)
        faults += _first_and_how_many(found, path)
    return faults


def _first_and_how_many(faults: Iterator[LawPackError], path: str) -> Iterator[LawPackError]:
    yield from islice(faults, ROW_FAULTS_MAX)
    more = sum(1 for _ in faults)
    if more:
        yield LawPackError("table-shape", path, f"{more} more rows have faults.", "Correct the first ones.")


def _find_in_territories(content: bytes) -> Iterator[LawPackError]:
    for line, row in read_table(content, Territory, TERRITORIES):
        place = f"{TERRITORIES}:{line}"
        if isinstance(row, LawPackError):
            yield row
        elif not _is_time_zone(row.time_zone):
            yield LawPackError("table-shape", place, f"there is no time zone `{row.time_zone[:40]}`.")
        elif not is_bounded(row.postcode_pattern):
            message = f"the pattern `{row.postcode_pattern[:80]}` may repeat without end, or is none."
            yield LawPackError("pattern-unfit", place, message)


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _find_in_compositions(files: Mapping[str, bytes]) -> tuple[int, list[LawPackError]]:
    """Compile each composition once; returns how many there are, and their faults."""
    try:
        book = load_book(files)
    except LawPackError as fault:
        return 0, [fault]
    territories = {
        (row.customs_territory_code, row.tax_territory_code)
        for row in decode_table(files[TERRITORIES], Territory, TERRITORIES)
    }
    seen = _compositions(book, territories)
    faults: list[LawPackError] = []
    for codes in seen:
        try:
            book.program_number(codes)
        except LawPackError:
            faults += find_program_faults([book.packs[code].pack for code in codes])
    return len(seen), faults


def _compositions(book: LawBook, territories: set[tuple[str, str]]) -> list[tuple[str, ...]]:
    seen = dict.fromkeys(book.compositions(territories))
    # What no day brings into force is compiled as it would stand on its first day.
    packs = [one.pack for one in book.packs.values()]
    compiled = {code for codes in seen for code in codes}
    for pack in packs:
        if pack.layer == BASE_LAYER and pack.code not in compiled:
            seen[_with_layers(pack, packs, territories)] = None
    return list(seen)


def _with_layers(
    base: Pack, packs: Iterable[Pack], territories: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """Return a base law with the layers of its country and customs union on its first day, whatever their
    status; one for each layer.
    """
    places = {base.jurisdiction} | {customs for customs, tax in territories if tax == base.jurisdiction}
    layers: dict[str, str] = {}
    for pack in packs:
        is_there = pack.valid_from <= base.valid_from and (
            pack.valid_to is None or base.valid_from < pack.valid_to
        )
        if pack.jurisdiction in places and pack.layer != BASE_LAYER and is_there:
            layers.setdefault(pack.layer, pack.code)
    return (base.code, *(code for _, code in sorted(layers.items())))

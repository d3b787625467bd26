"""Files of `laws/` into a law book: the folder's bytes are handed in, nothing is read here.

Layout: `<CODE>/pack.yaml`, `<CODE>/tariff.csv`, `tables/territories.csv`, `tables/exchange/*.csv`. Further
lists (rates, registers) come from the store of lists and are handed in as rows.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from serai.law.book import LawBook, LoadedPack, build_book
from serai.law.exchange import Exchange, ExchangeRate
from serai.law.load import content_hash, decode_pack, decode_table, read_table
from serai.law.pack import Pack, Registration
from serai.law.program import LawPackError
from serai.law.registration import SchemeEntry, SchemeRegister, find_pattern_faults
from serai.law.tariff import Tariff, TariffLine
from serai.law.tariff_overlap import Occupied, Place
from serai.law.territory import Territories, Territory

PackFiles = Mapping[str, bytes]
"""Path inside `laws/` (with `/`) to content."""
TERRITORIES: Final = "tables/territories.csv"
NO_PACKS: Mapping[str, Pack] = MappingProxyType({})
"""Nothing stands in for the files."""
NO_VERSIONS: Mapping[str, Sequence[Pack]] = MappingProxyType({})
"""No pack differs from its file."""


def load_book(
    files: PackFiles,
    *,
    codes: Iterable[str] | None = None,
    packs: Mapping[str, Pack] = NO_PACKS,
    versions: Mapping[str, Sequence[Pack]] = NO_VERSIONS,
    tariff_lines: Iterable[TariffLine] = (),
    exchange_rates: Iterable[ExchangeRate] = (),
    scheme_entries: Iterable[SchemeEntry] = (),
    registrations: Iterable[Registration] = (),
    only_days: tuple[int, int] | None = None,
    known_on: dt.date | None = None,
) -> LawBook:
    """Build a book from files, and from rows of lists kept elsewhere.

    codes: only these packs (default: all). packs: stand in for those of their codes in the files.
    versions: those of other days stand together for the one of a code.
    tariff_lines: of the packs' own tariffs and these, both. registrations: of packs that are not loaded; a
    loaded one's stands in for that of its kind. only_days, known_on: as of LawBook. Raises LawPackError.
    """
    loaded = [
        LoadedPack(pack, one.content_hash)
        for one in read_packs(files, codes)
        for pack in versions.get(one.pack.code) or (packs.get(one.pack.code, one.pack),)
    ]
    lines = [*tariff_lines]
    for one in loaded:
        path = f"{one.pack.code}/tariff.csv"
        if path in files:
            for fault in find_tariff_faults(files[path], path):
                raise fault
            lines.extend(_tariff_of(one, decode_table(files[path], TariffLine, path)))
    territories = decode_table(files[TERRITORIES], Territory, TERRITORIES)
    rates = [*exchange_rates]
    for path, content in files.items():
        if path.startswith("tables/exchange/") and path.endswith(".csv"):
            rates.extend(decode_table(content, ExchangeRate, path))
    for one in loaded:
        for fault in find_pattern_faults(one.pack):
            raise fault
    shapes = [*registrations, *(registration for one in loaded for registration in one.pack.registrations)]
    return build_book(
        loaded,
        Territories(territories),
        Tariff(lines),
        Exchange(rates),
        SchemeRegister(shapes, scheme_entries),
        only_days=only_days,
        known_on=known_on,
    )


def decode_packs(files: PackFiles) -> dict[str, Pack]:
    """Decode the packs of a folder, by code. Raises LawPackError."""
    packs = (decode_pack(content, path) for path, content in files.items() if path.endswith("/pack.yaml"))
    return {pack.code: pack for pack in packs}


def read_packs(files: PackFiles, codes: Iterable[str] | None = None) -> list[LoadedPack]:
    """Decode the packs of a folder, ordered by code. The hash covers the pack and its tariff."""
    wanted = None if codes is None else frozenset(codes)
    packs = []
    for path in sorted(files):
        code, _, name = path.partition("/")
        if name == "pack.yaml" and (wanted is None or code in wanted):
            pack = decode_pack(files[path], path)
            packs.append(
                LoadedPack(pack, content_hash(files[path] + b"\0" + files.get(f"{code}/tariff.csv", b"")))
            )
    return packs


def _tariff_of(one: LoadedPack, lines: Iterable[TariffLine]) -> list[TariffLine]:
    """A pack's tariff binds in its own territory only, and an extract says that it is one."""
    is_extract = one.pack.tariff_extent == "partial"
    return [
        msgspec.structs.replace(
            line,
            territory_code=line.territory_code or one.pack.jurisdiction,
            is_extract=line.is_extract or is_extract,
        )
        for line in lines
    ]


def find_tariff_faults(content: bytes, path: str) -> Iterator[LawPackError]:
    """Find rows of a tariff that cannot be read (`table-shape`), end before they begin (`wrong-dates`), or
    answer for the same goods, origin and day as an earlier one: neither is the law (`tariff-overlap`).
    """
    occupied = Occupied()
    for number, line in read_table(content, TariffLine, path):
        place = f"{path}:{number}"
        if isinstance(line, LawPackError):
            yield line
            continue
        if line.valid_to is not None and line.valid_to <= line.valid_from:
            yield LawPackError("wrong-dates", place, "the line ends before it begins.")
            continue
        earlier = occupied.find_overlap(line)
        if earlier is None:
            occupied.add(line, Place("line ", number))
            continue
        message = f"{line.measure} of {line.commodity_prefix} is held by {earlier} on some of the same days."
        yield LawPackError("tariff-overlap", place, message)

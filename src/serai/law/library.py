"""Files of `laws/` into a law book: the folder's bytes are handed in, nothing is read here.

Layout: `<CODE>/pack.yaml`, `<CODE>/tariff.csv`, `tables/territories.csv`, `tables/exchange/*.csv`. Further
lists (rates, registers) come from the store of lists and are handed in as rows.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from serai.law.book import LawBook, LoadedPack, build_book
from serai.law.exchange import Exchange, ExchangeRate
from serai.law.load import content_hash, decode_pack, decode_table
from serai.law.pack import Pack
from serai.law.program import LawPackError
from serai.law.registration import SchemeEntry, SchemeRegister
from serai.law.tariff import Tariff, TariffLine
from serai.law.tariff_overlap import Occupied
from serai.law.territory import Territories, Territory

PackFiles = Mapping[str, bytes]
"""Path inside `laws/` (with `/`) to content."""
TERRITORIES: Final = "tables/territories.csv"
NO_PACKS: Mapping[str, Pack] = MappingProxyType({})
"""Nothing stands in for the files."""


def load_book(
    files: PackFiles,
    *,
    codes: Iterable[str] | None = None,
    packs: Mapping[str, Pack] = NO_PACKS,
    tariff_lines: Iterable[TariffLine] = (),
    exchange_rates: Iterable[ExchangeRate] = (),
    scheme_entries: Iterable[SchemeEntry] = (),
    only_days: tuple[int, int] | None = None,
) -> LawBook:
    """Build a book from files, and from rows of lists kept elsewhere.

    codes: only these packs (default: all). packs: stand in for those of their codes in the files.
    tariff_lines: of the packs' own tariffs and these, both. only_days: as of LawBook. Raises LawPackError.
    """
    loaded = [
        LoadedPack(packs.get(one.pack.code, one.pack), one.content_hash) for one in read_packs(files, codes)
    ]
    lines = [*tariff_lines]
    for one in loaded:
        path = f"{one.pack.code}/tariff.csv"
        if path in files:
            own = _tariff_of(one, decode_table(files[path], TariffLine, path))
            _refuse_overlaps(own, path)
            lines.extend(own)
    territories = decode_table(files[TERRITORIES], Territory, TERRITORIES)
    rates = [*exchange_rates]
    for path, content in files.items():
        if path.startswith("tables/exchange/") and path.endswith(".csv"):
            rates.extend(decode_table(content, ExchangeRate, path))
    registrations = [registration for one in loaded for registration in one.pack.registrations]
    return build_book(
        loaded,
        Territories(territories),
        Tariff(lines),
        Exchange(rates),
        SchemeRegister(registrations, scheme_entries),
        only_days=only_days,
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


def _refuse_overlaps(lines: Iterable[TariffLine], path: str) -> None:
    """Refuse two lines for the same goods, origin and day: neither is the law. Raises LawPackError."""
    occupied = Occupied()
    for number, line in enumerate(lines, start=2):
        earlier = occupied.find_overlap(line)
        if earlier is not None:
            raise LawPackError(
                "tariff-overlap",
                f"{path}:{number}",
                f"{line.measure} of {line.commodity_prefix} is held by {earlier} on some of the same days.",
                "End the earlier line where the later begins, or leave one of the two out.",
            )
        occupied.add(line, f"line {number}")

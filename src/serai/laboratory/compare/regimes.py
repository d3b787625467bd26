"""Which laws are compared, where the parcels go for each, and on which day."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from serai.laboratory.compare.assumed_rates import assumed_exchange, assumed_tariff, read_assumed
from serai.law.book import (
    BASE_LAYER,
    EVERYWHERE,
    FREE_CIRCULATION,
    NOT_LAW,
    LawBook,
    as_in_force,
    asked_of,
    country_of,
    is_in_force,
    layers_among,
)
from serai.law.library import TERRITORIES, PackFiles, decode_packs, load_book
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.tariff import TariffLine
from serai.law.territory import Territory
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText


class _Market(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `markets.csv`."""

    jurisdiction: str
    country_code: str
    source: str


MARKETS = {row.jurisdiction: row.country_code for row in read_assumed("markets.csv", _Market)}
"""Where parcels into a union are sent."""


@dataclass(frozen=True, slots=True)
class Regime:
    """A base law with its layers, and the address that brings parcels under it.

    on: the day all parcels are accepted, the nearest to the one asked for on which it is law. codes: base
    first. layers_not_law: those of them that are planned or a draft. channel_codes: that it governs; empty:
    all. region_code: the first for which a parameter of the law has a value. scheme_kind_code: a registration
    of the law, that a seller who has one anywhere is taken to have here.
    """

    code: str
    title: str
    status: str
    confidence: str
    on: dt.date
    codes: tuple[str, ...]
    layers_not_law: tuple[str, ...]
    territory: Territory
    channel_codes: tuple[str, ...]
    direction_code: str
    procedure_code: str
    region_code: str | None
    scheme_kind_code: str | None


def find_regimes(
    files: PackFiles, on: dt.date, *, with_drafts: bool, codes: Sequence[str] = ()
) -> list[Regime]:
    """Return the regimes to compare, by code.

    with_drafts: planned law and drafts are taken as in force. codes: only these bases; empty: all. Raises
    SeraiError `law-unknown`, LawPackError.
    """
    written = decode_packs(files)
    states = {code: pack.status for code, pack in written.items()}
    packs = {code: as_in_force(pack) if with_drafts else pack for code, pack in written.items()}
    bases = {
        code: pack
        for code, pack in packs.items()
        if pack.layer == BASE_LAYER and pack.jurisdiction != EVERYWHERE and pack.status not in NOT_LAW
    }
    for code in codes:
        if code not in bases:
            raise SeraiError(
                "law-unknown",
                MessageText("There is no base law {code} to send parcels under.", code=code),
                MessageText(
                    "Say one of: {listed}; planned law and drafts with --drafts.", listed=", ".join(bases)
                ),
            )
    territories = [*decode_table(files[TERRITORIES], Territory, TERRITORIES)]
    return [
        _regime(base, states, packs, address_in(base.jurisdiction, territories), on)
        for code, base in sorted(bases.items())
        if not codes or code in codes
    ]


def find_countries(files: PackFiles, on: dt.date, *, logistics_channel_code: str) -> list[Regime]:
    """Return the regime of each country on a day, by country: a union's law with each member's own layers.

    logistics_channel_code: of a law for each channel that one is taken, where there is one. Laws of a
    procedure of
    their own, planned law and drafts are left out. Raises LawPackError.
    """
    packs = decode_packs(files)
    states = {code: pack.status for code, pack in packs.items()}
    bases = [
        pack
        for pack in packs.values()
        if pack.layer == BASE_LAYER
        and pack.jurisdiction != EVERYWHERE
        and FREE_CIRCULATION in asked_of(pack)
        and is_in_force(pack, on)
    ]
    found = []
    for territory in decode_table(files[TERRITORIES], Territory, TERRITORIES):
        country = territory.country_code
        if not _is_whole(territory, on) or country_of(territory.tax_territory_code) != country:
            continue
        fitting = [pack for pack in bases if pack.jurisdiction in (country, territory.customs_territory_code)]
        if fitting:
            base = min(
                fitting,
                key=lambda pack: (
                    pack.jurisdiction != territory.country_code,
                    bool(pack.channels) and logistics_channel_code not in pack.channels,
                ),
            )
            found.append(_regime(base, states, packs, territory, on))
    return sorted(found, key=lambda regime: regime.territory.country_code)


def _is_whole(territory: Territory, on: dt.date) -> bool:
    """Say whether a row stands for a country itself on a day, and not for a part of it."""
    if territory.postcode_pattern or territory.region_codes:
        return False
    return territory.valid_from <= on and (territory.valid_to is None or on < territory.valid_to)


def book_of_regime(regime: Regime, files: PackFiles) -> LawBook:
    """Return a book of one regime's packs under the assumed rates. Raises LawPackError."""
    packs = {code: as_in_force(pack) for code, pack in decode_packs(_files_of(regime.codes, files)).items()}
    own = [
        line
        for code in regime.codes
        if (content := files.get(f"{code}/tariff.csv")) is not None
        for line in decode_table(content, TariffLine, f"{code}/tariff.csv")
    ]
    return load_book(
        _files_of(regime.codes, files),
        codes=regime.codes,
        packs=packs,
        tariff_lines=assumed_tariff(own, regime.on),
        exchange_rates=assumed_exchange(packs.values()),
    )


def _files_of(codes: Sequence[str], files: PackFiles) -> dict[str, bytes]:
    """Return the files of packs, and the territories; published rates would stand beside the assumed ones."""
    return {
        path: content
        for path, content in files.items()
        if path == TERRITORIES or path.partition("/")[0] in codes
    }


def _regime(
    base: Pack,
    states: Mapping[str, str],
    packs: Mapping[str, Pack],
    territory: Territory,
    on: dt.date,
) -> Regime:
    day = nearest_day(base, on)
    places = (territory.customs_territory_code, country_of(territory.tax_territory_code))
    layers = layers_among(
        pack for pack in packs.values() if pack.jurisdiction in places and is_in_force(pack, day)
    )
    kinds = [one.kind for pack in (base, *layers) for one in pack.registrations]
    governed = asked_of(base)
    asked = FREE_CIRCULATION if FREE_CIRCULATION in governed else min(governed)
    return Regime(
        base.code,
        base.title,
        states[base.code],
        base.confidence,
        day,
        (base.code, *(pack.code for pack in layers)),
        tuple(pack.code for pack in layers if states[pack.code] in NOT_LAW),
        territory,
        tuple(base.channels),
        asked.direction,
        asked.procedure,
        _region((base, *layers)),
        kinds[0] if kinds else None,
    )


def _region(packs: Iterable[Pack]) -> str | None:
    keys = (
        value.key
        for pack in packs
        for parameter in pack.parameters
        if parameter.by == "consignee_region_code"
        for value in parameter.values
    )
    return next((key for key in keys if key), None)


def nearest_day(pack: Pack, on: dt.date) -> dt.date:
    """Return the day asked for if a pack governs it, its first day if that is later, else its last."""
    if on < pack.valid_from:
        return pack.valid_from
    return on if pack.valid_to is None or on < pack.valid_to else pack.valid_to - dt.timedelta(days=1)


def address_in(jurisdiction: str, territories: Iterable[Territory]) -> Territory:
    """Return where parcels into a jurisdiction are sent: a country, or a part of one that has a law of its
    own. Raises SeraiError `territory-unknown`.
    """
    country = MARKETS.get(jurisdiction, jurisdiction)
    part = None
    for one in territories:
        is_whole = not one.postcode_pattern and not one.region_codes
        if one.country_code == country and is_whole and one.valid_to is None:
            return one
        if one.customs_territory_code == country and one.valid_to is None:
            part = part or one
    if part is not None:
        return part
    raise SeraiError(
        "territory-unknown",
        MessageText("No address lies in the jurisdiction {jurisdiction}.", jurisdiction=jurisdiction),
        MessageText("Add a row for it to {territories}.", territories=TERRITORIES),
    )

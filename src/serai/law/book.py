"""The law book: all packs of one generation, their slots checked, and the program in force for each
consignment.

For one slot (jurisdiction, channel, layer) at one date at most one version is in force. Planned and draft
law is never picked by a date.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from serai.law.composition import compile_program
from serai.law.exchange import Exchange
from serai.law.few_rows import distinct
from serai.law.pack import Pack
from serai.law.program import LawPackError, Program
from serai.law.registration import SchemeRegister
from serai.law.run import Reference, local_days
from serai.law.tariff import Tariff, day_number, day_of
from serai.law.territory import Territories
from serai.model.columns import Coded, Frame, Int64s
from serai.model.frames import ABSENT

BASE_LAYER = "base"
EVERYWHERE = "*"
"""Jurisdiction of a pack whose layer lies over every law: screening and risk rules."""


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with its content hash (SHA-256, hexadecimal)."""

    pack: Pack
    content_hash: str


@dataclass(slots=True)
class LawBook:
    """Immutable as seen from outside; programs are compiled when first needed and kept."""

    packs: Mapping[str, LoadedPack]
    territories: Territories
    reference: Reference
    schemes: SchemeRegister
    programs: list[Program] = field(default_factory=list)
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)
    _found: dict[tuple[str, str, str, int], int] = field(default_factory=dict)
    _edges: list[int] = field(default_factory=list)

    def program_number(self, codes: tuple[str, ...]) -> int:
        """Return the place of a composition's program; it is compiled when it is new."""
        number = self._numbers.get(codes)
        if number is None:
            loaded = [self.packs[code] for code in codes]
            program = compile_program([one.pack for one in loaded], [one.content_hash for one in loaded])
            number = len(self.programs)
            self.programs.append(program)
            self._numbers[codes] = number
        return number

    def codes_on(
        self, customs_territory: str, tax_territory: str, channel: str, day: int
    ) -> tuple[str, ...] | None:
        """Return the packs in force in a territory and channel on a day (days since 1970), base first; None
        without a base.
        """
        date = day_of(day)
        chosen = [
            one.pack
            for one in self.packs.values()
            if one.pack.jurisdiction in (customs_territory, tax_territory.partition("-")[0], EVERYWHERE)
            and (not one.pack.channels or channel in one.pack.channels)
            and is_in_force(one.pack, date)
        ]
        bases = [
            pack for pack in chosen if pack.layer == BASE_LAYER and pack.jurisdiction == customs_territory
        ]
        if not bases:
            return None
        layers = sorted(
            (pack for pack in chosen if pack.layer != BASE_LAYER), key=lambda pack: (pack.layer, pack.code)
        )
        return (bases[0].code, *(pack.code for pack in layers))

    def compile_all(self) -> None:
        """Compile what any day, territory and channel can bring into force: a fault shows now, not in
        mid-decision.

        Raises LawPackError.
        """
        channels = {channel for one in self.packs.values() for channel in one.pack.channels} | {""}
        for day in self._edge_days():
            for customs, tax in sorted(self.territories.pairs()):
                for channel in sorted(channels):
                    codes = self.codes_on(customs, tax, channel, day)
                    if codes is not None:
                        self.program_number(codes)

    def choose(self, consignments: Frame) -> tuple[Int64s, Int64s]:
        """Return for each consignment the number of its program (-1: no law) and the local day whose law
        applies.

        A pack's own moment decides. Bases of one territory agree on their moment or the earliest valid one
        is asked first.
        """
        customs, tax = consignments.words("customs_territory_code"), consignments.words("tax_territory_code")
        channel = consignments.words("channel_code")
        moment = self._law_instants(consignments, customs)
        days, _ = local_days(moment, consignments.words("time_zone"), "UTC")
        reduced = self._reduce_days(days)
        key = (reduced * (len(customs.words) + 1) + customs.codes + 1) * (len(tax.words) + 1) + tax.codes + 1
        key = key * (len(channel.words) + 1) + channel.codes + 1
        first_rows, inverse = distinct(key)
        numbers = [
            self._find(_text(customs, r), _text(tax, r), _text(channel, r), int(reduced[r]))
            for r in first_rows
        ]
        return np.array(numbers, dtype=np.int64)[inverse], days

    def _find(self, customs: str, tax: str, channel: str, day: int) -> int:
        key = (customs, tax, channel, day)
        number = self._found.get(key)
        if number is None:
            codes = self.codes_on(customs, tax, channel, day) if customs and tax else None
            number = -1 if codes is None else self.program_number(codes)
            self._found[key] = number
        return number

    def _law_instants(self, consignments: Frame, customs: Coded) -> Int64s:
        moments = {
            one.pack.jurisdiction: one.pack.law_moment
            for one in self.packs.values()
            if one.pack.layer == BASE_LAYER
        }
        accepted = consignments.numbers("accepted_at")
        instants = accepted
        for number, word in enumerate(customs.words):
            moment = moments.get(word, "accepted")
            if moment != "accepted":
                column = consignments.numbers(f"{moment}_at")
                instants = np.where((customs.codes == number) & (column != ABSENT), column, instants)
        return instants

    def _reduce_days(self, days: Int64s) -> Int64s:
        """Take every day back to the last one on which some pack began, ended, was suspended or taken up
        again.
        """
        edges_array = np.array(self._edge_days(), dtype=np.int64)
        return edges_array[np.maximum(np.searchsorted(edges_array, days, side="right") - 1, 0)]

    def _edge_days(self) -> list[int]:
        if not self._edges:
            edges = {0}
            for one in self.packs.values():
                edges |= {day_number(one.pack.valid_from), day_number(one.pack.valid_to)}
                for pause in one.pack.suspended:
                    edges |= {day_number(pause.valid_from), day_number(pause.valid_to)}
            self._edges = sorted(edges)
        return self._edges


def _text(coded: Coded, row: int) -> str:
    code = coded.codes[row]
    return coded.words[code] if code >= 0 else ""


def is_in_force(pack: Pack, day: dt.date) -> bool:
    """Say whether a pack is law and applied on a day; planned and draft law never is."""
    if (
        pack.status in ("planned", "draft")
        or not pack.valid_from <= day
        or (pack.valid_to is not None and day >= pack.valid_to)
    ):
        return False
    return not any(p.valid_from <= day and (p.valid_to is None or day < p.valid_to) for p in pack.suspended)


def build_book(
    packs: Iterable[LoadedPack],
    territories: Territories,
    tariff: Tariff,
    exchange: Exchange,
    schemes: SchemeRegister,
) -> LawBook:
    """Check the slots and build the book.

    Raises LawPackError: `overlap` (two versions in one slot on one day), `gap` (a base law with days of no
    law between two of its versions).
    """
    by_code: dict[str, LoadedPack] = {}
    for one in packs:
        if one.pack.code in by_code:
            raise LawPackError("overlap", one.pack.code, "two packs have this code.")
        by_code[one.pack.code] = one
    _check_slots([one.pack for one in by_code.values()])
    return LawBook(by_code, territories, Reference(tariff, exchange), schemes)


def _check_slots(packs: Sequence[Pack]) -> None:
    slots: dict[tuple[str, str], list[Pack]] = defaultdict(list)
    for pack in packs:
        if pack.status not in ("planned", "draft"):
            slots[pack.jurisdiction, pack.layer].append(pack)
    for (jurisdiction, layer), versions in slots.items():
        versions.sort(key=lambda pack: pack.valid_from)
        for earlier, later in itertools.pairwise(versions):
            if earlier.channels and later.channels and not set(earlier.channels) & set(later.channels):
                continue
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise LawPackError(
                    "overlap",
                    f"{earlier.code}, {later.code}",
                    f"both are in force in {jurisdiction}, layer {layer}, on {later.valid_from}.",
                )
            if layer == BASE_LAYER and earlier.valid_to < later.valid_from:
                raise LawPackError(
                    "gap",
                    f"{earlier.code}, {later.code}",
                    f"{jurisdiction} has no law from {earlier.valid_to} to {later.valid_from}.",
                )

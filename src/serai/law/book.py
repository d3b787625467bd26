"""The law book: all packs of one generation, their slots checked, and the program in force for each
consignment.

For one slot (jurisdiction, channel, layer) at one date at most one version is in force. Planned and draft
law is never picked by a date.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from serai.law.composition import program_of
from serai.law.counting import counts
from serai.law.exchange import Exchange
from serai.law.pack import MomentName, Pack
from serai.law.program import LawPackError, Program
from serai.law.registration import SchemeRegister
from serai.law.run import Reference, local_days
from serai.law.small_arrays import distinct
from serai.law.tariff import Tariff, day_number, day_of
from serai.law.territory import Territories
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.frames import ABSENT

BASE_LAYER = "base"
EVERYWHERE = "*"
"""Jurisdiction of a pack whose layer lies over every law: screening and risk rules."""
NOT_LAW = ("planned", "draft")
"""Status of what no date picks."""
FOUND_MAX = 200_000
_CODES_MAX = 10_000
"""Answers kept; then they are forgotten, so that strangers' codes cannot fill memory."""


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with its content hash (SHA-256, hexadecimal)."""

    pack: Pack
    content_hash: str


@dataclass(slots=True, weakref_slot=True)
class LawBook:
    """Immutable as seen from outside; programs are compiled when first needed and kept.

    only_days: first and last day (since 1970) of which the law is asked: a consignment of another day is
    governed by the law of the nearest of them. None: of any day. known_on: packs made or annulled backwards
    count as far as they were known then; None: as known on the day of which the law is asked.
    """

    packs: Mapping[str, LoadedPack]
    territories: Territories
    reference: Reference
    schemes: SchemeRegister
    only_days: tuple[int, int] | None = None
    known_on: dt.date | None = None
    programs: list[Program] = field(default_factory=list)
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)
    _found: dict["_Place", int] = field(default_factory=dict)
    _codes: dict["_Place", tuple[str, ...] | None] = field(default_factory=dict)
    _edges: list[int] = field(default_factory=list)
    _by_jurisdiction: dict[str, list[Pack]] = field(default_factory=dict)
    _asked_for: set["Asked"] = field(default_factory=set)
    _moments: dict[str, MomentName] = field(default_factory=dict)
    _counting: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for one in self.packs.values():
            pack = one.pack
            self._by_jurisdiction.setdefault(pack.jurisdiction, []).append(pack)
            self._asked_for |= asked_of(pack)
            if pack.status in NOT_LAW:
                continue
            if pack.layer == BASE_LAYER:
                self._moments[pack.jurisdiction] = pack.law_moment
            if counts(pack):
                self._counting.add(pack.jurisdiction)

    def __repr__(self) -> str:
        """Which packs, not their megabytes: asyncio writes results of tasks into what it tells."""
        return f"LawBook({', '.join(self.packs)})"

    def with_reference(self, reference: Reference) -> "LawBook":
        """Return the same laws looking things up in other lists; what is compiled is shared."""
        book = LawBook(self.packs, self.territories, reference, self.schemes, known_on=self.known_on)
        book.programs.extend(self.programs)
        book._numbers.update(self._numbers)
        return book

    def program_number(self, codes: tuple[str, ...]) -> int:
        """Return the place of a composition's program; it is compiled when it is new."""
        number = self._numbers.get(codes)
        if number is None:
            loaded = [self.packs[code] for code in codes]
            number = self.keep_program(
                program_of([one.pack for one in loaded], [one.content_hash for one in loaded])
            )
        return number

    def keep_program(self, program: Program) -> int:
        """Take a program, compiled here or by a book of the same packs, and return its place."""
        number = len(self.programs)
        self.programs.append(program)
        self._numbers[tuple(pack.code for pack in program.packs)] = number
        return number

    def codes_on(
        self,
        customs_territory: str,
        tax_territory: str,
        channel: str,
        day: int,
        asked: "Asked | None" = None,
    ) -> tuple[str, ...] | None:
        """Return the packs in force in a territory and channel for what is asked (None: release for free
        circulation) on a day (days since 1970), base first; None without a base.

        The law of a country goes before that of the customs union it is in.
        """
        place = _Place(customs_territory, tax_territory, channel, day, asked or FREE_CIRCULATION)
        try:
            return self._codes[place]
        except KeyError:
            if len(self._codes) > _CODES_MAX:
                self._codes.clear()
            codes = self._codes[place] = self._find_codes(place)
            return codes

    def _find_codes(self, place: "_Place") -> tuple[str, ...] | None:
        customs_territory, tax_territory, channel, day, asked = place
        date = day_of(day)
        country = country_of(tax_territory)
        chosen = [
            pack
            for pack in self._packs_of(customs_territory, country)
            if (not pack.channels or channel in pack.channels)
            and governs(pack, asked)
            and is_in_force(pack, date, self.known_on)
        ]
        chosen = [pack for pack in chosen if not any(_takes_back(other, pack) for other in chosen)]
        bases = [pack for pack in chosen if pack.layer == BASE_LAYER and pack.jurisdiction != EVERYWHERE]
        if not bases:
            return None
        base = min(bases, key=lambda pack: pack.jurisdiction != country)
        return (base.code, *(pack.code for pack in layers_among(chosen)))

    def packs_for(self, country_code: str) -> list[Pack]:
        """Return the packs of any day and status that may govern at addresses of a country."""
        packs = [
            pack
            for customs, tax in sorted(self.territories.pairs_of(country_code))
            for pack in self._packs_of(customs, country_of(tax))
        ]
        return list({pack.code: pack for pack in packs}.values())

    def _packs_of(self, customs_territory: str, country: str) -> list[Pack]:
        """Return the packs that may govern in a customs territory and country."""
        places = dict.fromkeys((customs_territory, country, EVERYWHERE))
        return [pack for place in places for pack in self._by_jurisdiction.get(place, ())]

    def compile_all(self) -> None:
        """Compile what any day, territory and channel can bring into force: a fault shows now, not in
        mid-decision.

        Raises LawPackError.
        """
        for codes in self.compositions(self.territories.pairs()):
            self.program_number(codes)

    def compositions(self, territories: Iterable[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
        """Return what can come into force together in some of the territories (customs, tax)."""
        seen: set[tuple[str, ...]] = set()
        for customs, tax in sorted(territories):
            packs = self._packs_of(customs, country_of(tax))
            channels = sorted({channel for pack in packs for channel in pack.channels} | {""})
            asked_for = sorted({asked for pack in packs for asked in asked_of(pack)})
            ways = list(itertools.product(_edges_of(packs), channels, asked_for))
            for day, channel, asked in ways:
                codes = self.codes_on(customs, tax, channel, day, asked)
                if codes is not None and codes not in seen:
                    seen.add(codes)
                    yield codes

    def choose(self, consignments: Frame) -> tuple[Int64s, Int64s]:
        """Return for each consignment the number of its program (-1: no law) and the local day whose law
        applies.

        A pack's own moment decides. Bases of one territory agree on their moment or the earliest valid one
        is asked first.
        """
        customs, tax = consignments.words("customs_territory_code"), consignments.words("tax_territory_code")
        channel = consignments.words("logistics_channel_code")
        asked, kinds = self._asked(consignments)
        moment = self._law_instants(consignments, customs, tax)
        days, _ = local_days(moment, consignments.words("time_zone"), "UTC")
        if self.only_days is not None:
            days = np.clip(days, *self.only_days)
        reduced = self._reduce_days(days)
        key = (reduced * (len(customs.words) + 1) + customs.codes + 1) * (len(tax.words) + 1) + tax.codes + 1
        key = key * (len(channel.words) + 1) + channel.codes + 1
        key = key * len(kinds) + asked
        first_rows, inverse = distinct(key)
        numbers = [
            self._find(
                _Place(_text(customs, r), _text(tax, r), _text(channel, r), int(reduced[r]), kinds[asked[r]])
            )
            for r in first_rows
        ]
        return np.array(numbers, dtype=np.int64)[inverse], days

    def may_count(self, consignments: Frame) -> Flags:
        """Say which consignments go where some law counts over several: asked of each territory, not of each
        consignment."""
        if EVERYWHERE in self._counting:
            return np.ones(consignments.row_count, dtype=np.bool_)
        customs, tax = consignments.words("customs_territory_code"), consignments.words("tax_territory_code")
        of_customs = [word in self._counting for word in customs.words]
        of_tax = [country_of(word) in self._counting for word in tax.words]
        if not any(of_customs) and not any(of_tax):
            return np.zeros(consignments.row_count, dtype=np.bool_)
        return customs.map_flags(of_customs) | tax.map_flags(of_tax)

    def _find(self, place: "_Place") -> int:
        number = self._found.get(place)
        if number is None:
            codes = self.codes_on(*place) if place.customs and place.tax else None
            number = -1 if codes is None else self.program_number(codes)
            if len(self._found) > FOUND_MAX:
                self._found.clear()
            self._found[place] = number
        return number

    def is_outside(self, consignments: Frame) -> Flags:
        """Say which consignments ask for what no law here governs, wherever they go."""
        asked, kinds = self._asked(consignments)
        return np.array([one == OUTSIDE for one in kinds])[asked]

    def _asked(self, consignments: Frame) -> tuple[Int64s, list["Asked"]]:
        """Return what each consignment asks for, a place in a list; `OUTSIDE` stands for all that no pack
        names."""
        directions = ["", *sorted({asked.direction for asked in self._asked_for})]
        procedures = ["", *sorted({asked.procedure for asked in self._asked_for})]
        kinds = [
            asked if (asked := Asked(one, other)) in self._asked_for else OUTSIDE
            for one in directions
            for other in procedures
        ]
        one = _places_among(directions, consignments.words("direction_code"))
        other = _places_among(procedures, consignments.words("requested_procedure_code"))
        return one * len(procedures) + other, kinds

    def _law_instants(self, consignments: Frame, customs: Coded, tax: Coded) -> Int64s:
        """Return the instant that picks the law: of the base of the customs territory or, where it has one,
        of the country.
        """
        accepted = consignments.numbers("accepted_at")
        instants = accepted
        of_countries = Coded(tuple(map(country_of, tax.words)), tax.codes)
        for coded in (customs, of_countries):
            for number, word in enumerate(coded.words):
                moment = self._moments.get(word, "accepted")
                if moment != "accepted":
                    column = consignments.numbers(f"{moment}_at")
                    instants = np.where((coded.codes == number) & (column != ABSENT), column, instants)
        return instants

    def _reduce_days(self, days: Int64s) -> Int64s:
        """Take every day back to the last one on which some pack began, ended, was suspended or taken up
        again.
        """
        edges_array = np.array(self._edge_days(), dtype=np.int64)
        return edges_array[np.maximum(np.searchsorted(edges_array, days, side="right") - 1, 0)]

    def _edge_days(self) -> list[int]:
        if not self._edges:
            self._edges = _edges_of(one.pack for one in self.packs.values())
        return self._edges


class _Place(NamedTuple):
    """What picks a composition. day: since 1970, taken back to the last on which something changed."""

    customs: str
    tax: str
    channel: str
    day: int
    asked: "Asked"


class Asked(NamedTuple):
    """What a declaration asks for. direction: IM, EX ...; procedure: the requested one."""

    direction: str
    procedure: str


FREE_CIRCULATION = Asked("IM", "40")
OUTSIDE = Asked("", "")
"""What no pack governs."""


def asked_of(pack: Pack) -> set[Asked]:
    """Return what a pack governs beside other packs: a base names all, a layer may name procedures."""
    directions: list[str] = [*pack.directions] or [FREE_CIRCULATION.direction]
    procedures = pack.procedures or ([FREE_CIRCULATION.procedure] if pack.layer == BASE_LAYER else [])
    return {Asked(direction, procedure) for direction in directions for procedure in procedures}


def governs(pack: Pack, asked: Asked) -> bool:
    """Say whether a pack governs what is asked for; a layer lies over any base unless it names procedures."""
    if pack.layer == BASE_LAYER:
        return asked in asked_of(pack)
    return not pack.procedures or asked.procedure in pack.procedures


def layers_among(packs: Iterable[Pack]) -> list[Pack]:
    """Return the layers among packs in the order in which they lie over a base."""
    layers = (pack for pack in packs if pack.layer != BASE_LAYER)
    return sorted(layers, key=lambda pack: (pack.layer, pack.code))


def as_in_force(pack: Pack) -> Pack:
    """Return planned law or a draft as if it were law, and what was made backwards as if it had been known;
    other packs as they are.
    """
    if pack.status not in NOT_LAW and pack.known_from is None:
        return pack
    return replace(pack, status="in_force" if pack.status in NOT_LAW else pack.status, known_from=None)


def country_of(tax_territory: str) -> str:
    """Return the country whose tax law a territory is part of: ES of ES-CN."""
    return tax_territory.partition("-")[0]


def _edges_of(packs: Iterable[Pack]) -> list[int]:
    """Return the days on which a pack begins, ends, is suspended or taken up again, and the first of all."""
    edges = {0}
    for pack in packs:
        edges |= {day_number(pack.valid_from), day_number(pack.valid_to)}
        if pack.known_from is not None:
            edges.add(day_number(pack.known_from))
        for pause in pack.suspended:
            edges |= {day_number(pause.valid_from), day_number(pause.valid_to)}
    return sorted(edges)


def _places_among(known: list[str], coded: Coded) -> Int64s:
    """Return the place of each word in a list; 0 of one that it lacks."""
    place_of = {word: place for place, word in enumerate(known)}
    return np.array([*(place_of.get(word, 0) for word in coded.words), 0], dtype=np.int64)[coded.codes]


def _text(coded: Coded, row: int) -> str:
    code = coded.codes[row]
    return coded.words[code] if code >= 0 else ""


def is_in_force(pack: Pack, day: dt.date, known_on: dt.date | None = None) -> bool:
    """Say whether a pack is law and applied on a day; planned and draft law never is. known_on: as known
    then; None: on that day.
    """
    if (
        pack.status in NOT_LAW
        or (pack.known_from is not None and pack.known_from > (known_on or day))
        or not pack.valid_from <= day
        or (pack.valid_to is not None and day >= pack.valid_to)
    ):
        return False
    return not any(p.valid_from <= day and (p.valid_to is None or day < p.valid_to) for p in pack.suspended)


def _takes_back(later: Pack, earlier: Pack) -> bool:
    """Say whether a pack that became known later governs in the place of another, days of the past too."""
    is_later = (later.known_from or later.valid_from) > (earlier.known_from or earlier.valid_from)
    is_backwards = later.known_from is not None and later.known_from > later.valid_from
    is_slot = (later.jurisdiction, later.layer) == (earlier.jurisdiction, earlier.layer)
    return is_later and is_backwards and is_slot and are_rivals(later, earlier)


def unconfirmed_since(packs: Iterable[Pack], day: dt.date) -> dt.date | None:
    """Return the day after which some of the packs applied on a day is not confirmed by a source; None: all
    are, or their packs name no such day.
    """
    return if_before(confirmed_until(packs), day)


def if_before(last: dt.date | None, day: dt.date) -> dt.date | None:
    """Return the last day on which law is confirmed, where it is before a day; else None."""
    return last if last is not None and last < day else None


def confirmed_until(packs: Iterable[Pack]) -> dt.date | None:
    """Return the last day on which a source shows all of some packs in force; None: they name none."""
    days = (pack.verified_until for pack in packs)
    return min((one for one in days if one is not None), default=None)


def build_book(
    packs: Iterable[LoadedPack],
    territories: Territories,
    tariff: Tariff,
    exchange: Exchange,
    schemes: SchemeRegister,
    *,
    only_days: tuple[int, int] | None = None,
    known_on: dt.date | None = None,
) -> LawBook:
    """Check the slots and build the book. only_days, known_on: as of LawBook.

    Raises LawPackError: `overlap` (two versions in one slot on one day), `gap` (a base law with days of no
    law between two of its versions).
    """
    by_code: dict[str, LoadedPack] = {}
    for one in packs:
        if one.pack.code in by_code:
            raise LawPackError("overlap", one.pack.code, "two packs have this code.")
        by_code[one.pack.code] = one
    for fault in find_slot_faults([one.pack for one in by_code.values()]):
        raise fault
    return LawBook(by_code, territories, Reference(tariff, exchange), schemes, only_days, known_on)


def find_slot_faults(packs: Iterable[Pack]) -> Iterator[LawPackError]:
    """Find slots with two versions on one day (`overlap`), and base laws with days of none (`gap`)."""
    slots: dict[tuple[str, str, dt.date | None], list[Pack]] = defaultdict(list)
    for pack in packs:
        if pack.status not in NOT_LAW:
            # What was made or annulled backwards stands beside what it takes the place of.
            known = pack.known_from if pack.known_from and pack.known_from > pack.valid_from else None
            slots[pack.jurisdiction, pack.layer, known].append(pack)
    for (jurisdiction, layer, known), versions in slots.items():
        versions.sort(key=lambda pack: pack.valid_from)
        for place, earlier in enumerate(versions):
            later = next((pack for pack in versions[place + 1 :] if are_rivals(earlier, pack)), None)
            if later is None:
                continue
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                yield LawPackError(
                    "overlap",
                    f"{earlier.code}, {later.code}",
                    f"both are in force in {jurisdiction}, layer {layer}, on {later.valid_from}.",
                )
            elif layer == BASE_LAYER and known is None and earlier.valid_to < later.valid_from:
                yield LawPackError(
                    "gap",
                    f"{earlier.code}, {later.code}",
                    f"{jurisdiction} has no law from {earlier.valid_to} to {later.valid_from}.",
                )


def are_rivals(one: Pack, other: Pack) -> bool:
    """Say whether two packs of a jurisdiction and layer would govern the same consignments."""
    if one.channels and other.channels and not set(one.channels) & set(other.channels):
        return False
    if one.layer == BASE_LAYER or (one.procedures and other.procedures):
        return bool(asked_of(one) & asked_of(other))
    return True

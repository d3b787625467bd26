"""The two laws of a what-if: a pack, a folder of changed packs, the law of a day or of each parcel's day."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from serai.laboratory.compare.assumed_rates import assumed_exchange, assumed_tariffs
from serai.laboratory.compare.regimes import address_in
from serai.law.book import EVERYWHERE, NOT_LAW, LawBook, are_rivals, as_in_force, country_of
from serai.law.exchange import ExchangeRate
from serai.law.library import TERRITORIES, PackFiles, decode_packs, load_book
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine, day_number, day_of
from serai.law.territory import Territory
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_TABLES = "tables"
_OF_LAW = ("/pack.yaml", "/tariff.csv")


@dataclass(frozen=True, slots=True)
class LawLists:
    """What laws count with that is no law: rows of lists kept elsewhere."""

    tariff_lines: tuple[TariffLine, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    scheme_entries: tuple[SchemeEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class TriedLaw:
    """One side of a what-if.

    name: as it was asked for. files: packs and tables by path. packs: by code, as they are to be taken: what
    is tried counts as in force, and what it takes the place of is not there. marked: codes of the packs in
    question; parcels that none of them governs are not compared. None: all are. only_days: as of LawBook.
    """

    name: str
    files: PackFiles
    packs: Mapping[str, Pack]
    marked: frozenset[str] | None
    only_days: tuple[int, int] | None

    def open(self, lists: LawLists) -> LawBook:
        """Build its book with some lists. Raises LawPackError."""
        return load_book(
            self.files,
            codes=self.packs,
            packs=self.packs,
            tariff_lines=lists.tariff_lines,
            exchange_rates=lists.exchange_rates,
            scheme_entries=lists.scheme_entries,
            only_days=self.only_days,
        )


def law_of_pack(code: str, files: PackFiles) -> TriedLaw:
    """Return the law as if a pack were in force on its days, and no other version of it ever.

    code: of a pack that is there. A parcel of another day is taken to the nearest of its days.
    """
    packs = decode_packs(files)
    tried = packs[code]
    return TriedLaw(code, files, _put_in_force(packs, [tried]), frozenset((code,)), _days_of([tried]))


def law_of_day(day: dt.date, files: PackFiles) -> TriedLaw:
    """Return the law of one day, asked about parcels of any."""
    number = day_number(day)
    return TriedLaw(f"law of {day.isoformat()}", files, decode_packs(files), None, (number, number))


def law_of_own_day(files: PackFiles) -> TriedLaw:
    """Return the law that governs each parcel on its own day."""
    return TriedLaw("law of each parcel's day", files, decode_packs(files), None, None)


def law_as_decided(files: PackFiles) -> TriedLaw:
    """Return the name under which each stored parcel keeps the law it was decided by. files: law of now."""
    return TriedLaw("law each parcel was decided by", files, decode_packs(files), None, None)


def law_of_folder(name: str, changes: PackFiles, files: PackFiles) -> TriedLaw:
    """Return the law with changed or new packs laid over it.

    changes: packs and tables that stand in for those of their paths. A draft among them is tried as
    `law_of_pack` does; what is in force governs on its own days. Raises SeraiError `draft-changes-nothing`,
    LawPackError.
    """
    laid = {path: content for path, content in changes.items() if path.endswith(_OF_LAW) or _is_table(path)}
    changed = {path.partition("/")[0] for path, content in laid.items() if files.get(path) != content}
    if not changed:
        raise SeraiError(
            "draft-changes-nothing",
            MessageText("No pack or table of {name} says anything else than the law does.", name=name),
            "Change a pack there; its folder has the code of the pack.",
        )
    whole = {**files, **laid}
    packs = decode_packs(whole)
    drafts = [packs[code] for code in sorted(changed) if code in packs and packs[code].status in NOT_LAW]
    marked = None if _TABLES in changed else frozenset(changed)
    return TriedLaw(name, whole, _put_in_force(packs, drafts), marked, _days_of(drafts) if drafts else None)


def check_together(draft: TriedLaw, current: TriedLaw) -> None:
    """Raise SeraiError `laws-apart` if two packs govern different parcels."""
    if len(draft.marked or ()) != 1 or len(current.marked or ()) != 1:
        return
    one, other = (law.packs.get(code) for law in (draft, current) for code in law.marked or ())
    if one and other and (one.jurisdiction, one.layer) != (other.jurisdiction, other.layer):
        raise SeraiError(
            "laws-apart",
            MessageText(
                "{code} is {layer} law of {jurisdiction}, {other_code} {other_layer} law of"
                " {other_jurisdiction}: no parcel is governed by either.",
                code=one.code,
                layer=one.layer,
                jurisdiction=one.jurisdiction,
                other_code=other.code,
                other_layer=other.layer,
                other_jurisdiction=other.jurisdiction,
            ),
            "Hold a law against another version of it, or a day.",
        )


def _is_table(path: str) -> bool:
    return path.startswith(f"{_TABLES}/")


def _put_in_force(packs: Mapping[str, Pack], tried: Iterable[Pack]) -> dict[str, Pack]:
    """Return packs with some of them in force, and without those whose place these take."""
    in_force = {one.code: as_in_force(one) for one in tried}
    replaced = {
        other.code
        for one in in_force.values()
        for other in packs.values()
        if (other.jurisdiction, other.layer) == (one.jurisdiction, one.layer) and are_rivals(one, other)
    }
    return {code: pack for code, pack in packs.items() if code not in replaced} | in_force


def _days_of(tried: Iterable[Pack]) -> tuple[int, int]:
    """Return the first and last day on which all of some packs hold. Raises SeraiError `drafts-apart`."""
    drafts = [*tried]
    first = max(day_number(one.valid_from) for one in drafts)
    last = min(day_number(one.valid_to) for one in drafts) - 1
    if last < first:
        raise SeraiError(
            "drafts-apart",
            MessageText(
                "There is no day on which {listed} all hold.", listed=", ".join(one.code for one in drafts)
            ),
            "Try them one by one.",
        )
    return first, last


# ---- where its parcels go ----


@dataclass(frozen=True, slots=True)
class Home:
    """Countries whose parcels a law may govern, and the one among them to which others' may be sent."""

    country_codes: frozenset[str]
    address: Territory


def home_of(law: TriedLaw) -> Home | None:
    """Return where the packs in question are law; None where they are law nowhere in particular."""
    bases = sorted(
        {law.packs[code].jurisdiction for code in law.marked or () if code in law.packs} - {EVERYWHERE}
    )
    if not bases:
        return None
    rows = [*decode_table(law.files[TERRITORIES], Territory, TERRITORIES)]
    places = {
        row.country_code
        for row in rows
        if not row.region_codes
        and not row.postcode_pattern
        and {row.customs_territory_code, country_of(row.tax_territory_code)} & {*bases}
    }
    return Home(frozenset(places), address_in(bases[0], rows))


# ---- what is assumed where no list is given ----


def assumed_lists(law: TriedLaw, on: dt.date) -> LawLists:
    """Return invented rates of exchange, and invented duty on goods of which the law's tariffs say nothing.

    A rate that is published beside the packs goes before an invented one on its days.
    on: a day of the parcels; a law of other days is asked on its nearest.
    """
    day = (
        on if law.only_days is None else day_of(min(max(day_number(on), law.only_days[0]), law.only_days[1]))
    )
    rows = [*decode_table(law.files[TERRITORIES], Territory, TERRITORIES)]
    places = {country_of(row.tax_territory_code): row.customs_territory_code for row in rows}
    own: dict[str, list[TariffLine]] = {customs: [] for customs in places.values()}
    for code, pack in law.packs.items():
        path = f"{code}/tariff.csv"
        customs = places.get(pack.jurisdiction, pack.jurisdiction)
        if path in law.files and customs in own:
            own[customs].extend(decode_table(law.files[path], TariffLine, path))
    return LawLists(tuple(assumed_tariffs(own, day)), tuple(assumed_exchange(law.packs.values())))

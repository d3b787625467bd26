"""Worked examples sorted into law sets: few generations of law, each for many messages at once.

A case states its tariff lines, rates of exchange and scheme numbers. Lines and rates are put in force for its
place and day alone, so that cases stand beside each other in one generation wherever they do not state
different things.
"""

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from msgspec.structs import replace

from serai.journey.validation.columns import read_columns
from serai.laboratory.worked_examples.documents import commodity_code_of, document_of_case, origin_of
from serai.laboratory.worked_examples.laws import LawOfCase, law_of_case
from serai.law.book import country_of
from serai.law.exchange import ExchangeRate
from serai.law.library import TERRITORIES, PackFiles, load_book
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine, day_number
from serai.law.territory import Territories, Territory
from serai.model.documents import Consignment
from tests.law.packs import shipped_files

_DAY = dt.timedelta(days=1)
_BESIDE_THE_CASES = ("tables/exchange/", "SCREENING/")
"""Of the shipped folder: published rates, beside which the stated ones must not stand, and risk rules."""


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """A case, the message it becomes, what is law for it, and where it goes.

    is_of_the_date: place, channel and date alone pick its law out of all that are shipped.
    """

    case: dict[str, Any]
    document: Consignment
    law: LawOfCase
    territory: Territory
    is_of_the_date: bool


@dataclass(slots=True)
class LawSet:
    """What is law for some messages: packs and tables, and what their cases state."""

    files: dict[str, bytes]
    messages: list[CaseMessage] = field(default_factory=list)
    tariff_lines: dict[TariffLine, None] = field(default_factory=dict)
    exchange_rates: dict[ExchangeRate, None] = field(default_factory=dict)
    scheme_entries: dict[SchemeEntry, None] = field(default_factory=dict)
    stated: dict[Hashable, Hashable] = field(default_factory=dict)

    def takes(self, message: CaseMessage) -> bool:
        """Add a message unless it contradicts those that are here."""
        stated = dict(_stated_by(message))
        if any(self.stated.get(key, value) != value for key, value in stated.items()):
            return False
        self.stated |= stated
        self.messages.append(message)
        self.files |= shipped_law() if message.is_of_the_date else files_as_law(message.law)
        self.tariff_lines |= dict.fromkeys(_lines_of_the_day(message))
        self.exchange_rates |= dict.fromkeys(_rates_of_the_day(message))
        self.scheme_entries |= dict.fromkeys(message.law.scheme_entries)
        return True


def sort_into_law_sets(cases: Iterable[dict[str, Any]]) -> list[LawSet]:
    """Write each case as a message and put it into the first law set that it does not contradict."""
    sets: list[LawSet] = []
    for message in write_messages(cases):
        if not any(one.takes(message) for one in sets):
            sets.append(LawSet({}))
            assert sets[-1].takes(message)
    return sets


def write_messages(cases: Iterable[dict[str, Any]]) -> list[CaseMessage]:
    """Write cases as messages; a case without a pack has none to be sent under, which is a mistake here."""
    territories = Territories(decode_table(shipped_files()[TERRITORIES], Territory, TERRITORIES))
    book = load_book(shipped_law())
    messages = []
    for case in cases:
        law = law_of_case(case, shipped_files())
        assert law is not None, case["id"]
        document = document_of_case(case, law.time_zone)
        consignee, day = document.consignee, dt.date.fromisoformat(str(case["date"]))
        territory = territories.find(
            consignee.country_code, consignee.region_code, consignee.postcode, day_number(day)
        )
        assert territory is not None, case["id"]
        columns = read_columns([document], ["a filer"], 0, book)
        (number,) = book.choose(columns.consignments)[0].tolist()
        packs = () if number < 0 else book.programs[number].packs
        is_of_the_date = bool(book.is_outside(columns.consignments)[0]) or _is_its_law(case, law, packs)
        messages.append(CaseMessage(case, document, law, territory, is_of_the_date))
    return messages


def _is_its_law(case: dict[str, Any], law: LawOfCase, packs: Sequence[Pack]) -> bool:
    """Say whether these packs are the law of a case: those it names, and no overlay that it does not name.

    A layer of tariff adds lines; those that the case states go before them.
    """
    codes = {pack.code for pack in packs if pack.layer != "tariff"}
    day = dt.date.fromisoformat(str(case["date"]))
    overlays = {code for code in case.get("overlays", ()) if _is_applied(law.packs[code], day)}
    return {case["regime"], *overlays} <= codes <= set(law.codes)


def _is_applied(pack: Pack, day: dt.date) -> bool:
    """Say whether a pack is in force on a day and not suspended: beyond its edges a case names it too."""
    spans = [(one.valid_from, one.valid_to) for one in pack.suspended]
    is_in_force = _lies_in(day, pack.valid_from, pack.valid_to)
    return is_in_force and not any(_lies_in(day, *span) for span in spans)


def _lies_in(day: dt.date, begin: dt.date, end: dt.date | None) -> bool:
    return begin <= day and (end is None or day < end)


@cache
def shipped_law() -> dict[str, bytes]:
    """All packs as they are shipped, with the tables that cases do not state."""
    return {
        path: content
        for path, content in shipped_files().items()
        if not path.startswith(_BESIDE_THE_CASES) and not path.endswith(("cases.yaml", "README.md"))
    }


def files_as_law(law: LawOfCase) -> PackFiles:
    """The files of a case's own law, as an administration would put it in force on the day: planned law in
    force, law made backwards known, and a layer that the case takes as its law a base.
    """
    files = dict(law.files)
    for code, pack in law.packs.items():
        path = f"{code}/pack.yaml"
        text = files[path].decode()
        for key in ("status", "layer", "currency"):
            value = getattr(pack, key) or "null"
            text, count = re.subn(rf"(?m)^{key}: .*$", f"{key}: {value}", text)
            assert count == 1, (path, key)
        if pack.known_from is None:
            text = re.sub(r"(?m)^known_from: .*\n", "", text)
        files[path] = text.encode()
    return files


def _days_of(message: CaseMessage) -> list[dt.date]:
    """The days of the case: of its acceptance and, where it has another, of the purchase."""
    case = message.case
    days = (case["date"], case["input"]["sale"].get("purchase_date") or case["date"])
    return sorted({dt.date.fromisoformat(str(day)) for day in days})


def _stated_by(message: CaseMessage) -> Iterator[tuple[Hashable, Hashable]]:
    """What a case says of goods, currencies and scheme numbers on its days, and of the law of its place."""
    territory, law = message.territory, message.law
    country = country_of(territory.tax_territory_code)
    yield "is of the date", message.is_of_the_date
    if not message.is_of_the_date:
        for place in {territory.customs_territory_code, country, law.packs[law.codes[0]].jurisdiction}:
            yield ("law", place), tuple(sorted(law.codes))
    lines = [*_lines_of_the_day(message)]
    for item in message.case["input"]["items"]:
        code, origin = commodity_code_of(item), origin_of(item) or ""
        of_item = {one for one in lines if (one.commodity_prefix, one.origin_code) == (code, origin)}
        for day in _days_of(message):
            yield ("goods", country, code, origin, day), frozenset(o for o in of_item if o.valid_from == day)
    for rate in _rates_of_the_day(message):
        yield ("rate", rate.table, rate.home, rate.currency, rate.valid_from), rate
    if message.document.vendor_number:
        number = (message.document.scheme_kind_code, message.document.vendor_number)
        yield ("scheme", *number), tuple(law.scheme_entries)


def _lines_of_the_day(message: CaseMessage) -> Iterator[TariffLine]:
    territory = message.territory
    for day in _days_of(message):
        for line in message.law.tariff_lines:
            is_tax = line.measure == "tax"
            here = territory.tax_territory_code if is_tax else territory.customs_territory_code
            place = line.territory_code or here  # a law may weigh the tariffs of two
            yield replace(line, territory_code=place, valid_from=day, valid_to=day + _DAY)


def _rates_of_the_day(message: CaseMessage) -> Iterator[ExchangeRate]:
    for day in _days_of(message):
        for rate in message.law.exchange_rates:
            yield replace(rate, valid_from=day, valid_to=day + _DAY)

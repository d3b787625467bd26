"""The page that says which destinations of the calculator are complete, what the others lack, and whose move
it is.

`python -m tools.destinations > docs/reference/destinations.md`
"""

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.cases.page_words import country_name
from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.basket import DECODER, spread
from serai.journey.quotes.from_files import answer_from_files
from serai.laboratory.compare.regimes import Regime, find_countries
from serai.law.library import PackFiles, decode_packs
from serai.law.pack import Pack
from serai.model.findings import FindingOut

DAY = dt.date(2026, 11, 29)
GOODS = (
    ("62044200", "dress, cotton, woven", "CN"),
    ("95030041", "stuffed toy bear", "CN"),
    ("85171300", "smartphone", "VN"),
)
"""What is asked: a dress, a toy and a telephone for EUR 30.00 each, with EUR 5.00 of freight."""
_UNION_LEAST = 5
_MOVES = {
    "no-exchange-rate": (
        "rates of exchange of EUR, table {tables}",
        "whoever runs the node imports the published table (`serai list import exchange-rates`)",
    ),
    "no-tariff-line": (
        "duty of the goods",
        "whoever runs the node imports the tariff (`serai tariff import`); the pack has an extract",
    ),
    "commodity-code-too-short": (
        "duty by the whole code",
        "whoever asks gives the code with all its digits, and the node has that tariff",
    ),
    "parameter-not-known": (
        "`{parameters}`: no source was found",
        "whoever knows the act adds the value with its source to the pack",
    ),
    "data-needed": ("`{parameters}` of the parcel", "whoever asks states it"),
}
_OTHER = ("{code}: {parameters}", "whoever runs the node")

TEXT = """# Destinations of the calculator

Written by `tools/destinations.py` from the packs alone, without any list that a node imports: what a basket
of a dress, a toy and a telephone costs on {day}. *Complete*: every charge is worked out from figures that
come with Serai. Otherwise the page says what is missing and whose move it is. Where rates or duties are
missing the calculator fills in invented ones and says so.

{count} destinations under {laws} laws; {complete} complete.

| destination | law | complete | missing | whose move |
|---|---|---|---|---|
{rows}
"""


class _Row(NamedTuple):
    law: str
    missing: tuple[tuple[str, str], ...]


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(read_law_files(find_shipped("laws"))))


def build_page(files: PackFiles) -> str:
    """Write the page of the packs of a folder."""
    packs = decode_packs(files)
    regimes = find_countries(files, DAY, logistics_channel_code="express")
    found: dict[_Row, list[str]] = defaultdict(list)
    for channel, group in _by_channel(regimes).items():
        for regime, answer in zip(group, _ask(files, channel, group), strict=True):
            assert isinstance(answer, QuoteOut), (regime.code, answer)
            found[_Row(regime.code, _lacks(answer.missing, packs[regime.code]))].append(
                regime.territory.country_code
            )
    rows = sorted(found.items(), key=lambda one: (len(one[1]) < _UNION_LEAST, _named(one[1])))
    return TEXT.format(
        day=f"{DAY:%-d %B %Y}",
        count=len(regimes),
        laws=len({one.code for one in regimes}),
        complete=sum(len(countries) for row, countries in found.items() if not row.missing),
        rows="\n".join(_line(row, countries, packs[row.law].title) for row, countries in rows),
    )


def _by_channel(regimes: Iterable[Regime]) -> dict[str, list[Regime]]:
    groups: dict[str, list[Regime]] = defaultdict(list)
    for one in regimes:
        is_open = not one.channel_codes or "express" in one.channel_codes
        groups["express" if is_open else one.channel_codes[0]].append(one)
    return groups


def _ask(files: PackFiles, channel: str, regimes: list[Regime]) -> list[object]:
    items = [
        {
            "commodity_code": code,
            "description": words,
            "quantity": "1",
            "invoice_amount": "30.00",
            "invoice_currency_code": "EUR",
            "origin_country_code": origin,
            "gross_mass_kg": "0.400",
        }
        for code, words, origin in GOODS
    ]
    basket = {
        "goods_items": items,
        "logistics_channel_code": channel,
        "transport_mode_code": "4",
        "sale_nature_code": "B2C",
        "freight_amount": "5.00",
        "charges_currency_code": "EUR",
    }
    destinations = [
        {"country_code": one.territory.country_code}
        | ({"region_code": one.region_code} if one.region_code else {})
        for one in regimes
    ]
    request = DECODER.decode(msgspec.json.encode({"baskets": [basket], "destinations": destinations}))
    at = dt.datetime.combine(DAY, dt.time(12), dt.UTC)
    return list(answer_from_files(files, {}, [pair.question for pair in spread(request, at, "en")], at))


def _lacks(missing: Iterable[FindingOut], pack: Pack) -> tuple[tuple[str, str], ...]:
    lacking: dict[tuple[str, str], None] = {}
    tables = " or ".join(dict.fromkeys(f"`{one.table}`" for one in pack.conversions))
    for one in missing:
        what, move = _MOVES.get(one.code, _OTHER)
        said = ", ".join(str(value) for value in (one.parameters or {}).values())
        lacking[what.format(code=one.code, parameters=said, tables=tables), move] = None
    return tuple(lacking)


def _named(countries: list[str]) -> str:
    return ", ".join(sorted(country_name(code) for code in countries))


def _line(row: _Row, countries: list[str], title: str) -> str:
    missing = "; ".join(dict.fromkeys(what for what, _ in row.missing))
    moves = "; ".join(dict.fromkeys(move for _, move in row.missing))
    is_complete = "no" if row.missing else "yes"
    law = f"`{row.law}` {title.partition(': ')[2]}"
    return f"| {_named(countries)} | {law} | {is_complete} | {missing} | {moves} |"


if __name__ == "__main__":
    main()

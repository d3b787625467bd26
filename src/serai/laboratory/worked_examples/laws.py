"""What is law for a worked example.

A case states rates, duty and the standing of scheme numbers as facts. Here they become what they are in life:
tariff lines, exchange rates and register entries.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from serai.laboratory.worked_examples.case_file import Case, CaseFileError
from serai.laboratory.worked_examples.documents import (
    NUMBER_NOT_STATED,
    commodity_code_of,
    document_of_case,
    origin_of,
    preference_code,
)
from serai.law.book import BASE_LAYER, NOT_LAW, LawBook, as_in_force, country_of
from serai.law.exchange import ExchangeRate
from serai.law.library import NO_PACKS, TERRITORIES, PackFiles, decode_packs, load_book
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine, day_number
from serai.law.territory import Territories, Territory
from serai.model.money import MICRO

_LAYERS_OF_EVERY_CASE = ("common", "duty", "tax_rates")
"""Layers a case has without naming them: what versions of one law share, duties of a customs union, rates of
tax. Fees it names as `overlays`.
"""
_FOREVER: dict[str, Any] = {"valid_from": dt.date(2000, 1, 1), "valid_to": None}
_SOURCE = "stated by the worked example"


@dataclass(frozen=True, slots=True)
class LawOfCase:
    """What is law for one case. codes: its regime, the overlays it names and the layers every case has.

    status: of its regime, or of an overlay that is further from being law. files: of these packs, and the
    tables without published rates, beside which the stated ones must not stand. packs: the same, as they are
    law for the case. time_zone: of the destination. The other fields: what the case states of tariff, rates
    of exchange and scheme numbers.
    """

    codes: list[str]
    status: str
    files: PackFiles
    packs: Mapping[str, Pack]
    time_zone: str
    tariff_lines: list[TariffLine]
    exchange_rates: list[ExchangeRate]
    scheme_entries: list[SchemeEntry]


def law_of_case(case: Case, files: PackFiles, *, packs: Mapping[str, Pack] = NO_PACKS) -> LawOfCase | None:
    """Return the law of a case; None when its regime, or an overlay it names, has no pack.

    Planned law and drafts that the case names are given as in force: no date picks them, the case does. A
    regime that is a layer, such as the duty of a customs union, is given as a base law in the case's
    currency. packs: stand in for those of their codes in the files.
    """
    packs = {**decode_packs(files), **packs}
    named = (case["regime"], *case.get("overlays", ()))
    if any(code not in packs for code in named):
        return None
    base = packs[case["regime"]]
    status = max((packs[code].status for code in named), key=_distance_from_law)
    territory = _territory_of_case(case, files)
    places = (base.jurisdiction, territory.customs_territory_code, country_of(territory.tax_territory_code))
    codes = [*named]
    codes += [
        code
        for code, pack in packs.items()
        if pack.jurisdiction in places and pack.layer in _LAYERS_OF_EVERY_CASE and code not in codes
    ]
    given = case["input"]
    stated = {
        path: content
        for path, content in files.items()
        if path.partition("/")[0] in (*codes, "tables") and not path.startswith("tables/exchange/")
    }
    # What comes unnamed is taken as law only beside what is no law itself.
    taken = codes if base.status in NOT_LAW else named
    law = {code: as_in_force(packs[code]) if code in taken else packs[code] for code in codes}
    if base.layer != BASE_LAYER:
        law[base.code] = replace(law[base.code], layer=BASE_LAYER, currency=case["currency"])
    return LawOfCase(
        codes,
        status,
        stated,
        law,
        territory.time_zone,
        _tariff_lines(given),
        _exchange_rates(case, base),
        _scheme_entries(given),
    )


def _distance_from_law(status: str) -> int:
    return NOT_LAW.index(status) + 1 if status in NOT_LAW else 0


def _territory_of_case(case: Case, files: PackFiles) -> Territory:
    consignee = document_of_case(case).consignee
    day = day_number(dt.date.fromisoformat(str(case["date"])))
    territories = _territories(files[TERRITORIES])
    found = territories.find(consignee.country_code, consignee.region_code, consignee.postcode, day)
    if found is None:
        raise CaseFileError(
            "case-file",
            f"{case['id']}: the territory of {consignee.country_code} on {case['date']} is not known.",
            f"Add the country to {TERRITORIES}.",
        )
    return found


@lru_cache(maxsize=2)
def _territories(content: bytes) -> Territories:
    return Territories(decode_table(content, Territory, TERRITORIES))


def book_of_case(case: Case, files: PackFiles, *, packs: Mapping[str, Pack] = NO_PACKS) -> LawBook | None:
    """Return a book with the law of a case; None when its regime has no pack."""
    law = law_of_case(case, files, packs=packs)
    return None if law is None else book_of_law(law)


def book_of_law(law: LawOfCase) -> LawBook:
    """Return a book with the law of a case. Raises LawPackError."""
    return load_book(
        law.files,
        codes=law.codes,
        packs=law.packs,
        tariff_lines=law.tariff_lines,
        exchange_rates=law.exchange_rates,
        scheme_entries=law.scheme_entries,
    )


_MEASURES = (
    ("duty", "mfn_duty_rate_ppm"),
    ("tax", "tax_rate_ppm"),
    ("tax", "consumption_national_ppm"),
    ("simplified_duty", "simplified_duty_rate_ppm"),
    ("excise", "consumption_tax_rate_ppm"),
    ("income_tax", "income_tax_rate_ppm"),
    ("statistical_fee", "given_statistical_fee_ppm"),
    ("anti_dumping", "anti_dumping_rate_ppm"),
    ("countervailing", "countervailing_rate_ppm"),
    ("safeguard", "safeguard_rate_ppm"),
)
"""Measure of the tariff, and the key under which a case states its rate."""


def _tariff_lines(given: Mapping[str, Any]) -> list[TariffLine]:
    lines = []
    for item in given["items"]:
        stated = [(measure, item[name], "") for measure, name in _MEASURES if name in item]
        if item.get("tax_kind") == "import_tax":
            # One rate instead of duty and taxes; the tax that falls otherwise stands beside it.
            stated = [row for row in stated if row[0] != "tax"]
            stated.append(("article_tax", item["tax_rate_ppm"], ""))
            stated += [("tax", item["vat_rate_ppm"], "")] if "vat_rate_ppm" in item else []
        if "duty_rate_ppm" in item:
            stated.append(("duty", item["duty_rate_ppm"], preference_code(given, item) or ""))
            if given.get("method") == "ad_valorem" and "country_rate_ppm" not in {*item, *given}:
                stated.append(("country_duty", item["duty_rate_ppm"], ""))
        country_rate_ppm = item.get("country_rate_ppm", given.get("country_rate_ppm"))
        if country_rate_ppm is not None:
            stated.append(("country_duty", country_rate_ppm, ""))
        stated.append(("admission", 0 if "not_on_positive_list" in item["flags"] else MICRO, ""))
        lines += [
            _tariff_line(item, measure, preference, rate_ppm) for measure, rate_ppm, preference in stated
        ]
        lines += [
            _tariff_line(
                item, "duty", "", row.get("rate_ppm", 0), **_by_piece(row), territory_code=row["territory"]
            )
            for row in item.get("duty_by_territory", ())
        ]
        if "duty_minor_given" in item:
            specific_micro = item["duty_minor_given"] * MICRO // item["quantity"]
            lines.append(
                _tariff_line(
                    item,
                    "duty",
                    preference_code(given, item) or "",
                    0,
                    specific_micro=specific_micro,
                    specific_unit="piece",
                )
            )
    return lines


def _by_piece(row: Mapping[str, Any]) -> dict[str, Any]:
    if "piece_minor" not in row:
        return {}
    return {"specific_micro": row["piece_minor"] * MICRO, "specific_unit": "piece"}


def _tariff_line(
    item: Mapping[str, Any], measure: str, preference: str, rate_ppm: int, **more: Any
) -> TariffLine:
    return TariffLine(
        measure=measure,
        commodity_prefix=commodity_code_of(item),
        origin_code=origin_of(item) or "",
        preference_code=preference,
        ad_valorem_ppm=rate_ppm,
        source=_SOURCE,
        **more,
        **_FOREVER,
    )


def _exchange_rates(case: Case, base: Pack) -> list[ExchangeRate]:
    return [
        _exchange_rate(case, rate, conversion.table)
        for rate in case["input"].get("rates") or ()
        for conversion in base.conversions
        if rate.get("use") in (None, conversion.name)
    ]


def _exchange_rate(case: Case, rate: Mapping[str, Any], table: str) -> ExchangeRate:
    exact = Decimal(rate["rate"])
    denominator = 10 ** max(0, -int(exact.as_tuple().exponent))
    return ExchangeRate(
        table=table,
        home=case["currency"],
        currency=rate["currency"],
        numerator=int(exact * denominator),
        denominator=denominator,
        direction="home_per_foreign",
        source=_SOURCE,
        **_FOREVER,
    )


def _scheme_entries(given: Mapping[str, Any]) -> list[SchemeEntry]:
    scheme = given.get("scheme")
    if not scheme or scheme["status"] != "valid":
        return []
    return [SchemeEntry(kind=scheme["kind"], number=scheme.get("number") or NUMBER_NOT_STATED, **_FOREVER)]

"""What is law for a worked example.

A case states rates of exchange, duty and the standing of scheme numbers as facts. Here they become what they
are in life: tariff lines, exchange rates and register entries. A rate that a pack owns is the pack's: what
the case states of it is held against it (`running`) and never put in force.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

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
from serai.law.pack import Pack, Registration
from serai.law.registration import SchemeEntry
from serai.law.tariff import Asked, Tariff, TariffLine, day_number
from serai.law.territory import Territories, Territory
from serai.model.money import MICRO

_LAYERS_OF_EVERY_CASE = ("common", "duty", "restricted", "tax_rates")
"""Layers a case has without naming them: what versions of one law share, duties of a customs union,
prohibitions and restrictions, rates of tax. Fees it names as `overlays`.
"""
_FOREVER: dict[str, Any] = {"valid_from": dt.date(2000, 1, 1), "valid_to": None}
_SOURCE = "stated by the worked example"


@dataclass(frozen=True, slots=True)
class LawOfCase:
    """What is law for one case. codes: its regime, the overlays it names and the layers every case has.

    status: of its regime, or of an overlay that is further from being law. files: of these packs, and the
    tables without published rates, beside which the stated ones must not stand. packs: the same, as they are
    law for the case. time_zone: of the destination. registrations: of all packs, so that a number of another
    law's scheme is what it is there. The other fields: what the case states of tariff (lines that the packs'
    own tariffs do not have), rates of exchange and scheme numbers.
    """

    codes: list[str]
    status: str
    files: PackFiles
    packs: Mapping[str, Pack]
    time_zone: str
    registrations: list[Registration]
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
    tariff = _tariff_of([packs[code] for code in codes], files)
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
        [one for pack in packs.values() for one in pack.registrations],
        [line for line in stated_lines(given) if not _is_owned(line, case, territory, tariff)],
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
        registrations=law.registrations,
    )


def _tariff_of(packs: Sequence[Pack], files: PackFiles) -> Tariff:
    """Return the tariffs that packs bring with them."""
    lines = [
        line
        for pack in packs
        if f"{pack.code}/tariff.csv" in files
        for line in _lines_of(pack.jurisdiction, f"{pack.code}/tariff.csv", files[f"{pack.code}/tariff.csv"])
    ]
    return Tariff(lines)


@lru_cache(maxsize=32)
def _lines_of(jurisdiction: str, path: str, content: bytes) -> tuple[TariffLine, ...]:
    lines = decode_table(content, TariffLine, path)
    return tuple(replace(line, territory_code=line.territory_code or jurisdiction) for line in lines)


def _is_owned(line: TariffLine, case: Case, territory: Territory, tariff: Tariff) -> bool:
    """Say whether a tariff of the packs answers for the goods of a line that a case states."""
    day = day_number(dt.date.fromisoformat(str(case["date"])))
    return tariff.find_one(asked_of(line, territory.customs_territory_code, day)) >= 0


def asked_of(line: TariffLine, territory_code: str, day: int) -> Asked:
    """Return the question whose answer a stated line is. day: since 1970."""
    code, origin, preference = line.commodity_prefix, line.origin_code, line.preference_code
    return Asked(line.measure, code, origin, preference, line.territory_code or territory_code, day)


_MEASURES = (
    ("duty", "mfn_duty_rate_ppm"),
    ("tax", "consumption_national_ppm"),
    ("tax", "vat_rate_ppm"),
    ("simplified_duty", "simplified_duty_rate_ppm"),
    ("excise", "consumption_tax_rate_ppm"),
    ("income_tax", "income_tax_rate_ppm"),
    ("statistical_fee", "given_statistical_fee_ppm"),
    ("anti_dumping", "anti_dumping_rate_ppm"),
    ("countervailing", "countervailing_rate_ppm"),
    ("safeguard", "safeguard_rate_ppm"),
)
"""Measure of the tariff, and the key under which a case states its rate."""
TAXES_OF_THE_TARIFF: Final = {"import_tax": "article_tax", "sales_tax": "tax", "of_the_goods": "tax"}
"""Kinds of tax whose rate is the tariff's, for goods alone: what a case says as `tax_kind`, and the measure.
`import_tax`: one rate instead of duty and taxes. `sales_tax`, `of_the_goods`: not the rate that the law has
for goods of which it says nothing. Any other `tax_rate_ppm` is the law's own, and put in force by nobody.
"""


def stated_lines(given: Mapping[str, Any]) -> list[TariffLine]:
    """Return the lines of a tariff that the `input` of a case states, also those that a pack owns."""
    lines = []
    for item in given["items"]:
        stated = [(measure, item[name], "") for measure, name in _MEASURES if name in item]
        if "tax_rate_ppm" in item and item.get("tax_kind") in TAXES_OF_THE_TARIFF:
            stated.append((TAXES_OF_THE_TARIFF[item["tax_kind"]], item["tax_rate_ppm"], ""))
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
                item,
                row.get("measure", "duty"),
                "",
                row.get("rate_ppm", 0),
                **_by_piece(row),
                territory_code=row["territory"],
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

"""The tax lines of a scenario by our own calculation, at the rates that its answer states.

Rates, and amounts by quantity for which the answer has no rate, are lines of a tariff; everything else, the
bases, what comes into which, the order and the rounding, is the law's.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from serai.formats.wco_dec import decode_dec
from serai.journey.pipeline import Context, Processed, run_pipeline
from serai.journey.screening.lists import Lists
from serai.laboratory.oracle.codes import CDS, OtherRegion
from serai.laboratory.oracle.scenarios import Scenario, StatedLine
from serai.laboratory.oracle.scope import DUTY, REMEDIES, TAX, as_free_circulation, is_excise
from serai.law.book import LawBook
from serai.law.exchange import ExchangeRate
from serai.law.library import PackFiles, decode_packs, load_book
from serai.law.load import decode_table
from serai.law.tariff import ORDINARY_PREFERENCES, TariffLine
from serai.model.documents import Consignment, ConsignmentDetail, GoodsItem, ReturnedGoods
from serai.model.money import MICRO, format_minor, read_decimals

EXCISE = "excise"
_DECLARANT = "oracle"
_NO_RELIEF = ("none", "PREFERENCE")
"""A preference is a rate, which the answer states."""


@dataclass(slots=True)
class ComputedLine:
    """Base and amount of one kind of line on an item, in pence."""

    base_minor: int = 0
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Computed:
    """What came of a scenario. lines: by item and kind (`A00`, `B00`, `excise`). notes: what was taken
    otherwise than declared. fault: why nothing could be computed, empty: it was. reliefs: by item, the
    code of a relief that the law gives it. law_code: the pack it was judged by.
    """

    lines: dict[tuple[int, str], ComputedLine]
    notes: tuple[str, ...]
    fault: str = ""
    reliefs: Mapping[int, str] = field(default_factory=dict)
    law_code: str = ""


def compute(scenario: Scenario, files: PackFiles) -> Computed:
    """Compute the tax lines of a scenario. Raises LawPackError."""
    request, notes = as_free_circulation(scenario.request)
    message, faults = decode_dec(request)
    if message is None or message.consignment is None:
        said = [str(one.parameters.get("code", one.code)) for one in faults]
        return Computed({}, (), f"the declaration is not read: {', '.join(said)}")
    document = _with_excise(message.consignment, scenario.lines)
    northern = CDS.northern_ireland
    is_northern = document.consignee.region_code == northern.region_code
    if is_northern:
        document = replace(
            document,
            sale_nature_code=northern.sale_nature_code,
            dispatch_country_code=northern.sent_from,
            accepted_at=None,
        )
        notes.append(northern.note)
    if _is_return_claimed(document):
        document = _with_export(document, scenario)
        notes.append(CDS.returned_goods.note)
    if any(_is_by_quantity(line) for line in scenario.lines):
        notes.append("duty by quantity: the answer states no rate, so its amount is taken as the rate")
    lines = stated_rates(document, scenario.lines, is_northern=is_northern)
    answered = scenario.answered_at
    rates: list[ExchangeRate] = []
    if is_northern:
        begin = decode_packs(files)[northern.law_code].valid_from
        noon = dt.datetime.combine(begin, dt.time(12), dt.UTC)
        answered = max(answered, noon)
        rates = _last_rates(files, northern)
    book = load_book(files, tariff_lines=lines, exchange_rates=rates)
    at_ms = int(answered.timestamp() * 1000)
    context = Context.empty(1)
    processed = run_pipeline([document], [_DECLARANT], at_ms, book, Lists.empty(), context=context)
    if fault := _fault(processed):
        return Computed({}, tuple(notes), fault)
    codes = processed.items.words("relief_code").texts()
    reliefs = {
        item.sequence_number: code
        for item, code in zip(document.goods_items, codes, strict=True)
        if code and code not in _NO_RELIEF
    }
    (law,) = set(processed.charges.numbers("law_number").tolist()) or {-1}
    law_code = book.programs[law].base.code if law >= 0 else ""
    return Computed(_lines(processed, document, book), tuple(notes), reliefs=reliefs, law_code=law_code)


def _last_rates(files: PackFiles, region: OtherRegion) -> list[ExchangeRate]:
    """Return the last published rate of the currency in which a region's limits stand, from its end on."""
    path = f"tables/exchange/{region.exchange_table}.csv"
    published = [
        one for one in decode_table(files[path], ExchangeRate, path) if one.currency == region.limit_currency
    ]
    last = max(published, key=lambda one: one.valid_from)
    return [] if last.valid_to is None else [replace(last, valid_from=last.valid_to, valid_to=None)]


def stated_rates(
    document: Consignment, lines: Sequence[StatedLine], *, is_northern: bool = False
) -> list[TariffLine]:
    """Return the rates of an answer as lines of a tariff, for each goods item.

    is_northern: of the tariff of the territory whose duty is stated; the other one has none.
    """
    found = []
    northern = CDS.northern_ireland
    for item in document.goods_items:
        mine = [line for line in lines if line.item == item.sequence_number]
        duty = [line for line in mine if line.tax_type in DUTY]
        if duty and is_northern:
            stated = northern.duty_territories[duty[0].tax_type]
            for territory in northern.duty_territories.values():
                terms = _terms(duty, item) if territory == stated else {}
                found.append(_rate("duty", item, terms | {"territory_code": territory}))
        elif duty:
            is_claimed = (item.preference_code or "") not in ORDINARY_PREFERENCES
            preference = str(item.preference_code) if is_claimed else ""
            found.append(_rate("duty", item, _terms(duty, item) | {"preference_code": preference}))
        for tax_type, measure in REMEDIES.items():
            remedy = [line for line in mine if line.tax_type == tax_type]
            if remedy:
                territory = northern.remedy_territory if is_northern else ""
                found.append(_rate(measure, item, _terms(remedy, item) | {"territory_code": territory}))
        tax = next((line.rate_ppm for line in mine if line.tax_type == TAX), None)
        if tax is not None:
            found.append(_rate("tax", item, {"ad_valorem_ppm": tax}))
    return found


def _terms(lines: Sequence[StatedLine], item: GoodsItem) -> dict[str, Any]:
    """Return the rate that lines of one kind state, or their amount spread over the quantity."""
    rate_ppm = next((line.rate_ppm for line in lines if line.rate_ppm is not None), None)
    if rate_ppm is not None:
        return {"ad_valorem_ppm": rate_ppm}
    amount = sum(line.assessed_minor or 0 for line in lines)
    return {"ad_valorem_ppm": 0, "specific_micro": _per_piece(amount, item), "specific_unit": "piece"}


def _rate(measure: str, item: GoodsItem, terms: dict[str, Any]) -> TariffLine:
    return TariffLine(
        measure=measure,
        commodity_prefix=item.commodity_code or "",
        valid_from=dt.date(2000, 1, 1),
        valid_to=None,
        source="stated by the answer",
        **terms,
    )


def _per_piece(amount_minor: int, item: GoodsItem) -> int:
    """Spread an amount over the units of the line, millionths of a minor unit, half up: the product rounds
    back to the amount as long as there are fewer than a million units.
    """
    quantity_micro = int(read_decimals([item.quantity])[0][0])
    per_piece: int = (2 * amount_minor * MICRO * MICRO + quantity_micro) // (2 * quantity_micro)
    return per_piece


def _is_by_quantity(line: StatedLine) -> bool:
    is_duty = line.tax_type in (*DUTY, *REMEDIES)
    return is_duty and line.rate_ppm is None and line.base_minor is None


def _is_return_claimed(document: Consignment) -> bool:
    claimed = {code for item in document.goods_items for code in item.additional_procedure_codes}
    return not claimed.isdisjoint(CDS.returned_goods.additional_procedure_codes)


def _with_export(document: Consignment, scenario: Scenario) -> Consignment:
    """Name the export before, on the day of the answer: published declarations do not say which it was."""
    day = scenario.answered_at.date().isoformat()
    export = ReturnedGoods(document.reference, day, "unaltered", "exporter")
    return replace(document, detail=replace(document.detail or ConsignmentDetail(), returned_goods=export))


def _with_excise(document: Consignment, lines: Sequence[StatedLine]) -> Consignment:
    """Give the goods their stated excise."""
    items = []
    for item in document.goods_items:
        mine = (line for line in lines if is_excise(line) and line.item == item.sequence_number)
        excise = sum(line.assessed_minor or 0 for line in mine)
        items.append(replace(item, excise_amount=format_minor(excise, CDS.currency)) if excise else item)
    if any(item.excise_amount for item in items):
        # An excise is in the currency of the charges.
        document = replace(document, charges_currency_code=CDS.currency)
    return replace(document, goods_items=items)


_COMPUTED_WITHOUT = frozenset({"additional-procedure-not-known"})
"""Findings beside which every sum stands all the same."""


def _fault(processed: Processed) -> str:
    if not len(processed.accepted_rows):
        return f"the declaration has a fault: {processed.faults[0][0].code}"
    frame = processed.findings
    pairs = zip(frame.words("code").texts(), frame.words("severity").texts(), strict=True)
    missing = sorted({str(code) for code, severity in pairs if severity == "hold"} - _COMPUTED_WITHOUT)
    return f"the law cannot say everything: {', '.join(missing)}" if missing else ""


def _lines(processed: Processed, document: Consignment, book: LawBook) -> dict[tuple[int, str], ComputedLine]:
    """Sum the charges by item and kind. Charges of one type exclude each other, so bases add up to one."""
    charges = processed.charges
    sums: dict[tuple[int, str], ComputedLine] = defaultdict(ComputedLine)
    for law, number, item, base, amount in zip(
        *(
            charges.numbers(name).tolist()
            for name in ("law_number", "charge_number", "item", "base_minor", "amount_minor")
        ),
        strict=True,
    ):
        charge = book.programs[law].charges[number].charge
        kind = EXCISE if charge.kind == EXCISE else charge.tax_type_code
        line = sums[document.goods_items[item].sequence_number, kind]
        line.base_minor += base
        line.amount_minor += amount
    return dict(sums)

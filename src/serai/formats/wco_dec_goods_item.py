"""A goods item of a WCO declaration -> the fields of ours. What it leaves out and we need is taken from:

- quantity: net mass, else gross mass, in kilograms, since a declaration counts no pieces.
- origin in a reduced data set, which has none: QU, not specified (Regulation (EU) 2020/1470, annex I).
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from serai.formats.placed import PlacedGroup, PlacedText, number_at
from serai.formats.wco_dec_parts import (
    charge_fields,
    document_fields,
    fiscal_references,
    group_of,
    joined,
    statement_fields,
    tax_fields,
    texts_of,
)
from serai.formats.xml_document import Reader
from serai.model.code_lists import LOW_VALUE_RELIEFS, ORIGIN_NOT_SPECIFIED, REDUCED_DATA_SET

PREFERENTIAL_ORIGIN = "2"
_NOMENCLATURE_AND_TARIFF_DIGITS = (8, 2)
_ITEM_PLACES = {
    "sequence_number": "/SequenceNumeric",
    "commodity_code": "/Commodity/Classification/ID",
    "description": "/Commodity/Description",
    "quantity": "/Commodity/GoodsMeasure/NetNetWeightMeasure",
    "invoice_amount": "/Commodity/InvoiceLine/ItemChargeAmount",
    "invoice_currency_code": "/Commodity/InvoiceLine/ItemChargeAmount/@currencyID",
    "origin_country_code": "/Origin/CountryCode",
    "gross_mass_kg": "/Commodity/GoodsMeasure/GrossMassMeasure",
}


def is_reduced(additional_procedure_codes: Collection[str], *, is_value_the_price: bool) -> bool:
    """Say whether a goods item is declared with a reduced data set.

    The UK's names itself; the Union's is told by a relief for low value without an invoice line.
    """
    if REDUCED_DATA_SET in additional_procedure_codes:
        return True
    return is_value_the_price and not LOW_VALUE_RELIEFS.isdisjoint(additional_procedure_codes)


def goods_item_fields(item: Reader, procedure: PlacedGroup) -> PlacedGroup:
    """Read one goods item. procedure: that of the consignment; only what differs stands at the item."""
    commodity = item.at("Commodity")
    classified = _classified(commodity)
    amount = "InvoiceLine/ItemChargeAmount"
    price, currency = commodity.text(amount), commodity.attribute(amount, "currencyID")
    value, value_currency = (
        item.text("CustomsValueAmount"),
        item.attribute("CustomsValueAmount", "currencyID"),
    )
    gross = commodity.text("GoodsMeasure/GrossMassMeasure")
    net = commodity.text("GoodsMeasure/NetNetWeightMeasure")
    taxes = [tax_fields(tax) for tax in commodity.all("DutyTaxFee")]
    additional = [code for p in item.all("GovernmentProcedure")[1:] if (code := p.text("CurrentCode"))]
    origins = {origin.text("TypeCode"): origin.text("CountryCode") for origin in item.all("Origin")}
    preferential = origins.get(PlacedText(PREFERENTIAL_ORIGIN, ""))
    others = [country for kind, country in origins.items() if kind != PREFERENTIAL_ORIGIN]
    # The reduced data set has no invoice line: its value is the price without freight (data element 4/18).
    is_value_the_price = price is None and value is not None
    not_asked = (
        ORIGIN_NOT_SPECIFIED if is_reduced(additional, is_value_the_price=is_value_the_price) else None
    )
    return PlacedGroup(
        item,
        _ITEM_PLACES,
        {
            "sequence_number": number_at(item.text("SequenceNumeric")),
            "commodity_code": classified.code,
            "description": commodity.text("Description"),
            "quantity": net or gross,
            "invoice_amount": value if is_value_the_price else price,
            "invoice_currency_code": value_currency if is_value_the_price else currency,
            "origin_country_code": (others[0] if others else preferential) or not_asked,
            "gross_mass_kg": gross,
            "quantity_unit_code": "KGM",
            "net_mass_kg": net,
            "supplementary_quantity": commodity.text("GoodsMeasure/TariffQuantity"),
            "supplementary_unit_code": commodity.attribute("GoodsMeasure/TariffQuantity", "unitCode"),
            "preference_code": next((tax["regime_code"] for tax in taxes if "regime_code" in tax), None),
            "additional_procedure_codes": additional,
            "additional_documents": [
                document_fields(document) for document in item.all("AdditionalDocument")
            ],
            "detail": group_of(
                item,
                {
                    **_own_procedure(item, procedure),
                    "additional_commodity_codes": classified.others,
                    "customs_value_amount": None if is_value_the_price else value,
                    "customs_value_currency_code": None if is_value_the_price else value_currency,
                    "declared_taxes": taxes,
                    "preferential_origin_country_code": preferential,
                    **_more_of(item, commodity),
                },
            ),
        },
    )


def _more_of(item: Reader, commodity: Reader) -> dict[str, Any]:
    """Read what is declared of an item beyond what is decided upon."""
    return {
        "valuation_method_code": item.text("CustomsValuation/MethodCode"),
        "valuation_indicator_code": item.text("ValuationAdjustment/AdditionCode"),
        "charges": charge_fields(item.at("CustomsValuation")),
        "statistical_value_amount": item.text("StatisticalValueAmount"),
        "statistical_value_currency_code": item.attribute("StatisticalValueAmount", "currencyID"),
        "statements": [statement_fields(remark) for remark in item.all("AdditionalInformation")],
        "transaction_nature_code": item.text("TransactionNatureCode"),
        "dispatch_country_code": item.text("ExportCountry/ID"),
        "destination_country_code": item.text("Destination/CountryCode"),
        "container_ids": texts_of(commodity.all("TransportEquipment"), "ID"),
        "additional_fiscal_references": fiscal_references(item),
        "previous_documents": [document_fields(document) for document in item.all("PreviousDocument")],
        "packages": [_package(package) for package in item.all("Packaging")],
    }


class _Classified(NamedTuple):
    """code: of the goods, from the lists TSP and TRC. others: list and code in one word."""

    code: PlacedText | None
    others: list[PlacedText]


def _classified(commodity: Reader) -> _Classified:
    """Join the eight digits of the combined nomenclature (list TSP) and the two of the tariff (list TRC).

    A second code of these lists, or one that cannot be joined, is kept like those of other lists.
    """
    pairs = [(one.text("IdentificationTypeCode"), one.text("ID")) for one in commodity.all("Classification")]
    nomenclature = next((code for kind, code in pairs if kind == "TSP" and code), None)
    tariff = next((code for kind, code in pairs if kind == "TRC" and code), None)
    code, used = nomenclature or tariff, [nomenclature or tariff]
    if nomenclature and tariff and (len(nomenclature), len(tariff)) == _NOMENCLATURE_AND_TARIFF_DIGITS:
        code, used = joined(nomenclature, tariff), [nomenclature, tariff]
    others = [
        PlacedText(f"{kind or ''}:{other}", other.where)
        for kind, other in pairs
        if other is not None and not any(other is one for one in used)
    ]
    return _Classified(code, others)


def _own_procedure(item: Reader, procedure: PlacedGroup) -> dict[str, PlacedText | None]:
    own = item.at("GovernmentProcedure")
    names = {"requested_procedure_code": "CurrentCode", "previous_procedure_code": "PreviousCode"}
    codes = {field: own.text(name) for field, name in names.items()}
    return {field: code for field, code in codes.items() if code != procedure.get(field)}


def _package(reader: Reader) -> PlacedGroup:
    reader.text("SequenceNumeric")  # The order in the message says the same.
    return group_of(
        reader,
        {
            "type_code": reader.text("TypeCode"),
            "count": number_at(reader.text("QuantityQuantity")),
            "marks": reader.text("MarksNumbersID"),
        },
    )

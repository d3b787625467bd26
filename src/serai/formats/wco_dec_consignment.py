"""A WCO declaration of import -> the fields of our consignment, each with its XPath.

What the declaration leaves out and we need is taken from where it says the same thing:

- consignor: Consignor, else Exporter. consignee: Consignee, else Importer.
- quantity: net mass, else gross mass, in kilograms, since a declaration counts no pieces.
- origin in a reduced data set, which has none: QU, not specified (Regulation (EU) 2020/1470, annex I).
- country of a party known by EORI alone: the country that issued it; of an importer who receives the goods,
  the country of destination, for goods go where the declaration says and not where a number was issued.
- part of a country: where a statement says so, else by the number of an importer known by nothing else.
- scheme and nature of the sale: by the additional procedure.

What these codes mean stands in `wco_dec_codes.yaml`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from serai.formats.placed import PlacedGroup, PlacedNumber, PlacedText, number_at
from serai.formats.wco_dec_codes import (
    is_preference,
    is_scheme_holder,
    issuing_country,
    region_of,
    sale_nature,
    scheme_kind,
)
from serai.formats.xml_document import Reader
from serai.model.code_lists import LOW_VALUE_RELIEFS, ORIGIN_NOT_SPECIFIED, REDUCED_DATA_SET

PREFERENTIAL_ORIGIN = "2"
_NOMENCLATURE_AND_TARIFF_DIGITS = (8, 2)
POST = "5"

ADDRESS_FIELDS = frozenset({"name", "street", "city", "postcode", "region_code"})

_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d)(\d\d)?")
_REFERENCE = re.compile(r"[\x21-\x7e]{1,70}")

_CONSIGNMENT_PLACES = {
    "reference": "/FunctionalReferenceID",
    "consignor": "/Exporter",
    "consignee": "/GoodsShipment/Importer",
    "channel_code": "/BorderTransportMeans/ModeCode",
    "goods_items": "/GoodsShipment/GovernmentAgencyGoodsItem",
}
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
_PERSON_PLACES = {"country_code": "/Address/CountryCode", "name": "/Name"}


def consignment_fields(declaration: Reader) -> PlacedGroup:
    """Read all that a declaration says of its goods shipment."""
    shipment = declaration.at("GoodsShipment")
    items = shipment.all("GovernmentAgencyGoodsItem")
    procedure = _procedure(declaration, items)
    goods_items = [_goods_item(item, procedure) for item in items]
    codes = {code for item in goods_items for code in item.get("additional_procedure_codes", [])}
    registrations = _tax_registrations(shipment)
    importer = person_fields(shipment.at("Importer"))
    exporter = person_fields(declaration.at("Exporter"))
    mode = declaration.text("BorderTransportMeans/ModeCode")
    documents = [_document(document) for document in shipment.all("PreviousDocument")]
    freight = "CustomsValuation/FreightChargeAmount"
    declared = [tax for item in goods_items for tax in item.get("detail", {}).get("declared_taxes", [])]
    return PlacedGroup(
        declaration,
        _CONSIGNMENT_PLACES,
        {
            "reference": declaration.text("FunctionalReferenceID"),
            "goods_items": goods_items,
            "consignor": person_fields(shipment.at("Consignor")) or exporter,
            "consignee": person_fields(shipment.at("Consignee"))
            or _receiving(importer, shipment.text("Destination/CountryCode"), items),
            "channel_code": _channel_code(mode, goods_items),
            "sale_nature_code": sale_nature(codes),
            "ucr": shipment.text("UCR/TraderAssignedReferenceID") or _find_reference(documents, ("DCR",)),
            "transport_mode_code": mode,
            "house_document": _find_reference(documents, ("703", "740")),
            "master_document": _find_reference(documents, ("741",)),
            "dispatch_country_code": shipment.text("ExportCountry/ID"),
            "is_preference_claimed": any(is_preference(tax.get("regime_code")) for tax in declared) or None,
            "scheme_kind_code": scheme_kind(codes),
            "scheme_number": _scheme_number(registrations),
            "freight_amount": shipment.text(freight),
            "charges_currency_code": shipment.attribute(freight, "currencyID"),
            "invoice_total_amount": declaration.text("InvoiceAmount"),
            "accepted_at": instant_of(declaration, "AcceptanceDateTime"),
            "procedure": procedure,
            "seller": person_fields(shipment.at("Seller")),
            "buyer": person_fields(shipment.at("Buyer")),
            "importer": importer,
            "exporter": exporter,
            "declarant": person_fields(declaration.at("Declarant")),
            "representative": person_fields(declaration.at("Agent")),
            "representation_code": declaration.text("Agent/FunctionCode"),
            "payer": person_fields(shipment.at("Payer")),
            "previous_documents": documents,
            "additional_documents": [
                _document(document) for document in declaration.all("AdditionalDocument")
            ],
            "payment_method_code": next(
                (t["payment_method_code"] for t in declared if "payment_method_code" in t), None
            ),
            "detail": _consignment_detail(declaration, shipment, registrations),
        },
    )


def person_fields(party: Reader) -> PlacedGroup | None:
    """Read a party: name and address, or an identifier alone. None where nothing is said of it."""
    if not party:
        return None
    identifier = party.text("ID")
    address = party.at("Address")
    communication = party.at("Communication")
    reached_by = communication.text("TypeCode")
    number = communication.text("ID")
    fields = PlacedGroup(
        party,
        _PERSON_PLACES,
        {
            "name": party.text("Name"),
            "country_code": address.text("CountryCode") or _issuing_country(identifier),
            "street": address.text("Line"),
            "city": address.text("CityName"),
            "postcode": address.text("PostcodeID"),
            "region_code": address.text("CountrySubDivisionCode"),
            "phone": None if reached_by == "EM" else number,
            "email": number if reached_by == "EM" else None,
            "party_identifier": identifier,
        },
    )
    return fields or None


def _issuing_country(identifier: PlacedText | None) -> PlacedText | None:
    if identifier is None or (country := issuing_country(identifier)) is None:
        return None
    return PlacedText(country, identifier.where)


def _receiving(
    importer: PlacedGroup | None, destination: PlacedText | None, items: list[Reader]
) -> PlacedGroup | None:
    """Make the importer the consignee."""
    if importer is None:
        return None
    statements = {
        item.text("StatementCode") for goods in items for item in goods.all("AdditionalInformation")
    }
    where = where_importer_receives(importer, destination, statements)
    return PlacedGroup(importer.where, _PERSON_PLACES, {**importer, **where})


def where_importer_receives(
    importer: Mapping[str, Any], destination: str | None, statements: Collection[str | None]
) -> dict[str, str]:
    """Return country and region that an importer gets as the one who receives the goods.

    importer: what is said of it, by field. destination: country declared. statements: codes of the goods.
    """
    place: dict[str, str] = {}
    is_known_by_number_alone = not ADDRESS_FIELDS & importer.keys()
    if destination is not None and is_known_by_number_alone:
        place["country_code"] = destination
    country = place.get("country_code", importer.get("country_code"))
    identifier = importer.get("party_identifier", "") if is_known_by_number_alone else ""
    region = region_of(country, statements, identifier)
    return place if region is None else {**place, "region_code": region}


def is_reduced(additional_procedure_codes: Collection[str], *, is_value_the_price: bool) -> bool:
    """Say whether a goods item is declared with a reduced data set.

    The UK's names itself; the Union's is told by a relief for low value without an invoice line.
    """
    if REDUCED_DATA_SET in additional_procedure_codes:
        return True
    return is_value_the_price and not LOW_VALUE_RELIEFS.isdisjoint(additional_procedure_codes)


def _channel_code(mode: PlacedText | None, items: list[PlacedGroup]) -> PlacedText | str:
    if mode == POST:
        return PlacedText("post", mode.where)
    is_low_value = any(item.get("origin_country_code") == ORIGIN_NOT_SPECIFIED for item in items)
    codes = {code for item in items for code in item.get("additional_procedure_codes", [])}
    return "express" if is_low_value or REDUCED_DATA_SET in codes else "cargo"


def _scheme_number(registrations: list[PlacedGroup]) -> PlacedText | None:
    return next((r.get("number") for r in registrations if is_scheme_holder(r.get("role_code"))), None)


def _find_reference(documents: list[PlacedGroup], types: tuple[str, ...]) -> PlacedText | None:
    for document in documents:
        reference = document.get("reference")
        if document.get("type_code", "")[1:] in types and reference and _REFERENCE.fullmatch(reference):
            return PlacedText(reference, reference.where)
    return None


def instant_of(reader: Reader, name: str) -> PlacedText | None:
    """Write an instant of format 304 (CCYYMMDDhhmmss and zone) as RFC 3339; another form passes as it is."""
    text = reader.text(f"{name}/DateTimeString")
    match = _DATE_TIME.fullmatch(text or "")
    if text is None or match is None:
        return text
    year, month, day, hour, minute, second, zone, zone_minutes = match.groups()
    offset = "Z" if zone == "Z" else f"{zone}:{zone_minutes or '00'}"
    return PlacedText(f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}", text.where)


def _group(reader: Reader, fields: Mapping[str, Any]) -> PlacedGroup:
    return PlacedGroup(reader, {}, fields)


def _joined(*parts: PlacedText | None) -> PlacedText | None:
    found = [part for part in parts if part is not None]
    return PlacedText("".join(found), found[0].where) if found else None


def _document(reader: Reader) -> PlacedGroup:
    written_off = "WriteOff/QuantityQuantity"
    return _group(
        reader,
        {
            "type_code": _joined(reader.text("CategoryCode"), reader.text("TypeCode")),
            "reference": reader.text("ID"),
            "line_number": number_at(reader.text("LineNumeric")),
            "status_code": reader.text("LPCOExemptionCode"),
            "reason": reader.text("Name"),
            "quantity": reader.text(written_off),
            "quantity_unit_code": reader.attribute(written_off, "unitCode"),
        },
    )


def _statement(reader: Reader) -> PlacedGroup:
    names = {"code": "StatementCode", "text": "StatementDescription", "type_code": "StatementTypeCode"}
    return _group(reader, {field: reader.text(name) for field, name in names.items()})


def _charges(valuation: Reader) -> list[PlacedGroup]:
    return [
        _group(
            charge,
            {
                "type_code": charge.text("ChargesTypeCode"),
                "amount": charge.text("OtherChargeDeductionAmount"),
                "currency_code": charge.attribute("OtherChargeDeductionAmount", "currencyID"),
            },
        )
        for charge in valuation.all("ChargeDeduction")
    ]


def _tax_registrations(reader: Reader) -> list[PlacedGroup]:
    parties = reader.all("DomesticDutyTaxParty")
    return [
        _group(party, {"role_code": party.text("RoleCode"), "number": party.text("ID")}) for party in parties
    ]


def tax_fields(reader: Reader) -> PlacedGroup:
    """Read a line of duty or tax (DutyTaxFee), of a declaration or a response."""
    paid = reader.at("Payment")
    currencies = (
        paid.attribute("TaxAssessedAmount", "currencyID"),
        paid.attribute("PaymentAmount", "currencyID"),
        reader.attribute("AdValoremTaxBaseAmount", "currencyID"),
    )
    return _group(
        reader,
        {
            "type_code": reader.text("TypeCode"),
            "regime_code": reader.text("DutyRegimeCode"),
            "payment_method_code": paid.text("MethodCode"),
            "quota_order_number": reader.text("QuotaOrderID"),
            "base_quantity": reader.text("SpecificTaxBaseQuantity"),
            "base_unit_code": reader.attribute("SpecificTaxBaseQuantity", "unitCode"),
            "base_amount": reader.text("AdValoremTaxBaseAmount"),
            "rate_percent": reader.text("TaxRateNumeric"),
            "assessed_amount": paid.text("TaxAssessedAmount"),
            "payable_amount": paid.text("PaymentAmount"),
            "currency_code": next((code for code in currencies if code), None),
        },
    )


def _procedure(declaration: Reader, items: list[Reader]) -> PlacedGroup:
    """Read what is asked for. Procedures stand at goods items; the first item's is the consignment's."""
    kind = declaration.text("TypeCode")
    first = items[0].at("GovernmentProcedure") if items else Reader(None, declaration.path)
    return _group(
        declaration,
        {
            "direction_code": PlacedText(kind[:2], kind.where) if kind else None,
            "declaration_type_code": PlacedText(kind[2:], kind.where) if kind and kind[2:] else None,
            "requested_procedure_code": first.text("CurrentCode"),
            "previous_procedure_code": first.text("PreviousCode"),
            "goods_location_code": declaration.text("GoodsShipment/Consignment/GoodsLocation/Name"),
            "customs_office_code": declaration.text("DeclarationOfficeID"),
        },
    )


def _goods_item(item: Reader, procedure: PlacedGroup) -> PlacedGroup:
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
            "additional_documents": [_document(document) for document in item.all("AdditionalDocument")],
            "detail": _group(
                item,
                {
                    **_own_procedure(item, procedure),
                    "additional_commodity_codes": classified.others,
                    "customs_value_amount": None if is_value_the_price else value,
                    "customs_value_currency_code": None if is_value_the_price else value_currency,
                    "valuation_method_code": item.text("CustomsValuation/MethodCode"),
                    "valuation_indicator_code": item.text("ValuationAdjustment/AdditionCode"),
                    "charges": _charges(item.at("CustomsValuation")),
                    "statistical_value_amount": item.text("StatisticalValueAmount"),
                    "statistical_value_currency_code": item.attribute("StatisticalValueAmount", "currencyID"),
                    "declared_taxes": taxes,
                    "statements": [_statement(remark) for remark in item.all("AdditionalInformation")],
                    "transaction_nature_code": item.text("TransactionNatureCode"),
                    "dispatch_country_code": item.text("ExportCountry/ID"),
                    "destination_country_code": item.text("Destination/CountryCode"),
                    "preferential_origin_country_code": preferential,
                    "container_ids": _texts(commodity.all("TransportEquipment"), "ID"),
                    "tax_registrations": _tax_registrations(item),
                    "previous_documents": [_document(document) for document in item.all("PreviousDocument")],
                    "packages": [_package(package) for package in item.all("Packaging")],
                },
            ),
        },
    )


def _texts(readers: list[Reader], name: str) -> list[PlacedText]:
    for reader in readers:
        reader.text("SequenceNumeric")  # The order in the message says the same.
    return [text for reader in readers if (text := reader.text(name))]


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
        code, used = _joined(nomenclature, tariff), [nomenclature, tariff]
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
    return _group(
        reader,
        {
            "type_code": reader.text("TypeCode"),
            "count": number_at(reader.text("QuantityQuantity")),
            "marks": reader.text("MarksNumbersID"),
        },
    )


def _consignment_detail(
    declaration: Reader, shipment: Reader, registrations: list[PlacedGroup]
) -> PlacedGroup:
    transport = shipment.at("Consignment")
    location = transport.at("GoodsLocation")
    return _group(
        declaration,
        {
            "goods_item_count": _count(declaration, "GoodsItemQuantity"),
            "package_count": _count(declaration, "TotalPackageQuantity"),
            "invoice_currency_code": declaration.attribute("InvoiceAmount", "currencyID"),
            "issued_at": instant_of(declaration, "IssueDateTime"),
            "trade_terms_code": shipment.text("TradeTerms/ConditionCode"),
            "trade_terms_place_code": shipment.text("TradeTerms/LocationID"),
            "transaction_nature_code": shipment.text("TransactionNatureCode"),
            "destination_country_code": shipment.text("Destination/CountryCode"),
            "supervising_office_code": declaration.text("SupervisingOffice/ID"),
            "exit_office_code": declaration.text("ExitOffice/ID"),
            "warehouse_type_code": shipment.text("Warehouse/TypeCode"),
            "warehouse_id": shipment.text("Warehouse/ID"),
            "container_code": transport.text("ContainerCode"),
            "containers": [_container(equipment) for equipment in transport.all("TransportEquipment")],
            "arrival_transport": _transport_means(transport.at("ArrivalTransportMeans")),
            "departure_transport": _transport_means(transport.at("DepartureTransportMeans")),
            "border_transport": _border_transport(declaration.at("BorderTransportMeans")),
            "freight_payment_method_code": declaration.text("Consignment/Freight/PaymentMethodCode"),
            "routing_country_codes": _texts(
                declaration.at("Consignment").all("Itinerary"), "RoutingCountryCode"
            ),
            "carrier": person_fields(declaration.at("Consignment/Carrier")),
            "goods_location_type_code": location.text("TypeCode"),
            "goods_location_qualifier_code": location.text("Address/TypeCode"),
            "goods_location_country_code": location.text("Address/CountryCode"),
            "charges": _charges(shipment.at("CustomsValuation")),
            "authorisations": [_authorisation(holder) for holder in declaration.all("AuthorisationHolder")],
            "guarantees": [_guarantee(security) for security in declaration.all("ObligationGuarantee")],
            "tax_registrations": registrations,
            "statements": [_statement(remark) for remark in declaration.all("AdditionalInformation")],
        },
    )


def _count(reader: Reader, name: str) -> PlacedNumber | PlacedText | None:
    return number_at(reader.text(name))


def _container(reader: Reader) -> PlacedGroup:
    reader.text("SequenceNumeric")  # The order in the message says the same.
    return _group(reader, {"identifier": reader.text("ID"), "seals": _texts(reader.all("Seal"), "ID")})


def _transport_means(reader: Reader) -> PlacedGroup | None:
    if not reader:
        return None
    return _group(
        reader,
        {
            "identifier": reader.text("ID"),
            "identification_type_code": reader.text("IdentificationTypeCode"),
            "mode_code": reader.text("ModeCode"),
        },
    )


def _border_transport(reader: Reader) -> PlacedGroup:
    """Read the means that crosses the border; its mode is the consignment's own `transport_mode_code`."""
    return _group(
        reader,
        {
            "identifier": reader.text("ID"),
            "identification_type_code": reader.text("IdentificationTypeCode"),
            "nationality_code": reader.text("RegistrationNationalityCode"),
        },
    )


def _authorisation(reader: Reader) -> PlacedGroup:
    return _group(reader, {"type_code": reader.text("CategoryCode"), "holder_identifier": reader.text("ID")})


def _guarantee(reader: Reader) -> PlacedGroup:
    names = {"type_code": "SecurityDetailsCode", "reference": "ID", "other_reference": "ReferenceID"}
    return _group(reader, {field: reader.text(name) for field, name in names.items()})

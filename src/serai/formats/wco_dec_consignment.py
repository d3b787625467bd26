"""A WCO declaration of import -> the fields of our consignment, each with its XPath.

What the declaration leaves out and we need is taken from where it says the same thing:

- consignor: Consignor, else Exporter. consignee: Consignee, else Importer.
- country of a party known by EORI alone: the country that issued it; of an importer who receives the goods,
  the country of destination, for goods go where the declaration says and not where a number was issued.
- part of a country: where a statement says so, else by the number of an importer known by nothing else.
- scheme and nature of the sale: by the additional procedure.

What these codes mean stands in `wco_dec_codes.yaml`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from serai.formats.placed import PlacedGroup, PlacedNumber, PlacedText, number_at
from serai.formats.wco_dec_codes import (
    is_preference,
    issuing_country,
    region_of,
    sale_nature,
    scheme_kind,
)
from serai.formats.wco_dec_goods_item import goods_item_fields
from serai.formats.wco_dec_parts import (
    charge_fields,
    document_fields,
    fiscal_references,
    group_of,
    instant_of,
    statement_fields,
    texts_of,
)
from serai.formats.xml_document import Reader
from serai.model.code_lists import ORIGIN_NOT_SPECIFIED, REDUCED_DATA_SET

POST = "5"

ADDRESS_FIELDS = frozenset({"name", "street", "city", "postcode", "region_code"})

_REFERENCE = re.compile(r"[\x21-\x7e]{1,70}")

_CONSIGNMENT_PLACES = {
    "reference": "/FunctionalReferenceID",
    "consignor": "/Exporter",
    "consignee": "/GoodsShipment/Importer",
    "logistics_channel_code": "/BorderTransportMeans/ModeCode",
    "goods_items": "/GoodsShipment/GovernmentAgencyGoodsItem",
}
_PERSON_PLACES = {"country_code": "/Address/CountryCode", "name": "/Name"}


def consignment_fields(declaration: Reader) -> PlacedGroup:
    """Read all that a declaration says of its goods shipment."""
    shipment = declaration.at("GoodsShipment")
    items = shipment.all("GovernmentAgencyGoodsItem")
    procedure = _procedure(declaration, items)
    goods_items = [goods_item_fields(item, procedure) for item in items]
    codes = {code for item in goods_items for code in item.get("additional_procedure_codes", [])}
    importer = person_fields(shipment.at("Importer"))
    exporter = person_fields(declaration.at("Exporter"))
    mode = declaration.text("BorderTransportMeans/ModeCode")
    documents = [document_fields(document) for document in shipment.all("PreviousDocument")]
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
            "logistics_channel_code": _channel_code(mode, goods_items),
            "sale_nature_code": sale_nature(codes),
            "ucr": shipment.text("UCR/TraderAssignedReferenceID") or _find_reference(documents, ("DCR",)),
            "transport_mode_code": mode,
            "house_document": _find_reference(documents, ("703", "740")),
            "master_document": _find_reference(documents, ("741",)),
            "dispatch_country_code": shipment.text("ExportCountry/ID"),
            "is_preference_claimed": any(is_preference(tax.get("regime_code")) for tax in declared) or None,
            "scheme_kind_code": scheme_kind(codes),
            "additional_fiscal_references": fiscal_references(shipment),
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
                document_fields(document) for document in declaration.all("AdditionalDocument")
            ],
            "payment_method_code": next(
                (t["payment_method_code"] for t in declared if "payment_method_code" in t), None
            ),
            "detail": _consignment_detail(declaration, shipment),
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


def _channel_code(mode: PlacedText | None, items: list[PlacedGroup]) -> PlacedText | str:
    if mode == POST:
        return PlacedText("post", mode.where)
    is_low_value = any(item.get("origin_country_code") == ORIGIN_NOT_SPECIFIED for item in items)
    codes = {code for item in items for code in item.get("additional_procedure_codes", [])}
    return "express" if is_low_value or REDUCED_DATA_SET in codes else "cargo"


def _find_reference(documents: list[PlacedGroup], types: tuple[str, ...]) -> PlacedText | None:
    for document in documents:
        reference = document.get("reference")
        if document.get("type_code", "")[1:] in types and reference and _REFERENCE.fullmatch(reference):
            return PlacedText(reference, reference.where)
    return None


def _procedure(declaration: Reader, items: list[Reader]) -> PlacedGroup:
    """Read what is asked for. Procedures stand at goods items; the first item's is the consignment's."""
    kind = declaration.text("TypeCode")
    first = items[0].at("GovernmentProcedure") if items else Reader(None, declaration.path)
    return group_of(
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


def _consignment_detail(declaration: Reader, shipment: Reader) -> PlacedGroup:
    transport = shipment.at("Consignment")
    location = transport.at("GoodsLocation")
    return group_of(
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
            "containers": [_container(services) for services in transport.all("TransportEquipment")],
            "arrival_transport": _transport_means(transport.at("ArrivalTransportMeans")),
            "departure_transport": _transport_means(transport.at("DepartureTransportMeans")),
            "border_transport": _border_transport(declaration.at("BorderTransportMeans")),
            "freight_payment_method_code": declaration.text("Consignment/Freight/PaymentMethodCode"),
            "routing_country_codes": texts_of(
                declaration.at("Consignment").all("Itinerary"), "RoutingCountryCode"
            ),
            "carrier": person_fields(declaration.at("Consignment/Carrier")),
            "goods_location_type_code": location.text("TypeCode"),
            "goods_location_qualifier_code": location.text("Address/TypeCode"),
            "goods_location_country_code": location.text("Address/CountryCode"),
            "charges": charge_fields(shipment.at("CustomsValuation")),
            "authorisations": [_authorisation(holder) for holder in declaration.all("AuthorisationHolder")],
            "guarantees": [_guarantee(security) for security in declaration.all("ObligationGuarantee")],
            "statements": [statement_fields(remark) for remark in declaration.all("AdditionalInformation")],
        },
    )


def _count(reader: Reader, name: str) -> PlacedNumber | PlacedText | None:
    return number_at(reader.text(name))


def _container(reader: Reader) -> PlacedGroup:
    reader.text("SequenceNumeric")  # The order in the message says the same.
    return group_of(reader, {"identifier": reader.text("ID"), "seals": texts_of(reader.all("Seal"), "ID")})


def _transport_means(reader: Reader) -> PlacedGroup | None:
    if not reader:
        return None
    return group_of(
        reader,
        {
            "identifier": reader.text("ID"),
            "identification_type_code": reader.text("IdentificationTypeCode"),
            "mode_code": reader.text("ModeCode"),
        },
    )


def _border_transport(reader: Reader) -> PlacedGroup:
    """Read the means that crosses the border; its mode is the consignment's own `transport_mode_code`."""
    return group_of(
        reader,
        {
            "identifier": reader.text("ID"),
            "identification_type_code": reader.text("IdentificationTypeCode"),
            "nationality_code": reader.text("RegistrationNationalityCode"),
        },
    )


def _authorisation(reader: Reader) -> PlacedGroup:
    return group_of(
        reader, {"type_code": reader.text("CategoryCode"), "holder_identifier": reader.text("ID")}
    )


def _guarantee(reader: Reader) -> PlacedGroup:
    names = {"type_code": "SecurityDetailsCode", "reference": "ID", "other_reference": "ReferenceID"}
    return group_of(reader, {field: reader.text(name) for field, name in names.items()})

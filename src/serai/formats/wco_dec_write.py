"""Our consignment -> a WCO DEC message (WCO Data Model 3.6, DMS profile), in the order of its schema.

What a declaration cannot carry stays behind: order and product references, platform, scheme other than the
role FR5, channel (but by mode of transport and reduced data set), quantity in pieces, packages of the whole
consignment, phone, tax and identity numbers. What it can carry comes back equal from `decode_dec`.
"""

import re
from typing import Any

from lxml import etree

from serai.formats.wco_dec_codes import issuing_country
from serai.formats.wco_dec_consignment import where_importer_receives
from serai.formats.wco_dec_goods_item import PREFERENTIAL_ORIGIN
from serai.model.code_lists import LOW_VALUE_RELIEFS, ORIGIN_NOT_SPECIFIED, REDUCED_DATA_SET
from serai.model.documents import (
    AdditionalDocument,
    AdditionalFiscalReference,
    Consignment,
    ConsignmentDetail,
    DeclaredTax,
    GoodsItem,
    GoodsItemDetail,
    Package,
    Person,
    Procedure,
    Statement,
    TransportMeans,
    ValuationCharge,
)
from serai.model.errors import SeraiError

META_NAMESPACE = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
DEC_NAMESPACE = "urn:wco:datamodel:WCO:DEC-DMS:2"
DATE_NAMESPACES = {
    DEC_NAMESPACE: "urn:wco:datamodel:WCO:Declaration_DS:DMS:2",
    "urn:wco:datamodel:WCO:RES-DMS:2": "urn:wco:datamodel:WCO:Response_DS:DMS:2",
}
"""The schemas keep the text of a date in the name space of their data types."""
NON_PREFERENTIAL_ORIGIN = "1"

_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-]\d\d):(\d\d))")


class Writer:
    """Adds elements of one namespace under a parent; what is None is not written."""

    def __init__(self, element: Any, namespace: str) -> None:
        """Write below `element`."""
        self.element = element
        self._namespace = namespace

    def text(self, name: str, value: str | int | None, **attributes: str | None) -> None:
        """Add a leaf."""
        if value is None:
            return
        kept = {key: attribute for key, attribute in attributes.items() if attribute is not None}
        etree.SubElement(self.element, f"{{{self._namespace}}}{name}", kept).text = str(value)

    def below(self, name: str) -> "Writer":
        """Add an element that holds others."""
        return Writer(etree.SubElement(self.element, f"{{{self._namespace}}}{name}"), self._namespace)

    def group(self, name: str, **leaves: str | int | None) -> None:
        """Add an element with its leaves in the order given, if any of them holds something."""
        if any(value is not None for value in leaves.values()):
            group = self.below(name)
            for leaf, value in leaves.items():
                group.text(leaf, value)

    def instant(self, name: str, rfc_3339: str | None) -> None:
        """Add a date and time in format 304."""
        if rfc_3339 is not None:
            dates = Writer(self.below(name).element, DATE_NAMESPACES[self._namespace])
            dates.text("DateTimeString", format_304(rfc_3339), formatCode="304")


def format_304(rfc_3339: str) -> str:
    """Write an instant as CCYYMMDDhhmmss and zone. Raises SeraiError `bad-instant` on another form."""
    match = _INSTANT.fullmatch(rfc_3339)
    if match is None:
        raise SeraiError(
            "bad-instant",
            "A WCO message needs date, time and zone.",
            "Write it as 2026-07-01T10:00:00+02:00.",
        )
    *digits, zone, zone_minutes = match.groups()
    offset = "Z" if zone is None else zone + ("" if zone_minutes == "00" else zone_minutes)
    return "".join(digits) + offset


def encode_dec(consignment: Consignment) -> bytes:
    """Write an original declaration. Raises SeraiError `bad-instant` when a moment has no time or zone."""
    root = etree.Element(f"{{{META_NAMESPACE}}}MetaData", nsmap={"md": META_NAMESPACE, None: DEC_NAMESPACE})
    head = Writer(root, META_NAMESPACE)
    head.text("WCODataModelVersionCode", "3.6")
    head.text("WCOTypeName", "DEC")
    _write_declaration(Writer(root, DEC_NAMESPACE).below("Declaration"), consignment)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _write_declaration(out: Writer, consignment: Consignment) -> None:
    detail = consignment.detail or ConsignmentDetail()
    procedure = consignment.procedure or Procedure()
    out.instant("AcceptanceDateTime", consignment.accepted_at)
    out.text("FunctionCode", "9")
    out.text("FunctionalReferenceID", consignment.reference)
    out.instant("IssueDateTime", detail.issued_at)
    out.text("TypeCode", procedure.direction_code + procedure.declaration_type_code)
    out.text("GoodsItemQuantity", detail.goods_item_count)
    out.text("DeclarationOfficeID", procedure.customs_office_code)
    out.text("InvoiceAmount", consignment.invoice_total_amount, currencyID=detail.invoice_currency_code)
    out.text("TotalPackageQuantity", detail.package_count)
    _write_documents(out, "AdditionalDocument", consignment.additional_documents)
    _write_statements(out, detail.statements)
    _write_agent(out, consignment)
    for holder in detail.authorisations:
        out.group("AuthorisationHolder", ID=holder.holder_identifier, CategoryCode=holder.type_code)
    border = detail.border_transport or TransportMeans()
    out.group(
        "BorderTransportMeans",
        ID=border.identifier,
        IdentificationTypeCode=border.identification_type_code,
        RegistrationNationalityCode=border.nationality_code,
        ModeCode=consignment.transport_mode_code,
    )
    _write_carriage(out, detail)
    _write_person(out, "Declarant", consignment.declarant)
    out.group("ExitOffice", ID=detail.exit_office_code)
    _write_person(out, "Exporter", consignment.exporter)
    _write_shipment(out.below("GoodsShipment"), consignment, detail, procedure)
    for guarantee in detail.guarantees:
        out.group(
            "ObligationGuarantee",
            ID=guarantee.reference,
            ReferenceID=guarantee.other_reference,
            SecurityDetailsCode=guarantee.type_code,
        )
    out.group("SupervisingOffice", ID=detail.supervising_office_code)


def _write_agent(out: Writer, consignment: Consignment) -> None:
    agent = consignment.representative
    if agent is not None:
        _write_person(out, "Agent", agent, consignment.representation_code)
    else:
        out.group("Agent", FunctionCode=consignment.representation_code)


def _write_carriage(out: Writer, detail: ConsignmentDetail) -> None:
    countries = detail.routing_country_codes
    if detail.carrier is None and detail.freight_payment_method_code is None and not countries:
        return
    carriage = out.below("Consignment")
    _write_person(carriage, "Carrier", detail.carrier)
    carriage.group("Freight", PaymentMethodCode=detail.freight_payment_method_code)
    for number, country in enumerate(countries, start=1):
        carriage.group("Itinerary", SequenceNumeric=number, RoutingCountryCode=country)


def _write_shipment(
    out: Writer, consignment: Consignment, detail: ConsignmentDetail, procedure: Procedure
) -> None:
    out.text("TransactionNatureCode", detail.transaction_nature_code)
    _write_person(out, "Buyer", consignment.buyer)
    if consignment.consignee != _importer_as_consignee(consignment):
        _write_person(out, "Consignee", consignment.consignee)
    _write_transport(out.below("Consignment"), detail, procedure)
    if consignment.consignor != consignment.exporter:
        _write_person(out, "Consignor", consignment.consignor)
    if consignment.freight_amount is not None or detail.charges:
        valuation = out.below("CustomsValuation")
        currency = consignment.charges_currency_code
        valuation.text("FreightChargeAmount", consignment.freight_amount, currencyID=currency)
        _write_charges(valuation, detail.charges)
    out.group("Destination", CountryCode=detail.destination_country_code)
    _write_fiscal_references(out, consignment.additional_fiscal_references)
    out.group("ExportCountry", ID=consignment.dispatch_country_code)
    for item in consignment.goods_items:
        _write_goods_item(out.below("GovernmentAgencyGoodsItem"), item, procedure)
    _write_person(out, "Importer", consignment.importer)
    _write_person(out, "Payer", consignment.payer)
    _write_documents(out, "PreviousDocument", consignment.previous_documents)
    _write_person(out, "Seller", consignment.seller)
    out.group("TradeTerms", ConditionCode=detail.trade_terms_code, LocationID=detail.trade_terms_place_code)
    if consignment.ucr not in {
        d.reference for d in consignment.previous_documents if d.type_code[1:] == "DCR"
    }:
        out.group("UCR", TraderAssignedReferenceID=consignment.ucr)
    out.group("Warehouse", ID=detail.warehouse_id, TypeCode=detail.warehouse_type_code)


def _importer_as_consignee(consignment: Consignment) -> Person | None:
    """Give the consignee that a reader will take from the importer, so that it need not be written twice."""
    importer = consignment.importer
    if importer is None:
        return None
    details = [item.detail for item in consignment.goods_items if item.detail is not None]
    statements = {statement.code for detail in details for statement in detail.statements}
    destination = consignment.detail.destination_country_code if consignment.detail else None
    fields = {name: getattr(importer, name) for name in importer.__struct_fields__}
    given = {name: value for name, value in fields.items() if value is not None}
    return Person(**{**fields, **where_importer_receives(given, destination, statements)})


def _write_transport(out: Writer, detail: ConsignmentDetail, procedure: Procedure) -> None:
    out.text("ContainerCode", detail.container_code)
    for name, means in (
        ("ArrivalTransportMeans", detail.arrival_transport),
        ("DepartureTransportMeans", detail.departure_transport),
    ):
        if means is not None:
            kind = means.identification_type_code
            out.group(name, ID=means.identifier, IdentificationTypeCode=kind, ModeCode=means.mode_code)
    qualifier, country = detail.goods_location_qualifier_code, detail.goods_location_country_code
    if procedure.goods_location_code or detail.goods_location_type_code or qualifier or country:
        location = out.below("GoodsLocation")
        location.text("Name", procedure.goods_location_code)
        location.text("TypeCode", detail.goods_location_type_code)
        location.group("Address", TypeCode=qualifier, CountryCode=country)
    for number, container in enumerate(detail.containers, start=1):
        services = out.below("TransportEquipment")
        services.text("SequenceNumeric", number)
        services.text("ID", container.identifier)
        for seal_number, seal in enumerate(container.seals, start=1):
            services.group("Seal", SequenceNumeric=seal_number, ID=seal)


def _write_person(out: Writer, name: str, person: Person | None, function_code: str | None = None) -> None:
    if person is None:
        return
    party = out.below(name)
    party.text("Name", person.name)
    party.text("ID", person.party_identifier)
    party.text("FunctionCode", function_code)
    address = {
        "CityName": person.city,
        "CountryCode": person.country_code,
        "CountrySubDivisionCode": person.region_code,
        "Line": person.street,
        "PostcodeID": person.postcode,
    }
    is_identifier_enough = person.party_identifier is not None and set(address.values()) == {
        None,
        issuing_country(person.party_identifier),
    }
    if person.name is not None or not is_identifier_enough:
        party.group("Address", **address)


def _write_documents(out: Writer, name: str, documents: list[AdditionalDocument]) -> None:
    for document in documents:
        element = out.below(name)
        element.text("CategoryCode", document.type_code[:1])
        element.text("ID", document.reference)
        element.text("Name", document.reason)
        element.text("TypeCode", document.type_code[1:] or None)
        element.text("LineNumeric", document.line_number)
        element.text("LPCOExemptionCode", document.status_code)
        if document.quantity is not None:
            written_off = element.below("WriteOff")
            written_off.text("QuantityQuantity", document.quantity, unitCode=document.quantity_unit_code)


def _write_statements(out: Writer, statements: list[Statement]) -> None:
    for remark in statements:
        out.group(
            "AdditionalInformation",
            StatementCode=remark.code,
            StatementDescription=remark.text,
            StatementTypeCode=remark.type_code,
        )


def _write_charges(out: Writer, charges: list[ValuationCharge]) -> None:
    for charge in charges:
        element = out.below("ChargeDeduction")
        element.text("ChargesTypeCode", charge.type_code)
        element.text("OtherChargeDeductionAmount", charge.amount, currencyID=charge.currency_code)


def _write_fiscal_references(out: Writer, references: list[AdditionalFiscalReference]) -> None:
    for one in references:
        out.group("DomesticDutyTaxParty", ID=one.identification_number, RoleCode=one.role)


def _write_goods_item(out: Writer, item: GoodsItem, procedure: Procedure) -> None:
    detail = item.detail or GoodsItemDetail()
    is_reduced = _is_reduced(item, detail)
    value = item.invoice_amount if is_reduced else detail.customs_value_amount
    value_currency = item.invoice_currency_code if is_reduced else detail.customs_value_currency_code
    out.text("CustomsValueAmount", value, currencyID=value_currency)
    out.text("SequenceNumeric", item.sequence_number)
    statistical_currency = detail.statistical_value_currency_code
    out.text("StatisticalValueAmount", detail.statistical_value_amount, currencyID=statistical_currency)
    out.text("TransactionNatureCode", detail.transaction_nature_code)
    _write_documents(out, "AdditionalDocument", item.additional_documents)
    _write_statements(out, detail.statements)
    _write_commodity(out.below("Commodity"), item, detail, is_reduced)
    if detail.valuation_method_code is not None or detail.charges:
        valuation = out.below("CustomsValuation")
        valuation.text("MethodCode", detail.valuation_method_code)
        _write_charges(valuation, detail.charges)
    out.group("Destination", CountryCode=detail.destination_country_code)
    _write_fiscal_references(out, detail.additional_fiscal_references)
    out.group("ExportCountry", ID=detail.dispatch_country_code)
    out.group(
        "GovernmentProcedure",
        CurrentCode=detail.requested_procedure_code or procedure.requested_procedure_code,
        PreviousCode=detail.previous_procedure_code or procedure.previous_procedure_code,
    )
    for code in item.additional_procedure_codes:
        out.group("GovernmentProcedure", CurrentCode=code)
    if item.origin_country_code != ORIGIN_NOT_SPECIFIED:
        out.group("Origin", CountryCode=item.origin_country_code, TypeCode=NON_PREFERENTIAL_ORIGIN)
    if detail.preferential_origin_country_code is not None:
        preferential = detail.preferential_origin_country_code
        out.group("Origin", CountryCode=preferential, TypeCode=PREFERENTIAL_ORIGIN)
    _write_packages(out, detail.packages)
    _write_documents(out, "PreviousDocument", detail.previous_documents)
    out.group("ValuationAdjustment", AdditionCode=detail.valuation_indicator_code)


def _is_reduced(item: GoodsItem, detail: GoodsItemDetail) -> bool:
    """Say whether an item can only have come with a reduced data set, and so goes out with one."""
    if REDUCED_DATA_SET in item.additional_procedure_codes:
        return True
    is_sparse = item.origin_country_code == ORIGIN_NOT_SPECIFIED and detail.customs_value_amount is None
    return is_sparse and not LOW_VALUE_RELIEFS.isdisjoint(item.additional_procedure_codes)


def _write_packages(out: Writer, packages: list[Package]) -> None:
    for number, package in enumerate(packages, start=1):
        out.group(
            "Packaging",
            SequenceNumeric=number,
            MarksNumbersID=package.marks,
            QuantityQuantity=package.count,
            TypeCode=package.type_code,
        )


def _write_commodity(out: Writer, item: GoodsItem, detail: GoodsItemDetail, is_reduced: bool) -> None:
    out.text("Description", item.description)
    # Eight digits of the nomenclature and two of the tariff; shorter codes stand alone.
    is_full = len(item.commodity_code) == 10
    nomenclature = item.commodity_code[:8] if is_full else item.commodity_code
    out.group("Classification", ID=nomenclature, IdentificationTypeCode="TSP")
    if is_full:
        out.group("Classification", ID=item.commodity_code[8:], IdentificationTypeCode="TRC")
    for listed in detail.additional_commodity_codes:
        kind, _, code = listed.partition(":")
        out.group("Classification", ID=code, IdentificationTypeCode=kind or None)
    for tax in detail.declared_taxes:
        write_tax(out, tax)
    measure = out.below("GoodsMeasure")
    measure.text("GrossMassMeasure", item.gross_mass_kg, unitCode="KGM")
    measure.text("NetNetWeightMeasure", item.net_mass_kg, unitCode="KGM")
    measure.text("TariffQuantity", item.supplementary_quantity, unitCode=item.supplementary_unit_code)
    if not is_reduced:
        line = out.below("InvoiceLine")
        line.text("ItemChargeAmount", item.invoice_amount, currencyID=item.invoice_currency_code)
    for number, container in enumerate(detail.container_ids, start=1):
        out.group("TransportEquipment", SequenceNumeric=number, ID=container)


def write_tax(out: Writer, tax: DeclaredTax, *, deducted_amount: str | None = None) -> None:
    """Write a line of duty or tax, as a declaration and a response have it."""
    fee = out.below("DutyTaxFee")
    fee.text("AdValoremTaxBaseAmount", tax.base_amount, currencyID=tax.currency_code)
    fee.text("DeductAmount", deducted_amount, currencyID=tax.currency_code)
    fee.text("DutyRegimeCode", tax.regime_code)
    fee.text("SpecificTaxBaseQuantity", tax.base_quantity, unitCode=tax.base_unit_code)
    fee.text("TaxRateNumeric", tax.rate_percent)
    fee.text("TypeCode", tax.type_code)
    fee.text("QuotaOrderID", tax.quota_order_number)
    if tax.payment_method_code is None and tax.assessed_amount is None and tax.payable_amount is None:
        return
    paid = fee.below("Payment")
    paid.text("MethodCode", tax.payment_method_code)
    paid.text("TaxAssessedAmount", tax.assessed_amount, currencyID=tax.currency_code)
    paid.text("PaymentAmount", tax.payable_amount, currencyID=tax.currency_code)

"""Parts that a WCO declaration has at the whole and at its goods items candidates: documents, taxes and
others."""

import re
from collections.abc import Mapping
from typing import Any

from serai.formats.placed import PlacedGroup, PlacedText, number_at
from serai.formats.xml_document import Reader

_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d\d)(\d\d)?")


def instant_of(reader: Reader, name: str) -> PlacedText | None:
    """Write an instant of format 304 (CCYYMMDDhhmmss and zone) as RFC 3339; another form passes as it is."""
    text = reader.text(f"{name}/DateTimeString")
    match = _DATE_TIME.fullmatch(text or "")
    if text is None or match is None:
        return text
    year, month, day, hour, minute, second, zone, zone_minutes = match.groups()
    offset = "Z" if zone == "Z" else f"{zone}:{zone_minutes or '00'}"
    return PlacedText(f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}", text.where)


def group_of(reader: Reader, fields: Mapping[str, Any]) -> PlacedGroup:
    """Return fields as they stand, each at its own place."""
    return PlacedGroup(reader, {}, fields)


def joined(*parts: PlacedText | None) -> PlacedText | None:
    """Join the texts that are there, at the place of the first."""
    found = [part for part in parts if part is not None]
    return PlacedText("".join(found), found[0].where) if found else None


def document_fields(reader: Reader) -> PlacedGroup:
    """Read a document that is named: previous or additional."""
    written_off = "WriteOff/QuantityQuantity"
    return group_of(
        reader,
        {
            "type_code": joined(reader.text("CategoryCode"), reader.text("TypeCode")),
            "reference": reader.text("ID"),
            "line_number": number_at(reader.text("LineNumeric")),
            "status_code": reader.text("LPCOExemptionCode"),
            "reason": reader.text("Name"),
            "quantity": reader.text(written_off),
            "quantity_unit_code": reader.attribute(written_off, "unitCode"),
        },
    )


def statement_fields(reader: Reader) -> PlacedGroup:
    """Read a statement (AdditionalInformation)."""
    names = {"code": "StatementCode", "text": "StatementDescription", "type_code": "StatementTypeCode"}
    return group_of(reader, {field: reader.text(name) for field, name in names.items()})


def charge_fields(valuation: Reader) -> list[PlacedGroup]:
    """Read additions to the price and deductions from it."""
    return [
        group_of(
            charge,
            {
                "type_code": charge.text("ChargesTypeCode"),
                "amount": charge.text("OtherChargeDeductionAmount"),
                "currency_code": charge.attribute("OtherChargeDeductionAmount", "currencyID"),
            },
        )
        for charge in valuation.all("ChargeDeduction")
    ]


def fiscal_references(reader: Reader) -> list[PlacedGroup]:
    """Read the parties registered for tax, by role and number."""
    parties = reader.all("DomesticDutyTaxParty")
    return [
        group_of(party, {"role": party.text("RoleCode"), "identification_number": party.text("ID")})
        for party in parties
    ]


def texts_of(readers: list[Reader], name: str) -> list[PlacedText]:
    """Return a text of each of several elements that are numbered."""
    for reader in readers:
        reader.text("SequenceNumeric")  # The order in the message says the same.
    return [text for reader in readers if (text := reader.text(name))]


def tax_fields(reader: Reader) -> PlacedGroup:
    """Read a line of duty or tax (DutyTaxFee), of a declaration or a response."""
    paid = reader.at("Payment")
    currencies = (
        paid.attribute("TaxAssessedAmount", "currencyID"),
        paid.attribute("PaymentAmount", "currencyID"),
        reader.attribute("AdValoremTaxBaseAmount", "currencyID"),
    )
    return group_of(
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

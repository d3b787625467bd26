"""The documents parties send, as they stand on the wire: declaration of a consignment, order, payment, transport document, arrival.

Amounts are decimal strings in the currency named beside them, masses decimal strings in kilograms, quantities decimal strings in
a unit of UN/ECE Recommendation 20, instants RFC 3339 strings, codes as their list writes them. Names follow the WCO Data Model.
A struct says what *may* be written; whether it makes sense is for `journey/advise`, which reports every fault at once.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

Reference = Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[\x21-\x7e]+$")]
Text = Annotated[str, Meta(min_length=1, max_length=512)]
Code = Annotated[str, Meta(min_length=1, max_length=35)]
Decimal = Annotated[str, Meta(min_length=1, max_length=24)]
Instant = Annotated[str, Meta(min_length=10, max_length=35)]
LineNumber = Annotated[int, Meta(ge=1, le=9_999)]
Version = Annotated[int, Meta(ge=1, le=9_999)]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Fixed once read; an unknown field is a fault, not a surprise. Nothing here can hold a cycle, so the collector may skip it."""


class Person(_Document):
    """Who has a role on a document. All of it is personal data: it goes to the vault, nowhere else.

    country_code: ISO 3166-1 alpha-2. identity_number: of a natural person, where a law asks for it. tax_number: VAT, GST or the like.
    party_identifier: EORI or another register's number of a firm.
    """

    name: Annotated[str, Meta(min_length=1, max_length=256)]
    country_code: Code
    street: Text | None = None
    city: Text | None = None
    postcode: Code | None = None
    region_code: Code | None = None
    phone: Code | None = None
    email: Text | None = None
    identity_number: Code | None = None
    tax_number: Code | None = None
    party_identifier: Code | None = None


class AdditionalDocument(_Document):
    """A licence, certificate, proof of origin, quote or previous document. type_code: the list of the customs office."""

    type_code: Code
    reference: Text | None = None
    line_number: LineNumber | None = None
    status_code: Code | None = None


class Procedure(_Document):
    """What the declaration asks for (WCO GovernmentProcedure). Absent: release for free circulation, 40 00."""

    direction_code: Code = "IM"
    declaration_type_code: Code = "A"
    requested_procedure_code: Code = "40"
    previous_procedure_code: Code = "00"
    additional_procedure_codes: list[Code] = []
    customs_office_code: Code | None = None
    goods_location_code: Code | None = None
    declared_form_code: Code | None = None


class GoodsItem(_Document):
    """One line of a declaration (WCO GovernmentAgencyGoodsItem).

    invoice_amount: price of the whole line, without freight, insurance and tax; decimal in invoice_currency_code.
    gross_mass_kg, net_mass_kg: decimal kilograms. quantity: decimal in quantity_unit_code (Rec 20, C62 = piece).
    declaration_line_number: the line of a reduced data set on which the goods are declared together; absent: a line of its own.
    excise_amount: excise computed elsewhere, decimal in the currency of the charges. preference_code: list of the customs union.
    retail_price_amount: price at retail abroad where a law starts from it, in invoice_currency_code.
    """

    sequence_number: LineNumber
    commodity_code: Code
    description: Text
    quantity: Decimal
    invoice_amount: Decimal
    invoice_currency_code: Code
    origin_country_code: Code
    gross_mass_kg: Decimal
    quantity_unit_code: Code = "C62"
    net_mass_kg: Decimal | None = None
    supplementary_quantity: Decimal | None = None
    supplementary_unit_code: Code | None = None
    declaration_line_number: LineNumber | None = None
    preference_code: Code | None = None
    merchant_product_id: Annotated[str, Meta(max_length=128)] | None = None
    manufacturer_product_id: Annotated[str, Meta(max_length=64)] | None = None
    standard_product_id: Annotated[str, Meta(max_length=14)] | None = None
    order_reference: Reference | None = None
    excise_amount: Decimal | None = None
    additional_procedure_codes: list[Code] = []
    additional_documents: list[AdditionalDocument] = []


class Package(_Document):
    """Packages of a consignment. type_code: UN/ECE Recommendation 21."""

    type_code: Code = "PK"
    count: Annotated[int, Meta(ge=1, le=99_999)] = 1
    marks: Text | None = None


class Consignment(_Document):
    """What one consignor sends to one consignee, declared: `POST /v1/consignments`, one a line in NDJSON.

    reference: the filer's own, unique for the filer. sale_nature_code: B2C, B2B, C2C, gift, own-goods, return, not-stated.
    channel_code: post, express, cargo, bonded, personal. transport_mode_code: UN/ECE Recommendation 19 (4 air, 5 mail).
    freight, insurance, discount: of the whole consignment, decimal in charges_currency_code.
    scheme_number: of a registration that pays tax at sale (IOSS and its like). amends_version, amendment_reason: only in an amendment.
    """

    reference: Reference
    goods_items: Annotated[list[GoodsItem], Meta(min_length=1, max_length=999)]
    consignor: Person
    consignee: Person
    channel_code: Code
    sale_nature_code: Code = "not-stated"
    ucr: Reference | None = None
    transport_mode_code: Code | None = None
    house_document: Reference | None = None
    master_document: Reference | None = None
    receptacle_id: Reference | None = None
    movement_id: Reference | None = None
    dispatch_country_code: Code | None = None
    platform_id: Reference | None = None
    seller_id: Reference | None = None
    order_references: list[Reference] = []
    is_platform_sale: bool = False
    is_duty_charged_to_buyer: bool = False
    is_preference_claimed: bool = False
    scheme_kind_code: Code | None = None
    scheme_number: Code | None = None
    freight_amount: Decimal | None = None
    insurance_amount: Decimal | None = None
    discount_amount: Decimal | None = None
    charges_currency_code: Code | None = None
    invoice_total_amount: Decimal | None = None
    purchased_at: Instant | None = None
    paid_at: Instant | None = None
    exported_at: Instant | None = None
    accepted_at: Instant | None = None
    expected_arrival_at: Instant | None = None
    procedure: Procedure | None = None
    packages: list[Package] = []
    seller: Person | None = None
    buyer: Person | None = None
    importer: Person | None = None
    exporter: Person | None = None
    declarant: Person | None = None
    representative: Person | None = None
    representation_code: Code | None = None
    payer: Person | None = None
    previous_documents: list[AdditionalDocument] = []
    additional_documents: list[AdditionalDocument] = []
    payment_method_code: Code | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None


class OrderLine(_Document):
    """One line of an order: what was bought, at what price; amount is of the whole line in the order's currency."""

    sequence_number: LineNumber
    description: Text
    quantity: Decimal
    amount: Decimal
    commodity_code: Code | None = None
    merchant_product_id: Annotated[str, Meta(max_length=128)] | None = None


class Order(_Document):
    """A sale as the platform or seller knows it: `POST /v1/orders`. discount_amount: coupons and the like, decimal in currency_code."""

    reference: Reference
    currency_code: Code
    lines: Annotated[list[OrderLine], Meta(min_length=1, max_length=999)]
    purchased_at: Instant
    platform_id: Reference | None = None
    seller_id: Reference | None = None
    ucr: Reference | None = None
    freight_amount: Decimal | None = None
    insurance_amount: Decimal | None = None
    discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    buyer: Person | None = None
    seller: Person | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None


class Payment(_Document):
    """Money that moved for orders, as the payment provider knows it: `POST /v1/payments`."""

    reference: Reference
    amount: Decimal
    currency_code: Code
    paid_at: Instant
    order_references: Annotated[list[Reference], Meta(min_length=1, max_length=99)]
    payer: Person | None = None
    ucr: Reference | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None


class TransportDocument(_Document):
    """A house waybill or postal item as carrier or post knows it: `POST /v1/transport-documents`."""

    reference: Reference
    house_document: Reference
    channel_code: Code
    master_document: Reference | None = None
    loading_unit_id: Reference | None = None
    receptacle_id: Reference | None = None
    movement_id: Reference | None = None
    ucr: Reference | None = None
    transport_mode_code: Code | None = None
    loading_place_code: Code | None = None
    unloading_place_code: Code | None = None
    scheduled_departure_at: Instant | None = None
    scheduled_arrival_at: Instant | None = None
    gross_mass_kg: Decimal | None = None
    packages: list[Package] = []
    description: Text | None = None
    consignor: Person | None = None
    consignee: Person | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None


class Arrival(_Document):
    """Something landed or was presented: `POST /v1/arrivals`. Exactly one of the four names what; its children have arrived with it."""

    reference: Reference
    arrived_at: Instant
    movement_id: Reference | None = None
    master_document: Reference | None = None
    receptacle_id: Reference | None = None
    house_document: Reference | None = None
    place_code: Code | None = None


PERSON_ROLES = (
    "consignor",
    "consignee",
    "seller",
    "buyer",
    "importer",
    "exporter",
    "declarant",
    "representative",
    "payer",
)
"""Fields of a consignment that hold a person, in the order of their numbers in the vault."""

"""The documents parties send, as they stand on the wire: declaration of a consignment, order, payment,
transport document, arrival, return.

Amounts are decimal strings in the currency named beside them, masses decimal strings in kilograms,
quantities decimal strings in a unit of UN/ECE Recommendation 20, instants RFC 3339 strings, codes as their
list writes them. Names follow the WCO Data Model. A struct says what *may* be written; whether it makes
sense is for `journey/validation`, which reports every fault at once.
"""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

Reference = Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[\x21-\x7e]+$")]
Text = Annotated[str, Meta(min_length=1, max_length=512)]
Code = Annotated[str, Meta(min_length=1, max_length=35)]
Decimal = Annotated[str, Meta(min_length=1, max_length=24)]
Instant = Annotated[str, Meta(min_length=10, max_length=35)]
TaxPaidToken = Annotated[str, Meta(min_length=1, max_length=16_384, pattern=r"^[A-Za-z0-9_.-]+$")]
LineNumber = Annotated[int, Meta(ge=1, le=9_999)]
Version = Annotated[int, Meta(ge=1, le=9_999)]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Fixed once read; an unknown field is a fault, not a surprise.

    Nothing here can hold a cycle, so the collector may skip it.
    """


class Remark(_Document, frozen=True):
    """Free words of a declarant. line_number: sequence number of the line they are about; None: of the whole.

    element: where they stood in a message of a standard that has no field for them here.
    """

    text: Annotated[str, Meta(min_length=1, max_length=1_000)]
    line_number: LineNumber | None = None
    element: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class Person(_Document, frozen=True, kw_only=True):
    """Who has a role on a document. All of it is personal data: it goes to the vault, nowhere else.

    name: absent only where party_identifier names the firm (WCO declarations give an EORI alone);
    `journey/validation` asks for one of them. country_code: ISO 3166-1 alpha-2. identity_number: of a natural
    person, where a law asks for it; identity_type_code: which document bears it. account_number: at the
    platform. tax_number: VAT, GST or the like. party_identifier: EORI or another
    register's number of a firm. remarks: on the document, in words that may tell of this person.
    """

    name: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    country_code: Code
    street: Text | None = None
    city: Text | None = None
    postcode: Code | None = None
    region_code: Code | None = None
    phone: Code | None = None
    email: Text | None = None
    identity_number: Code | None = None
    identity_type_code: Code | None = None
    account_number: Code | None = None
    tax_number: Code | None = None
    party_identifier: Code | None = None
    remarks: list[Remark] = []


class AdditionalDocument(_Document, frozen=True):
    """A licence, certificate, proof of origin, quote or previous document.

    type_code: the list of the customs office.

    In a WCO declaration type_code is category and type in one word (C506, Z271). reason: why it is waived.
    quantity: written off from a licence, decimal in quantity_unit_code.
    """

    type_code: Code
    reference: Text | None = None
    line_number: LineNumber | None = None
    status_code: Code | None = None
    reason: Text | None = None
    quantity: Decimal | None = None
    quantity_unit_code: Code | None = None


class Procedure(_Document, frozen=True):
    """What the declaration asks for (WCO GovernmentProcedure).

    Absent: release for free circulation, 40 00.
    """

    direction_code: Code = "IM"
    declaration_type_code: Code = "A"
    requested_procedure_code: Code = "40"
    previous_procedure_code: Code = "00"
    additional_procedure_codes: list[Code] = []
    customs_office_code: Code | None = None
    goods_location_code: Code | None = None
    declared_form_code: Code | None = None


class Package(_Document, frozen=True):
    """Packages of a consignment. type_code: UN/ECE Recommendation 21. count: 0 of goods that are not packed,
    or that lie in a package counted elsewhere.
    """

    type_code: Code = "PK"
    count: Annotated[int, Meta(ge=0, le=99_999)] = 1
    marks: Text | None = None


class ValuationCharge(_Document, frozen=True):
    """An addition to or deduction from the price (WCO ChargeDeduction); type_code such as AK, decimal
    amount.
    """

    type_code: Code
    amount: Decimal
    currency_code: Code


class Statement(_Document, frozen=True):
    """A coded or free remark (WCO AdditionalInformation), such as NIIMP: into Northern Ireland from
    elsewhere.
    """

    code: Code | None = None
    text: Text | None = None
    type_code: Code | None = None


class DeclaredTax(_Document, frozen=True):
    """A tax line as the declarant wrote it (WCO DutyTaxFee): a claim to be checked, never the charge.

    regime_code: preference asked for (100 none, 300 and so on). base_quantity: decimal in base_unit_code.
    rate_percent: decimal percent. assessed_amount, payable_amount: decimal in currency_code.
    payment_method_code: list of the customs office (E deferred).
    """

    type_code: Code | None = None
    regime_code: Code | None = None
    payment_method_code: Code | None = None
    quota_order_number: Code | None = None
    base_quantity: Decimal | None = None
    base_unit_code: Code | None = None
    base_amount: Decimal | None = None
    rate_percent: Decimal | None = None
    assessed_amount: Decimal | None = None
    payable_amount: Decimal | None = None
    currency_code: Code | None = None


FiscalRole = Literal["FR1", "FR2", "FR3", "FR4", "FR5", "FR7"]
"""Who holds a tax number: importer, customer, tax representative, holder of a deferred payment, vendor,
taxable person (code list of data element 13 16)."""
VENDOR: Final = "FR5"


class AdditionalFiscalReference(_Document, frozen=True):
    """A tax number with the role of who holds it (UCC data element 13 16, WCO DomesticDutyTaxParty).

    FR5 is the vendor's under which tax is paid at sale: IOSS in the Union, and elsewhere its like (VOEC, ARN,
    a VAT or GST registration); `scheme_kind_code` of the consignment names the register.
    """

    role: FiscalRole
    identification_number: Code


def find_vendor_number(references: Iterable[AdditionalFiscalReference]) -> str | None:
    """Return the number of the vendor among fiscal references, if there is one."""
    return next((one.identification_number for one in references if one.role == VENDOR), None)


class Authorisation(_Document, frozen=True):
    """A permission relied on (WCO AuthorisationHolder). type_code: CGU guarantee, DPO deferred payment ..."""

    type_code: Code
    holder_identifier: Code


class Guarantee(_Document, frozen=True):
    """Security offered for the debt (WCO ObligationGuarantee). type_code: list of the customs office."""

    type_code: Code | None = None
    reference: Text | None = None
    other_reference: Text | None = None


class TransportMeans(_Document, frozen=True):
    """A vessel, aircraft or vehicle.

    identification_type_code: list of the office. mode_code: UN/ECE Rec. 19.
    """

    identifier: Text | None = None
    identification_type_code: Code | None = None
    mode_code: Code | None = None
    nationality_code: Code | None = None


class Container(_Document, frozen=True):
    """Transport equipment with its seals."""

    identifier: Text | None = None
    seals: list[Text] = []


class GoodsItemDetail(_Document, frozen=True):
    """What a full customs declaration says of a goods item and a parcel's data seldom do.

    requested_procedure_code, previous_procedure_code: only where they differ from the consignment's.
    additional_commodity_codes: list and code in one word (TRA:8550, GN:VATZ).
    customs_value_amount, statistical_value_amount: decimal in the currency named beside each.
    trade_name: as sold. specification: brand, model, make and the like. unit_price_amount: decimal in
    invoice_currency_code. second_quantity: decimal in second_unit_code, where the tariff asks for two.
    warehouse_record_number: of the goods in the books of a bonded warehouse.
    """

    requested_procedure_code: Code | None = None
    previous_procedure_code: Code | None = None
    additional_commodity_codes: list[Code] = []
    customs_value_amount: Decimal | None = None
    customs_value_currency_code: Code | None = None
    valuation_method_code: Code | None = None
    valuation_indicator_code: Code | None = None
    charges: list[ValuationCharge] = []
    statistical_value_amount: Decimal | None = None
    statistical_value_currency_code: Code | None = None
    declared_taxes: list[DeclaredTax] = []
    statements: list[Statement] = []
    transaction_nature_code: Code | None = None
    dispatch_country_code: Code | None = None
    destination_country_code: Code | None = None
    preferential_origin_country_code: Code | None = None
    container_ids: list[Text] = []
    additional_fiscal_references: list[AdditionalFiscalReference] = []
    previous_documents: list[AdditionalDocument] = []
    packages: list[Package] = []
    trade_name: Text | None = None
    specification: Text | None = None
    unit_price_amount: Decimal | None = None
    second_quantity: Decimal | None = None
    second_unit_code: Code | None = None
    trading_country_code: Code | None = None
    warehouse_record_number: Code | None = None


class ReturnedGoods(_Document, frozen=True):
    """What a declarant says of goods that come back, for a relief that a law grants them.

    export_reference: number of the export declaration, or of the postal item. exported_on: day they left,
    YYYY-MM-DD. state_code: as they left, mended, or otherwise changed. importer_code: whether who brings them
    in is who exported them. export_relief_code: what was repaid, drawn back or not charged because they left.
    """

    export_reference: Reference | None = None
    exported_on: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    state_code: Literal["unaltered", "repaired", "altered"] | None = None
    importer_code: Literal["exporter", "other"] | None = None
    export_relief_code: Literal["none", "duty", "tax", "duty-and-tax"] | None = None


class ConsignmentDetail(_Document, frozen=True):
    """What a full customs declaration says of a consignment and a parcel's data seldom do.

    Codes are those of the customs office's lists; counts are as declared, to be compared with what is there.
    gross_mass_kg, net_mass_kg: decimal kilograms of the whole. filer_document_number: the declarant's own,
    next to the reference. preliminary_number: given by the single window before mrn, which customs gives.
    warehouse_account_number: the books of the bonded warehouse.
    """

    goods_item_count: Annotated[int, Meta(ge=0, le=9_999)] | None = None
    package_count: Annotated[int, Meta(ge=0, le=99_999_999)] | None = None
    invoice_currency_code: Code | None = None
    issued_at: Instant | None = None
    trade_terms_code: Code | None = None
    trade_terms_place_code: Code | None = None
    transaction_nature_code: Code | None = None
    destination_country_code: Code | None = None
    supervising_office_code: Code | None = None
    exit_office_code: Code | None = None
    warehouse_type_code: Code | None = None
    warehouse_id: Code | None = None
    container_code: Code | None = None
    containers: list[Container] = []
    arrival_transport: TransportMeans | None = None
    departure_transport: TransportMeans | None = None
    border_transport: TransportMeans | None = None
    freight_payment_method_code: Code | None = None
    routing_country_codes: list[Code] = []
    carrier: Person | None = None
    goods_location_type_code: Code | None = None
    goods_location_qualifier_code: Code | None = None
    goods_location_country_code: Code | None = None
    charges: list[ValuationCharge] = []
    returned_goods: ReturnedGoods | None = None
    authorisations: list[Authorisation] = []
    guarantees: list[Guarantee] = []
    statements: list[Statement] = []
    gross_mass_kg: Decimal | None = None
    net_mass_kg: Decimal | None = None
    platform_name: Text | None = None
    filer_document_number: Code | None = None
    preliminary_number: Code | None = None
    mrn: Code | None = None
    entry_office_code: Code | None = None
    warehouse_name: Text | None = None
    warehouse_account_number: Code | None = None


class Listing(_Document, frozen=True):
    """The offer by which goods were sold, as it was shown to the buyer. link: where it stands. price_amount:
    of one piece, decimal in price_currency_code. picture_hash: difference hash of its first picture, 64 bits
    as 16 hexadecimal digits (docs/how-to/recall-goods.md says how it is worked out)."""

    link: Annotated[str, Meta(min_length=8, max_length=2_000, pattern="^https?://[\\x21-\\x7e]+$")] | None = (
        None
    )
    title: Text | None = None
    price_amount: Decimal | None = None
    price_currency_code: Code | None = None
    picture_hash: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | None = None


class GoodsItem(_Document, frozen=True):
    """One line of a declaration (WCO GovernmentAgencyGoodsItem).

    invoice_amount: price of the whole line, without freight, insurance and tax; decimal in
    invoice_currency_code. gross_mass_kg, net_mass_kg: decimal kilograms. quantity: decimal in
    quantity_unit_code (Rec 20, C62 = piece). declaration_line_number: the line of a reduced data set on
    which the goods are declared together; absent: a line of its own. excise_amount: excise computed
    elsewhere, decimal in the currency of the charges. preference_code: list of the customs union.
    retail_price_amount: price at retail abroad where a law starts from it, in invoice_currency_code.
    lot_number, serial_number: of the maker's, as they stand on the goods; model: as the maker calls it.
    listing: the offer by which they were sold.
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
    lot_number: Code | None = None
    serial_number: Code | None = None
    model: Annotated[str, Meta(min_length=1, max_length=70)] | None = None
    listing: Listing | None = None
    order_reference: Reference | None = None
    excise_amount: Decimal | None = None
    additional_procedure_codes: list[Code] = []
    additional_documents: list[AdditionalDocument] = []
    detail: GoodsItemDetail | None = None


class Consignment(_Document, frozen=True):
    """What one consignor sends to one consignee, declared: `POST /v1/declarations`, one a line in NDJSON.

    reference: the declarant's own, unique for the declarant. sale_nature_code: B2C, B2B, C2C, gift,
    own-goods, return, not-stated. logistics_channel_code: post, express, cargo, bonded, personal.
    transport_mode_code: UN/ECE Recommendation 19 (4 air, 5 mail). freight, insurance, discount: of the whole
    consignment, decimal in charges_currency_code. scheme_kind_code: register of the vendor's fiscal
    reference (IOSS and its like). tax_paid_token: says that tax was paid under it.
    amends_version, amendment_reason: only in an amendment.
    """

    reference: Reference
    goods_items: Annotated[list[GoodsItem], Meta(min_length=1, max_length=999)]
    consignor: Person
    consignee: Person
    logistics_channel_code: Code
    sale_nature_code: Code = "not-stated"
    ucr: Reference | None = None
    transport_mode_code: Code | None = None
    house_document: Reference | None = None
    master_document: Reference | None = None
    receptacle_id: Reference | None = None
    conveyance_reference: Reference | None = None
    dispatch_country_code: Code | None = None
    platform_id: Reference | None = None
    seller_id: Reference | None = None
    order_references: list[Reference] = []
    is_platform_sale: bool = False
    is_duty_charged_to_buyer: bool = False
    is_preference_claimed: bool = False
    scheme_kind_code: Code | None = None
    tax_paid_token: TaxPaidToken | None = None
    additional_fiscal_references: list[AdditionalFiscalReference] = []
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
    detail: ConsignmentDetail | None = None

    @property
    def vendor_number(self) -> str | None:
        """Return the number under which the vendor pays tax at sale."""
        return find_vendor_number(self.additional_fiscal_references)

    @property
    def consignee_country_code(self) -> str:
        """Where the goods go."""
        return self.consignee.country_code


class DeclarationHead(msgspec.Struct, frozen=True, gc=False):
    """What says where a declaration belongs, under the names it has in `Consignment`; and its JSON, out of
    which the rest is read when somebody asks (`formats.json_lines.read_document`)."""

    content: bytes
    reference: str
    logistics_channel_code: str
    consignee_country_code: str
    ucr: str | None
    house_document: str | None
    master_document: str | None
    receptacle_id: str | None
    conveyance_reference: str | None
    platform_id: str | None
    seller_id: str | None
    order_references: list[str]
    expected_arrival_at: str | None
    amends_version: int | None


Declaration = Consignment | DeclarationHead
"""A declaration, read whole or as far as it is needed."""


class OrderLineDetail(_Document, frozen=True):
    """What a platform may say of a line beyond its price.

    unit_price_amount: decimal in currency_code. specification: brand, model, make and the like.
    sales_description: as shown to buyers.
    """

    quantity_unit_code: Code | None = None
    unit_price_amount: Decimal | None = None
    currency_code: Code | None = None
    specification: Text | None = None
    sales_description: Annotated[str, Meta(min_length=1, max_length=1_000)] | None = None
    standard_product_id: Annotated[str, Meta(max_length=50)] | None = None
    origin_country_code: Code | None = None


class OrderLine(_Document, frozen=True):
    """One line of an order: what was bought, at what price; amount is of the whole line in the order's
    currency.
    """

    sequence_number: LineNumber
    description: Text
    quantity: Decimal
    amount: Decimal
    commodity_code: Code | None = None
    merchant_product_id: Annotated[str, Meta(max_length=128)] | None = None
    detail: OrderLineDetail | None = None


class OrderDetail(_Document, frozen=True):
    """What a platform may say of an order beyond its lines.

    goods_amount: of all lines before discount_amount; paid_amount: what the buyer paid; decimal in the
    order's currency. payment_provider_id, payment_reference: who was paid, and its payment's own reference.
    """

    order_type_code: Code | None = None
    platform_name: Text | None = None
    goods_amount: Decimal | None = None
    paid_amount: Decimal | None = None
    payment_provider_id: Reference | None = None
    payment_provider_name: Text | None = None
    payment_reference: Reference | None = None
    batch_numbers: Text | None = None


class Order(_Document, frozen=True):
    """A sale as the platform or seller knows it: `POST /v1/orders`.

    declarant_id: who is to declare the goods, where the sender knows it: the order then counts in no other
    declarant's case. discount_amount: coupons and the like, decimal in currency_code. tax_paid_token: says
    that tax was paid at this sale.
    """

    reference: Reference
    currency_code: Code
    lines: Annotated[list[OrderLine], Meta(min_length=1, max_length=999)]
    purchased_at: Instant
    platform_id: Reference | None = None
    seller_id: Reference | None = None
    declarant_id: Reference | None = None
    ucr: Reference | None = None
    freight_amount: Decimal | None = None
    insurance_amount: Decimal | None = None
    discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    buyer: Person | None = None
    seller: Person | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None
    consignee: Person | None = None
    tax_paid_token: TaxPaidToken | None = None
    detail: OrderDetail | None = None


class PaymentDetail(_Document, frozen=True):
    """What a payment provider may say beyond the amount: who it is, and for whom it took the money."""

    provider_id: Reference | None = None
    provider_name: Text | None = None
    platform_id: Reference | None = None
    platform_name: Text | None = None
    seller_id: Reference | None = None


class Payment(_Document, frozen=True):
    """Money that moved for orders, as the payment provider knows it: `POST /v1/payments`.

    declarant_id: as on an order.
    """

    reference: Reference
    amount: Decimal
    currency_code: Code
    paid_at: Instant
    order_references: Annotated[list[Reference], Meta(min_length=1, max_length=99)]
    payer: Person | None = None
    declarant_id: Reference | None = None
    ucr: Reference | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None
    seller: Person | None = None
    detail: PaymentDetail | None = None


class TransportDetail(_Document, frozen=True):
    """What a carrier may say beyond the carriage: who it is, for which orders, and its charges.

    freight_amount, insurance_amount: decimal in currency_code. filing_kind_code: pre-loading, where the
    filing asks whether the goods may be loaded.
    """

    carrier_id: Reference | None = None
    carrier_name: Text | None = None
    order_references: list[Reference] = []
    freight_amount: Decimal | None = None
    insurance_amount: Decimal | None = None
    currency_code: Code | None = None
    filing_kind_code: Code | None = None


class TransportDocument(_Document, frozen=True):
    """A house waybill or postal item as carrier or post knows it: `POST /v1/transport-documents`.

    declarant_id: as on an order.
    """

    reference: Reference
    house_document: Reference
    logistics_channel_code: Code
    master_document: Reference | None = None
    loading_unit_id: Reference | None = None
    receptacle_id: Reference | None = None
    conveyance_reference: Reference | None = None
    declarant_id: Reference | None = None
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
    detail: TransportDetail | None = None


class Arrival(_Document, frozen=True):
    """Something landed or was presented: `POST /v1/arrivals`.

    Exactly one of the four names what; its children have arrived with it.
    """

    reference: Reference
    arrived_at: Instant
    conveyance_reference: Reference | None = None
    master_document: Reference | None = None
    receptacle_id: Reference | None = None
    house_document: Reference | None = None
    place_code: Code | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None


class ReturnedItem(_Document, frozen=True, kw_only=True):
    """A goods item that comes back. sequence_number: of the declaration. quantity: decimal in
    quantity_unit_code, of what comes back; gross_mass_kg: what that weighs. serial_number: of the piece.
    picture_hash: difference hash of a picture of it, as of `Listing`.
    """

    sequence_number: LineNumber
    commodity_code: Code
    description: Text
    quantity: Decimal
    quantity_unit_code: Code = "C62"
    gross_mass_kg: Decimal | None = None
    serial_number: Reference | None = None
    picture_hash: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | None = None


class ReturnDetail(_Document, frozen=True):
    """What a national form may say of a return beyond what comes back and whose it was."""

    customs_office_code: Code | None = None
    platform_name: Text | None = None
    carrier_id: Reference | None = None
    carrier_name: Text | None = None
    filer_document_number: Code | None = None
    preliminary_number: Code | None = None


class Return(_Document, frozen=True, kw_only=True):
    """Goods of a released declaration come back: `POST /v1/returns`.

    mrn: of that declaration; without it, the token, order or house document says by which the goods came.
    house_document, order_reference: as they went out. tax_paid_token: by which its tax was proven to be paid.
    declarant_id: who declared it. goods_returned_at: when they came back to where they were under
    supervision, or left the territory; bag_reference: of the bag in which they came with others.
    """

    reference: Reference
    reason: Annotated[str, Meta(min_length=1, max_length=1_000)]
    goods_items: Annotated[list[ReturnedItem], Meta(min_length=1, max_length=999)]
    mrn: Code | None = None
    tax_paid_token: TaxPaidToken | None = None
    order_reference: Reference | None = None
    house_document: Reference | None = None
    goods_returned_at: Instant | None = None
    bag_reference: Reference | None = None
    platform_id: Reference | None = None
    seller_id: Reference | None = None
    declarant_id: Reference | None = None
    seller: Person | None = None
    buyer: Person | None = None
    declarant: Person | None = None
    amends_version: Version | None = None
    amendment_reason: Text | None = None
    detail: ReturnDetail | None = None


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
    "carrier",
)
"""Roles of persons on documents, in the order of their numbers in the vault. Each but the carrier is a field
of the document of that name."""


IDENTIFIERS = "identifiers"
VAULT_ROLES = (*PERSON_ROLES, IDENTIFIERS)
"""What of a document the vault holds apart, in the order of their numbers: its persons, and the numbers under
which registers name parties on it (fiscal references but the vendor's, holders of authorisations)."""


def roles_of(person_roles: int) -> list[str]:
    """Return what the vault holds apart of a document, in the order of ids. person_roles: their bits."""
    return [role for place, role in enumerate(VAULT_ROLES) if person_roles >> place & 1]


CARRIER_PLACE = ("detail", "carrier")
"""Where a declaration names its carrier."""

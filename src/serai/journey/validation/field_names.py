"""Fields of a declaration that become columns."""

MOMENTS = ("purchased_at", "paid_at", "exported_at", "accepted_at", "expected_arrival_at")
CONSIGNMENT_CODES = (
    "logistics_channel_code",
    "sale_nature_code",
    "transport_mode_code",
    "dispatch_country_code",
    "scheme_kind_code",
    "charges_currency_code",
)
CONSIGNMENT_AMOUNTS = ("freight_amount", "insurance_amount", "discount_amount")
CONSIGNMENT_FLAGS = ("is_platform_sale", "is_duty_charged_to_buyer", "is_preference_claimed")
CONSIGNMENT_FIELDS = (
    *CONSIGNMENT_CODES,
    *CONSIGNMENT_AMOUNTS,
    *CONSIGNMENT_FLAGS,
    *MOMENTS,
    "procedure",
    "buyer",
    "consignee",
    "detail",
)
ITEM_CODES = (
    "commodity_code",
    "origin_country_code",
    "preference_code",
    "quantity_unit_code",
    "supplementary_unit_code",
    "invoice_currency_code",
)
ITEM_AMOUNTS = (
    "gross_mass_kg",
    "net_mass_kg",
    "invoice_amount",
    "quantity",
    "supplementary_quantity",
    "excise_amount",
)
ITEM_FIELDS = (
    *ITEM_CODES,
    *ITEM_AMOUNTS,
    "description",
    "sequence_number",
    "declaration_line_number",
    "merchant_product_id",
)

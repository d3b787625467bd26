"""What a landed-cost quote promises, and the terms under which it holds."""

import msgspec


class QuotedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A goods item as quoted. quantity, amount and mass: decimal text, as in a declaration."""

    sequence_number: int
    commodity_code: str
    origin_country_code: str
    quantity: str
    quantity_unit_code: str
    invoice_amount: str
    invoice_currency_code: str
    gross_mass_kg: str
    preference_code: str | None = None


class QuotedCharge(msgspec.Struct, frozen=True):
    """A charge as quoted, neither waived nor a claim.

    sequence_number 0: of the consignment. amount: decimal. debtor: role of who owes it.
    """

    sequence_number: int
    rule_id: str
    due: str
    amount: str
    currency_code: str
    debtor: str


class QuoteTerms(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a declaration must agree with for the quote to bind.

    stated: by name of STATED, what holds of the consignment as a whole. freight, insurance, discount: decimal
    in charges_currency_code, "0" where none. assumed: codes of what was taken for granted. Tolerances:
    parts per million of the quoted value and mass.
    """

    lines: list[QuotedLine]
    charges: list[QuotedCharge]
    stated: dict[str, str]
    freight_amount: str
    insurance_amount: str
    discount_amount: str
    charges_currency_code: str
    assumed: list[str]
    law: str
    basis: str
    value_tolerance_ppm: int
    mass_tolerance_ppm: int


STATED: tuple[str, ...] = (
    "customs_territory_code",
    "tax_territory_code",
    "dispatch_country_code",
    "logistics_channel_code",
    "sale_nature_code",
    "scheme_kind_code",
    "scheme_status_code",
    "requested_procedure_code",
    "previous_procedure_code",
    "additional_procedure_codes",
    "trade_terms_code",
    "is_platform_sale",
    "is_duty_charged_to_buyer",
    "is_preference_claimed",
    "has_buyer_tax_number",
)
"""Columns of a consignment that a law may look at and a quote holds fixed."""

"""The vocabulary: every word a law, a risk rule or a screening rule may use, with kind, level and meaning.

`law_currency` stands for the currency of the pack that speaks. A word the data do not give is unknown, and
a condition over something unknown decides nothing (finding `data-needed`).
"""

from dataclasses import dataclass
from typing import Literal

from serai.model.code_lists import CHANNEL_CODES, SALE_NATURE_CODES, SCHEME_STATUS_CODES

Level = Literal["consignment", "item"]
Kind = Literal["money", "rate", "count", "mass", "date", "code", "flag"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word. pointer: where in the document a party can give the datum, when it is unknown. codes: of a
    closed list, all that there are.
    """

    name: str
    level: Level
    kind: Kind
    meaning: str
    pointer: str = ""
    codes: tuple[str, ...] = ()


_CONSIGNMENT: Level = "consignment"
_ITEM: Level = "item"

WORDS: dict[str, Word] = {
    word.name: word
    for word in (
        Word("law_date", _CONSIGNMENT, "date", "Local day of the event whose date picks the law."),
        Word(
            "customs_territory_code",
            _CONSIGNMENT,
            "code",
            "Customs territory of destination, resolved from country, region and postcode.",
        ),
        Word("tax_territory_code", _CONSIGNMENT, "code", "Tax territory of destination, resolved likewise."),
        Word(
            "consignee_country_code",
            _CONSIGNMENT,
            "code",
            "Country in the consignee's address (ISO 3166-1).",
            "/consignee/country_code",
        ),
        Word(
            "consignee_region_code",
            _CONSIGNMENT,
            "code",
            "Region in the consignee's address (ISO 3166-2).",
            "/consignee/region_code",
        ),
        Word(
            "dispatch_country_code",
            _CONSIGNMENT,
            "code",
            "Country the consignment was sent from.",
            "/dispatch_country_code",
        ),
        Word(
            "logistics_channel_code",
            _CONSIGNMENT,
            "code",
            "post, express, cargo, bonded or personal.",
            "/logistics_channel_code",
            CHANNEL_CODES,
        ),
        Word(
            "transport_mode_code",
            _CONSIGNMENT,
            "code",
            "UN/ECE Recommendation 19: 1 sea, 3 road, 4 air, 5 mail.",
            "/transport_mode_code",
        ),
        Word(
            "sale_nature_code",
            _CONSIGNMENT,
            "code",
            "B2C, B2B, C2C, gift, own-goods or return.",
            "/sale_nature_code",
            SALE_NATURE_CODES,
        ),
        Word(
            "scheme_kind_code",
            _CONSIGNMENT,
            "code",
            "Kind of the registration given (IOSS, VOEC, ABN ...).",
            "/scheme_kind_code",
        ),
        Word(
            "scheme_status_code",
            _CONSIGNMENT,
            "code",
            "none, valid, malformed, unknown, ended or not-allowed, by shape, check and dated register; "
            "token-..., where the token that was to prove it does not.",
            codes=SCHEME_STATUS_CODES,
        ),
        Word(
            "requested_procedure_code",
            _CONSIGNMENT,
            "code",
            "Procedure asked for (40 release for free circulation).",
            "/procedure/requested_procedure_code",
        ),
        Word(
            "previous_procedure_code",
            _CONSIGNMENT,
            "code",
            "Procedure the goods were under before.",
            "/procedure/previous_procedure_code",
        ),
        Word(
            "is_platform_sale", _CONSIGNMENT, "flag", "A platform facilitated the sale.", "/is_platform_sale"
        ),
        Word(
            "is_duty_charged_to_buyer",
            _CONSIGNMENT,
            "flag",
            "The seller charged the duty on to the buyer at sale.",
            "/is_duty_charged_to_buyer",
        ),
        Word(
            "is_preference_claimed",
            _CONSIGNMENT,
            "flag",
            "A preferential rate of duty is claimed.",
            "/is_preference_claimed",
        ),
        Word(
            "has_buyer_tax_number",
            _CONSIGNMENT,
            "flag",
            "The buyer or consignee gave a tax number of a business.",
            "/buyer/tax_number",
        ),
        Word(
            "has_buyer_identity",
            _CONSIGNMENT,
            "flag",
            "The buyer's identity number was given.",
            "/buyer/identity_number",
        ),
        Word(
            "is_party_listed",
            _CONSIGNMENT,
            "flag",
            "The name of a person on the document equals, once normalised, a name of a denied-party list.",
        ),
        Word(
            "is_selected_for_review",
            _CONSIGNMENT,
            "flag",
            "Selected within the administration's budget for a look at its documents: by an officer's rule, "
            "the learned model or the random share. Officers' rules cannot read it.",
        ),
        Word(
            "is_selected_for_examination",
            _CONSIGNMENT,
            "flag",
            "Selected likewise for a look at the goods.",
        ),
        Word("has_order", _CONSIGNMENT, "flag", "An order is in the case."),
        Word("has_payment", _CONSIGNMENT, "flag", "A payment is in the case."),
        Word("has_transport_document", _CONSIGNMENT, "flag", "A transport document is in the case."),
        Word(
            "is_value_contradicted",
            _CONSIGNMENT,
            "flag",
            "Order or payment say that more was paid for the goods than is declared, by more than the pack's "
            "`matching` lets pass, and no officer has determined the value.",
        ),
        Word(
            "is_split_suspected",
            _CONSIGNMENT,
            "flag",
            "The parcel is in a group of parcels that may be parts of one order (laws/split-shipments.yaml), "
            "and no officer or appeal has found them to be separate orders.",
        ),
        Word(
            "freight",
            _CONSIGNMENT,
            "money",
            "Freight of the consignment, converted on its own.",
            "/freight_amount",
        ),
        Word(
            "insurance",
            _CONSIGNMENT,
            "money",
            "Insurance of the consignment, converted on its own.",
            "/insurance_amount",
        ),
        Word(
            "discount",
            _CONSIGNMENT,
            "money",
            "Discount on the goods of the consignment, converted on its own.",
            "/discount_amount",
        ),
        Word(
            "import_charges",
            _CONSIGNMENT,
            "money",
            "Charges of the import that a law counts in (brokerage, port, documents), as stated: valuation "
            "charges of type IC; 0 when none was stated.",
            "/detail/charges",
        ),
        Word(
            "additional_procedure_codes",
            _CONSIGNMENT,
            "code",
            "What the declaration asks for beside its procedure, by the office's codes, with blanks between; "
            "for HAS_ANY_CODE.",
            "/procedure/additional_procedure_codes",
        ),
        Word(
            "trade_terms_code",
            _CONSIGNMENT,
            "code",
            "Terms of the sale (Incoterms: DAP when the seller delivers); IS NULL says they are not stated.",
            "/detail/trade_terms_code",
        ),
        Word(
            "has_export_reference",
            _CONSIGNMENT,
            "flag",
            "Of goods that come back, the declaration of their export is named.",
            "/detail/returned_goods/export_reference",
        ),
        Word(
            "years_since_export",
            _CONSIGNMENT,
            "count",
            "Years from the day on which goods that come back left to `law_date`, one that has begun counted "
            "whole: within three years is at most 3.",
            "/detail/returned_goods/exported_on",
        ),
        Word(
            "returned_state_code",
            _CONSIGNMENT,
            "code",
            "State of goods that come back, as declared: unaltered, repaired or altered; IS NULL says that "
            "it is not stated.",
            "/detail/returned_goods/state_code",
        ),
        Word(
            "returned_importer_code",
            _CONSIGNMENT,
            "code",
            "Who brings goods that come back in: the exporter, or another (other); IS NULL says that it is "
            "not stated.",
            "/detail/returned_goods/importer_code",
        ),
        Word(
            "export_relief_code",
            _CONSIGNMENT,
            "code",
            "What was repaid, drawn back or not charged because goods that come back had left: none, duty, "
            "tax or duty-and-tax; IS NULL says that it is not stated.",
            "/detail/returned_goods/export_relief_code",
        ),
        Word("piece_count", _CONSIGNMENT, "count", "Whole units in the consignment."),
        Word(
            "allowance_used",
            _CONSIGNMENT,
            "money",
            "What the buyer drew on the pack's `allowance` in its period before this consignment; a count "
            "where that counts.",
        ),
        Word(
            "same_day_value",
            _CONSIGNMENT,
            "money",
            "Value of the other consignments of the day that count together with this one by the pack's "
            "`aggregation`.",
        ),
        Word(
            "returned_value",
            _CONSIGNMENT,
            "money",
            "Customs value that the decision on them gave goods that now go back.",
        ),
        Word(
            "returned_tax",
            _CONSIGNMENT,
            "money",
            "Duty and tax of that decision, for the goods that go back.",
        ),
        Word(
            "return_applied_days",
            _CONSIGNMENT,
            "count",
            "Days from the release of goods that go back to the application.",
        ),
        Word(
            "return_arrived_days",
            _CONSIGNMENT,
            "count",
            "Days from the release of goods that go back to their arrival under supervision.",
        ),
        Word(
            "is_return_unaltered",
            _CONSIGNMENT,
            "flag",
            "Goods that go back are in the state in which they came, as was found.",
        ),
        Word(
            "commodity_code", _ITEM, "code", "Commodity code, digits only.", "/goods_items/*/commodity_code"
        ),
        Word(
            "is_description_vague",
            _ITEM,
            "flag",
            "The description is made of words that say nothing about the goods.",
            "/goods_items/*/description",
        ),
        Word(
            "goods_kind_codes",
            _ITEM,
            "code",
            "Kinds of goods that a law may restrict and that the description names, with blanks between; for "
            "HAS_ANY_CODE. The words of each kind stand in laws/tables/goods_kinds.yaml.",
            "/goods_items/*/description",
        ),
        Word(
            "is_mark_named",
            _ITEM,
            "flag",
            "The description names a word mark of a rights holder's recordal in force, in any spelling, for "
            "goods of its kind, and the declared seller is not one whom the holder has authorised.",
            "/goods_items/*/description",
        ),
        Word(
            "document_type_codes",
            _ITEM,
            "code",
            "Types of the documents of the item and of its consignment, with blanks between; for "
            "HAS_ANY_CODE.",
            "/goods_items/*/additional_documents",
        ),
        Word(
            "additional_commodity_codes",
            _ITEM,
            "code",
            "Additional codes of the tariff that the item claims (TARIC or national), with blanks between; "
            "for HAS_ANY_CODE. A tariff line with an additional code fits only where it is claimed.",
            "/goods_items/*/detail/additional_commodity_codes",
        ),
        Word(
            "origin_country_code", _ITEM, "code", "Country of origin.", "/goods_items/*/origin_country_code"
        ),
        Word(
            "preference_code",
            _ITEM,
            "code",
            "Preference claimed for the item.",
            "/goods_items/*/preference_code",
        ),
        Word(
            "quantity_unit_code",
            _ITEM,
            "code",
            "Unit of the quantity (UN/ECE Recommendation 20).",
            "/goods_items/*/quantity_unit_code",
        ),
        Word(
            "supplementary_unit_code",
            _ITEM,
            "code",
            "Unit of the supplementary quantity (UN/ECE Recommendation 20: LTR, MLT, GRM, NPR ...).",
            "/goods_items/*/supplementary_unit_code",
        ),
        Word(
            "supplementary_quantity",
            _ITEM,
            "count",
            "Whole supplementary units of the line, such as its content in millilitres.",
            "/goods_items/*/supplementary_quantity",
        ),
        Word(
            "line_value",
            _ITEM,
            "money",
            "Price of the line before discount, converted as a whole at the pack's first rate.",
            "/goods_items/*/invoice_amount",
        ),
        Word(
            "line_value_sale",
            _ITEM,
            "money",
            "The same at the rate of the day of sale.",
            "/goods_items/*/invoice_amount",
        ),
        Word("unit_value", _ITEM, "money", "Price of one unit: line value by quantity, cut down."),
        Word("freight_share", _ITEM, "money", "Share of the freight, by line value before discount."),
        Word("insurance_share", _ITEM, "money", "Share of the insurance, likewise."),
        Word("discount_share", _ITEM, "money", "Share of the discount, likewise."),
        Word(
            "excise",
            _ITEM,
            "money",
            "Excise given for the item; 0 when none was given.",
            "/goods_items/*/excise_amount",
        ),
        Word(
            "is_excise_given",
            _ITEM,
            "flag",
            "An amount of excise is given, be it nothing.",
            "/goods_items/*/excise_amount",
        ),
        Word("quantity", _ITEM, "count", "Whole units of the line.", "/goods_items/*/quantity"),
        Word("gross_mass", _ITEM, "mass", "Gross mass in grams.", "/goods_items/*/gross_mass_kg"),
        Word("net_mass", _ITEM, "mass", "Net mass in grams.", "/goods_items/*/net_mass_kg"),
        Word(
            "is_first_of_declaration_line", _ITEM, "flag", "First goods item on its line of the declaration."
        ),
        Word(
            "has_declaration_line",
            _ITEM,
            "flag",
            "The line of the declaration on which the goods stand is stated.",
            "/goods_items/*/declaration_line_number",
        ),
        Word(
            "is_first_of_subheading",
            _ITEM,
            "flag",
            "First goods item of the consignment with its code to six digits; without a code it is alone.",
        ),
        Word(
            "is_first_of_commodity_code",
            _ITEM,
            "flag",
            "First goods item of the consignment with its whole code; without a code it is alone.",
        ),
        Word(
            "has_line_of_same_subheading",
            _ITEM,
            "flag",
            "Another declaration line of the consignment has the same code (six digits).",
        ),
        Word(
            "has_twin_line",
            _ITEM,
            "flag",
            "Another declaration line of the consignment has the same code (six digits) and description.",
        ),
        Word(
            "has_product_id",
            _ITEM,
            "flag",
            "The merchant's product identifier was given.",
            "/goods_items/*/merchant_product_id",
        ),
        Word(
            "duty_rate",
            _ITEM,
            "rate",
            "Ad valorem duty of the tariff line, under the preference the item claims.",
            "/goods_items/*/commodity_code",
        ),
        Word(
            "third_country_duty_rate",
            _ITEM,
            "rate",
            "Ad valorem duty of the tariff line without preference.",
            "/goods_items/*/commodity_code",
        ),
        Word(
            "has_specific_duty",
            _ITEM,
            "flag",
            "The tariff line, under the preference claimed, is not only ad valorem: use TARIFF_DUTY.",
        ),
        Word(
            "goods_tax_rate",
            _ITEM,
            "rate",
            "Tax rate of the tariff for these goods; unknown where the tariff has none of its own.",
        ),
        Word(
            "simplified_duty_rate",
            _ITEM,
            "rate",
            "Rate of a simplified tariff kept beside the general one (measure simplified_duty of the "
            "tariff).",
            "/goods_items/*/commodity_code",
        ),
        Word(
            "excise_rate",
            _ITEM,
            "rate",
            "Ad valorem excise or consumption tax of these goods (measure excise of the tariff).",
            "/goods_items/*/commodity_code",
        ),
        Word(
            "is_admitted",
            _ITEM,
            "flag",
            "The goods are on the list a channel is open to (tariff measure admission: above 0 on it, 0 "
            "not).",
            "/goods_items/*/commodity_code",
        ),
        Word(
            "charges_in_tax_base",
            _ITEM,
            "money",
            "Sum of the item's charges computed so far that belong to the tax base.",
        ),
    )
}
"""By name."""

DERIVED: dict[str, tuple[str, ...]] = {
    "unit_value": ("line_value", "quantity"),
    "piece_count": ("quantity",),
    "freight_share": ("freight", "line_value"),
    "insurance_share": ("insurance", "line_value"),
    "discount_share": ("discount", "line_value"),
}
"""Words computed from other words alone: when one is unknown, those are to blame."""

NOTHING_UNLESS_GIVEN = {"excise": "is_excise_given"}
"""Amounts that are 0 where none was given, and the word that says whether one was."""
FUNCTIONS: dict[str, str] = {
    "SUM": "Sum over the items of the consignment.",
    "MAX": "Largest over the items of the consignment.",
    "MIN": "Smallest over the items of the consignment.",
    "BOOL_OR": "True if true for any item.",
    "BOOL_AND": "True if true for every item.",
    "LEAST": "The smaller of several.",
    "GREATEST": "The larger of several.",
    "COALESCE": "The first that is known.",
    "STARTS_WITH_ANY": "A code begins with one of the prefixes of a list parameter.",
    "HAS_ANY_CODE": "One of several codes, with blanks between, is in a list parameter.",
    "IN_LIST": "A code is one of a list parameter.",
    "FILL_WHOLE_UNITS": "How many whole units fit under a limit, items in order: "
    "FILL_WHOLE_UNITS(unit_value, quantity, limit).",
    "TARIFF_DUTY": "Duty of the tariff line on a value: ad valorem, specific, compound, minimum and maximum. "
    "TARIFF_DUTY(value, anti_dumping_rate): of the measure a word of `tariff_rates` stands for; 0 where no "
    "line of it fits.",
    "IN_CURRENCY": "An amount from or into the law's currency, at the pack's first rate: "
    "IN_CURRENCY(amount, 'USD').",
    "FLOOR_TO": "Cut an amount down to a multiple of a money parameter: FLOOR_TO(amount, unit).",
    "ROUNDED": "An amount rounded as the definition or charge it stands in says: ROUNDED(amount).",
    "SHARE_OUT": "A consignment's amount shared over its items by a value: SHARE_OUT(amount, weight).",
    "UNLESS_AWAITED": "A condition, unknown where the second says that a datum is still to come: "
    "UNLESS_AWAITED(condition, awaited). A charge that reads the datum of a requirement is guarded so by "
    "itself.",
}
"""Functions an expression may call, beside AND, OR, NOT, IN, BETWEEN, IS NULL, CASE and arithmetic."""

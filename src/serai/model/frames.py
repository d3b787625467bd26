"""The one list of columns of a batch: name, type, unit and meaning. Tests hold every stage's output against
it.
"""

from dataclasses import dataclass
from typing import Literal

ABSENT = -(2**63)
"""Says in an integer column that the datum was not given; never a number anybody computes with."""

ColumnType = Literal["int64", "flag", "coded", "bits"]


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """One column. stage: who adds it.

    Integers end in their unit; `_at` are milliseconds of UTC since 1970, `_on` local days since 1970.
    """

    name: str
    type: ColumnType
    stage: str
    meaning: str


def _columns(stage: str, *rows: tuple[str, ColumnType, str]) -> tuple[ColumnMeaning, ...]:
    return tuple(ColumnMeaning(name, kind, stage, meaning) for name, kind, meaning in rows)


CONSIGNMENTS = (
    *_columns(
        "validation",
        ("logistics_channel_code", "coded", "post, express, cargo, bonded or personal"),
        ("sale_nature_code", "coded", "B2C, B2B, C2C, gift, own-goods, return or absent"),
        ("transport_mode_code", "coded", "UN/ECE Recommendation 19"),
        ("dispatch_country_code", "coded", "where it was sent from"),
        ("consignee_country_code", "coded", "country of the address of destination"),
        ("consignee_region_code", "coded", "region of the address of destination"),
        ("customs_territory_code", "coded", "customs territory of destination; absent: unresolved"),
        ("tax_territory_code", "coded", "tax territory of destination; absent: unresolved"),
        ("time_zone", "coded", "time zone of the tax territory"),
        ("scheme_kind_code", "coded", "kind of registration given"),
        ("scheme_status_code", "coded", "none, valid, malformed, unknown, ended, not-allowed or token-..."),
        ("direction_code", "coded", "IM import, EX export, CO within a union, TR transit"),
        ("requested_procedure_code", "coded", "procedure asked for"),
        ("previous_procedure_code", "coded", "procedure before"),
        ("additional_procedure_codes", "coded", "what the procedure asks for beside, with blanks between"),
        ("trade_terms_code", "coded", "Incoterms of the sale"),
        (
            "returned_state_code",
            "coded",
            "of goods that come back: unaltered, repaired, altered; absent: not stated",
        ),
        ("returned_importer_code", "coded", "who brings them in: exporter or other; absent: not stated"),
        (
            "export_relief_code",
            "coded",
            "what was repaid or not charged as they left: none, duty, tax, duty-and-tax; absent: not stated",
        ),
        ("has_export_reference", "flag", "the export of goods that come back is named"),
        ("returned_exported_on", "int64", "day they left, since 1970; absent: not stated"),
        ("charges_currency_code", "coded", "currency of freight, insurance, discount and excise"),
        ("is_platform_sale", "flag", "a platform facilitated the sale"),
        ("is_duty_charged_to_buyer", "flag", "duty was charged on to the buyer at sale"),
        ("is_preference_claimed", "flag", "a preferential rate is claimed"),
        ("has_buyer_tax_number", "flag", "buyer or consignee gave a tax number"),
        ("has_buyer_identity", "flag", "buyer or consignee gave an identity number"),
        ("freight_amount_micro", "int64", "freight, millionths of its currency's unit; absent: not stated"),
        ("insurance_amount_micro", "int64", "insurance, likewise"),
        ("discount_amount_micro", "int64", "discount on the goods, likewise"),
        (
            "import_charges_amount_micro",
            "int64",
            "charges of the import, millionths of the unit of the charges' currency; absent: not stated",
        ),
        ("purchased_at", "int64", "instant of purchase"),
        ("paid_at", "int64", "instant payment was accepted"),
        ("exported_at", "int64", "instant of export"),
        ("lodged_at", "int64", "instant the declaration came in"),
        ("presented_at", "int64", "instant of presentation"),
        ("accepted_at", "int64", "instant of acceptance, expected or actual"),
        ("arrived_at", "int64", "instant of arrival, expected or actual"),
        ("released_at", "int64", "instant of release"),
    ),
    *_columns(
        "matching",
        ("has_order", "flag", "an order is in the case"),
        ("has_payment", "flag", "a payment is in the case"),
        ("has_transport_document", "flag", "a transport document is in the case"),
        ("is_value_contradicted", "flag", "documents of the case say that more was paid than is declared"),
        (
            "allowance_used",
            "int64",
            "drawn on the buyer's allowance before, in what it counts; absent: not read",
        ),
        (
            "same_day_value",
            "int64",
            "value of the day's other consignments that count together, minor units; absent: not read",
        ),
    ),
    *_columns(
        "screening",
        ("is_party_listed", "flag", "a person on the document bears the name of an entry of a list"),
        ("is_split_suspected", "flag", "it is in a group of parcels that may be parts of one order"),
        ("is_selected_for_review", "flag", "selected for a look at its documents, within the budget"),
        ("is_selected_for_examination", "flag", "selected for a look at the goods, within the budget"),
    ),
    *_columns(
        "assessment",
        ("law_number", "int64", "place in the generation's list of programs; -1: no law"),
        ("law_on", "int64", "local day whose law applies"),
        ("declaration_form_code", "coded", "data set the law asks for"),
        ("threshold_value_minor", "int64", "value held against the low-value limit"),
        ("has_unknown_charge", "flag", "what is to pay cannot be said: a charge is unknown"),
    ),
    *_columns(
        "decision",
        ("lane_number", "int64", "place in LANES: the strictest of the consignment's and its items'"),
        ("reason_bits", "bits", "rules that spoke of it or of its items, by place in the reason set"),
    ),
    *_columns(
        "release",
        ("status_number", "int64", "place in STATUSES"),
        ("preloading_code", "coded", "answer before loading; absent: none is due, or none yet"),
    ),
)
GOODS_ITEMS = (
    *_columns(
        "validation",
        ("owner", "int64", "row of the item's consignment, ascending"),
        ("sequence_number", "int64", "as declared"),
        ("commodity_code", "coded", "digits only"),
        ("origin_country_code", "coded", "country of origin"),
        ("preference_code", "coded", "preference claimed"),
        ("quantity_unit_code", "coded", "UN/ECE Recommendation 20"),
        ("supplementary_unit_code", "coded", "likewise, of the supplementary quantity"),
        ("invoice_currency_code", "coded", "currency of the price"),
        ("description", "coded", "as declared, in lower case, blanks single"),
        ("invoice_amount_micro", "int64", "price of the line, millionths of the currency's unit"),
        ("quantity_micro", "int64", "millionths of the unit"),
        ("supplementary_quantity_micro", "int64", "millionths of its unit; absent: not given"),
        ("gross_mass_g", "int64", "grams"),
        ("net_mass_g", "int64", "grams; absent: not given"),
        (
            "excise_amount_micro",
            "int64",
            "excise given, millionths of the unit of the charges' currency; absent: none",
        ),
        ("declaration_line_number", "int64", "line of the declaration; absent: a line of its own"),
        ("is_excise_given", "flag", "an amount of excise is given, be it nothing"),
        ("has_product_id", "flag", "the merchant's product identifier is there"),
        ("document_type_codes", "coded", "types of the item's and its consignment's documents, with blanks"),
        ("additional_commodity_codes", "coded", "as declared, without the names of their lists, with blanks"),
    ),
    *_columns(
        "screening",
        ("is_description_vague", "flag", "made of words that say nothing about the goods"),
        ("goods_kind_codes", "coded", "kinds of goods that a law may restrict and the description names"),
        ("is_mark_named", "flag", "the description names a word mark of a rights holder's recordal"),
    ),
    *_columns(
        "assessment",
        ("customs_value_minor", "int64", "minor units of the law's currency; absent: unknown"),
        ("relief_code", "coded", "relief or reduced treatment applied"),
    ),
    *_columns(
        "decision",
        ("lane_number", "int64", "place in LANES"),
        ("reason_bits", "bits", "rules that spoke, by place in the reason set"),
    ),
)
CHARGES = _columns(
    "assessment",
    ("consignment", "int64", "row of the consignment"),
    ("item", "int64", "row of the goods item; -1: of the consignment"),
    ("charge_number", "int64", "place of the charge's rule in its program"),
    ("law_number", "int64", "place of the program in the generation"),
    ("base_minor", "int64", "what the rate is applied to; 0 where the charge is an amount"),
    ("rate_numerator", "int64", "rate as a fraction; 0 / 0 where the charge is an amount"),
    ("rate_denominator", "int64", "rate as a fraction"),
    ("amount_minor", "int64", "assessed, minor units of the charge's currency"),
    ("due_code", "coded", "border, sale, buyer_return or none"),
    ("debtor_code", "coded", "role of who owes it"),
    ("kind_code", "coded", "duty, tax, excise, fee or claim"),
    ("tax_type_code", "coded", "list of the customs union or nation"),
    ("currency_code", "coded", "currency of the amounts"),
    ("is_waived", "flag", "assessed and not collected"),
)
FINDINGS = _columns(
    "all",
    ("consignment", "int64", "row of the consignment"),
    ("item", "int64", "row of the goods item; -1: of the consignment"),
    ("code", "coded", "finding code"),
    ("pointer", "coded", "place in the document, with * for the item"),
    ("severity", "coded", "fault, hold or advice"),
    ("word", "coded", "datum or rule the finding names, or what is known of the gap"),
    ("parameters", "coded", "all that its sentence names, by name (JSON object); absent: the word alone"),
)
ACTS = _columns(
    "all",
    ("consignment", "int64", "row of the consignment it bears on; one act may have several rows"),
    ("case", "int64", "number of its case in the batch"),
    ("act", "int64", "number of the act in the batch"),
    ("kind_number", "int64", "place in ACT_KINDS"),
    ("subject_number", "int64", "sequence number of a goods item, place of a charge; 0: the whole"),
    ("reason_code", "coded", "why; absent: not stated"),
    (
        "amount_minor",
        "int64",
        "of a payment, minor units, less what consignments of its case outside the batch owe; absent: none",
    ),
    ("currency_code", "coded", "of the amount"),
    (
        "ended_rules",
        "coded",
        "of a release: ids of the rules whose controls it ends, blanks between; absent: none",
    ),
    (
        "commodity_code",
        "coded",
        "of a determination: digits that take the declared ones' place; absent: none",
    ),
    ("country_code", "coded", "of a determination: origin, likewise"),
    ("quantity_micro", "int64", "of a determination: millionths of the declared unit; absent: none"),
    (
        "agency_rules",
        "coded",
        "of an agency's word: ids of the rules it is about, with blanks; absent: none",
    ),
)
"""Acts that stand on consignments decided before: a batch of new declarations has no such frame."""
MATCH_DOCUMENTS = _columns(
    "matching",
    ("kind_number", "int64", "1 declaration, 2 order, 3 payment, 4 transport document"),
    ("limits_number", "int64", "place in the limits of matching of its law and channel; -1: others' say"),
    ("currency_code", "coded", "of all amounts of the document"),
    ("goods_minor", "int64", "price of the goods before discount, minor units; absent: not stated"),
    ("discount_minor", "int64", "discount on the goods, likewise"),
    ("freight_minor", "int64", "freight, likewise"),
    ("insurance_minor", "int64", "insurance, likewise"),
    ("tax_minor", "int64", "tax charged at sale, likewise"),
    ("paid_minor", "int64", "payment: what was paid; order: what it says the buyer paid; likewise"),
    ("happened_at", "int64", "instant of purchase, payment, export or departure; absent: not stated"),
    ("gross_mass_g", "int64", "grams; absent: not stated"),
    ("package_count", "int64", "absent: not stated"),
    ("quantity_micro", "int64", "of all lines, millionths of the unit; absent: units differ or none stated"),
    ("quantity_unit_code", "coded", "UN/ECE Recommendation 20"),
    ("name_hash", "int64", "number of the name as written of buyer or receiver; 0: none"),
    ("other_name_hash", "int64", "likewise of the receiver where buyer and receiver are named; 0: none"),
    *((f"name_token_{place}", "int64", "number of a token of the names; 0: none") for place in range(1, 7)),
    ("phone_hash", "int64", "number of the digits of a telephone number; 0: none"),
    ("platform_hash", "int64", "number of the platform's identifier; 0: none"),
)
"""What matching knows of documents. Names and numbers are numbered within the frames: no text stands here,
and no two texts have one number."""
MATCH_NUMBERS = _columns(
    "matching",
    ("document", "int64", "row of the document, ascending"),
    ("field_number", "int64", "1 UCR, 2 house document, 3 order, 4 payment"),
    ("exact", "int64", "number of the text as written"),
    ("plain", "int64", "likewise without case, punctuation and zeros before it"),
    ("digits", "int64", "likewise, its signs sorted; 0: too short to tell"),
    ("head", "int64", "likewise, its first half"),
    ("tail", "int64", "likewise, its second half"),
)
MATCH_CASES = _columns(
    "matching",
    ("case", "int64", "lowest document row of the case"),
    ("verdict_number", "int64", "place in MATCH_VERDICTS"),
    ("score_ppm", "int64", "how surely its documents belong together"),
)
MATCH_DIFFERENCES = _columns(
    "matching",
    ("case", "int64", "place in the frame of cases"),
    ("code", "coded", "finding code"),
    ("document", "int64", "row of the document it is about; -1: of the case"),
    ("amount_minor", "int64", "the difference; absent: none in money"),
    ("has_minor", "int64", "what is there, in money; absent: none"),
    ("expected_minor", "int64", "what was expected, in money; absent: none"),
    ("currency_code", "coded", "of the amounts"),
    ("counted", "int64", "documents, days, grams, packages or ppm, as the code says; absent: none"),
    ("counted_expected", "int64", "likewise, what was expected"),
)
MATCH_VERDICTS = ("matched", "matched-with-reasons", "mismatch", "waiting")
LANES = ("proceed", "await", "review", "examine", "refuse")
"""From the lightest to the strictest; a parcel moves as a whole, in the strictest lane of its items and its
own.
"""
STATUSES = (
    "assessed",
    "arrival-expected",
    "payment-due",
    "document-missing",
    "under-documentary-control",
    "under-physical-control",
    "not-released",
    "released",
    "invalidated",
    "suspended",
    "detained",
    "seized",
    "confiscated",
    "abandoned",
    "destroyed",
    "returned",
)
"""Customs status of a consignment; `journey/release` says which move to which."""
RELEASED, WITHDRAWN = STATUSES.index("released"), STATUSES.index("invalidated")
FINAL_STATUSES = frozenset({RELEASED, WITHDRAWN})
"""No decision leads on from these."""
BY_REQUEST_STATUSES = frozenset(
    {RELEASED}
    | {
        STATUSES.index(one)
        for one in ("suspended", "detained", "seized", "confiscated", "abandoned", "destroyed", "returned")
    }
)
"""In these a declarant changes or takes back nothing by itself: an officer is asked (UCC 173(2), 174(2))."""

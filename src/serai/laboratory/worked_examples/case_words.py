"""Words of worked examples beside the codes of packs: a case whose words name another code fails."""

from typing import Final

WAIVED: Final = "waived"
"""Stands for the relief of goods whose charges are computed and not levied, since they are too small."""

WORDS: dict[str, tuple[str, ...]] = {
    "none": ("none",),
    WAIVED: ("tax-50", "kr-min-10000", "minimum_not_collected"),
    # A message by post does not say whether it is a letter (CN 22) or a parcel (CN 23).
    "CN22": ("CN23",),
    "seller": ("seller", "vendor", "supplier", "registered-seller"),
    "platform": ("platform", "marketplace"),
    "scheme-holder": ("IOSS holder (declarant)",),
    "postal-operator": ("declarant (post)",),
    "carrier": ("declarant (carrier)", "who lodges the report (carrier)", "carrier or qualified party"),
    "declarant": ("filer with bond",),
    "deemed-importer": ("deemed importer",),
    "consignee": ("recipient", "addressee"),
    # Who pays for the debtor is no part of who owes.
    "importer": ("importer", "importer (paid by the operator, recovered)"),
    "importer-via-operator": ("importer (paid by the operator, recovered)",),
    "buyer": ("business buyer",),
    "import-vat-debtor": ("import VAT debtor",),
    "SAC": ("self-assessed clearance (SAC)",),
    "withholding-agent": ("buyer-through-withholding-agent",),
    "buyer-via-platform": ("buyer via platform",),
    "buyer-via-courier": (
        "buyer through the courier",
        "buyer through the courier or post",
        "buyer (paid by the courier, recovered)",
        "buyer (paid by the courier or post, recovered)",
    ),
    "buyer-via-intermediary": ("buyer through the urgent-consignment intermediary",),
    "buyer-via-operator": ("buyer through the operator of electronic trade",),
    "N10": ("full import declaration (N10)",),
    "DIPS": ("simplified import declaration (DIPS)",),
    "SIMPLIFIED_COURIER": ("simplified courier or postal clearance", "simplified courier import"),
    "POSTAL_TRAFFIC": ("postal and urgent consignments declaration",),
    "PUERTA_A_PUERTA": ("postal consignment (puerta a puerta)",),
    "SIMPLIFIED_ECOMMERCE": ("simplified (e-commerce consignment)",),
    "CUSTOMS_DECLARATION": (
        "customs declaration",
        "customs declaration, per tariff line",
        "customs declaration (ICUMS)",
    ),
    "LOW_VALUE_MANIFEST": ("courier low-value manifest",),
    "IMPORT_DECLARATION": ("import declaration",),
    "NON_COMMERCIAL": ("exceptional consignment without commercial character",),
    "PERSONAL_IMPORT": ("personal import, simplified",),
    "NO_DECLARATION": ("goods for personal use, no declaration payment",),
    "PASSENGER_EXPRESS": ("passenger customs declaration for express cargo",),
    "ECOMMERCE_GOODS": ("declaration for e-commerce goods",),
    "ICR": ("inward cargo report (ICR)",),
    "IMPORT_ENTRY": ("import declaration (entry)",),
    "CBE_DUTIABLE": ("courier bill of entry, low value dutiable",),
    "CBE_GIFTS": ("courier bill of entry, gifts",),
    "PBI": ("postal bill of import",),
    "CONCESSION": ("simplified clearance (concession)",),
    "SIMPLIFIED_GIFT": ("simplified (gift, rebate item 412.10)",),
    "IMMEDIATE_RELEASE": ("immediate release (de minimis)",),
    "SGD": ("single goods declaration",),
    "SIMPLIFIED_ENTRY": ("simplified entry by courier or post",),
    "NATIONAL_DECLARATION": ("national declaration",),
}
"""The one table of words: our code to the words worked examples use for it. Every code also stands for
itself.
"""


def words_for(code: str | None) -> tuple[str, ...]:
    """Return what worked examples call a code; of no code, none."""
    code = code or "none"
    return (code, *WORDS.get(code, ()))

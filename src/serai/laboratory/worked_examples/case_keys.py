"""Every key a worked example may have: one that nobody reads would be left out in silence."""

from collections.abc import Iterator, Mapping
from typing import Any

from serai.laboratory.worked_examples.case_file import Case, CaseFileError

_KEYS: dict[str, str] = {
    "": "id regime overlays date title currency input expect working rounding note source official",
    "official": "authority address read_on note differs",
    "input": "destination transport buyer sale charges_currency freight_minor insurance_minor discount_minor "
    "import_charges_minor other_charges_minor scheme rates apportionment items gift return same_day "
    "aggregated_with_minor aggregated_usd_cents aggregation_reason declared_lines elects_general_tariff "
    "list_clearance preference_claim method country_rate_ppm notional_freight_minor parcels_same_day "
    "value_eur_on_invoice_minor returned_goods",
    "input.transport": "mode operator from",
    "input.buyer": "type identity purpose region postcode vat_number quota_used_minor "
    "exempt_imports_this_half_year gift_parcels_used_this_year importations_used_this_year "
    "shipments_used_this_year",
    "input.sale": "nature platform_sale procedure purchase_date duty_charged_to_buyer delivery_in_supply "
    "trade_terms e_commerce_purchase certified_seller platform_registered additional_procedure_codes",
    "input.scheme": "kind number status info_passed",
    "input.rates": "currency rate rule amount_minor use",
    "input.return": "customs_value_minor tax_minor applied_day arrived_day original_state",
    "input.returned_goods": "export_reference exported_on state importer export_relief",
    "input.same_day": "value_minor order price_usd_cents arrival purchase",
    "input.items": "sequence hs description quantity quantity_unit_code unit_price_minor currency "
    "origin weight_g net_content flags documents preference id_group duty_rate_ppm mfn_duty_rate_ppm "
    "simplified_duty_rate_ppm country_rate_ppm duty_minor_given tax_rate_ppm tax_kind vat_rate_ppm "
    "consumption_tax_rate_ppm consumption_national_ppm income_tax_rate_ppm "
    "given_statistical_fee_ppm anti_dumping_rate_ppm countervailing_rate_ppm safeguard_rate_ppm "
    "excise_minor liquor_tax_minor education_tax_minor duty_by_territory",
    "input.items.net_content": "amount unit",
    "input.items.duty_by_territory": "territory rate_ppm piece_minor measure",
    "expect": "items totals liable debtor_codes rules charge_rules finding_codes declaration_form_code "
    "declaration reason channel findings threshold_value_minor quota_used_after_minor",
    "expect.liable": "duty tax fee if_due",
    "expect.debtor_codes": "duty tax excise fee claim",
    "expect.items": "sequence relief relief_code rules customs_value_minor duty_minor tax_base_minor "
    "tax_minor excise_minor fee_minor tax_parts charges",
    "expect.totals": "customs_value_minor duty_minor tax_minor border_tax_minor excise_minor fee_minor "
    "due_at_border_minor due_at_sale_minor due_on_buyer_return_minor refund_from_seller_minor waived_minor "
    "tax_restored_minor tax_parts fees",
}
"""By place. What stands in words (`title`, `note`, `id_group` ...) is for people, and for no calculation.
`tax_parts`, `charges` and `fees` name things as their law does.
"""
_FIGURES_BY_CURRENCY = "overlay_fee_"


def check_keys(case: Case) -> None:
    """Raise CaseFileError `case-file` where a case has a key that nobody reads."""
    unknown = list(_unknown_keys(case, ""))
    if unknown:
        raise CaseFileError(
            "case-file",
            f"{case.get('id', '?')}: nobody reads {', '.join(unknown)}.",
            "Correct the key; docs/reference/worked-example-form.md lists them.",
        )


def _unknown_keys(part: Mapping[str, Any], place: str) -> Iterator[str]:
    known = _KEYS[place].split()
    for key, value in part.items():
        where = f"{place}.{key}" if place else key
        if key not in known and not key.startswith(_FIGURES_BY_CURRENCY):
            yield where
        elif where in _KEYS:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, Mapping):
                    yield from _unknown_keys(child, where)

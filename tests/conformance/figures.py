"""The figures of a decision as it stands on the wire, under the names worked examples use."""

from collections import Counter
from decimal import Decimal
from typing import Any

from serai.model.money import PLACES

NOT_IN_DECISION = ("threshold_value_minor", "quota_used_after_minor")
"""Steps on the way to a charge: the explanation has them, a decision does not."""


def minor(amount: str, currency: str) -> int:
    """An amount in minor units."""
    scaled = Decimal(amount).scaleb(PLACES[currency])
    assert scaled == int(scaled), (amount, currency)
    return int(scaled)


def item_figures(item: dict[str, Any], currency: str) -> Counter[str]:
    """Figures of one goods item. Waived charges and claims are in none."""
    value = minor(item["customs_value_amount"], currency)
    figures = Counter({"customs_value_minor": value, "tax_base_minor": value})
    for charge in item["charges"]:
        if charge.get("is_waived") or charge["kind"] == "claim":
            continue
        figures[f"{charge['kind']}_minor"] += minor(charge["amount"], charge["currency_code"])
        if charge["kind"] == "tax":
            figures["tax_base_minor"] = minor(charge["base_amount"], charge["currency_code"])
    return figures


def total_figures(decision: dict[str, Any]) -> Counter[str]:
    """Figures of the consignment: the totals as answered, and sums that only its charges tell."""
    currency = decision["currency_code"]
    figures = Counter(
        {
            f"{name.removesuffix('_amount')}_minor": minor(amount, currency)
            for name, amount in decision["totals"].items()
        }
    )
    for item in decision["goods_items"]:
        figures["customs_value_minor"] += minor(item["customs_value_amount"], currency)
    for charge in all_charges(decision):
        amount = minor(charge["amount"], charge["currency_code"])
        if charge.get("is_waived"):
            figures["waived_minor"] += amount
        elif charge["currency_code"] != currency:
            figures[f"overlay_fee_{charge['currency_code']}_minor"] += amount
        elif charge["kind"] == "claim":
            figures["refund_from_seller_minor"] += amount
        elif charge["due"] == "buyer_return":
            figures["due_on_buyer_return_minor"] += amount
        elif charge["kind"] == "tax" and charge["due"] == "border":
            figures["border_tax_minor"] += amount
    return figures


def all_charges(decision: dict[str, Any]) -> list[dict[str, Any]]:
    """Every charge, those of goods items first."""
    return [
        *(charge for item in decision["goods_items"] for charge in item["charges"]),
        *decision.get("charges", ()),
    ]


def differences(case: dict[str, Any], decision: dict[str, Any]) -> list[str]:
    """Every figure of a case that a decision does not bear out."""
    expect = case["expect"]
    found = _compare("totals", expect["totals"], total_figures(decision))
    by_number = {item["sequence_number"]: item for item in decision["goods_items"]}
    for wanted in expect["items"]:
        number = wanted["sequence"]
        figures = item_figures(by_number[number], decision["currency_code"])
        found += _compare(f"item {number}", wanted, figures)
    return found


def _compare(place: str, wanted: dict[str, Any], figures: Counter[str]) -> list[str]:
    return [
        f"{place} {name}: {value} in the case, {figures[name]} here"
        for name, value in wanted.items()
        if name.endswith("_minor") and name not in NOT_IN_DECISION and figures[name] != value
    ]

"""The figures of a decision as it stands on the wire, under the names worked examples use."""

from collections import Counter
from decimal import Decimal
from typing import Any

from serai.journey.decision.rules import LANE_OF_FINDING
from serai.law.composition import ROUNDING
from serai.model.money import PLACES

NOT_IN_DECISION = ("threshold_value_minor", "quota_used_after_minor", "tax_restored_minor")
"""Steps on the way to a charge: the explanation has them, a decision does not. Nor does it say a base of tax
where no tax falls.
"""


def minor(amount: str, currency: str) -> int:
    """An amount in minor units."""
    scaled = Decimal(amount).scaleb(PLACES[currency])
    assert scaled == int(scaled), (amount, currency)
    return int(scaled)


def item_figures(item: dict[str, Any], currency: str) -> Counter[str]:
    """Figures of one goods item. Waived charges and claims are in none."""
    figures = Counter({"customs_value_minor": minor(item["customs_value_amount"], currency)})
    for charge in item["charges"]:
        if charge.get("is_waived") or charge["kind"] == "claim":
            continue
        figures[f"{charge['kind']}_minor"] += minor(charge["amount"], charge["currency_code"])
        if charge["kind"] == "tax":
            figures["tax_base_minor"] = minor(charge.get("base_amount", "0"), charge["currency_code"])
    return figures


def total_figures(decision: dict[str, Any]) -> Counter[str]:
    """Figures of the consignment: the totals as answered, and sums that only its charges tell."""
    currency = decision["currency_code"]
    figures = Counter(
        {
            f"{name.removesuffix('_amount')}_minor": minor(amount, currency)
            for name, amount in decision.get("totals", {}).items()
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
    """Every figure, part of a figure, rule and form of a case that a decision does not bear out."""
    expect = case["expect"]
    if "currency_code" not in decision:
        wanted = set(expect.get("finding_codes", ()))
        is_said = bool(wanted) and wanted <= _codes(decision, "findings")
        return [] if is_said and not any(expect["totals"].values()) else [f"no law: {decision['findings']}"]
    totals = total_figures(decision)
    if case["input"]["sale"].get("nature") == "return":
        # What comes back keeps its value on the item and is none in sum, as in the bench.
        totals["customs_value_minor"] = 0
    if "totals" not in decision:
        # A charge is unknown, so nothing is summed; the case says so of every sum.
        unknown = dict.fromkeys(name for name in expect["totals"] if name != "customs_value_minor")
        totals = Counter({**totals, **unknown})
    found = _compare("totals", expect["totals"], totals)
    found += _compare_parts("totals", expect["totals"], all_charges(decision))
    by_number = {item["sequence_number"]: item for item in decision["goods_items"]}
    for wanted in expect["items"]:
        item = by_number[wanted["sequence"]]
        if "customs_value_amount" not in item:
            found.append(f"item {wanted['sequence']}: no customs value")
            continue
        place = f"item {wanted['sequence']}"
        found += _compare(place, wanted, item_figures(item, decision["currency_code"]))
        found += _compare_parts(place, wanted, item["charges"])
    return found + _compare_codes(expect, decision)


def _compare(place: str, wanted: dict[str, Any], figures: Counter[str]) -> list[str]:
    is_taxed = "tax_minor" in figures
    return [
        f"{place} {name}: {value} in the case, {figures[name]} here"
        for name, value in wanted.items()
        if name.endswith("_minor")
        and name not in NOT_IN_DECISION
        and (name != "tax_base_minor" or is_taxed)
        # Of a goods item an answer has the charges that are known, and says nothing of the others.
        and (value is not None or place == "totals")
        and figures[name] != value
    ]


def _compare_parts(place: str, wanted: dict[str, Any], charges: list[dict[str, Any]]) -> list[str]:
    """Hold the parts of a figure, whose names are the case's own, against what single rules came to."""
    by_rule: Counter[str] = Counter()
    bases: Counter[int] = Counter()
    for charge in charges:
        name = "waived" if charge.get("is_waived") else charge["rule_id"].removesuffix(ROUNDING)
        by_rule[name] += minor(charge["amount"], charge["currency_code"])
        if charge["kind"] == "tax" and "base_amount" in charge:
            bases[minor(charge["base_amount"], charge["currency_code"])] += 1
    left, found = Counter(by_rule.values()) + bases, []
    for name in ("tax_parts", "charges", "fees"):
        for part, value in wanted.get(name, {}).items():
            if value and not left[value]:
                found.append(f"{place} {name} {part}: {value} in the case, no charge of that here")
            left[value] -= 1
    return found


def _codes(part: dict[str, Any], name: str) -> set[str]:
    return {one["code"] for one in part.get(name, ())}


def _compare_codes(expect: dict[str, Any], decision: dict[str, Any]) -> list[str]:
    """Hold our own codes against those a case names: rules, charges, findings, who owes, the data set."""
    charges, items = all_charges(decision), decision["goods_items"]
    by_number = {item["sequence_number"]: item for item in items}
    found: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (
            "",
            expect,
            {
                "rules": _rules(
                    _codes(decision, "reasons").union(*(_codes(one, "reasons") for one in items))
                ),
                "charge_rules": {one["rule_id"].removesuffix(ROUNDING) for one in charges},
                "finding_codes": _codes(decision, "findings") & LANE_OF_FINDING.keys(),
                "declaration_form_code": decision.get("form_code", "none"),
            },
        )
    ]
    for wanted in expect["items"]:
        item = by_number[wanted["sequence"]]
        here = {"relief_code": item.get("relief_code", "none"), "rules": _rules(_codes(item, "reasons"))}
        found.append((f"item {wanted['sequence']} ", wanted, here))
    owed = {kind: codes.split() for kind, codes in (expect.get("debtor_codes") or {}).items()}
    found.append(("liable for ", owed, {kind: _liable_for(kind, charges) for kind in owed}))
    return [
        f"{place}{name}: {there} in the case, {here[name]} here"
        for place, wanted, here in found
        for name, there in wanted.items()
        if name in here and (there if isinstance(there, str) else {*there}) != here[name]
    ]


def _rules(reasons: set[str]) -> set[str]:
    """The rules of a law among reasons; the others are true under any law."""
    return reasons - LANE_OF_FINDING.keys()


def _liable_for(kind: str, charges: list[dict[str, Any]]) -> set[str]:
    """Who owes charges of a kind that are more than nothing."""
    owing = {
        one["debtor"]
        for one in charges
        if one["kind"] == kind and not one.get("is_waived") and Decimal(one["amount"]) != 0
    }
    return owing or {"none"}

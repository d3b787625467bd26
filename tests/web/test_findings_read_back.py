"""Findings of a decision over HTTP: what is read later is what was answered."""

import copy

import pytest

from tests.journey.cases.world import World, parcel

_SAID = ("code", "pointer", "severity", "parameters", "sentence", "remedy", "law_reference", "appeal")


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("reference", "address"),
    [("BACK-1", "/v1/declarations/BACK-1"), ("BACK-2", "/v1/cases/{case_id}/decision")],
)
def test_a_finding_is_read_back_as_it_was_answered(world: World, reference: str, address: str) -> None:
    declared = parcel(reference)
    first = declared["goods_items"][0]
    first["sequence_number"] = 4
    second = copy.deepcopy(first) | {
        "sequence_number": 2,
        "standard_product_id": "4006381333932",
        "quantity_unit_code": "ZZZ",
    }
    first["listing"] = {"price_amount": "90.00", "price_currency_code": "EUR", "title": "T-shirts, pack of 3"}
    declared["goods_items"] = [first, second]

    with world.client("rival") as client:
        answer = client.post("/v1/declarations", params={"include": "text"}, json=declared).json()
        read = client.get(address.format(case_id=answer["case_id"]), params={"include": "text"}).json()
        bare = client.post("/v1/declarations", json=declared).json()
        plain = client.get(address.format(case_id=answer["case_id"])).json()

    answered = {one["code"]: _said(one) for one in answer["findings"]}
    found = {one["code"]: _said(one) for one in read["decision"]["findings"]}
    assert {"gtin-check", "unknown-unit"} <= answered.keys()
    assert answered["gtin-check"]["pointer"] == "/goods_items/1/standard_product_id"
    assert answered["gtin-check"]["parameters"] == {
        "value": "1",
        "number": "4006381333932",
        "fault_from": "2027-07-01",
    }
    assert answered["price-below-listing"]["parameters"] == {
        "declared": "25.00 EUR",
        "offered": "90.00 EUR",
        "percent": "72",
    }
    assert answered["quantity-not-of-listing"]["pointer"] == "/goods_items/0/quantity"
    assert {code: found[code] for code in answered} == answered
    (of_gtin,) = [one for one in read["decision"]["findings"] if one["code"] == "gtin-check"]
    assert of_gtin["sequence_number"] == 2
    assert "4006381333932" in of_gtin["sentence"]
    assert plain["decision"]["findings"] == bare["decision"]["findings"]
    assert not any("sentence" in one for one in plain["decision"]["findings"])


def _said(finding: dict[str, object]) -> dict[str, object]:
    return {name: finding.get(name) for name in _SAID}

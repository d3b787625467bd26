"""What asks to be retired: it found nothing in the months that the budget gives, and was there all along."""

import asyncio

import httpx2
import pytest
from psycopg import AsyncConnection

from tests.journey.cases.world import World, parcel, wait_for_law

RULE = {
    "level": "item",
    "when": "commodity_code = '64041100'",
    "lane": "examine",
    "sentence": "Shoes",
    "parameters": [],
}
SELECTED = """
    INSERT INTO risk_selection (decision_id, administration_id, case_id, consignment_id, seller_key, decided_at, propensity_ppm, source,
        lane, is_targeted, rule_id, hit_rules, declarant_kind)
    SELECT 77, 1, act.case_id, act.subject_id, 0, now(), 1000000, 2, 2, true, 'old-shoes', ARRAY['old-shoes'], 'post'
    FROM act WHERE act.kind = 'examination-recorded'
"""  # noqa: E501


def examined(world: World, officer: httpx2.Client, reference: str, result_code: str) -> None:
    with world.client("post") as post:
        one = parcel(reference, ucr=f"UCR-{reference}", house_document=f"HOUSE-{reference}")
        case_id = post.post("/v1/declarations", json=one).json()["case_id"]
    for kind, reason, more in (
        ("examination-ordered", "control", {}),
        ("examination-recorded", "examined", {"result_code": result_code}),
    ):
        decided = officer.get(f"/v1/cases/{case_id}/decision").json()["decision"]["decision_id"]
        act = {"reference": f"{case_id}-{kind}", "expected_decision_id": decided, "kind": kind, **more}
        acted = officer.post(f"/v1/cases/{case_id}/acts", json={**act, "reason_code": reason})
        assert acted.status_code == 201, acted.text


def write(world: World, statement: str) -> None:
    async def written() -> None:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            await connection.execute(statement)

    asyncio.run(written())


@pytest.mark.in_turn
def test_a_find_of_long_ago_keeps_neither_rule_nor_measure_and_a_new_one_is_given_its_months(
    world: World,
) -> None:
    with world.client("officer") as officer:
        put = officer.put("/v1/risk/rules/old-shoes", json=RULE)
        assert put.status_code == 200, put.text
        wait_for_law(world, put.json()["generation"])
        examined(world, officer, "RETIRE", "value-differs")
        write(world, SELECTED)

        def asks() -> tuple[tuple[int, bool], tuple[int, bool]]:
            risk = officer.get("/v1/risk").json()
            (rule,) = risk["rules"]
            (measure,) = [one for one in risk["measures"] if one["measure"] == "examination-ordered"]
            return (
                (rule["rule_yield"]["found_count"], rule["asks_to_be_retired"]),
                (measure["measure_yield"]["found_count"], measure["asks_to_be_retired"]),
            )

        assert asks() == ((1, False), (1, False))
        write(world, "UPDATE risk_rule_version SET at = now() - interval '400 days'")
        for days, is_asked in ((300, True), (100, False)):
            write(world, f"UPDATE risk_selection SET decided_at = now() - interval '{days} days'")
            write(world, f"UPDATE act SET at = now() - interval '{days} days'")
            assert asks() == ((1, is_asked), (1, is_asked))
        write(world, 'UPDATE act SET parameters = parameters || \'{"result_code": "conforms"}\'')
        assert asks() == ((0, True), (0, False)), "the measure is taken for a hundred days only"
        write(world, "UPDATE risk_rule_version SET at = now() - interval '100 days'")
        assert asks() == ((0, False), (0, False))

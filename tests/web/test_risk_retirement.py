"""What asks to be retired: it found nothing in the months that the budget gives, and was there all along."""

from typing import LiteralString

import psycopg
import pytest

from tests.journey.cases.world import World, wait_for_law
from tests.web.examinations import examine, lodge

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


def write(world: World, statement: LiteralString) -> None:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(statement)


@pytest.mark.in_turn
def test_a_find_of_long_ago_keeps_neither_rule_nor_measure_and_a_new_one_is_given_its_months(
    world: World,
) -> None:
    with world.client("post") as post, world.client("officer") as officer:
        put = officer.put("/v1/risk/rules/old-shoes", json=RULE)
        assert put.status_code == 200, put.text
        wait_for_law(world, put.json()["generation"])
        examine(officer, lodge(post, "RETIRE"), "value-differs")
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
        before: tuple[tuple[LiteralString, bool], ...] = (("300 days", True), ("100 days", False))
        for days, is_asked in before:
            write(world, f"UPDATE risk_selection SET decided_at = now() - interval '{days}'")
            write(world, f"UPDATE act SET at = now() - interval '{days}'")
            assert asks() == ((1, is_asked), (1, is_asked))
        write(world, 'UPDATE act SET parameters = parameters || \'{"result_code": "conforms"}\'')
        assert asks() == ((0, True), (0, False)), "the measure is taken for a hundred days only"
        write(world, "UPDATE risk_rule_version SET at = now() - interval '100 days'")
        assert asks() == ((0, False), (0, False))

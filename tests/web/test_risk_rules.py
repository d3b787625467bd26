"""Officers' risk rules over HTTP: tried, put in force, seen to select, explained, withdrawn; nobody else is
told.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest
from psycopg import AsyncConnection

from serai.journey.selection import store
from tests.journey.cases.world import World, parcel, wait_for_law

RULE = {
    "level": "item",
    "when": "commodity_code = '64041100' AND COALESCE(IN_CURRENCY(line_value, 'EUR') < cheap_shoes, FALSE)",
    "lane": "examine",
    "sentence": "Shoes far below what they cost",
    "parameters": [{"name": "cheap_shoes", "kind": "money", "value": "40.00 EUR"}],
}
WIDE = {"inspections_per_day_count": 50, "flow_share_ppm": 400_000}


def shoes(reference: str) -> dict[str, object]:
    one = parcel(reference, ucr=f"UCR-{reference}", house_document=f"HOUSE-{reference}")
    one["goods_items"] = [
        {**one["goods_items"][0], "commodity_code": "64041100", "description": "Running shoes"}
    ]
    return one


def lodge(world: World, document: dict[str, object]) -> str:
    with world.client("post") as client:
        answer = client.post("/v1/declarations", json=document)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def lane(client: httpx2.Client, case_id: str) -> str:
    return str(client.get(f"/v1/cases/{case_id}/decision").json()["decision"]["lane"])


@pytest.mark.in_turn
def test_a_rule_is_tried_put_in_force_selects_is_explained_and_is_withdrawn(world: World) -> None:
    earlier = lodge(world, shoes("RISK-EARLIER"))
    with world.client("officer") as officer:
        tried = officer.post("/v1/risk/trial", json={**RULE, "days_count": 30}).json()
        assert tried["hits_count"] >= 1, tried
        assert sum(tried["hits_by_lane"].values()) == tried["hits_count"]
        assert tried["hits_count"] < tried["cases_count"] or tried["selects_everything"]

        assert officer.put("/v1/risk/budget", json=WIDE).status_code == 200
        put = officer.put("/v1/risk/rules/shoes-cheap", json=RULE)
        assert put.status_code == 200, put.text
        wait_for_law(world, put.json()["generation"])
        again = officer.put("/v1/risk/rules/shoes-cheap", json=RULE).json()
        assert again == {"generation": put.json()["generation"], "is_changed": False}

        hit = lodge(world, shoes("RISK-HIT"))
        other = lodge(world, parcel("RISK-OTHER", ucr="UCR-RISK-OTHER", house_document="HOUSE-RISK-OTHER"))
        assert lane(officer, hit) == "examine"
        assert lane(officer, earlier) != "examine"
        (why,) = officer.get(f"/v1/risk/cases/{hit}").json()["selections"]
        if why["source"] == "rule":
            assert (why["rule_id"], why["propensity_ppm"]) == ("shoes-cheap", 1_000_000)
        assert why["hit_rules"] == ["shoes-cheap"]
        explained = officer.get(f"/v1/cases/{hit}/explanation").json()
        assert explained["agrees"], explained["differences"]
        risk = officer.get("/v1/risk").json()
        (shown,) = risk["rules"]
        assert shown["rule_id"] == "shoes-cheap"
        assert shown["in_force_since"]
        assert risk["day"]["seen_count"] == 2
        assert risk["day"]["targeted_count"] == 1

        _nobody_else_is_told(world, hit, other)

        _what_it_brought_is_shown(officer, hit, is_by_rule=why["source"] == "rule")

        amended = shoes("RISK-HIT") | {"amends_version": 1}
        amended["goods_items"][0]["invoice_amount"] = "95.00"  # type: ignore[index]
        with world.client("post") as post:
            assert post.post("/v1/declarations", json=amended).status_code in (200, 201)
        assert lane(officer, hit) == "examine", "an amendment shakes no selection off"

        gone = officer.delete("/v1/risk/rules/shoes-cheap")
        assert gone.status_code == 200, gone.text
        wait_for_law(world, gone.json()["generation"])
        after = lodge(world, shoes("RISK-AFTER"))
        drawn = officer.get(f"/v1/risk/cases/{after}").json()["selections"]
        assert all(one["source"] == "random" and one["hit_rules"] == [] for one in drawn)
        explained = officer.get(f"/v1/cases/{hit}/explanation").json()
        assert explained["agrees"], explained["differences"]
        assert officer.delete("/v1/risk/rules/shoes-cheap").status_code == 404


def _what_it_brought_is_shown(officer: httpx2.Client, case_id: str, *, is_by_rule: bool) -> None:
    """An examination is ordered and recorded; the yield of the rule and a trial count it."""
    for number, more in enumerate((
        {"kind": "examination-ordered", "reason_code": "control"},
        {"kind": "examination-recorded", "reason_code": "examined", "result_code": "value-differs"},
    )):  # fmt: skip
        decided = officer.get(f"/v1/cases/{case_id}/decision").json()["decision"]["decision_id"]
        act = {"reference": f"RISK-EX-{number}", "expected_decision_id": decided, **more}
        acted = officer.post(f"/v1/cases/{case_id}/acts", json=act)
        assert acted.status_code == 201, acted.text
    brought = officer.get("/v1/risk").json()["rules"][0]["rule_yield"]
    counts = (brought["selected_count"], brought["examined_count"], brought["found_count"])
    assert counts == ((1, 1, 1) if is_by_rule else (0, 0, 0))
    tried = officer.post("/v1/risk/trial", json=RULE).json()
    assert (tried["known_count"], tried["found_count"]) == (1, 1)


def _nobody_else_is_told(world: World, hit: str, other: str) -> None:
    """A rule's name, sentence, score or propensity stands nowhere outside the officer's view."""
    paths = ("", "/decision", "/decision?include=text", "/explanation", "/history", "/receipt")
    told = (
        "shoes-cheap",
        "Shoes far below",
        "propensity",
        "score_ppm",
        "is_selected_for_examination",
        "RISK-RULES",
    )
    for party in ("post", "platform", "seller", "payer", "rival"):
        with world.client(party) as client:
            for case_id in (hit, other):
                texts = [client.get(f"/v1/cases/{case_id}{path}").text for path in paths]
                texts.append(client.get(f"/v1/risk/cases/{case_id}").text)
                assert not [word for word in told for text in texts if word in text], (party, case_id)
            assert client.get("/v1/risk").status_code == 403
            assert client.put("/v1/risk/rules/mine-alone", json=RULE).status_code == 403
            assert client.delete("/v1/risk/rules/shoes-cheap").status_code == 403
            assert client.put("/v1/risk/budget", json=WIDE).status_code == 403
            assert client.post("/v1/risk/trial", json=RULE).status_code == 403
    with world.client("post") as client:
        reasons = client.get(f"/v1/cases/{hit}/decision?include=text").json()
    assert "control-under-way" in json.dumps(reasons)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"when": "origin_contry_code = 'CN'"}, "risk-rule-faulty"),
        ({"when": "line_value"}, "risk-rule-faulty"),
        ({"when": " OR ".join(["has_order"] * 150)}, "risk-rule-too-costly"),
        ({"when": "pg_sleep(100) = 1"}, "risk-rule-faulty"),
        ({"parameters": [{"name": "cheap_shoes", "kind": "money", "value": "40 euros"}]}, "risk-rule-faulty"),
        ({"lane": "refuse"}, "body-faulty"),
        ({"when": "x" * 50_000}, "body-faulty"),
    ],
)
def test_a_faulty_rule_is_refused_with_code_sentence_and_next_step(
    world: World, change: dict[str, object], code: str
) -> None:
    with world.client("officer") as officer:
        answers = [
            officer.put("/v1/risk/rules/bad-rule", json=RULE | change),
            officer.post("/v1/risk/trial", json=RULE | change),
        ]

    for answer in answers:
        problem = answer.json()
        assert answer.status_code in (400, 422), answer.text
        assert problem["code"] == code, problem
        assert problem["detail"]
        assert problem["next_step"]


def test_while_the_model_drifts_chance_selects_more_and_officers_are_told(world: World) -> None:
    at, own = datetime.now(UTC), {"administration_id": 1}

    async def drift(*, begins: bool) -> bool:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            if begins:
                await store.write_drift(connection, 500, 77, **own, at=at)
            else:
                await store.end_drift(connection, **own, at=at)
            return (await store.select_day(connection, at.date(), **own))[2]

    with ThreadPoolExecutor(1) as thread, world.client("officer") as officer:
        is_drifting = thread.submit(lambda: asyncio.run(drift(begins=True))).result()
        alarms = [one["kind"] for one in officer.get("/v1/risk").json()["alarms"]]
        page = officer.get("/risk", headers={"accept": "text/html"}).text
        public = officer.get("/v1/fairness").json()
        drifts_still = thread.submit(lambda: asyncio.run(drift(begins=False))).result()

    assert (is_drifting, drifts_still) == (True, False)
    assert alarms == ["drift"]
    assert "The learned model drifts" in page
    assert not public["has_alarm"]


LAW_YIELDS = """
    INSERT INTO law_rule_yield (administration_id, rule_id, counted_from, counted_at, first_counted_at, last_hit_at, kept_count,
        going_on_count, examined_count, found_count, false_holds_count, delay_s)
    SELECT 1, rule_id, now() - interval '30 days', now(), now() - interval '3 years', hit_at, kept, 31, 4, 2, 2, 36000
    FROM (VALUES (now(), 57, 'eu-cites'), (NULL, 0, 'eu-swords')) AS one (hit_at, kept, rule_id)
    ON CONFLICT (administration_id, rule_id) DO UPDATE SET first_counted_at = excluded.first_counted_at,
        last_hit_at = excluded.last_hit_at, kept_count = excluded.kept_count, going_on_count = excluded.going_on_count
"""  # noqa: E501


async def _write_law_yields(dsn: str) -> None:
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(LAW_YIELDS)


def test_what_rules_of_law_kept_is_told_beside_officers_rules(world: World) -> None:
    asyncio.run(_write_law_yields(world.dsn))

    with world.client("officer") as officer:
        told = {one["rule_id"]: one for one in officer.get("/v1/risk").json()["law_rules"]}
    kept, idle = told["eu-cites"], told["eu-swords"]

    assert (kept["rule_yield"]["selected_count"], kept["going_on_count"], kept["lane"]) == (57, 31, "await")
    assert "CITES" in kept["sentence"]
    assert "338/97" in kept["law_reference"]
    assert not kept["asks_to_be_retired"]
    assert (idle["rule_yield"]["selected_count"], idle["asks_to_be_retired"]) == (0, True)
    with world.client("post") as client:
        assert client.get("/v1/risk").status_code == 403

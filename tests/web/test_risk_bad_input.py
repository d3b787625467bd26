"""Bad input of officers over HTTP: a rule that selects everything, rules that would run for ever, a model
that was poisoned and signed all the same. The flow of parcels goes on."""

import json
import time
from collections import Counter
from typing import Any

import httpx2
import pytest

from serai.evidence.notes import name_key
from serai.foundation.keys import KeyFolder
from serai.journey.risk_model.signed import sign_model
from tests.journey.cases.world import World, file, parcel, wait_for_law
from tests.journey.risk_model.test_model_file import with_content
from tests.web.test_risk_model import OCTETS
from tests.web.test_risk_rules import RULE, lane

PARCELS_COUNT = 300
EVERYTHING: dict[str, Any] = {**RULE, "level": "consignment", "when": "TRUE", "parameters": []}
LONG_LIST = " ".join(f"{number:08d}" for number in range(111))


def send(world: World, name: str) -> Counter[str]:
    """Lodge many parcels in one message; return how many went to which lane."""
    lines = (parcel(f"{name}-{one}", ucr=f"U-{name}-{one}") for one in range(PARCELS_COUNT))
    with world.client("post") as client:
        answers = file(client, *lines)
    return Counter(one["decision"]["lane"] for one in answers)


@pytest.mark.in_turn
def test_a_rule_that_selects_everything_stays_within_the_budget_and_is_an_alarm(world: World) -> None:
    with world.client("officer") as officer:
        budget = {"inspections_per_day_count": 1_000, "flow_share_ppm": 100_000}
        assert officer.put("/v1/risk/budget", json=budget).status_code == 200
        put = officer.put("/v1/risk/rules/everything-at-all", json=EVERYTHING)
        assert put.status_code == 200, put.text
        wait_for_law(world, put.json()["generation"])

        lanes = send(world, "ALL")

        day = officer.get("/v1/risk").json()["day"]
        assert day["candidates_count"] == PARCELS_COUNT
        assert day["targeted_count"] <= PARCELS_COUNT // 10
        assert 0 < lanes["examine"] <= PARCELS_COUNT // 5, lanes  # with the random share
        tried = officer.post("/v1/risk/trial", json=EVERYTHING).json()
        assert tried["selects_everything"]
        alarm = _wait_for_alarm(officer)
        assert (alarm["measure"], alarm["group_hits_count"]) == ("everything-at-all", PARCELS_COUNT)
        for party in ("post", "rival", ""):
            with world.client(party) as client:
                assert "everything-at-all" not in client.get("/v1/fairness").text
        assert officer.delete("/v1/risk/rules/everything-at-all").status_code == 200


def _wait_for_alarm(officer: httpx2.Client) -> dict[str, Any]:
    end = time.monotonic() + 60
    while True:
        for alarm in officer.get("/v1/risk").json()["alarms"]:
            if alarm["kind"] == "everything":
                return dict(alarm)
        assert time.monotonic() < end, "no alarm"
        time.sleep(0.3)


@pytest.mark.parametrize(
    "when",
    [
        "(" * 400 + "TRUE" + ")" * 400,
        " AND ".join(["has_order"] * 121),
        " AND ".join(f"commodity_code <> '{code}'" for code in LONG_LIST.split()),
        "generate_series(1, 1000000000) > 0",
        "REPEAT(commodity_code, 1000000000) = 'x'",
    ],
)
def test_a_rule_that_could_run_long_is_refused_at_once(world: World, when: str) -> None:
    with world.client("officer") as officer:
        for method, path in (("PUT", "/v1/risk/rules/runs-for-ever"), ("POST", "/v1/risk/trial")):
            begun = time.perf_counter()
            answer = officer.request(method, path, json={**EVERYTHING, "when": when})
            assert time.perf_counter() - begun < 5
            problem = answer.json()
            assert answer.status_code in (400, 422), problem
            assert problem["code"] in ("risk-rule-faulty", "risk-rule-too-costly", "body-faulty"), problem
            assert problem["detail"]
            assert problem["next_step"]
        assert all(one["rule_id"] != "runs-for-ever" for one in officer.get("/v1/risk").json()["rules"])


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "changes",
    [
        {"calibration": {"slope": -1.0, "intercept": 0.0}},
        {"trees": "tree\nversion=v4\nnum_class=99999999\nmax_feature_idx=2147483647\nTree=0\n"},
        {"base_rate": float("nan")},
    ],
)
def test_a_poisoned_model_is_refused_though_it_is_signed(world: World, changes: dict[str, object]) -> None:
    key = KeyFolder(world.folder / "keys").signing_key([])
    signed = sign_model(with_content(**changes), key, name_key("test", key))
    with world.client("officer") as officer:
        before = officer.get("/v1/risk").json()["generation"]

        answer = officer.post("/v1/lists/risk-model?name=poisoned", content=signed, headers=OCTETS)

        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "risk-model-refused"), problem
        assert problem["next_step"]
        assert officer.get("/v1/risk").json()["generation"] == before
        name = f"POISON-{abs(hash(json.dumps(changes, default=str))) % 10_000}"
        with world.client("post") as client:
            case_id = client.post("/v1/declarations", json=parcel(name, ucr=name)).json()["case_id"]
        assert lane(officer, case_id)

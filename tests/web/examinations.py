"""Parcels that are lodged and examined over HTTP."""

import httpx2

from tests.journey.cases.world import parcel


def lodge(client: httpx2.Client, reference: str) -> str:
    one = parcel(reference, ucr=f"UCR-{reference}", house_document=f"HOUSE-{reference}")
    answer = client.post("/v1/declarations", json=one)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def examine(officer: httpx2.Client, case_id: str, result_code: str) -> None:
    for kind, reason, more in (
        ("examination-ordered", "control", {}),
        ("examination-recorded", "examined", {"result_code": result_code}),
    ):
        decided = officer.get(f"/v1/cases/{case_id}/decision").json()["decision"]["decision_id"]
        act = {"reference": f"{case_id}-{kind}", "expected_decision_id": decided, "kind": kind, **more}
        acted = officer.post(f"/v1/cases/{case_id}/acts", json={**act, "reason_code": reason})
        assert acted.status_code == 201, acted.text

"""Photos and second examinations over HTTP: the same by API and by page, once, and not for wrong parties."""

import io
from base64 import b64encode
from typing import Any

import pytest
from PIL import Image

from tests.journey.acts.test_acts_over_http import acts_of, decision_of, lodge, order
from tests.journey.cases.world import World


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def examined(world: World) -> tuple[str, str]:
    """A case, and its examination."""
    case_id, _ = lodge(world, "examined")
    with world.client("officer") as officer:
        path = f"/v1/cases/{case_id}/acts"
        decision = decision_of(world, case_id)
        ordered = officer.post(path, json=order("examination-ordered", "EX-1", decision, "control"))
        found = {"result_code": "quantity-differs", "gross_mass_kg": "0.4"}
        done = officer.post(path, json=order("examination-recorded", "EX-2", None, "examined", **found))
    assert (ordered.status_code, done.status_code) == (201, 201), done.text
    return case_id, done.json()["act_id"]


def body(examination: str, reference: str, content: bytes, **more: Any) -> dict[str, Any]:
    return {
        "reference": reference,
        "examination": examination,
        "content": b64encode(content).decode(),
        **more,
    }


@pytest.mark.in_turn
def test_a_photo_is_added_once_and_shown_to_officer_and_declarant_alone(
    world: World, examined: tuple[str, str]
) -> None:
    case_id, examination = examined
    path = f"/v1/cases/{case_id}/photos"
    with world.client("officer") as officer:
        done = officer.post(path, json=body(examination, "P-1", photo()))
        again = officer.post(path, json=body(examination, "P-1", photo()))
        hidden = officer.post(path, json=body(examination, "P-2", photo(), is_withheld=True))
        script = officer.post(path, json=body(examination, "P-3", b"\xff\xd8\xff<script>"))
        large = officer.post(path, json=body(examination, "P-4", bytes(13 * 2**20)))
        shown = officer.get(f"{path}/{done.json()['act_id']}")
        page = officer.get(f"/parcels/{case_id}/examinations", headers={"accept": "text/html"})
    act_id, hidden_id = done.json()["act_id"], hidden.json()["act_id"]
    with world.client("post") as declarant:
        own = declarant.get(f"{path}/{act_id}")
        withheld = declarant.get(f"{path}/{hidden_id}")
        listed = declarant.get(f"/v1/cases/{case_id}/examinations").json()
        refused = declarant.post(path, json=body(examination, "P-5", photo()))
    with world.client("rival") as stranger:
        strange = [
            stranger.get(f"{path}/{act_id}").status_code,
            stranger.get(f"/v1/cases/{case_id}/examinations").status_code,
        ]

    assert (done.status_code, again.json(), script.status_code, large.status_code) == (
        *(201, done.json(), 415, 413),
    )
    assert script.json()["code"] == "picture-unfit"
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert own.content == shown.content
    assert withheld.status_code == 404
    assert refused.status_code == 403
    assert strange == [404, 404]
    (one,) = listed["examinations"]
    assert [photo["act_id"] for photo in one["photos"]] == [act_id]
    assert (one["found_g"], one["result_code"]) == (400, "quantity-differs")
    assert f"/v1/cases/{case_id}/photos/{act_id}" in page.text
    assert "examination-photo" in {act["kind"] for act in acts_of(world, case_id, "post")}
    assert hidden_id not in {act["act_id"] for act in acts_of(world, case_id, "post")}


def test_a_second_examination_is_asked_by_the_declarant_and_answered_by_an_officer(
    world: World, examined: tuple[str, str]
) -> None:
    case_id, examination = examined
    path = f"/v1/cases/{case_id}/second-examinations"
    asked = {"reference": "S-1", "examination": examination, "reason": "The scale was wrong"}
    with world.client("rival") as stranger:
        strange = stranger.post(path, json=asked)
    with world.client("post") as declarant:
        long = declarant.post(path, json=asked | {"reason": "x" * 50_000})
        request = declarant.post(path, json=asked)
        again = declarant.post(path, json=asked)
        answer = f"{path}/{request.json()['act_id']}/answer"
        own = declarant.post(answer, json={"reference": "A-1", "answer": "granted", "reason": "mine"})
    with world.client("officer") as officer:
        said = {"reference": "A-2", "answer": "refused", "reason": "The sample was used up"}
        done = officer.post(answer, json=said)
        otherwise = officer.post(answer, json=said | {"reference": "A-3", "answer": "granted"})
        shown = officer.get(f"/v1/cases/{case_id}/examinations").json()

    assert strange.status_code == 404
    assert long.status_code == 422
    assert (request.status_code, again.json()) == (201, request.json())
    assert own.status_code == 403
    assert (done.status_code, otherwise.status_code) == (201, 409)
    (one,) = shown["requests"]
    assert (one["answer"], one["answer_reason"]) == ("refused", "The sample was used up")

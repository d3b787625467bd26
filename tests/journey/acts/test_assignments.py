"""In whose hands a case is: taken once, given back by its owner, moved from hand to hand by a supervisor
alone; each is an act, by page and API alike."""

import re
from typing import Any

import httpx2
import pytest

from tests.journey.acts.test_acts_over_http import HTML, acts_of, lodge, order, signed_in
from tests.journey.cases.world import World

__all__ = ["signed_in"]


def with_a_task(world: World, name: str) -> str:
    """A parcel of which an officer asks something; its case."""
    case_id, _ = lodge(world, name)
    asked = order("information-requested", f"ASK-{name}", None, "value-doubtful", reason="Send the invoice")
    with world.client("officer") as officer:
        assert officer.post(f"/v1/cases/{case_id}/acts", json=asked).status_code == 201
    return case_id


def task_of(client: httpx2.Client, case_id: str, owner: str = "all") -> dict[str, Any]:
    tasks = client.get(f"/queue?owner={owner}").json()["tasks"]
    return next((one for one in tasks if one["case_id"] == case_id), {})


def in_hands(supervisor: httpx2.Client) -> dict[str, int]:
    officers = supervisor.get("/queue/hands").json()["officers"]
    return {one["officer"]: one["tasks_count"] for one in officers}


def done_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("done=")[2]


@pytest.mark.in_turn
def test_a_task_is_taken_once_given_back_by_its_owner_and_assigned_by_a_supervisor(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    ann, bob, sue = (signed_in[name] for name in ("ann", "bob", "sue"))
    case_id = with_a_task(world, "HANDS")
    task = task_of(ann, case_id)
    form = {"task": task["task_id"], "number": "F-1"}
    mine = {"reference": "MINE", "kind": "assignment", "assigned_to": "bob"}
    before = in_hands(sue)

    took = [done_of(ann.post("/queue/take", data=form)) for _ in range(2)]
    late = done_of(bob.post("/queue/take", data=form | {"number": "F-2"}))
    not_his = done_of(bob.post("/queue/give-back", data=form | {"number": "F-3"}))
    seized = bob.post(f"/v1/cases/{case_id}/acts", json=mine)
    refused = bob.post("/queue/assign", data=form | {"assigned_to": "bob"})
    owner = task_of(bob, case_id)["owner"]
    moved = done_of(sue.post("/queue/assign", data=form | {"number": "F-4", "assigned_to": "bob"}))
    nobody = sue.post("/queue/assign", data=form | {"number": "F-5", "assigned_to": "leo"})
    hands = in_hands(sue)
    bobs = next(one for one in sue.get("/queue/hands").json()["officers"] if one["officer"] == "bob")
    listed = task_of(sue, case_id, bobs["officer_id"])
    own = task_of(bob, case_id, "mine")
    page = bob.get(f"/parcels/{case_id}", headers=HTML).text
    back = bob.post(f"/v1/cases/{case_id}/acts", json={"reference": "BACK", "kind": "assignment"})
    again = bob.post(f"/v1/cases/{case_id}/acts", json={"reference": "BACK-2", "kind": "assignment"})

    assert took == ["took-1-of-1", "took-1-of-1"], "sent twice, it is done once"
    assert (late, not_his) == ("took-0-of-1", "gave-0-of-1")
    assert (seized.status_code, seized.json()["code"]) == (409, "task-in-other-hands")
    assert "ann" in seized.json()["detail"]
    assert refused.status_code == 403
    assert owner == "ann"
    assert moved == "assigned-1-of-1"
    assert nobody.json()["code"] == "measure-faulty", "who is no officer has nothing in hand"
    assert (hands["bob"], hands["ann"]) == (before["bob"] + 1, before["ann"])
    assert listed["task_id"] == own["task_id"] == task["task_id"]
    assert own["is_own"]
    assert "It is in your hands." in page
    assert back.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "not-in-hands")
    assert task_of(ann, case_id, "nobody")["task_id"] == task["task_id"]
    acts = [one for one in acts_of(world, case_id) if one["kind"] == "assignment"]
    assert [one.get("assigned_to") for one in acts] == ["ann", "bob", None]
    with world.client("officer") as officer:
        assert {officer.get(f"/v1/receipts/{one['receipt_id']}").status_code for one in acts} == {200}
        moments = officer.get(f"/v1/cases/{case_id}/history").json()["moments"]
    assert [one["kind"] for one in moments].count("assignment") == len(acts)
    told = [one["kind"] for one in acts_of(world, case_id, "post")]
    assert told == ["information-requested"], "parties do not hear in whose hands a case is"


@pytest.mark.in_turn
def test_the_queue_and_the_api_do_the_same_act(world: World, signed_in: dict[str, httpx2.Client]) -> None:
    ann = signed_in["ann"]
    by_page, by_api = with_a_task(world, "BY-PAGE"), with_a_task(world, "BY-API")
    shown = ann.get("/queue?owner=all", headers=HTML).text
    number = re.search(r'name="number" value="([^"]+)"', shown)
    assert number is not None

    done_of(ann.post("/queue/take", data={"task": task_of(ann, by_page)["task_id"], "number": number[1]}))
    called = ann.post(
        f"/v1/cases/{by_api}/acts", json={"reference": "TAKE", "kind": "assignment", "assigned_to": "ann"}
    )

    assert called.status_code == 201
    same = ("kind", "assigned_to", "subject_kind", "version", "law_reference", "reason_code", "acting_user")
    paged, api = acts_of(world, by_page)[-1], acts_of(world, by_api)[-1]
    assert [paged.get(one) for one in same] == [api.get(one) for one in same]
    assert task_of(ann, by_page)["owner"] == task_of(ann, by_api)["owner"] == "ann"


@pytest.mark.in_turn
def test_strangers_give_nothing_to_anybody(world: World, signed_in: dict[str, httpx2.Client]) -> None:
    case_id = with_a_task(world, "STRANGE")
    task = task_of(signed_in["ann"], case_id)["task_id"]
    form = {"task": task, "assigned_to": "ann", "number": "X"}
    codes = {}
    for party in ("post", "rival", "analyst", "officer", ""):
        with world.client(party) as client:
            codes[party] = [
                client.post(f"/queue/{what}", data=form).status_code
                for what in ("take", "give-back", "assign")
            ] + [client.get("/queue/hands").status_code]
    large = signed_in["sue"].post("/queue/assign", data=form | {"assigned_to": "x" * 50_000})
    gone = signed_in["sue"].post("/queue/assign", data=form | {"task": "0000-0000-0000-00"})

    assert codes["post"] == codes["rival"] == codes["analyst"] == [403] * 4
    assert codes["officer"] == [403] * 4, "a key is no person"
    assert codes[""] == [401] * 4
    assert large.status_code == 400
    assert done_of(gone) == "assigned-0-of-1"
    assert task_of(signed_in["ann"], case_id)["owner"] == ""

"""Every measure by its page and by the API: the same act, the same in the case's history, each with a
receipt."""

from typing import Any

import httpx2
import pytest

from serai.model.acts import MEASURES
from tests.journey.acts.test_acts_over_http import (
    HTML,
    acts_of,
    decision_of,
    fields_of,
    lodge,
    order,
    signed_in,
)
from tests.journey.cases.world import World

__all__ = ["signed_in"]

REASONS = {
    "information-requested": "value-doubtful", "hold": "control", "examination-ordered": "control",
    "examination-recorded": "examined", "value-determined": "value-doubtful",
    "classification-determined": "examined", "origin-determined": "examined",
    "quantity-determined": "examined", "release": "control-ended",
    "release-against-security": "control-ended", "refusal": "prohibited", "suspension": "safety",
    "detention": "offence", "seizure": "offence", "confiscation": "offence", "abandonment": "owner-asks",
    "destruction": "safety", "return-to-sender": "owner-asks", "security-called": "examined",
    "security-freed": "examined",
}  # fmt: skip
STATED: dict[str, dict[str, Any]] = {
    "examination-recorded": {"result_code": "conforms"},
    "value-determined": {"currency_code": "EUR", "amount": "400.00"},
    "classification-determined": {"goods_item": 1, "commodity_code": "61102000"},
    "origin-determined": {"goods_item": 1, "origin_country_code": "VN"},
    "quantity-determined": {"goods_item": 1, "quantity": "3"},
    "release-against-security": {"currency_code": "EUR", "amount": "50.00"},
    "security-called": {"currency_code": "EUR", "amount": "1.00"},
    "assignment": {"assigned_to": "bob"},
}
LESSENING = dict.fromkeys(("security-called", "security-freed"), "release-against-security")
BEFORE = LESSENING | {"examination-recorded": "hold", "confiscation": "seizure", "destruction": "detention"}
UNHEARD = {
    "exception_code": "fraud-investigation",
}
HEARD_FIRST = ("value-determined", "classification-determined", "origin-determined", "quantity-determined")
ADVERSE = (*HEARD_FIRST, "refusal", "confiscation", "destruction")
SAME = (
    "kind", "meaning", "subject_kind", "version", "subject_number", "reason_code", "reason", "amount",
    "currency_code", "law_reference", "assigned_to",
)  # fmt: skip


@pytest.mark.parametrize("kind", MEASURES)
def test_a_measure_by_page_is_the_act_that_the_api_does(
    world: World, signed_in: dict[str, httpx2.Client], kind: str
) -> None:
    ann, bob = signed_in["ann"], signed_in["bob"]
    acts_before: dict[str, str] = {}
    cases = [lodge(world, f"SAME-{kind}-{way}")[0] for way in ("PAGE", "API")]
    for case in cases:
        if kind in BEFORE:
            before = BEFORE[kind]
            sent = order(before, f"B-{case}", decision_of(world, case), REASONS[before])
            done = ann.post(f"/v1/cases/{case}/acts", json=sent | STATED.get(before, {}))
            assert done.status_code == 201, done.text
            acts_before[case] = done.json()["act_id"]
    stated = {"reason": "As <b>found</b>", **STATED.get(kind, {})}
    stated |= {"reason_code": REASONS[kind]} if kind in REASONS else {}
    stated |= UNHEARD if kind in ADVERSE else {}
    by_page, by_api = cases
    of_page, of_api = (
        {"security": acts_before[case]} if kind in LESSENING else {} for case in (by_page, by_api)
    )

    form = ann.get(f"/parcels/{by_page}/act?kind={kind}", headers=HTML).text
    summary = ann.post(f"/parcels/{by_page}/act", data={**fields_of(form), **stated, **of_page}, headers=HTML)
    paged = ann.post(f"/parcels/{by_page}/act", data=fields_of(summary.text), headers=HTML)
    body = {"reference": f"API-{kind}", "kind": kind, **stated, **of_api}
    called = ann.post(
        f"/v1/cases/{by_api}/acts", json=body | {"expected_decision_id": decision_of(world, by_api)}
    )
    if called.status_code == 202:
        for one in ann.get("/v1/proposals").json()["proposals"]:
            if one["state"] == "open":
                seal = {"content_sha256": one["content_sha256"]}
                assert bob.post(f"/v1/proposals/{one['proposal']}/approval", json=seal).status_code == 200

    assert paged.status_code == 303, summary.text
    assert called.status_code in (201, 202), called.text
    last = [acts_of(world, case)[-1] for case in cases]
    assert last[0]["kind"] == kind
    assert [last[0].get(name) for name in SAME] == [last[1].get(name) for name in SAME]
    with world.client("officer") as officer:
        moments = [officer.get(f"/v1/cases/{case}/history").json()["moments"] for case in cases]
        receipts = [officer.get(f"/v1/receipts/{one['receipt_id']}").status_code for one in last]
    told = [[(one["kind"], one.get("reason"), one.get("lane")) for one in case] for case in moments]
    assert told[0] == told[1]
    assert kind in [one["kind"] for one in moments[0]]
    assert receipts == [200, 200]


def test_a_measure_is_taken_back_by_page_as_by_the_api(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    ann = signed_in["ann"]
    cases = [lodge(world, f"BACK-{way}")[0] for way in ("PAGE", "API")]
    for case in cases:
        sent = order("hold", f"H-{case}", decision_of(world, case), "control")
        assert ann.post(f"/v1/cases/{case}/acts", json=sent).status_code == 201
    by_page, by_api = cases
    held = [acts_of(world, case)[-1]["act_id"] for case in cases]
    stated = {"form": "revocation", "reason_code": "documents-agree", "reason": "All is there"}

    listed = ann.get(f"/parcels/{by_page}/act", headers=HTML).text
    form = ann.get(f"/parcels/{by_page}/act?kind=reversal&reverses={held[0]}", headers=HTML).text
    summary = ann.post(f"/parcels/{by_page}/act", data={**fields_of(form), **stated}, headers=HTML)
    paged = [
        ann.post(f"/parcels/{by_page}/act", data=fields_of(summary.text), headers=HTML) for _ in range(2)
    ]
    called = ann.post(
        f"/v1/cases/{by_api}/acts",
        json={"reference": "API-BACK", "kind": "reversal", "reverses": held[1], **stated},
    )
    gone = ann.get(f"/parcels/{by_page}/act?kind=reversal&reverses={held[0]}", headers=HTML)

    assert f"kind=reversal&amp;reverses={held[0]}" in listed
    assert "From now on (revocation)" in summary.text
    assert [one.status_code for one in paged] == [303, 303], "sent twice, it is done once"
    assert called.status_code == 201, called.text
    last = [acts_of(world, case)[-1] for case in cases]
    assert [last[0].get(name) for name in SAME] == [last[1].get(name) for name in SAME]
    assert [one["reverses"] for one in last] == held
    assert gone.status_code == 200
    assert "Take back: Hold" not in gone.text, "what does not stand is not taken back"


@pytest.mark.in_turn
def test_what_parties_and_appeals_do_by_page_is_what_the_api_does(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    ann, bob = signed_in["ann"], signed_in["bob"]
    cases = [lodge(world, f"PARTY-{way}")[0] for way in ("PAGE", "API")]
    by_page, by_api = cases
    with world.client("post") as own:
        own.headers["accept"] = HTML["accept"]

        def officer_does(kind: str, why: str) -> list[str]:
            """Take a measure in both cases; the numbers of the acts."""
            for case in cases:
                decision = decision_of(world, case)
                sent = order(kind, f"{kind}-{case}", decision, why, reason="See the list")
                assert ann.post(f"/v1/cases/{case}/acts", json=sent).status_code == 201
            return [acts_of(world, case)[-1]["act_id"] for case in cases]

        def party_says(what: str, about: list[str], path: str, **said: str) -> None:
            """Say the same by the page of replies and by the API."""
            words = {"reference": f"{what}-1", "reason": "It is mine"}
            form = {"what": what, "about": about[0], **words}
            paged = own.post(f"/parcels/{by_page}/reply", data=form)
            assert paged.status_code == 303, paged.text
            sent = {**words, "reference": f"{what}-2", **dict.fromkeys(said, about[1]), **_set(said)}
            called = own.post(path, json=sent)
            assert called.status_code == 201, called.text

        acts_path = f"/v1/cases/{by_api}/acts"
        asked = officer_does("information-requested", "value-doubtful")
        party_says("information-given", asked, acts_path, answers="", kind="information-given")
        form = fields_of(ann.get(f"/parcels/{by_page}/act?kind=refusal", headers=HTML).text)
        stated = {"reason_code": "prohibited", "reason": "See annex 2"}
        opened = ann.post(
            f"/parcels/{by_page}/act", data={**form, **stated, "hear_first": "yes", "confirm": "yes"}
        )
        meant = {"reference": "H-API", "kind": "hearing-opened", "intended_kind": "refusal", **stated}
        assert opened.status_code == 303, opened.text
        meant["expected_decision_id"] = decision_of(world, by_api)
        assert ann.post(acts_path, json=meant).status_code == 201
        hearings = [acts_of(world, case)[-1]["act_id"] for case in cases]
        for what in ("hearing-notified", "hearing-answered"):
            party_says(what, hearings, acts_path, hearing="", kind=what)
        held = officer_does("detention", "offence")
        party_says("appeal", held, f"/v1/cases/{by_api}/appeals", against="")
    decide(ann, bob, cases, [acts_of(world, case)[-1]["act_id"] for case in cases])

    told = [[[one.get(name) for name in SAME] for one in acts_of(world, case)] for case in cases]
    assert told[0] == told[1]
    assert [one[0] for one in told[0]] == [
        "information-requested", "information-given", "hearing-opened", "hearing-notified",
        "hearing-answered", "detention", "appeal-lodged", "appeal-stated", "effect-suspended",
        "appeal-dismissed",
    ]  # fmt: skip
    with world.client("officer") as officer:
        receipts = [
            officer.get(f"/v1/receipts/{one['receipt_id']}").status_code
            for case in cases
            for one in acts_of(world, case)
        ]
        moments = [officer.get(f"/v1/cases/{case}/history").json()["moments"] for case in cases]
    assert set(receipts) == {200}
    assert [one["kind"] for one in moments[0]] == [one["kind"] for one in moments[1]]


def decide(ann: httpx2.Client, bob: httpx2.Client, cases: list[str], appeals: list[str]) -> None:
    """State the administration's view in appeals, suspend an effect, decide: by page, and by the API."""
    for who, what, path, said in (
        (ann, "statement", "statements", {}),
        (ann, "suspension", "suspension", {"ground": "doubtful-legality"}),
        (bob, "outcome", "outcome", {"outcome": "appeal-dismissed"}),
    ):
        words = {"reason": "We looked at it", **said}
        form = {"what": what, "about": appeals[0], "reference": f"{what}-PAGE", **words}
        paged = who.post(f"/parcels/{cases[0]}/appeals", data=form, headers=HTML)
        assert paged.status_code == 303, paged.text
        sent = {"reference": f"{what}-API", **words}
        called = who.post(f"/v1/cases/{cases[1]}/appeals/{appeals[1]}/{path}", json=sent)
        assert called.status_code in (201, 202), called.text
    for one in ann.get("/v1/proposals").json()["proposals"]:
        if one["state"] == "open":
            seal = {"content_sha256": one["content_sha256"]}
            assert ann.post(f"/v1/proposals/{one['proposal']}/approval", json=seal).status_code == 200


def _set(said: dict[str, str]) -> dict[str, str]:
    """What is said itself, beside what names the act that it is about."""
    return {name: value for name, value in said.items() if value}

"""Acts over HTTP: the same by API and by page, in few steps and once; not for wrong parties; by two persons
where it is for good."""

import asyncio
import re
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx2
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import people
from serai.foundation.access.secrets import form_token
from serai.foundation.access.sign_in import make_link
from tests.feed import wait_until_shown
from tests.journey.cases.world import World, parcel

ACCOUNTS = {"ann": ["officer"], "bob": ["officer"], "leo": ["legal"], "sue": ["officer", "supervisor"]}
HTML = {"accept": "text/html"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_HIDDEN = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'


@pytest.fixture(scope="module")
def signed_in(world: World) -> Iterator[dict[str, httpx2.Client]]:
    """A client for each account, signed in to the pages."""
    with ThreadPoolExecutor(1) as thread:
        links = thread.submit(lambda: asyncio.run(_make_links(world.dsn))).result()
    clients = {}
    for name, token in links.items():
        client = httpx2.Client(base_url=world.address, timeout=60, headers={"accept": "application/json"})
        client.get(f"/enter/{token}")
        (session,) = [value for key, value in client.cookies.items() if "session" in key]
        client.headers["x-form-token"] = form_token(session)
        clients[name] = client
    yield clients
    for client in clients.values():
        client.close()


async def _make_links(dsn: str) -> dict[str, str]:
    links, at = {}, datetime.now(UTC)
    async with await AsyncConnection.connect(dsn) as connection:
        for number, (name, roles) in enumerate(ACCOUNTS.items(), 700):
            await people.create_account(
                connection, account_id=number, administration_id=1, sign_in_name=name,
                password="three unrelated words", roles=frozenset(roles), at=at, person=name,
            )  # fmt: skip
            links[name] = await make_link(connection, account_id=number, administration_id=1, at=at)
    return links


def lodge(world: World, name: str) -> tuple[str, str]:
    """A parcel; its case and its decision."""
    numbers = {"ucr": f"UCR-{name}", "house_document": f"HOUSE-{name}", "order_references": [f"O-{name}"]}
    with world.client("post") as client:
        answer = client.post("/v1/declarations", json=parcel(name, **numbers)).json()
    return answer["case_id"], answer["decision"]["decision_id"]


def acts_of(world: World, case_id: str, party: str = "officer") -> list[dict[str, Any]]:
    with world.client(party) as client:
        found: list[dict[str, Any]] = client.get(f"/v1/cases/{case_id}/acts").json()["acts"]
    return found


def order(kind: str, reference: str, decision_id: str | None, why: str, **stated: Any) -> dict[str, Any]:
    body = {"reference": reference, "kind": kind, "reason_code": why, "expected_decision_id": decision_id}
    return {name: value for name, value in {**body, **stated}.items() if value is not None}


def decision_of(world: World, case_id: str) -> str:
    with world.client("officer") as client:
        return str(client.get(f"/v1/cases/{case_id}/decision").json()["decision"]["decision_id"])


def status_of(world: World, case_id: str) -> str:
    with world.client("post") as client:
        return str(client.get(f"/v1/cases/{case_id}").json()["status"])


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form in the middle of a page."""
    body = page[page.index('id="act"') :]
    return {name: unescape(value) for name, value in re.findall(_HIDDEN, body)}


@pytest.mark.in_turn
def test_seizing_takes_three_steps_on_pages_and_is_the_act_that_the_api_does(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    by_page, _ = lodge(world, "HTTP-PAGE")
    by_api, decision_id = lodge(world, "HTTP-API")
    ann = signed_in["ann"]

    shown = ann.get(f"/parcels/{by_page}", headers=HTML).text
    listed = ann.get(f"/parcels/{by_page}/act", headers=HTML).text
    form = ann.get(f"/parcels/{by_page}/act?kind=seizure", headers=HTML).text
    stated = fields_of(form) | {"reason_code": "offence", "reason": "Zelda hid <b>them</b>"}
    summary = ann.post(f"/parcels/{by_page}/act", data=stated, headers=HTML)
    untouched = acts_of(world, by_page)
    confirmed = [
        ann.post(f"/parcels/{by_page}/act", data=fields_of(summary.text), headers=HTML) for _ in range(2)
    ]
    with world.client("officer") as officer:
        done = officer.post(
            f"/v1/cases/{by_api}/acts",
            json=order("seizure", "SEIZE-1", decision_id, "offence", reason="Zelda hid <b>them</b>"),
        )

    assert "/act?consignment=" in shown
    assert "kind=seizure" in listed
    assert "kind=confiscation" not in listed, "nothing is seized yet"
    assert "&lt;b&gt;them" in summary.text
    assert "<b>them" not in summary.text
    assert untouched == []
    assert [one.status_code for one in confirmed] == [303, 303], "sent twice, it is done once"
    assert done.status_code == 201
    paged, called = acts_of(world, by_page), acts_of(world, by_api)
    same = ("kind", "reason_code", "reason", "law_reference", "subject_kind", "version")
    assert [[one[name] for name in same] for one in paged] == [[one[name] for name in same] for one in called]
    assert {status_of(world, by_page), status_of(world, by_api)} == {"seized"}
    with world.client("officer") as officer:
        kinds = [
            [one["kind"] for one in officer.get(f"/v1/cases/{case}/history").json()["moments"]]
            for case in (by_page, by_api)
        ]
        receipt = officer.get(f"/v1/receipts/{paged[0]['receipt_id']}")
    assert kinds[0] == kinds[1]
    assert receipt.status_code == 200


def test_a_fault_comes_back_with_the_form_and_nothing_typed_is_lost(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    case_id, _ = lodge(world, "HTTP-FAULT")
    ann = signed_in["ann"]
    form = ann.get(f"/parcels/{case_id}/act?kind=refusal", headers=HTML).text
    given = fields_of(form) | {"reason_code": "prohibited", "reason": "It is on the list"}

    unheard = ann.post(f"/parcels/{case_id}/act", data=given | {"confirm": "yes"}, headers=HTML)
    heard = ann.post(
        f"/parcels/{case_id}/act", data=given | {"confirm": "yes", "hear_first": "yes"}, headers=HTML
    )
    determined = fields_of(ann.get(f"/parcels/{case_id}/act?kind=origin-determined", headers=HTML).text)
    wrong = ann.post(
        f"/parcels/{case_id}/act",
        data=determined | {"reason_code": "examined", "goods_item": "1", "origin_country_code": "China"},
        headers=HTML,
    )

    assert unheard.status_code == 409
    assert "heard first" in unheard.text
    assert "It is on the list" in unheard.text
    assert heard.status_code == 303
    assert [one["kind"] for one in acts_of(world, case_id)] == ["hearing-opened"]
    assert acts_of(world, case_id, "post")[0]["reason"] == "It is on the list", "the declarant reads why"
    assert wrong.status_code == 422
    assert 'href="#origin_country_code"' in wrong.text


def test_wrong_parties_act_on_nothing(world: World, signed_in: dict[str, httpx2.Client]) -> None:
    case_id, decision_id = lodge(world, "HTTP-WRONG")
    other_case, _ = lodge(world, "HTTP-OTHER")
    seize = order("seizure", "W-1", decision_id, "offence")
    asked = order("information-requested", "ASK-W", None, "value-doubtful", reason="Send the invoice")
    with world.client("officer") as officer:
        question = officer.post(f"/v1/cases/{case_id}/acts", json=asked).json()["act_id"]
        foreign = officer.post(f"/v1/cases/{other_case}/acts", json=seize)
        large = officer.post(f"/v1/cases/{case_id}/acts", json=seize | {"reason": "x" * 50_000})
        unknown = officer.post(f"/v1/cases/{case_id}/acts", json=seize | {"kind": "pillage"})
    answer = {"reference": "A-W", "kind": "information-given", "answers": question, "reason": "here"}
    tries = {}
    for party in ("post", "rival", "platform", "analyst", ""):
        with world.client(party) as client:
            tries[party] = client.post(f"/v1/cases/{case_id}/acts", json=seize).status_code
    with world.client("rival") as rival:
        rogue = rival.post(f"/v1/cases/{case_id}/acts", json=answer)
        through = rival.post(f"/v1/cases/{other_case}/acts", json=answer)
        appeal = rival.post(
            f"/v1/cases/{case_id}/appeals", json={"reference": "AP", "reason": "x", "against": question}
        )
    page = signed_in["leo"].get(f"/parcels/{case_id}/act", headers=HTML)

    assert tries == {"post": 403, "rival": 403, "platform": 403, "analyst": 403, "": 401}
    assert (foreign.status_code, foreign.json()["code"]) == (409, "decision-not-current")
    assert large.status_code in (413, 422)
    assert unknown.json()["code"] == "measure-faulty"
    assert {rogue.status_code, through.status_code, appeal.status_code} == {404}
    assert page.status_code == 403
    assert "<a " in page.text, "there is a way on"
    assert [one["kind"] for one in acts_of(world, case_id)] == ["information-requested"]
    with world.client("post") as own:
        assert own.post(f"/v1/cases/{case_id}/acts", json=answer).status_code == 201


def test_officers_notes_are_for_officers(world: World) -> None:
    case_id, _ = lodge(world, "HTTP-NOTE")
    with world.client("officer") as officer:
        note = {"reference": "N-1", "kind": "note", "reason": "Watch this one"}
        assert officer.post(f"/v1/cases/{case_id}/acts", json=note).status_code == 201
    wait_until_shown(world.dsn)
    with world.client("post") as own:
        events = [one["kind"] for one in own.get("/v1/events?limit=1000").json()["events"]]
        whole = own.get(f"/v1/cases/{case_id}/history").text

    assert acts_of(world, case_id, "post") == []
    assert [one["kind"] for one in acts_of(world, case_id)] == ["note"]
    assert "Watch this one" not in whole
    assert "note" not in events


def test_a_confiscation_waits_for_another_officer_and_never_for_its_own(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    case_id, decision_id = lodge(world, "HTTP-GOOD")
    acts = f"/v1/cases/{case_id}/acts"
    ann, bob = signed_in["ann"], signed_in["bob"]
    ann.post(acts, json=order("seizure", "G-1", decision_id, "offence"))
    hearing = ann.post(
        acts,
        json=order("hearing-opened", "G-2", None, "offence", intended_kind="confiscation", reason="Hidden"),
    ).json()["act_id"]
    confiscate = order(
        "confiscation", "G-3", decision_of(world, case_id), "offence", hearing=hearing, reason="Not declared"
    )

    too_soon = ann.post(acts, json=confiscate)
    with world.client("post") as own:
        view = {"reference": "V-1", "kind": "hearing-answered", "hearing": hearing, "reason": "A mistake"}
        answered = own.post(acts, json=view)
    with world.client("officer") as machine:
        by_key = machine.post(acts, json=confiscate)
    waits = ann.post(acts, json=confiscate)
    proposal = waits.json()
    body = {"content_sha256": proposal["content_sha256"]}
    own_approval = ann.post(f"/v1/proposals/{proposal['proposal']}/approval", json=body)
    before = status_of(world, case_id)
    approved = bob.post(f"/v1/proposals/{proposal['proposal']}/approval", json=body)

    assert (too_soon.status_code, too_soon.json()["code"]) == (409, "hearing-not-ended")
    assert answered.status_code == 201
    assert by_key.status_code == 403, "a key is no person"
    assert waits.status_code == 202
    assert own_approval.status_code == 403
    assert before == "seized"
    assert approved.status_code == 200
    assert status_of(world, case_id) == "confiscated"


@pytest.mark.in_turn
def test_an_appeal_is_lodged_stated_and_decided_over_http_by_two_others(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    case_id, decision_id = lodge(world, "HTTP-APPEAL")
    ann, bob = signed_in["ann"], signed_in["bob"]
    taken = ann.post(
        f"/v1/cases/{case_id}/acts",
        json=order("detention", "AP-1", decision_id, "offence", reason="See the list"),
    ).json()
    allowed = {"reference": "OUT", "outcome": "appeal-allowed", "reason": "The names differ"}
    with world.client("post") as own:
        lodged = own.post(
            f"/v1/cases/{case_id}/appeals",
            json={"reference": "APPEAL", "reason": "It is another's", "against": taken["act_id"]},
        )
        appeal = f"/v1/cases/{case_id}/appeals/{lodged.json()['act_id']}"
        not_own = own.post(appeal + "/outcome", json=allowed)
        stated = own.post(appeal + "/statements", json={"reference": "MINE", "reason": "See annex 1"})
    unheard = bob.post(appeal + "/outcome", json=allowed)
    view = ann.post(appeal + "/statements", json={"reference": "THEIRS", "reason": "We looked at the list"})
    own_measure = ann.post(appeal + "/outcome", json=allowed)
    waits = bob.post(appeal + "/outcome", json=allowed)
    proposal = waits.json()
    body = {"content_sha256": proposal["content_sha256"]}
    approval = f"/v1/proposals/{proposal['proposal']}/approval"
    self_approved, approved = bob.post(approval, json=body), ann.post(approval, json=body)

    assert (lodged.status_code, stated.status_code, view.status_code) == (201, 201, 201)
    assert not_own.status_code == 403
    faults = [unheard.json()["code"], own_measure.json()["code"]]
    assert faults == ["appeal-side-not-heard", "appeal-own-measure"]
    assert waits.status_code == 202
    assert (self_approved.status_code, approved.status_code) == (403, 200)
    assert status_of(world, case_id) == "arrival-expected", "as before the detention"
    told = acts_of(world, case_id, "post")
    assert [one["kind"] for one in told if "reason" in one] == [
        "detention", "appeal-lodged", "appeal-stated", "appeal-stated", "appeal-allowed",
    ]  # fmt: skip


def test_a_document_that_was_asked_for_is_sent_once_and_read_by_officers(world: World) -> None:
    case_id, _ = lodge(world, "HTTP-FILE")
    with world.client("officer") as officer:
        asked = order("information-requested", "FILE-1", None, "value-doubtful", reason="Send the invoice")
        question = officer.post(f"/v1/cases/{case_id}/acts", json=asked).json()["act_id"]
    path, upload = f"/v1/cases/{case_id}/proofs", f"/parcels/{case_id}/reply/document"
    reply = f'href="/parcels/{case_id}/reply"'
    homes = []
    for party in ("post", "rival"):
        with world.client(party) as client:
            homes.append(client.get("/", headers=HTML, follow_redirects=True).text)
    given = {"reference": "F-1", "answers": question, "content": b64encode(PDF).decode()}
    script = b64encode(b"<script>alert(1)</script>").decode()
    form = {"about": question, "reference": "F-1"}
    with world.client("rival") as rival:
        rogue = rival.post(path, json=given)
        rogue_page = rival.post(upload, data=form, files={"file": ("a.pdf", PDF)}, headers=HTML)
    with world.client("post") as own:
        unfit = own.post(path, json=given | {"content": script})
        large = own.post(path, json=given | {"content": b64encode(bytes(5 * 2**20 + 1)).decode()})
        empty = own.post(upload, data=form, files={"file": ("a.pdf", b"")}, headers=HTML)
        foreign = own.post(path, json=given | {"answers": case_id})
        done = [own.post(path, json=given) for _ in range(2)]
        by_page = own.post(upload, data=form, files={"file": ("a.pdf", PDF)}, headers=HTML)
        second = own.post(path, json=given | {"reference": "F-2"})
        hidden = own.get(f"{path}/{done[0].json()['act_id']}")
        answered = own.get("/parcels", headers=HTML).text
    with world.client("officer") as officer:
        read = officer.get(f"{path}/{done[0].json()['act_id']}")
        no_file = officer.get(f"{path}/{question}")

    assert [one.count(reply) for one in (*homes, answered)] == [1, 0, 0], "it waits for its declarant alone"
    assert (rogue.status_code, rogue_page.status_code, foreign.status_code) == (404, 404, 404)
    assert [unfit.json()["code"], large.json()["code"]] == ["proof-unfit", "proof-too-large"]
    assert empty.status_code == 422
    assert "There is no file" in empty.text
    assert [one.status_code for one in done] == [201, 201]
    assert done[0].json() == done[1].json(), "sent twice, it is done once"
    assert by_page.status_code == 303, "the same by page is the same"
    assert second.json()["code"] == "question-answered-already"
    assert (hidden.status_code, no_file.status_code) == (403, 404)
    assert read.content == PDF
    (answer,) = [one for one in acts_of(world, case_id) if one["kind"] == "information-given"]
    assert "reason" not in answer, "a file is read by itself"


def test_a_declarant_invalidates_on_a_page_what_it_declared_and_nobody_else_does(world: World) -> None:
    case_id, _ = lodge(world, "HTTP-BACK")
    path = f"/parcels/{case_id}/invalidation"
    with world.client("post") as own:
        offered = own.get(f"/parcels/{case_id}", headers=HTML).text
        form = {"version": "1", "reason": "Sent <i>twice</i>", "sure": "yes"}
        unsure = own.post(path, data={**form, "sure": ""}, headers=HTML)
        silent = own.post(path, data={**form, "reason": " "}, headers=HTML)
        stale = own.post(path, data={**form, "version": "7"}, headers=HTML)
        untouched = status_of(world, case_id)
    with world.client("rival") as rival:
        rogue = [rival.get(path, headers=HTML), rival.post(path, data=form, headers=HTML)]
    with world.client("post") as own:
        done = [own.post(path, data=form, headers=HTML).status_code for _ in range(2)]
        after = own.get(path, headers=HTML).text
        left = own.get(f"/parcels/{case_id}", headers=HTML).text

    assert f"{path}?consignment=" in offered
    assert [one.status_code for one in (unsure, silent, stale)] == [422, 422, 409]
    assert "Sent &lt;i&gt;twice" in unsure.text, "nothing typed is lost"
    assert untouched == "arrival-expected"
    assert [one.status_code for one in rogue] == [404, 404]
    assert done == [303, 303], "sent twice, it is done once"
    assert status_of(world, case_id) == "invalidated"
    assert [one["kind"] for one in acts_of(world, case_id)] == ["invalidation"], "as the API does it"
    assert "invalidated already" in after
    assert path not in left


def test_a_declarant_answers_is_heard_and_appeals_on_one_page(world: World) -> None:
    case_id, decision_id = lodge(world, "HTTP-REPLY")
    with world.client("officer") as officer:
        acts = f"/v1/cases/{case_id}/acts"
        asked = order(
            "information-requested", "RP-1", None, "value-doubtful", reason="Send the <i>invoice</i>"
        )
        officer.post(acts, json=asked)
        officer.post(acts, json={"reference": "RP-2", "kind": "note", "reason": "Watch him"})
        officer.post(acts, json=order("detention", "RP-3", decision_id, "safety", reason="It burns"))
        meant = order("hearing-opened", "RP-4", None, "safety", intended_kind="refusal", reason="It burns")
        officer.post(acts, json=meant)
    path = f"/parcels/{case_id}/reply"
    with world.client("post") as own:
        page = own.get(path, headers=HTML).text
        forms = [
            {name: unescape(value) for name, value in re.findall(_HIDDEN, one)}
            for one in page.split("<form")[1:]
            if 'name="what"' in one
        ]
        silent = own.post(path, data=forms[0], headers=HTML)
        sent = [own.post(path, data=one | {"reason": "See annex"}, headers=HTML).status_code for one in forms]
        twice = own.post(path, data=forms[0] | {"reason": "See annex"}, headers=HTML)
    with world.client("rival") as rival:
        hidden = rival.get(path, headers=HTML)
        rogue = rival.post(path, data=forms[0] | {"reason": "mine"}, headers=HTML)

    assert "Send the &lt;i&gt;invoice" in page
    assert "Watch him" not in page
    assert [one["what"] for one in forms] == [
        "information-given", "hearing-notified", "hearing-answered", "appeal", "appeal-decision",
    ]  # fmt: skip
    assert silent.status_code == 409
    assert sent == [303, 303, 303, 303, 303]
    assert twice.status_code == 303, "sent twice, it is done once"
    assert (hidden.status_code, rogue.status_code) == (404, 404)
    assert [one["kind"] for one in acts_of(world, case_id, "post") if one["is_own"]] == [
        "information-given", "hearing-notified", "hearing-answered", "appeal-lodged", "appeal-lodged",
    ]  # fmt: skip


def test_both_sides_of_an_appeal_meet_on_a_page_and_the_act_is_the_one_that_the_api_does(
    world: World, signed_in: dict[str, httpx2.Client]
) -> None:
    case_id, decision_id = lodge(world, "HTTP-APPEALS")
    ann, bob, path = signed_in["ann"], signed_in["bob"], f"/parcels/{case_id}/appeals"
    ann.post(
        f"/v1/cases/{case_id}/acts",
        json=order("detention", "APS-1", decision_id, "offence", reason="See the list"),
    )
    with world.client("post") as own:
        reply = f"/parcels/{case_id}/reply"
        (form,) = [one for one in forms_of(own.get(reply, headers=HTML).text) if one["what"] == "appeal"]
        own.post(reply, data=form | {"reason": "It is <b>another's</b>"}, headers=HTML)
        shown = own.get(path, headers=HTML).text
        (view,) = forms_of(shown)
        told = own.post(path, data=view | {"reason": "See annex 1"}, headers=HTML)
        rogue = view | {"what": "outcome", "reason": "x", "outcome": "appeal-allowed"}
        by_party = own.post(path, data=rogue, headers=HTML)
        appeal = f"/v1/cases/{case_id}/appeals/{view['about']}"
        own.post(appeal + "/statements", json={"reference": "BY-API", "reason": "See annex 1"})
    early = bob.get(path, headers=HTML).text
    forms = {one["what"]: one for one in forms_of(early)}
    wordless = ann.post(path, data=forms["view"], headers=HTML)
    stated = [ann.post(path, data=forms["view"] | {"reason": "Listed"}, headers=HTML) for _ in range(2)]
    halved = forms["suspension"] | {"ground": "irreparable-damage", "reason": "One of a kind", "amount": "5"}
    half = bob.post(path, data=halved, headers=HTML)
    suspended = bob.post(path, data=halved | {"currency_code": "EUR"}, headers=HTML)
    own_measure = forms_of(ann.get(path, headers=HTML).text)
    ready = {one["what"]: one for one in forms_of(bob.get(path, headers=HTML).text)}
    outcome = ready["outcome"] | {"outcome": "appeal-allowed", "reason": "The names differ"}
    proposed = bob.post(path, data=outcome, headers=HTML)
    waiting = ann.get("/v1/proposals").json()["proposals"][0]
    body = {"content_sha256": waiting["content_sha256"]}
    approval = f"/v1/proposals/{waiting['proposal']}/approval"
    self_approved, approved = bob.post(approval, json=body), ann.post(approval, json=body)
    with world.client("post") as own:
        ended = own.get(path, headers=HTML).text
    with world.client("rival") as rival:
        hidden, strange = rival.get(path, headers=HTML), rival.post(path, data=view, headers=HTML)

    assert (told.status_code, suspended.status_code, proposed.status_code) == (303, 303, 303)
    assert [one.status_code for one in stated] == [303, 303], "sent twice, it is done once"
    assert (wordless.status_code, half.status_code, by_party.status_code) == (422, 409, 403)
    assert "One of a kind" in half.text, "nothing typed is lost"
    assert "outcome" not in forms, "the administration's view comes first"
    assert "outcome" not in {one["what"] for one in own_measure}, "it is the officer's own measure"
    assert (self_approved.status_code, approved.status_code) == (403, 200)
    assert proposed.headers["location"] == "/proposals"
    assert all(one in ended for one in ("Listed", "The names differ", "EUR 5.00", "The appeal is allowed"))
    assert "<b>another" not in shown + early + ended
    assert (hidden.status_code, strange.status_code) == (404, 404)
    assert status_of(world, case_id) == "arrival-expected", "as before the detention"
    acts = acts_of(world, case_id)
    views = [one for one in acts if one["kind"] == "appeal-stated"]
    same = ("kind", "reason", "law_reference", "subject_kind", "version")
    assert [views[0][name] for name in same] == [views[1][name] for name in same], "by page and by API"
    assert all(bob.get(f"/v1/receipts/{one['receipt_id']}").status_code == 200 for one in views)


def forms_of(page: str) -> list[dict[str, str]]:
    """The hidden fields of each form that says what it does."""
    return [
        {name: unescape(value) for name, value in re.findall(_HIDDEN, one)}
        for one in page.split("<form")[1:]
        if 'name="what"' in one
    ]

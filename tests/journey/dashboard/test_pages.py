"""The pages over HTTP: who sees what, JSON and HTML from one address, nothing personal in the open."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from serai.journey.dashboard import parcels as parcel_list
from tests.browser.served_pages import Served

HTML, JSON = {"accept": "text/html"}, {"accept": "application/json"}
PERSON = "Mirelan"


@pytest.fixture
def officer(served: Served) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=served.address, timeout=30, headers=HTML) as client:
        client.get(served.enter().removeprefix(served.address))
        yield client


@pytest.fixture
def carrier(served: Served) -> Iterator[httpx2.Client]:
    yield from _party(served, served.filled.carrier_key)


@pytest.fixture
def other(served: Served) -> Iterator[httpx2.Client]:
    yield from _party(served, served.filled.other_key)


def _party(served: Served, key: str) -> Iterator[httpx2.Client]:
    headers = {**JSON, "authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=served.address, timeout=30, headers=headers) as client:
        yield client


def case_of(client: httpx2.Client, reference: str) -> str:
    found = client.get("/parcels", params={"search": reference}, headers=JSON).json()["parcels"]
    assert len(found) == 1
    return str(found[0]["case_id"])


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_first_page_is_for_strangers_and_leads_officers_on(served: Served, officer: httpx2.Client) -> None:
    stranger = httpx2.get(served.address + "/", headers={"accept": "text/html"})

    assert stranger.status_code == 200
    assert 'href="/calculator"' in stranger.text
    assert officer.get("/").headers["location"] == "/queue"


def test_machines_get_the_same_figures_as_people(officer: httpx2.Client) -> None:
    data = officer.get("/arrivals", headers=JSON).json()
    page = officer.get("/arrivals").text

    assert f"<h1><bdi>{data['parcels_count']:,} parcels in the air, {data['person_count']} need" in page
    assert data["parcels_count"] == sum(flight["parcels_count"] for flight in data["flights"])
    assert data["person_count"] == sum(
        lane["parcels_count"] for lane in data["lanes"] if lane["lane"] in ("review", "examine", "refuse")
    )


def test_party_counts_its_own_parcels_only(
    carrier: httpx2.Client, other: httpx2.Client, officer: Any
) -> None:
    everything = officer.get("/arrivals", headers=JSON).json()

    own, nothing = carrier.get("/arrivals").json(), other.get("/arrivals").json()

    assert own["is_own_only"]
    assert own["parcels_count"] == everything["parcels_count"]
    assert own["stories"] == []
    assert (nothing["parcels_count"], nothing["flights"]) == (0, [])
    assert other.get("/parcels").json()["parcels"] == []
    assert other.get("/parcels", params={"search": "NAMED-2-DESK"}).json()["parcels"] == []


def test_another_partys_case_is_like_one_that_does_not_exist(
    carrier: httpx2.Client, other: httpx2.Client
) -> None:
    case_id = case_of(carrier, "NAMED-2-DESK")

    hidden, absent = other.get(f"/parcels/{case_id}"), other.get("/parcels/0000-0000-0000-17")

    assert (hidden.status_code, absent.status_code) == (404, absent.status_code)
    assert hidden.json()["code"] == "not-found"


def test_filer_reads_the_public_reason_and_no_rule_of_officers(
    carrier: httpx2.Client, officer: httpx2.Client
) -> None:
    case_id = case_of(carrier, "NAMED-6-NAME")

    seen = carrier.get(f"/parcels/{case_id}", headers={**HTML}).text
    whole = officer.get(f"/parcels/{case_id}").text

    assert "A control of this parcel is under way" in seen
    for secret in ("screening-listed-name", "For officers only", "denied-party list"):
        assert secret in whole
        assert secret not in seen


@pytest.mark.in_turn
def test_names_stand_on_no_page_but_the_one_that_is_recorded(officer: httpx2.Client) -> None:
    case_id = case_of(officer, "NAMED-2-DESK")
    page = officer.get(f"/parcels/{case_id}").text
    shown = officer.post(
        f"/parcels/{case_id}/people", data={"purpose": "appeal", "form_token": form_token(page)}
    )

    assert PERSON in shown.text
    for path in ("/arrivals", "/statistics", "/parcels", f"/parcels/{case_id}"):
        assert PERSON not in officer.get(path).text
        assert PERSON not in officer.get(path, headers=JSON).text


def test_form_that_this_page_did_not_make_changes_nothing(officer: httpx2.Client) -> None:
    case_id = case_of(officer, "NAMED-2-DESK")

    for act in ("people", "receipt", "try"):
        refused = officer.post(f"/parcels/{case_id}/{act}", data={"purpose": "appeal"})
        assert refused.status_code == 403


def test_names_need_a_purpose(officer: httpx2.Client) -> None:
    case_id = case_of(officer, "NAMED-2-DESK")
    token = form_token(officer.get(f"/parcels/{case_id}").text)

    refused = officer.post(f"/parcels/{case_id}/people", data={"form_token": token})

    assert refused.status_code == 400
    assert PERSON not in refused.text


@pytest.mark.parametrize("change", [{"accepted_on": "2026-13-45"}, {"price": "much"}, {}])
def test_change_that_cannot_be_made_says_why(officer: httpx2.Client, change: dict[str, str]) -> None:
    case_id = case_of(officer, "NAMED-2-DESK")
    token = form_token(officer.get(f"/parcels/{case_id}").text)

    refused = officer.post(f"/parcels/{case_id}/try", data={"form_token": token, **change})

    assert refused.status_code == 422
    assert "This change is not possible" in refused.text
    assert "govuk-error-summary" in refused.text


def test_filter_that_is_none_is_told(officer: httpx2.Client) -> None:
    refused = officer.get("/parcels", params={"lane": "elsewhere"})

    assert refused.status_code == 400
    assert "There is no lane &#39;elsewhere&#39;" in refused.text


@pytest.mark.in_turn
def test_every_changed_byte_of_a_receipt_is_found(officer: httpx2.Client) -> None:
    case_id = case_of(officer, "NAMED-2-DESK")
    token = form_token(officer.get(f"/parcels/{case_id}").text)
    whole = officer.post(f"/parcels/{case_id}/receipt", data={"form_token": token}, headers=JSON).json()

    assert whole["is_genuine"]
    for place in range(0, len(whole["receipt"]), 23):
        data = {"form_token": token, "change": str(place)}
        found = officer.post(f"/parcels/{case_id}/receipt", data=data, headers=JSON).json()
        assert not found["is_genuine"], place
        assert [step["state"] for step in found["steps"]].count("fails") == 1


def test_list_looks_at_so_many_and_says_how_far(
    carrier: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcel_list, "LOOK_FIRST", 40)
    monkeypatch.setattr(parcel_list, "LOOK_MAX", 100)

    page = carrier.get("/parcels", params={"status": "invalidated"}).json()
    looked, pages = page["looked_back_to"], 1
    while page["next_before"]:
        page = carrier.get("/parcels", params={"status": "invalidated", "before": page["next_before"]}).json()
        pages += 1

    assert looked is not None
    assert page["parcels"] == []
    assert 5 <= pages <= 8


def test_pages_of_the_list_hold_every_parcel_once(carrier: httpx2.Client) -> None:
    seen: list[str] = []
    page: dict[str, Any] = {"next_before": ""}
    while page["next_before"] is not None:
        asked = {"before": page["next_before"], "lane": "proceed"}
        page = carrier.get("/parcels", params=asked).json()
        seen += [one["reference"] for one in page["parcels"]]

    figures = carrier.get("/arrivals").json()
    assert len(seen) == len(set(seen))
    # One of the named parcels was accepted on 30 June and is on no flight of today.
    released = next(lane["parcels_count"] for lane in figures["lanes"] if lane["lane"] == "proceed")
    assert len(seen) >= released


def test_law_is_read_without_signing_in(served: Served) -> None:
    law = httpx2.get(f"{served.address}/law", headers=JSON).json()

    union = next(one for one in law["territories"] if one["code"] == "EU")
    states = {pack["code"]: pack["state"] for pack in union["packs"]}
    assert states["EU-2026"] == "in force"
    assert states["EU-2021"] == "ended"
    assert all(pack["sources"] for pack in union["packs"])

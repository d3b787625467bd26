"""Visibility events over HTTP: taken once, found by thing and order, seen by whom they concern."""

import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.journey.follow.world import World, file, parcel

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EXAMPLE = "https://ns.example.com/#"
HOME = "/v1/epcis"


def event(**fields: Any) -> dict[str, Any]:
    plain = {
        "type": "ObjectEvent",
        "eventTime": "2026-06-28T08:00:00.000Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "departing",
        "epcList": ["https://id.gs1.org/00/106141412345678908"],
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
    }
    return {name: value for name, value in {**plain, **fields}.items() if value is not None}


def document(*events: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "@context": [CONTEXT, {"ex": EXAMPLE}],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-06-28T09:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


def capture(client: httpx2.Client, *events: dict[str, Any], **headers: str) -> httpx2.Response:
    return client.post(
        f"{HOME}/capture",
        content=document(*events),
        headers={"content-type": "application/json", **headers},
    )


def found(client: httpx2.Client, **parameters: str) -> list[dict[str, Any]]:
    answer = client.get(f"{HOME}/events", params=parameters)
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return events


def test_a_capture_is_taken_once_and_its_job_says_so(world: World) -> None:
    with world.client("post") as client:
        first = capture(client, event(bizStep="loading"))
        again = capture(client, event(bizStep="loading"))
        job = client.get(first.headers["location"])

    assert first.status_code == 202, first.text
    assert first.json()["success"] is True
    assert (again.json()["takenCount"], again.json()["repeatedCount"]) == (1, 1)
    assert again.json()["eventIDs"] == first.json()["eventIDs"]
    assert job.json()["captureID"] == first.json()["captureID"]
    assert job.json()["running"] is False
    assert first.json()["eventIDs"][0].startswith("ni:///sha-256;")

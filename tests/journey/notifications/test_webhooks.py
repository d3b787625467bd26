"""Webhooks over HTTP: registered by a party, told what the feed tells, signed, in order."""

import json
from collections.abc import Iterator

import httpx2
import pytest
from standardwebhooks import Webhook
from standardwebhooks.exceptions import WebhookVerificationError

from tests.journey.cases.world import World, file, parcel, rows
from tests.journey.notifications.receiver import Receiver, running_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


def register(client: httpx2.Client, url: str, reference: str, **more: object) -> dict[str, str]:
    answer = client.post("/v1/webhooks", json={"reference": reference, "url": url, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made: dict[str, str] = answer.json()
    return made


@pytest.mark.in_turn
def test_a_party_is_told_what_the_feed_tells_signed_and_in_order(world: World, receiver: Receiver) -> None:
    with world.client("rival") as client:
        before = client.get("/v1/events").json()["next_after"]
        made = register(client, receiver.url, "in order")
        file(
            client,
            *[
                parcel(f"HOOK-{n}", house_document=f"HOOK-{n}", logistics_channel_code="express")
                for n in range(5)
            ],
        )
        events = client.get(f"/v1/events?after={before}&wait_s=10").json()["events"]
        got = receiver.wait_for(len(events))
        stands = client.get(f"/v1/webhooks/{made['webhook']}").json()
        tries = client.get(f"/v1/webhooks/{made['webhook']}/tries").json()["tries"]
        client.delete(f"/v1/webhooks/{made['webhook']}").raise_for_status()

    assert len(events) >= 5
    assert [one.message["data"] for one in got] == events
    assert [one.headers["webhook-id"] for one in got] == [event["event_id"] for event in events]
    for one in got:
        assert Webhook(made["secret"]).verify(one.body, one.headers)["type"] == one.message["data"]["kind"]
        with pytest.raises(WebhookVerificationError):
            Webhook(made["secret"]).verify(one.body + b" ", one.headers)
    assert stands["state"] == "active"
    assert stands["failures_count"] == 0
    assert {one["outcome"] for one in tries} == {"taken"}
    assert {one["status"] for one in tries} == {204}


@pytest.mark.in_turn
def test_only_chosen_kinds_are_told_and_a_replay_tells_them_again_under_the_same_ids(
    world: World, receiver: Receiver
) -> None:
    with world.client("rival") as client:
        made = register(client, receiver.url, "chosen", kinds=["invalidated"])
        cursor = client.get(f"/v1/webhooks/{made['webhook']}").json()["after"]
        file(client, parcel("HOOK-W", house_document="HOOK-W"))
        client.post(
            "/v1/declarations/HOOK-W/invalidation", json={"expected_version": 1, "reason": "sold twice"}
        ).raise_for_status()
        first = receiver.wait_for(1)[0]
        client.post(f"/v1/webhooks/{made['webhook']}/replay", json={"after": cursor}).raise_for_status()
        again = receiver.wait_for(2)[1]
        client.delete(f"/v1/webhooks/{made['webhook']}").raise_for_status()

    assert first.message["type"] == again.message["type"] == "invalidated"
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body


@pytest.mark.in_turn
def test_while_a_secret_is_replaced_both_sign(world: World, receiver: Receiver) -> None:
    with world.client("rival") as client:
        made = register(client, receiver.url, "replaced")
        answer = client.post(f"/v1/webhooks/{made['webhook']}/secret")
        new = answer.json()["secret"]
        file(client, parcel("HOOK-S", house_document="HOOK-S"))
        got = receiver.wait_for(1)[0]
        client.delete(f"/v1/webhooks/{made['webhook']}").raise_for_status()

    assert new != made["secret"]
    for secret in (new, made["secret"]):
        assert Webhook(secret).verify(got.body, got.headers)


def test_a_secret_is_nowhere_but_in_its_answer(world: World, receiver: Receiver) -> None:
    with world.client("rival") as client:
        made = register(client, receiver.url, "secret")
        told = client.get("/v1/webhooks").text + client.get(f"/v1/webhooks/{made['webhook']}").text
        stored = rows(world.dsn, "SELECT secret FROM webhook WHERE reference = 'secret'")[0][0]
        again = client.post("/v1/webhooks", json={"reference": "secret", "url": receiver.url})
        client.delete(f"/v1/webhooks/{made['webhook']}").raise_for_status()

    assert made["secret"] not in told
    assert made["secret"].removeprefix("whsec_").encode() not in stored
    assert made["secret"].encode() not in stored
    assert again.status_code == 409
    assert again.json()["code"] == "webhook-exists"


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "https://10.0.0.8/hook",
        "https://169.254.169.254/latest",
        "https://[fd00::1]/hook",
        "https://[::ffff:192.168.0.1]/hook",
        "https://me:secret@shop.example/hook",
        "ftp://shop.example",
        "https://",
        "https://shop.example:99999/",
        "https://shop.example/\nhost: other",
        "https://xn\u00e4.example/",
    ],
)
def test_an_address_inside_or_unfit_is_refused_with_the_reason(world: World, url: str) -> None:
    with world.client("rival") as client:
        answer = client.post("/v1/webhooks", json={"reference": "unfit", "url": url})

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/url"


def test_unknown_kinds_are_all_named(world: World) -> None:
    body = {"reference": "kinds", "url": "https://shop.example/", "kinds": ["decided", "x", "y"]}

    with world.client("rival") as client:
        answer = client.post("/v1/webhooks", json=body)

    assert [one["pointer"] for one in answer.json()["errors"]] == ["/kinds/1", "/kinds/2"]


def test_nobody_reaches_the_webhook_of_another_party(world: World, receiver: Receiver) -> None:
    with world.client("rival") as client, world.client("post") as other:
        made = register(client, receiver.url, "mine")
        answers = [
            other.get(f"/v1/webhooks/{made['webhook']}"),
            other.get(f"/v1/webhooks/{made['webhook']}/tries"),
            other.post(f"/v1/webhooks/{made['webhook']}/replay", json={}),
            other.post(f"/v1/webhooks/{made['webhook']}/secret"),
            other.delete(f"/v1/webhooks/{made['webhook']}"),
        ]
        listed = other.get("/v1/webhooks").json()["webhooks"]
        client.delete(f"/v1/webhooks/{made['webhook']}").raise_for_status()

    assert {answer.status_code for answer in answers} == {404}
    assert listed == []


def test_a_party_has_ten_webhooks_and_no_more(world: World) -> None:
    with world.client("payer") as client:
        made = [register(client, "https://shop.example/", f"no. {n}") for n in range(10)]
        refused = client.post("/v1/webhooks", json={"reference": "eleven", "url": "https://shop.example/"})
        for one in made:
            client.delete(f"/v1/webhooks/{one['webhook']}").raise_for_status()

    assert refused.status_code == 409
    assert refused.json()["code"] == "webhooks-too-many"


def test_the_feed_streams_as_server_sent_events_and_goes_on_where_it_stopped(world: World) -> None:
    with world.client("rival") as client:
        before = client.get("/v1/events").json()["next_after"]
        file(client, *[parcel(f"SSE-{n}", house_document=f"SSE-{n}") for n in range(3)])
        events = client.get(f"/v1/events?after={before}&wait_s=10").json()["events"]
        first, cursor = read_stream(client, 3, {"last-event-id": before})
        file(client, parcel("SSE-3", house_document="SSE-3"))
        later, _ = read_stream(client, 1, {"last-event-id": cursor})
        unknown = client.get("/v1/events/stream", headers={"last-event-id": "nonsense"})

    assert first == events
    assert [one["event_id"] for one in later if one in events] == []
    assert len(later) >= 1
    assert unknown.status_code == 400


def read_stream(
    client: httpx2.Client, count: int, headers: dict[str, str]
) -> tuple[list[dict[str, str]], str]:
    """Read a stream until so many events and a cursor after them have come."""
    events: list[dict[str, str]] = []
    cursor = ""
    with client.stream("GET", "/v1/events/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                events.append(json.loads(line.removeprefix("data: ")))
                cursor = ""
            if line.startswith("id: "):
                cursor = line.removeprefix("id: ")
            if cursor and len(events) >= count:
                break
    return events, cursor

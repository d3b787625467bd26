"""The client against a running server, in both of its forms."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from standardwebhooks import Webhook

from serai.client.answers import Event
from serai.client.async_client import AsyncSerai
from serai.client.receipts import check_receipt
from serai.client.sync_client import Serai
from serai.client.webhooks import read_webhook
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from tests.journey.cases.world import World, parcel, running_world
from tests.journey.notifications.receiver import running_receiver

QUOTE = {
    "goods_items": [
        {
            "commodity_code": "61091000",
            "description": "T-shirt, cotton, knitted",
            "invoice_amount": "25.00",
            "invoice_currency_code": "EUR",
            "origin_country_code": "CN",
        }
    ],
    "destination_country_code": "IE",
    "destination_postcode": "D02 AF30",
    "accepted_at": "2026-06-30T10:00:00Z",
}


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("node")
    with running_world(world_database, folder) as running:
        yield running


@pytest.fixture
def serai(world: World) -> Iterator[Serai]:
    with Serai(world.address, world.keys["rival"]) as client:
        yield client


class Flaky(httpx2.BaseTransport):
    """A network that breaks: each of `faults` befalls one request, then all goes well."""

    def __init__(self, *faults: str) -> None:
        self._real = httpx2.HTTPTransport()
        self._faults = list(faults)
        self.requests_count = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests_count += 1
        fault = self._faults.pop(0) if self._faults else ""
        if fault == "unreached":
            raise httpx2.ConnectError("nobody there", request=request)
        if fault == "busy":
            return httpx2.Response(503, headers={"retry-after": "7"}, request=request)
        answer = self._real.handle_request(request)
        if fault == "lost":
            # The server has done it; the answer does not arrive.
            answer.read()
            answer.close()
            raise httpx2.ReadError("broken off", request=request)
        if fault == "cut off":
            whole = answer.read()
            answer.close()
            return httpx2.Response(200, content=whole[: len(whole) // 2], request=request)
        return answer

    def close(self) -> None:
        self._real.close()


def flaky(world: World, transport: Flaky, pauses: list[float]) -> Serai:
    return Serai(
        world.address, world.keys["rival"], transport=transport, pause=pauses.append, jitter=lambda: 1.0
    )


def test_one_document_is_decided_and_its_receipt_checked_offline(serai: Serai) -> None:
    answer = serai.submit(parcel("C-one"))

    assert answer.is_taken
    assert answer.status == "decided"
    assert answer.decision is not None
    assert answer.decision["totals"]["tax_amount"] == "6.67"
    key = serai.log_key()
    assert check_receipt(bytes(answer.receipt), key).is_genuine
    changed = bytes(answer.receipt).replace(b'"position":0', b'"position":1')
    assert not check_receipt(changed, key).is_genuine
    other = f"elsewhere/log+{key.split('+', 1)[1]}"
    with pytest.raises(SeraiError):
        check_receipt(bytes(answer.receipt), other)
    assert answer.case_id is not None
    assert check_receipt(serai.receipt(answer.case_id), key).is_genuine
    assert serai.decision("C-one")["decision"]["totals"]["tax_amount"] == "6.67"


def test_structs_of_the_model_are_filed_as_well_as_mappings(serai: Serai) -> None:
    answer = serai.submit(msgspec.convert(parcel("C-struct"), Consignment))

    assert (answer.status, answer.reference) == ("decided", "C-struct")


def test_a_faulty_document_is_an_answer_with_its_findings(serai: Serai) -> None:
    answer = serai.submit(parcel("C-faulty", goods_items=[]))

    assert not answer.is_taken
    assert answer.status == "rejected"
    assert [(one.code, one.pointer) for one in answer.findings] == [("too-few", "/goods_items")]
    assert answer.problem is not None
    assert answer.problem.code == "document-faulty"


def test_many_come_back_in_order_batch_by_batch_without_holding_all(serai: Serai) -> None:
    taken: list[int] = []

    def documents() -> Iterator[dict[str, object]]:
        for number in range(25):
            taken.append(number)
            yield parcel(f"C-many-{number}", goods_items=[]) if number == 7 else parcel(f"C-many-{number}")

    answers = serai.submit_many(documents(), batch_count=10)
    first = next(answers)
    taken_at_first = len(taken)
    rest = list(answers)

    assert taken_at_first == 10
    assert [one.reference for one in (first, *rest) if one.is_taken] == [
        f"C-many-{number}" for number in range(25) if number != 7
    ]
    assert rest[6].status == "rejected"


def test_calls_are_made_again_and_repeats_are_harmless(world: World) -> None:
    pauses: list[float] = []
    transport = Flaky("unreached", "busy", "lost")

    with flaky(world, transport, pauses) as client:
        answer = client.submit(parcel("C-again"))

    assert answer.status == "repeated"  # the lost answer was that of the first filing
    assert answer.decision is not None
    assert transport.requests_count == 4
    assert pauses == [0.25, 7.0, 1.0]


def test_a_batch_whose_answer_was_cut_off_is_sent_again(world: World) -> None:
    transport = Flaky("cut off")

    with flaky(world, transport, []) as client:
        answers = list(client.submit_many(parcel(f"C-cut-{number}") for number in range(4)))

    assert [one.status for one in answers] == ["repeated"] * 4
    assert transport.requests_count == 2


def test_nobody_there_is_told_after_every_try(world: World) -> None:
    transport = Flaky(*["unreached"] * 9)

    with flaky(world, transport, []) as client, pytest.raises(SeraiError) as caught:
        client.submit(parcel("C-nobody"))

    assert caught.value.code == "server-unanswered"
    assert transport.requests_count == 6


def test_what_the_server_refuses_is_an_error_under_its_own_code(world: World) -> None:
    with Serai(world.address, "serai_1_" + "x" * 43) as client, pytest.raises(SeraiError) as caught:
        client.submit(parcel("C-key"))

    assert caught.value.code == "key-unknown"


def test_a_quote_is_asked_for(serai: Serai) -> None:
    quote = serai.quote(QUOTE)

    assert quote["totals"]["tax_amount"] == "5.75"


def test_events_are_followed_and_resumed(serai: Serai) -> None:
    begin = serai.events().next_after
    case_id = serai.submit(parcel("C-event-1", house_document="C-EVENT-1")).case_id
    followed, cursor, seen_case_ids = [], begin, set()

    # Events of tests before this one may come too, and the cursor moves at the end of a page only.
    for event, next_cursor in serai.follow(begin, wait_s=5):
        followed.append(event.event_id)
        seen_case_ids.add(event.case_id)
        cursor = next_cursor
        if case_id in seen_case_ids and cursor != begin:
            break

    assert not set(followed) & {one.event_id for one in serai.events(cursor).events}
    assert set(followed) <= {one.event_id for one in serai.events(begin).events}


def test_a_webhook_is_read_and_a_false_one_is_not(world: World) -> None:
    with running_receiver() as receiver, world.client("rival") as http:
        made = http.post("/v1/webhooks", json={"reference": "client", "url": receiver.url}).json()
        http.post("/v1/declarations", json=parcel("C-hook", house_document="C-HOOK"))
        got = receiver.wait_for(1)[0]
        http.delete(f"/v1/webhooks/{made['webhook']}")

    event = read_webhook(made["secret"], got.headers, got.body)

    assert event.kind == "decided"
    for secret, headers, body in (
        (made["secret"], got.headers, got.body.replace(b"decided", b"settled")),
        ("whsec_" + "A" * 32, got.headers, got.body),
        (made["secret"], {}, got.body),
        (made["secret"], {**got.headers, "webhook-timestamp": "1"}, got.body),
        (made["secret"], {**got.headers, "webhook-signature": "nonsense"}, got.body),
    ):
        with pytest.raises(SeraiError, match="webhook-not-genuine"):
            read_webhook(secret, headers, body)
    assert Webhook(made["secret"]).verify(got.body, got.headers)


async def test_the_async_client_does_the_same(world: World) -> None:
    async with AsyncSerai(world.address, world.keys["rival"]) as client:
        begin = (await client.events()).next_after
        answers = await asyncio.gather(*(client.submit(parcel(f"A-{number}")) for number in range(5)))
        many = [
            one async for one in client.submit_many([parcel(f"A-many-{n}") for n in range(5)], batch_count=2)
        ]
        quote = await client.quote(QUOTE)
        event, _ = await anext(aiter(follow(client, begin)))
        with pytest.raises(SeraiError) as caught:
            await client.decision("A-not-there")

    assert {one.status for one in answers} == {"decided"}
    assert [one.reference for one in many] == [f"A-many-{number}" for number in range(5)]
    assert quote["totals"]["tax_amount"] == "5.75"
    assert event.kind == "decided"
    assert caught.value.code == "not-found"


def follow(client: AsyncSerai, begin: str) -> AsyncIterator[tuple[Event, str]]:
    return client.follow(begin, wait_s=5)

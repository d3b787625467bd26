"""A post in a small country sends three items: one with its tax paid at sale, one vague, one a gift.

Each is answered by itself; the vague one is corrected; all arrive, what is due is paid, all are released.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serai.formats.convertible import Circumstances
from serai.formats.upu.convert import read_itmatt, write_cusitm
from serai.formats.upu.message import ItemAnswer
from serai.formats.upu.read import decode_answers
from serai.model.check_digits import right_check_digit
from serai.model.documents import Consignment
from tests.feed import wait_until_shown
from tests.journey.cases.world import LISTED_NAME, SCHEME_NUMBER, World, running_world, wait_for_law

_XML = {"content-type": "application/xml"}
_ITMATT = (Path(__file__).parents[2] / "examples" / "standards" / "itmatt.xml").read_bytes()
_SALE, _BASKET, _GIFT = "RR100000017CV", "RR100000025CV", "RR100000034CV"
_BASKET_SAYS = b"Woven basket of palm leaf"
_VAGUE = _ITMATT.replace(_BASKET_SAYS, b"gift")
_REGISTER = f"kind,number,valid_from,valid_to\nIOSS,{SCHEME_NUMBER},2021-07-01,\n"


@pytest.fixture(scope="module")
def world(world_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(world_database, tmp_path_factory.mktemp("node")) as running:
        with running.client("officer") as admin:
            listed = admin.post(
                "/v1/lists/scheme-register",
                params={"name": "invented.csv"},
                content=_REGISTER.encode(),
                headers={"content-type": "text/csv"},
            )
            assert listed.status_code == 201, listed.text
        wait_for_law(running, listed.json()["generation"])
        yield running


@pytest.fixture
def post(world: World) -> Iterator[httpx2.Client]:
    with world.client("post") as client:
        yield client


def send(client: httpx2.Client, content: bytes, standard: str = "itmatt") -> dict[str, ItemAnswer]:
    reply = client.post(f"/v1/messages/{standard}", content=content, headers=_XML)
    assert reply.status_code == 200, reply.text
    answers, findings = decode_answers(reply.content)
    assert findings == []
    return {one.item_id: one for one in answers}


class Feed:
    """Later answers, read on from where the last reading ended."""

    def __init__(self, client: httpx2.Client, dsn: str) -> None:
        self._client, self._dsn, self._after = client, dsn, ""
        # Tests share the post, in any order: what others were told comes before.
        wait_until_shown(dsn)
        while client.get("/v1/events", params=self._parameters()).json()["events"]:
            self.read()

    def _parameters(self, **more: Any) -> dict[str, Any]:
        return ({"after": self._after} if self._after else {}) | more

    def read(self) -> list[tuple[str, str]]:
        """Return item and decision of each answer, in order.

        An event is shown once all earlier transactions have ended, others' too: so it is waited for.
        """
        wait_until_shown(self._dsn)
        page = self._client.get("/v1/messages/cusitm/answers", params=self._parameters(wait_s=5)).json()
        self._after = page["next_after"]
        found = [decode_answers(one["content"].encode()) for one in page["answers"]]
        assert all(findings == [] for _, findings in found)
        return [(answers[0].item_id, answers[0].decision_code) for answers, _ in found]


@pytest.mark.in_turn
def test_three_items_from_a_small_country_are_released(world: World, post: httpx2.Client) -> None:
    feed = Feed(post, world.dsn)
    answers = send(post, _VAGUE)
    assert {name: one.decision_code for name, one in answers.items()} == {
        _SALE: "DUTY-DUE",
        _BASKET: "DOCUMENT-WANTED",
        _GIFT: "RELEASE-ON-ARRIVAL",
    }
    vague = answers[_BASKET]
    assert vague.reason_code == "screening-vague-description"
    assert "does not say what the goods are" in (vague.reason or "")
    assert "names the thing, what it is made of" in vague.extra_fields["remedy-1"]
    # Tax was paid at sale: the post owes the flat duty of two lines and no tax.
    assert [one.type_code for one in answers[_SALE].taxes] == ["A00", "A00"]
    assert (answers[_SALE].total_amount, answers[_GIFT].total_amount) == ("6.00", "0.00")
    assert answers[_SALE].is_dutiable
    assert (answers[_SALE].customs_code, answers[_SALE].post_code) == ("DE", "CVA")
    assert feed.read() == [], "what was said at once is not said again"

    corrected = send(post, only(_ITMATT, _BASKET, state=2))[_BASKET]
    assert (corrected.decision_code, corrected.extra_fields["version"]) == ("DUTY-DUE", "2")
    assert feed.read() == [(_BASKET, "DUTY-DUE")]

    for item_id in (_SALE, _BASKET, _GIFT):
        arrive(post, item_id)
    assert sorted(feed.read()) == sorted(
        [(_SALE, "AWAIT-PAYMENT"), (_BASKET, "AWAIT-PAYMENT"), (_GIFT, "RELEASED")]
    )

    for one in (answers[_SALE], corrected):
        pay(post, one)
    assert feed.read() == [(_SALE, "RELEASED"), (_BASKET, "RELEASED")]


def arrive(client: httpx2.Client, item_id: str) -> None:
    arrival = {
        "reference": f"ARRIVAL-{item_id}",
        "arrived_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "house_document": item_id,
    }
    reply = client.post("/v1/arrivals", json=arrival)
    assert reply.status_code == 201, reply.text


def pay(client: httpx2.Client, answer: ItemAnswer) -> None:
    mark = {
        "reference": f"PAID-{answer.item_id}",
        "kind": "on-account",
        "currency_code": answer.currency_code,
        "amount": answer.total_amount,
    }
    reply = client.post(f"/v1/cases/{answer.extra_fields['case']}/payment-records", json=mark)
    assert reply.status_code in {200, 201}, reply.text


def renumbered(message: bytes, serial: int) -> bytes:
    """Give the items of a message other numbers, so that tests do not meet."""
    for place, item_id in enumerate((_SALE, _BASKET, _GIFT)):
        other = f"RR{serial + place:08d}0CV"
        digit = right_check_digit("s10", other)
        message = message.replace(item_id.encode(), f"{other[:10]}{digit}CV".encode())
    return message


def numbers(message: bytes) -> list[str]:
    return re.findall(r"<Id>(\w+)</Id>", message.decode())


def test_what_was_sent_before_is_answered_as_before_and_undoes_no_change(post: httpx2.Client) -> None:
    message = renumbered(_VAGUE, 20_000_000)
    _, basket, _ = numbers(message)
    first = send(post, message)
    assert send(post, message) == first, "the same again is harmless"

    change = only(message.replace(b">gift<", b">" + _BASKET_SAYS + b"<"), basket, state=2)
    changed = send(post, change)[basket]
    another = only(message.replace(b">gift<", b">Basket of willow, woven<"), basket, state=2)
    newest = send(post, another)[basket]
    assert (changed.extra_fields["version"], newest.extra_fields["version"]) == ("2", "3")
    assert send(post, another)[basket] == newest, "a change sent twice is made once"

    old = send(post, message)[basket]
    assert (old.decision_code, old.reason_code) == ("NOT-TAKEN", "reference-reused")
    assert old.extra_fields["version"] == "3"


def test_an_item_is_cancelled(world: World, post: httpx2.Client) -> None:
    message = renumbered(_ITMATT, 30_000_000)
    _, basket, _ = numbers(message)
    feed = Feed(post, world.dsn)
    send(post, message)

    gone = send(post, only(message, basket, state=3))[basket]
    assert (gone.decision_code, gone.total_amount) == ("CANCELLED", "0.00")
    again = send(post, only(message, basket, state=2))[basket]
    assert (again.decision_code, again.reason_code) == ("NOT-TAKEN", "withdrawn")
    never = send(post, only(renumbered(_ITMATT, 31_000_000), numbers(renumbered(_ITMATT, 31_000_000))[0], 3))
    assert {one.reason_code for one in never.values()} == {"not-found"}
    assert feed.read() == [(basket, "CANCELLED")], "the others are as they were"


def test_a_faulty_item_is_told_what_is_wrong_and_the_others_are_decided(post: httpx2.Client) -> None:
    message = renumbered(_ITMATT, 40_000_000).replace(b"<HS>46021990</HS>", b"<HS>4602</HS>")
    message = message.replace(b"<Amount>20.00<", b"<Amount>twenty<")
    answers = send(post, message)

    sale, basket, gift = (answers[item] for item in numbers(message))
    assert sale.decision_code == "DUTY-DUE"
    assert (basket.decision_code, gift.decision_code) == ("INFORMATION", "INFORMATION")
    assert basket.extra_fields["fault-1"].startswith("commodity-code-malformed ")
    assert gift.extra_fields["fault-1"].startswith("not-a-decimal /ITMATT/CDSView[3]/")
    assert gift.extra_fields["remedy-1"]
    mended = send(post, message.replace(b"<HS>4602<", b"<HS>46021990<"))
    assert mended[basket.item_id].decision_code == "DUTY-DUE"


def test_the_origin_posts_itmatt_is_the_destinations_cusitm(world: World, post: httpx2.Client) -> None:
    message = renumbered(_ITMATT, 50_000_000)
    (own, *parts) = read_itmatt(message, Circumstances(datetime.now(UTC)))
    assert [one.code for one in own.findings] == ["not-carried-over"], "the header is between the posts"
    declared = [part.document for part in parts if isinstance(part.document, Consignment)]
    cusitm = write_cusitm(declared, Circumstances(datetime.now(UTC)))

    answers = send(post, cusitm, "cusitm")
    assert [one.decision_code for one in answers.values()] == [
        "DUTY-DUE",
        "DUTY-DUE",
        "RELEASE-ON-ARRIVAL",
    ]
    assert send(post, message) == answers, "the same items as ITMATT are the same declarations"
    with world.client("rival") as other:
        stranger = send(other, only(message, numbers(message)[0], state=3))
    assert {one.reason_code for one in stranger.values()} == {"not-found"}, "another's items are not touched"


@pytest.mark.in_turn
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(st.data())
def test_spoilt_messages_are_answered(post: httpx2.Client, data: st.DataObject) -> None:
    message = renumbered(_ITMATT, 70_000_000)
    places = [found.span(1) for found in re.finditer(rb">([^<>]+)</", message)]
    begin, end = data.draw(st.sampled_from(places))
    odd = data.draw(
        st.sampled_from([b"", b"x" * 3_000, b"-1", b"1e9", b"&#xFFFD;", "\u0665".encode(), b"<b/>"])
    )

    spoilt = message[:begin] + odd + message[end:]
    reply = post.post("/v1/messages/itmatt", content=spoilt, headers=_XML)
    assert reply.status_code in {200, 422}, reply.text
    if reply.status_code == 200:
        answers, findings = decode_answers(reply.content)
        assert (len(answers), findings) == (3, [])


def test_what_nothing_reads_is_told_with_the_item(post: httpx2.Client) -> None:
    message = renumbered(_ITMATT, 90_000_000)
    sale, basket, gift = numbers(message)
    message = message.replace(b"  <CDSView>", b"  <Seal>7</Seal>\n  <CDSView>", 1)
    before, mark, after = message.rpartition(b"<GrossWeight>")
    answers = send(post, before + b"<Colour>blue</Colour>" + mark + after)

    told = {item: answers[item].extra_fields.get("advice-1") for item in (sale, basket, gift)}
    assert told == {
        sale: "unread-element /ITMATT/Seal",
        basket: None,
        gift: "unread-element /ITMATT/CDSView[3]/Declaration/Data/Colour",
    }


def test_the_post_is_told_four_scores_and_what_its_message_cannot_carry(post: httpx2.Client) -> None:
    message = renumbered(_VAGUE, 95_000_000)
    _, vague, gift = (send(post, message)[item].extra_fields for item in numbers(message))

    failed = {text for name, text in vague.items() if name.startswith("quality-failed-")}
    assert {"description-vague", "payment-time-missing not-carried"} <= failed
    assert "purchase-time-missing not-carried" in failed
    assert int(vague["quality-meaning"]) < int(gift["quality-meaning"])
    assert {f"quality-{part}" for part in ("presence", "form", "meaning")} <= vague.keys()

    answered = post.post(
        "/v1/messages/itmatt", content=message, headers=_XML | {"accept": "application/json"}
    )
    quality = answered.json()["answers"][1]["data_quality"]
    assert str(quality["score"]) == vague["quality"], "sent again, it is scored the same"
    assert str(quality["parts"]["meaning"]) == vague["quality-meaning"]
    assert {f"{code} not-carried" for code in quality["not_carried"]} <= failed


def test_before_departure_a_vague_item_is_not_to_be_loaded(post: httpx2.Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    message = renumbered(_VAGUE, 80_000_000).replace(b"2026-07-01T18:00:00Z", tomorrow.encode())

    answers = send(post, message)
    sale, basket, gift = (answers[item] for item in numbers(message))
    assert (sale.decision_code, sale.extra_fields["loading"]) == ("DUTY-DUE", "assessment-complete")
    assert (gift.decision_code, gift.extra_fields["loading"]) == ("RELEASE-ON-ARRIVAL", "assessment-complete")
    assert (basket.decision_code, basket.extra_fields["import-decision"]) == (
        "REQUEST-FOR-INFO",
        "DOCUMENT-WANTED",
    )
    assert basket.reason_code == "loading-description-vague"
    assert basket.extra_fields["answer-by"]
    assert basket.extra_fields["loading-remedy-1"]
    place = basket.extra_fields["loading-reason-1"].removeprefix("loading-description-vague ")
    assert place.startswith("/ITMATT/CDSView[2]/Declaration/Data/ContentPieces/"), "of the post's own message"

    mended = message.replace(b">gift<", b">" + _BASKET_SAYS + b"<")
    again = send(post, only(mended, basket.item_id, state=2))[basket.item_id]
    assert (again.decision_code, again.extra_fields["loading"]) == ("DUTY-DUE", "assessment-complete")


def test_an_officers_word_before_loading_reaches_the_post(world: World, post: httpx2.Client) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    message = renumbered(_ITMATT, 85_000_000).replace(b"2026-07-01T18:00:00Z", tomorrow.encode())
    message = message.replace(
        b"<RecipientName>Invented Person 1<", f"<RecipientName>{LISTED_NAME}<".encode(), 1
    )
    listed, *_ = numbers(message)
    assert send(post, message)[listed].decision_code == "WAIT-TO-LOAD"
    feed = Feed(post, world.dsn)

    with world.client("officer") as officer:
        waiting = officer.get("/v1/pre-loading-assessments").json()["assessments"]
        (number,) = [
            one["assessment"]["decision_id"]
            for one in waiting
            if one["assessment"]["house_document"] == listed
        ]
        word = {"outcome": "do-not-load", "words": "Keep it on the ground."}
        said = officer.post(f"/v1/pre-loading-assessments/{number}/decision", json=word)
        assert said.status_code in {200, 201}, said.text
    assert feed.read() == [(listed, "DO-NOT-LOAD")]


def test_json_for_those_who_read_it(post: httpx2.Client) -> None:
    message = renumbered(_ITMATT, 60_000_000)
    reply = post.post("/v1/messages/itmatt", content=message, headers=_XML | {"accept": "application/json"})

    answers = reply.json()["answers"]
    assert [one["status"] for one in answers] == ["decided"] * 3
    assert [one["reference"] for one in answers] == [f"{item}-2026" for item in numbers(message)]
    faulty = post.post("/v1/messages/itmatt", content=b"<Declaration/>", headers=_XML)
    assert (faulty.status_code, faulty.json()["findings"][0]["code"]) == (422, "other-root")


def only(message: bytes, item_id: str, state: int) -> bytes:
    """Keep one item of a message, with another EntityState."""
    head, *items = message.split(b"  <CDSView>")
    tail = b"</itm:ITMATT>\n"
    (item,) = [one.removesuffix(tail) for one in items if item_id.encode() in one]
    return b"  <CDSView>".join((head, item.replace(b"State>1<", f"State>{state}<".encode()))) + tail

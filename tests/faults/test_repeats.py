"""The same thing sent again: whoever is not sure sends it again, and nothing happens twice."""

import json
import random
import socket
import threading
import time
from collections import Counter
from typing import Any

import pytest

from tests.faults.serving import NDJSON, Serving, encoded, goods_item, ndjson, parcel

Totals = dict[tuple[Any, ...], tuple[int, int]]


def totals_of(node: Serving, party_id: int) -> Totals:
    """What is stored of a party: charges by kind, currency and side, decisions, lanes."""
    charges = node.rows(
        "SELECT kind, currency_code, is_reversal, count(*), sum(amount_minor) FROM charge "
        "JOIN consignment USING (consignment_id) WHERE party_id = %s GROUP BY 1, 2, 3",
        party_id,
    )
    lanes = node.rows("SELECT lane, count(*), 0 FROM consignment WHERE party_id = %s GROUP BY 1", party_id)
    decisions = node.rows(
        "SELECT count(*) FROM decision JOIN consignment USING (consignment_id) WHERE party_id = %s", party_id
    )
    found: Totals = {tuple(row[:3]): (row[3], int(row[4])) for row in charges}
    found |= {("lane", lane): (count, 0) for lane, count, _ in lanes}
    return found | {("decisions",): (decisions[0][0], 0)}


def file_of(count: int, prefix: str = "FILE") -> list[bytes]:
    """Lines of varied parcels."""
    prices = [f"{random.Random(number).randint(100, 40_000) / 100:.2f}" for number in range(count)]
    return [
        encoded(parcel(f"{prefix}-{number}", goods_items=[goods_item(invoice_amount=price)]))
        for number, price in enumerate(prices)
    ]


def test_the_same_content_gets_the_stored_answer(node: Serving, key: str) -> None:
    first = node.send(encoded(parcel("AGAIN-1")), key)
    second = node.send(json.dumps(dict(reversed(parcel("AGAIN-1").items())), indent=2).encode(), key)

    assert (first.status, second.status) == (201, 200)
    assert second.json()["status"] == "repeated"
    for name in ("case_id", "document_id", "decision", "version"):
        assert second.json()[name] == first.json()[name], name
    assert second.json()["receipt"]["leaf"] == first.json()["receipt"]["leaf"]


@pytest.mark.in_turn
def test_a_file_and_single_requests_of_its_references_at_once_decide_each_once(
    node: Serving, party: tuple[int, str]
) -> None:
    party_id, key = party
    lines = file_of(4_000, "BESIDE")
    alone: Counter[str] = Counter()

    def send_alone(first: int) -> None:
        for line in lines[first::500]:
            reply = node.send(line, key)
            alone[reply.json()["status"] if reply.status < 300 else reply.json()["code"]] += 1

    threads = [threading.Thread(target=send_alone, args=(first,)) for first in (7, 99, 250)]
    for thread in threads:
        thread.start()
    trailer = node.send(b"\n".join(lines), key, NDJSON, timeout_s=120).lines()[-1]
    for thread in threads:
        thread.join(60)

    assert set(alone) | set(trailer["counts"]) <= {"decided", "repeated"}, (alone, trailer)
    assert alone["decided"] + trailer["counts"]["decided"] == len(lines)
    (found,) = node.rows(
        "SELECT count(*), count(DISTINCT reference) FROM consignment "
        "WHERE party_id = %s AND reference LIKE %s",
        party_id,
        "BESIDE-%",
    )
    assert found == (len(lines), len(lines))


def test_other_content_under_a_used_reference_is_refused_for_that_line_only(node: Serving, key: str) -> None:
    node.send(encoded(parcel("USED-1")), key)

    alone = node.send(encoded(parcel("USED-1", sale_nature_code="C2C")), key)
    among = node.send(
        ndjson([parcel("USED-0"), parcel("USED-1", sale_nature_code="C2C"), parcel("USED-2")]), key, NDJSON
    )

    assert alone.status == 409
    assert alone.headers["content-type"] == "application/problem+json"
    problem = alone.json()
    assert problem.pop("detail")
    assert problem.pop("next_step")
    assert problem == {
        "type": "/problems/reference-reused",
        "title": "This reference was used before",
        "status": 409,
        "code": "reference-reused",
        "outcome": "refused",
        "reference": "USED-1",
        "version": 1,
    }
    assert node.get(problem["type"]).status == 200
    assert [one["status"] for one in among.lines()[:-1]] == ["decided", "refused", "decided"]
    assert among.lines()[1]["problem"]["code"] == "reference-reused"


def test_a_copy_within_one_file_gets_the_answer_of_the_first(node: Serving, key: str) -> None:
    lines = [parcel("TWIN-1"), parcel("TWIN-2"), parcel("TWIN-1"), parcel("TWIN-1", sale_nature_code="C2C")]

    first, _, twin, other, trailer = node.send(ndjson(lines), key, NDJSON).lines()

    assert (first["status"], twin["status"], other["status"]) == ("decided", "repeated", "refused")
    assert twin["decision"] == first["decision"]
    assert twin["receipt"]["leaf"] == first["receipt"]["leaf"]
    assert trailer["counts"] == {"decided": 2, "repeated": 1, "refused": 1}


def test_a_file_may_amend_what_it_has_just_declared(node: Serving, key: str) -> None:
    def worth(price: str, **changes: Any) -> dict[str, Any]:
        return parcel("EDIT-1", goods_items=[goods_item(invoice_amount=price)], **changes)

    lines = [
        worth("20.00"),
        worth("30.00", amends_version=1, amendment_reason="price"),
        worth("40.00", amends_version=2, amendment_reason="price"),
        worth("50.00", amends_version=2, amendment_reason="too late"),
        worth("40.00", amends_version=2, amendment_reason="price"),
    ]

    answers = node.send(ndjson(lines), key, NDJSON).lines()[:-1]

    assert [one["status"] for one in answers] == ["decided", "decided", "decided", "refused", "repeated"]
    taxes = [one["decision"]["totals"]["tax_amount"] for one in (*answers[:3], answers[4])]
    assert taxes == ["4.60", "6.90", "9.20", "9.20"]
    assert [one["version"] for one in answers[:3]] == [1, 2, 3]
    assert node.rows(
        "SELECT sum(amount_minor) FROM charge JOIN consignment USING (consignment_id) "
        "WHERE reference = 'EDIT-1'"
    ) == [(920,)]


def test_an_amendment_of_nothing_leaves_the_reference_free(node: Serving, key: str) -> None:
    amended = node.send(encoded(parcel("NOTHING-1", amends_version=1, amendment_reason="a slip")), key)
    filed = node.send(encoded(parcel("NOTHING-1")), key)

    assert (amended.status, filed.status) == (409, 201)
    assert filed.json()["status"] == "decided"


@pytest.mark.in_turn
def test_many_copies_at_the_same_instant_on_two_processes_make_one_decision(node: Serving) -> None:
    party_id, key = node.add_party("Invented Echo")
    replies = []
    gate = threading.Barrier(12)

    def send(number: int) -> None:
        body = encoded(parcel(f"ECHO-{number}"))
        gate.wait()
        replies.append((number, node.send(body, key)))

    for number in range(10):
        threads = [threading.Thread(target=send, args=(number,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert Counter(reply.status for _, reply in replies) == {201: 10, 200: 110}
    assert Counter(reply.json()["status"] for _, reply in replies) == {"decided": 10, "repeated": 110}
    for number in range(10):
        decisions = {reply.json()["decision"]["decision_id"] for sent, reply in replies if sent == number}
        assert len(decisions) == 1
    assert totals_of(node, party_id)["decisions",] == (10, 0)


@pytest.mark.in_turn
def test_twice_in_halves_shuffled_and_interrupted_store_the_same(node: Serving) -> None:
    lines = file_of(3_000)
    (plain, key_1), (twice, key_2), (halves, key_3), (shuffled, key_4), (cut, key_5) = [
        node.add_party(f"Invented Way {number}") for number in range(5)
    ]

    node.send(b"\n".join(lines), key_1, NDJSON)
    node.send(b"\n".join(lines), key_2, NDJSON)
    again = node.send(b"\n".join(lines), key_2, NDJSON).lines()[-1]
    node.send(b"\n".join(lines[1_400:]), key_3, NDJSON)
    node.send(b"\n".join(lines[:1_600]), key_3, NDJSON)
    mixed = random.Random(3).sample(lines, len(lines))
    node.send(b"\n".join(mixed), key_4, NDJSON)
    _send_and_vanish(node, b"\n".join(lines), key_5, after_bytes=900_000)
    resent = node.send(b"\n".join(lines), key_5, NDJSON).lines()[-1]

    expected = totals_of(node, plain)
    assert expected["decisions",] == (3_000, 0)
    assert again["counts"] == {"repeated": 3_000}
    assert sum(resent["counts"].values()) == 3_000
    for party_id in (twice, halves, shuffled, cut):
        assert totals_of(node, party_id) == expected


@pytest.mark.in_turn
def test_who_goes_away_in_mid_stream_finds_what_was_answered_and_nothing_half_filed(node: Serving) -> None:
    party_id, key = node.add_party("Invented Leaver")
    lines = file_of(12_000, "LEAVE")

    answered = _send_and_vanish(node, b"\n".join(lines), key, after_bytes=4_000_000, wait_for_answers=2_000)
    time.sleep(2)

    assert answered, "nothing was answered before it left: the test shows nothing"
    filed = {row[0] for row in node.rows("SELECT reference FROM submission WHERE party_id = %s", party_id)}
    assert {one["reference"] for one in answered} <= filed
    # The node has been filled without a pause: a plan without statistics joins each row with all others.
    node.execute("ANALYZE submission, consignment, decision")
    whole = node.rows(
        "SELECT count(*), count(c.consignment_id), count(d.decision_id), count(owed.consignment_id) "
        "FROM submission LEFT JOIN consignment c USING (document_id) "
        "LEFT JOIN decision d ON d.decision_id = c.decision_id "
        "LEFT JOIN (SELECT DISTINCT consignment_id FROM charge) owed "
        "ON owed.consignment_id = c.consignment_id "
        "WHERE submission.party_id = %s",
        party_id,
    )[0]
    assert set(whole) == {len(filed)}
    trailer = node.send(b"\n".join(lines), key, NDJSON, timeout_s=120).lines()[-1]
    assert trailer["counts"] == {"repeated": len(filed), "decided": 12_000 - len(filed)}


def test_who_waits_for_answers_before_sending_on_gets_them(node: Serving, key: str) -> None:
    head = (
        "POST /v1/declarations HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n"
        f"Content-Type: {NDJSON}\r\nAuthorization: Bearer {key}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as connection:
        connection.sendall(head.encode())
        for number in range(3):
            line = encoded(parcel(f"PACED-{number}")) + b"\n"
            connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
            received = b""
            while f'"reference":"PACED-{number}"'.encode() not in received:
                received += connection.recv(1 << 16)


def _send_and_vanish(
    node: Serving, body: bytes, key: str, *, after_bytes: int, wait_for_answers: int = 0
) -> list[dict[str, Any]]:
    """Send a part of a file, read some answers, then drop the connection; returns the answers read."""
    head = (
        "POST /v1/declarations HTTP/1.1\r\nHost: here\r\n"
        f"Content-Type: {NDJSON}\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", node.port), timeout=60) as connection:
        connection.sendall(head.encode() + body[:after_bytes])
        received = b""
        while received.count(b'"reference"') < wait_for_answers:
            piece = connection.recv(1 << 16)
            if not piece:
                break
            received += piece
        # Gone at once, as a pulled cable or a killed client.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    found = []
    for line in received.partition(b"\r\n\r\n")[2].splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue  # a chunk's length, or a line cut in two
    return [one for one in found if isinstance(one, dict)]

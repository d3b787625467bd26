"""What cannot be taken in mid-stream is said line by line, with the time to come again.

The overload is real: a trigger in the database makes each try give way, as a clash with others would, so that
processing gives up after its fourth.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.faults.serving import CSV, NDJSON, ROOT, Serving, ndjson, parcel

GIVE_WAY = """
CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'others were first' USING ERRCODE = 'serialization_failure'; END $$;
CREATE TRIGGER give_way BEFORE INSERT OR UPDATE ON declared_consignment FOR EACH ROW
WHEN (NEW.house_document = 'LATE') EXECUTE FUNCTION give_way();
"""

PATIENCE_S = 7.0
"""Longer than processing tries."""


@contextmanager
def busy_for_late_ones(node: Serving) -> Iterator[None]:
    node.execute(GIVE_WAY)
    try:
        yield
    finally:
        node.execute("DROP TRIGGER give_way ON declared_consignment; DROP FUNCTION give_way()")


def send_in_bursts(node: Serving, key: str, bursts: list[tuple[list[dict[str, Any]], float]]) -> list[Any]:
    """Send a file as a slow sender does: each burst is a chunk of its own to the server. bursts: lines, and
    the seconds to wait after them."""

    def body() -> Iterator[bytes]:
        for lines, pause_s in bursts:
            yield ndjson(lines)
            time.sleep(pause_s)

    connection = node.connect(timeout_s=120)
    try:
        connection.request(
            "POST",
            "/v1/declarations",
            body(),
            {"content-type": NDJSON, "authorization": f"Bearer {key}"},
        )
        answer = connection.getresponse()
        assert answer.status == 200
        return [json.loads(line) for line in answer.read().splitlines()]
    finally:
        connection.close()


@pytest.mark.in_turn
def test_remaining_lines_say_not_accepted_and_when_to_come_again(node: Serving) -> None:
    party_id, key = node.add_party("Invented Crowd")
    lines = [parcel(f"LATER-{n}", house_document="LATE" if 100 <= n < 200 else None) for n in range(400)]

    with busy_for_late_ones(node):
        *answers, trailer = send_in_bursts(
            node, key, [(lines[:100], 0.5), (lines[100:200], PATIENCE_S), (lines[200:], 0)]
        )

    assert [one["line"] for one in answers] == list(range(1, 401))
    assert [one["reference"] for one in answers] == [line["reference"] for line in lines]
    assert [one["status"] for one in answers] == ["decided"] * 100 + ["not-accepted"] * 300, (
        "after the first chunk that was not taken nothing more is tried"
    )
    assert trailer == {"counts": {"decided": 100, "not-accepted": 300}, "complete": True}
    assert {one["problem"]["code"] for one in answers[100:]} == {"database-busy"}
    assert {one["problem"]["retry_after_s"] for one in answers[100:]} == {2}
    assert all(one["problem"]["next_step"] for one in answers[100:])
    assert node.rows("SELECT count(*) FROM submission WHERE party_id = %s", party_id) == [(100,)]

    again = node.send(ndjson(lines), key, NDJSON, timeout_s=120).lines()[-1]

    assert again["counts"] == {"decided": 300, "repeated": 100}


def test_when_not_even_the_first_line_is_taken_the_file_is_a_503(node: Serving, key: str) -> None:
    with busy_for_late_ones(node):
        reply = node.send(ndjson([parcel("LATER-FIRST", house_document="LATE")]), key, NDJSON)

    assert (reply.status, reply.json()["code"]) == (503, "database-busy")
    assert int(reply.headers["retry-after"]) >= 1


@pytest.mark.slow
def test_rows_of_a_csv_file_say_so_as_well(node: Serving) -> None:
    _, key = node.add_party("Invented Table")
    head, row, *_ = (ROOT / "examples/messages/declarations.csv").read_text().splitlines()
    reference = row.split(",")[0]
    rows = [
        row.replace(reference, f"TABLE-{number}", 1) + (",LATE" if number >= 10_000 else ",")
        for number in range(10_200)
    ]

    with busy_for_late_ones(node):
        reply = node.send("\n".join([f"{head},house_document", *rows, ""]).encode(), key, CSV, timeout_s=120)

    assert reply.lines()[-1] == {"counts": {"decided": 10_000, "not-accepted": 200}, "complete": True}

"""Many WCO declarations in one request: a line for each part, whatever is wrong with its neighbours."""

import json
from pathlib import Path

import httpx2
import pytest

from tests.journey.cases.world import World

EXAMPLE = (Path(__file__).parents[2] / "examples" / "messages" / "declaration-wco-dec.xml").read_bytes()
MIXED = {"content-type": "multipart/mixed; boundary=of-parts"}


def declared(reference: str) -> bytes:
    return EXAMPLE.replace(b"EXAMPLE-2026-0101", reference.encode())


def multipart(*contents: bytes, media_type: str = "application/xml") -> bytes:
    head = f"--of-parts\r\nContent-Type: {media_type}\r\n\r\n".encode()
    return b"".join(head + one + b"\r\n" for one in contents) + b"--of-parts--\r\n"


def sent(client: httpx2.Client, body: bytes) -> tuple[list[dict[str, object]], dict[str, object]]:
    answer = client.post("/v1/declarations", content=body, headers=MIXED)
    assert answer.status_code == 200, answer.text
    *lines, trailer = [json.loads(line) for line in answer.text.strip().split("\n")]
    return lines, trailer


@pytest.mark.in_turn
def test_each_part_is_answered_on_a_line_of_its_own(world: World) -> None:
    names = [f"PART-{number}" for number in range(2_300)]

    with world.client("rival") as client:
        lines, trailer = sent(client, multipart(*map(declared, names)))

    assert [line["line"] for line in lines] == list(range(1, 2_301))
    assert [line["reference"] for line in lines] == names
    assert {line["status"] for line in lines} == {"decided"}
    assert trailer["complete"] is True


def test_a_bad_part_leaves_its_neighbours_unharmed(world: World) -> None:
    gpr = b"""<Declaration xmlns="urn:wco:datamodel:WCO:DEC-DMS:2"><FunctionCode>13</FunctionCode>
<FunctionalReferenceID>L</FunctionalReferenceID><ID>26XX1</ID><TypeCode>GPR</TypeCode></Declaration>"""
    bad = [b"", b"<a/>", b"\x00\x01", EXAMPLE[:400], b"<!DOCTYPE a><Declaration/>", b"x" * 20_000_000, gpr]

    with world.client("rival") as client:
        lines, _ = sent(client, multipart(declared("NEXT-1"), *bad, declared("NEXT-2")))

    assert [line["status"] for line in lines] == ["decided", *["rejected"] * 7, "decided"]
    codes = [line["findings"][0]["code"] for line in lines[1:-1]]  # type: ignore[index]
    assert codes == [
        "empty-message",
        "other-message",
        "not-utf-8",
        "malformed-xml",
        "doctype-refused",
        "message-too-large",
        "act-not-in-bulk",
    ]


def test_a_body_that_is_cut_off_keeps_what_was_whole(world: World) -> None:
    whole = multipart(declared("CUT-1"), declared("CUT-2"))

    with world.client("rival") as client:
        answer = client.post("/v1/declarations", content=whole[:-400], headers=MIXED)
        again = client.post("/v1/declarations", content=whole, headers=MIXED)

    first, *_ = [json.loads(line) for line in answer.text.strip().split("\n")]
    assert (first["reference"], first["status"]) == ("CUT-1", "decided")
    assert '"complete"' not in answer.text
    statuses = [json.loads(line).get("status") for line in again.text.strip().split("\n")[:2]]
    assert statuses == ["repeated", "decided"]


def test_a_multipart_without_boundary_is_refused_by_name(world: World) -> None:
    with world.client("rival") as client:
        answer = client.post("/v1/declarations", content=b"", headers={"content-type": "multipart/mixed"})
        other = client.post(
            "/v1/declarations", content=multipart(b"{}", media_type="text/html"), headers=MIXED
        )

    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "body-not-readable"
    assert json.loads(other.text.split("\n")[0])["findings"][0]["code"] == "not-xml"

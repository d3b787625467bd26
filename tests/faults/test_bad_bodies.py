"""Bodies that cannot be read, or say what cannot be: a clear answer each, and the neighbours go on."""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.serving import CSV, NDJSON, XML, Reply, Serving, encoded, goods_item, ndjson, parcel

MIB = 1 << 20


def findings_of(reply: Reply) -> dict[str, str]:
    """Code and pointer of each fault of one document."""
    assert reply.status == 422, reply.content
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert (problem["type"], problem["status"]) == ("/problems/document-faulty", 422)
    assert problem["title"]
    assert "fault" in problem["detail"]
    assert problem["outcome"] == "rejected"
    findings = problem["findings"]
    assert all(one["code"] and one["severity"] for one in findings)
    return {one["code"]: one["pointer"] for one in findings}


def is_filed(node: Serving, reference: str) -> bool:
    return bool(node.rows("SELECT 1 FROM submission WHERE reference = %s", reference))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (encoded(parcel("BAD-1"))[:-40], "truncated-json"),
        (b"", "empty-message"),
        (json.dumps(parcel("BAD-2")).encode("utf-16"), "not-utf-8"),
        (
            json.dumps(parcel("BAD-3"), ensure_ascii=False).replace("Aoife", "Zoë").encode("latin-1"),
            "not-utf-8",
        ),
        (b"[" * 100_000, None),
        (b'{"reference": "BAD-4" "x": 1}', None),
        (b"\x00" * 1000, None),
        (b"reference=BAD-5", None),
    ],
    ids=["truncated", "empty", "utf-16", "latin-1", "deep", "no-comma", "zeros", "form"],
)
def test_what_is_no_json_is_said_to_be_none(
    node: Serving, key: str, content: bytes, code: str | None
) -> None:
    found = findings_of(node.send(content, key))

    assert found
    assert code is None or code in found


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b'"invoice_amount":1e400', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":-0', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"-0"', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"1e400"', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"NaN"', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":9223372036854775808', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"9223372036854775808"', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"92233720368547758.08"', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"20.001"', "/goods_items/0/invoice_amount"),
        (b'"invoice_amount":"-20.00"', "/goods_items/0/invoice_amount"),
        (b'"invoice_currency_code":"EURO"', "/goods_items/0/invoice_currency_code"),
        (b'"invoice_currency_code":"XQQ"', "/goods_items/0/invoice_currency_code"),
        (b'"origin_country_code":"XQ"', "/goods_items/0/origin_country_code"),
        (b'"commodity_code":"6109ABCD"', "/goods_items/0/commodity_code"),
        (b'"commodity_code":"779999"', "/goods_items/0/commodity_code"),
        (b'"gross_mass_kg":"-0.250"', "/goods_items/0/gross_mass_kg"),
        (b'"gross_mass_kg":"1e400"', "/goods_items/0/gross_mass_kg"),
        (b'"quantity":"9223372036854775808"', "/goods_items/0/quantity"),
        (b'"sequence_number":9223372036854775808', "/goods_items/0/sequence_number"),
        (b'"sequence_number":-0', "/goods_items/0/sequence_number"),
        (b'"sequence_number":1e400', "/goods_items/0/sequence_number"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_its_place(
    node: Serving, key: str, content: bytes, pointer: str
) -> None:
    name = content.split(b":")[0].strip(b'"').decode()
    sound = encoded(goods_item())
    old = next(part for part in sound.strip(b"{}").split(b',"') if part.strip(b'"').startswith(name.encode()))
    document = encoded(parcel("OUT-OF-RANGE")).replace(b'"' + old.lstrip(b'"'), content)
    assert content in document

    found = findings_of(node.send(document, key))

    assert pointer in found.values()
    assert not is_filed(node, "OUT-OF-RANGE")


def test_a_price_of_nothing_is_a_fault(node: Serving, key: str) -> None:
    reply = node.send(encoded(parcel("FREE-1", goods_items=[goods_item(invoice_amount="0.00")])), key)

    assert findings_of(reply) == {"not-positive": "/goods_items/0/invoice_amount"}


@pytest.mark.parametrize(
    ("accepted_at", "code"),
    [
        ("1999-01-01T00:00:00Z", "instant-out-of-range"),
        ("9999-12-31T23:59:59Z", "not-an-instant"),
        ("2026-13-01T00:00:00Z", "not-an-instant"),
        ("0000-00-00T00:00:00Z", "not-an-instant"),
    ],
)
def test_a_day_that_cannot_be_is_a_fault(node: Serving, key: str, accepted_at: str, code: str) -> None:
    reply = node.send(encoded(parcel("DAY-1", accepted_at=accepted_at)), key)

    assert findings_of(reply) == {code: "/accepted_at"}


def test_a_day_before_any_law_is_reviewed_and_charged_nothing(node: Serving, key: str) -> None:
    korean = {"name": "Invented Person", "country_code": "KR"}
    reply = node.send(encoded(parcel("DAY-2", accepted_at="2019-06-01T00:00:00Z", consignee=korean)), key)

    decision = reply.json()["decision"]
    assert (decision["lane"], decision["reasons"], decision["law_on"]) == (
        "review",
        [{"code": "no-law"}],
        "2019-06-01",
    )
    assert [item["charges"] for item in decision["goods_items"]] == [[]]
    assert "law" not in decision
    assert "totals" not in decision, "nothing owed and nothing known are not the same"


@pytest.mark.in_turn
def test_one_bad_line_among_ten_thousand_stands_alone(node: Serving, key: str) -> None:
    lines = [encoded(parcel(f"TEN-{number}")) for number in range(10_000)]
    lines[6_543] = lines[6_543][:-17]

    reply = node.send(b"\n".join(lines) + b"\n", key, NDJSON, timeout_s=300)

    *answers, trailer = reply.lines()
    assert reply.status == 200
    assert trailer == {"counts": {"decided": 9_999, "rejected": 1}, "complete": True}
    assert [one["line"] for one in answers] == list(range(1, 10_001))
    bad = answers[6_543]
    assert (bad["status"], bad["findings"][0]["code"]) == ("rejected", "truncated-json")
    assert node.rows("SELECT count(*) FROM submission WHERE reference LIKE 'TEN-%%'") == [(9_999,)]


def test_a_line_of_a_hundred_megabytes_is_dropped_and_its_neighbours_are_answered(
    node: Serving, key: str
) -> None:
    connection = node.connect(120)

    def body() -> Iterator[bytes]:
        yield encoded(parcel("LONG-1")) + b'\n{"reference":"'
        for _ in range(100):
            yield b"x" * MIB
        yield b'"}\n' + encoded(parcel("LONG-3")) + b"\n"

    before_kib = _resident_kib(node)
    connection.request(
        "POST",
        "/v1/declarations",
        body(),
        {"content-type": NDJSON, "authorization": f"Bearer {key}"},
        encode_chunked=True,
    )
    first, second, third, trailer = [
        json.loads(line) for line in connection.getresponse().read().splitlines()
    ]
    connection.close()

    assert (first["status"], third["status"]) == ("decided", "decided")
    assert (second["line"], second["findings"][0]["code"]) == (2, "message-too-large")
    assert second["findings"][0]["parameters"] == {"bytes_max": str(MIB)}
    assert trailer["complete"]
    assert _resident_kib(node) - before_kib < 60 * 1024


def _resident_kib(node: Serving) -> int:
    def of(process_id: int) -> int:
        lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    return max(of(one) for one in node.web_process_ids())


def test_a_body_for_one_thing_may_not_be_endless(node: Serving, key: str) -> None:
    reply = node.send(b'{"reference":"' + b"x" * (9 * MIB) + b'"}', key)

    assert (reply.status, reply.json()["code"]) == (413, "body-too-large")


@pytest.mark.in_turn
def test_a_little_gzip_may_not_grow_beyond_the_limit(node: Serving, key: str) -> None:
    bomb = gzip.compress(b" " * (300 * MIB))

    reply = node.send(bomb, key, headers={"content-encoding": "gzip"})

    assert (reply.status, reply.json()["code"]) == (413, "body-too-large")


@pytest.mark.in_turn
@pytest.mark.parametrize("lines", [b"\n", b"a\n", b"{}\n"], ids=["line ends", "letters", "empty objects"])
def test_a_little_gzip_of_lines_that_are_nothing_is_not_answered_line_by_line(
    node: Serving, key: str, lines: bytes
) -> None:
    """A megabyte of gzip holds a thousand million line ends; each had an answer of its own."""
    bomb = gzip.compress(lines * (2 * MIB))

    reply = node.send(bomb, key, NDJSON, headers={"content-encoding": "gzip"})

    *answers, stopped = reply.content.splitlines()
    assert len(answers) < 60_000
    assert json.loads(stopped)["problem"]["code"] == "body-holds-nothing"
    assert {json.loads(one)["status"] for one in answers[:100]} == {"rejected"}
    assert b"internal-error" not in reply.content


def test_what_was_taken_before_a_file_turns_to_nothing_stays_taken(node: Serving, key: str) -> None:
    body = ndjson([parcel("BEFORE-NOTHING")]) + b"\n" * 200_000

    reply = node.send(body, key, NDJSON)

    first, *_, last = reply.content.splitlines()
    assert json.loads(first)["status"] == "decided"
    assert json.loads(last)["problem"]["code"] == "body-holds-nothing"
    assert is_filed(node, "BEFORE-NOTHING")


def test_gzip_that_is_cut_off_or_none_is_said(node: Serving, key: str) -> None:
    packed = gzip.compress(encoded(parcel("GZ-1")))

    cut = node.send(packed[:-9], key, headers={"content-encoding": "gzip"})
    none = node.send(encoded(parcel("GZ-1")), key, headers={"content-encoding": "gzip"})
    whole = node.send(packed, key, headers={"content-encoding": "gzip"})

    assert (cut.status, cut.json()["code"]) == (400, "body-cut-off")
    assert (none.status, none.json()["code"]) == (400, "body-not-readable")
    assert whole.status == 201


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><MetaData>&j;</MetaData>"
)
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><MetaData>&x;</MetaData>'
)


@pytest.mark.parametrize("content", [BOMB, EXTERNAL], ids=["bomb", "external-entity"])
def test_xml_that_declares_entities_is_refused_unread(node: Serving, key: str, content: bytes) -> None:
    started_s = time.monotonic()
    reply = node.send(content, key, XML)

    assert findings_of(reply) == {"doctype-refused": ""}
    assert Path("/etc/hostname").read_text().strip() not in reply.content.decode()
    assert time.monotonic() - started_s < 5


def test_broken_xml_says_where(node: Serving, key: str) -> None:
    assert "malformed-xml" in findings_of(node.send(b"<MetaData><Declaration></MetaData>", key, XML))


def test_csv_in_another_encoding_is_said(node: Serving, key: str) -> None:
    header = "reference,consignor_name,consignor_country_code\n"

    content = (header + "CSV-1,Zoë,CN\n").encode("utf-16")
    reply = node.send(content, key, CSV, path="/v1/declarations?include=text")

    assert reply.status in (200, 422), reply.content
    assert "UTF-8" in reply.content.decode()


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/json; charset=latin-1", "", "application/pdf"]
)
def test_a_content_type_that_is_not_read_is_415_with_those_that_are(
    node: Serving, key: str, media_type: str
) -> None:
    reply = node.send(encoded(parcel("TYPE-1")), key, media_type)

    assert (reply.status, reply.json()["code"]) == (415, "content-type-unsupported")
    assert "application/x-ndjson" in reply.json()["next_step"]


def test_an_encoding_that_is_not_read_is_415(node: Serving, key: str) -> None:
    reply = node.send(encoded(parcel("TYPE-2")), key, headers={"content-encoding": "br"})

    assert (reply.status, reply.json()["code"]) == (415, "content-encoding-unsupported")


def test_every_problem_has_its_page_and_its_request_id(node: Serving, key: str) -> None:
    problem: dict[str, Any] = node.send(b"x", key, "text/plain").json()

    assert problem["request_id"]
    assert node.get(problem["type"]).status == 200


@pytest.fixture(scope="module", autouse=True)
def told_before(node: Serving) -> int:
    """How many lines the server had told: other files break it on purpose."""
    return len(node.lines())


def test_the_server_stands_after_all_that(node: Serving, key: str, told_before: int) -> None:
    reply = node.send(ndjson([parcel("AFTER-1"), parcel("AFTER-2")]), key, NDJSON)

    assert [one["status"] for one in reply.lines()[:-1]] == ["decided", "decided"]
    said = node.lines()[told_before:]
    assert [one for one in said if one.get("event") == "internal-error"] == []

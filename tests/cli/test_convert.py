"""`serai convert`: what the other form holds is written, what it does not is told."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from serai.formats.ceb.check import check_message
from serai.formats.convertible import Circumstances
from serai.formats.standards import CONVERSIONS
from tests.cli.typing_commands import MESSAGES, ROOT, Typed, typed
from tests.formats.ics.ens_message import write_message

STANDARDS = ROOT / "examples" / "standards"
AT = ("--at", "2026-03-01T09:30:00+08:00")


def convert(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[Typed, list[dict[str, Any]]]:
    """What came out, and the findings told on standard error."""
    said = typed(capfd, "convert", *words, "--output", "ndjson")
    return said, [json.loads(line) for line in said.err.splitlines() if line.startswith("{")]


def test_what_goes_round_comes_back(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    there, lost = convert(capfd, MESSAGES / "declarations.csv", "--from", "csv", "--to", "ndjson")
    (tmp_path / "lines.ndjson").write_text(there.out)

    back, lost_back = convert(capfd, tmp_path / "lines.ndjson", "--from", "ndjson", "--to", "csv")
    (tmp_path / "rows.csv").write_text(back.out, newline="")
    again, _ = convert(capfd, tmp_path / "rows.csv", "--from", "csv", "--to", "ndjson")

    assert (there.code, lost, back.code, lost_back) == (0, [], 0, [])
    assert again.out == there.out
    assert len(there.lines()) == 4


@pytest.mark.parametrize("form", ["csv", "wco-dec"])
def test_every_field_comes_back_or_is_told(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    source = tmp_path / "one.json"
    document = json.loads((MESSAGES / "declaration.json").read_bytes())
    source.write_text(json.dumps({**document, "packages": [{"type_code": "BX", "count": 2}]}))
    there, told = convert(capfd, source, "--from", "json", "--to", form)
    (tmp_path / "there").write_text(there.out, newline="")
    back, _ = convert(capfd, tmp_path / "there", "--from", form, "--to", "json")

    missing = {"/".join(way) for way in leaves(json.loads(source.read_text()))}
    missing -= {"/".join(way) for way in leaves(back.json())}

    pointers = {row["pointer"] for row in told}
    assert (there.code, back.code) == (0, 0)
    assert missing
    silent = {one for one in missing if not any(f"/{one}".startswith(pointer) for pointer in pointers)}
    assert silent == set()
    assert all(row["sentence"] and row["remedy"] for row in told)


def leaves(value: Any, *way: str) -> set[tuple[str, ...]]:
    """Every leaf of a document with its way and value; channel and other defaults are the document's own."""
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        return {leaf for name, one in named for leaf in leaves(one, *way, str(name))}
    return {(*way, f"={value}")}


def test_an_order_of_one_standard_becomes_json_and_goes_back(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    order, told = convert(capfd, STANDARDS / "ceb-order.xml", "--from", "ceb", "--to", "json")
    (tmp_path / "order.json").write_text(order.out)

    back, lost = convert(
        capfd, tmp_path / "order.json", "--from", "json", "--to", "ceb", "--kind", "order", *AT
    )
    (tmp_path / "back.xml").write_text(back.out)
    again, _ = convert(capfd, tmp_path / "back.xml", "--from", "ceb", "--to", "json")

    assert order.json()["reference"] == "ORDER-1"
    assert [row["code"] for row in told] == ["not-carried-over"]  # who sent the message
    assert [row["code"] for row in lost] == ["message-incomplete"]
    assert again.json() == order.json()


def test_a_message_that_deletes_is_never_read_as_a_new_one(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (STANDARDS / "ceb-order.xml").read_text()
    (tmp_path / "delete.xml").write_text(text.replace("appType>1<", "appType>3<"))

    said, told = convert(capfd, tmp_path / "delete.xml", "--from", "ceb", "--to", "json")

    assert (said.code, said.out) == (1, "")
    assert ("act-not-carried", "fault") in {(row["code"], row["severity"]) for row in told}


def test_neighbours_of_a_faulty_line_are_written(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = json.dumps(json.loads((MESSAGES / "declaration.json").read_bytes()))
    (tmp_path / "three.ndjson").write_text(f"{line}\n{{}}\n{line}\n")

    said, told = convert(capfd, tmp_path / "three.ndjson", "--from", "ndjson", "--to", "csv")

    assert said.code == 1
    assert "2 documents written, 1 faulty and left out" in said.err
    assert {row["place"] for row in told if row["severity"] == "fault"} == {"line 2"}


def test_what_the_other_form_asks_for_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    said, told = convert(capfd, MESSAGES / "declaration.json", "--from", "json", "--to", "ceb")

    needed = [row["sentence"] for row in told if row["code"] == "target-needs"]
    assert said.code == 1
    assert any("missing-field at /CEB621Message/Inventory/InventoryHead/ebpName" in one for one in needed)
    assert not any("BaseTransfer" in one for one in needed)


def test_many_messages_want_a_folder(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = (MESSAGES / "declarations.csv", "--from", "csv", "--to", "wco-dec")
    refused, _ = convert(capfd, *words)
    written, _ = convert(capfd, *words, "--into", tmp_path / "out")

    assert (refused.code, refused.out) == (2, "")
    assert "one-message-only" in refused.err
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [
        f"{n:06}.xml" for n in range(1, 5)
    ]
    assert written.code == 0


def test_a_house_document_becomes_a_transport_document(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "ens.xml").write_text(write_message())

    said, _ = convert(
        capfd, tmp_path / "ens.xml", "--from", "ics", "--to", "ndjson", "--zone", "Europe/London"
    )

    assert said.code == 0
    assert said.lines()[0]["reference"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--from", "json", "--to", "ics"), "conversion-impossible"),
        (("--from", "ics", "--to", "wco-dec"), "conversion-impossible"),
        (("--from", "json", "--to", "csv", "--kind", "order"), "conversion-impossible"),
        (("--from", "json", "--to", "csv", "--kind", "parcel"), "kind-unknown"),
        (("--from", "ics", "--to", "json", "--zone", "Europe/Atlantis"), "zone-unknown"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    (tmp_path / "nothing").write_bytes(b"")
    said = typed(capfd, "convert", tmp_path / "nothing", *words, "--output", "json")

    assert said.code == 2
    assert json.loads(said.err)["code"] == code


EVENT = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-01T09:30:00Z",
    "epcisBody": {
        "eventList": [
            {
                "type": "ObjectEvent",
                "eventTime": "2026-03-01T09:30:00Z",
                "eventTimeZoneOffset": "+00:00",
                "epcList": ["urn:epc:id:sgtin:0614141.107346.2018"],
                "action": "OBSERVE",
                "bizStep": "arriving",
            }
        ]
    },
}


def test_events_go_from_json_into_xml_and_back(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(json.dumps(EVENT))

    there, lost = convert(capfd, tmp_path / "events.json", "--from", "epcis-json", "--to", "epcis-xml")
    (tmp_path / "events.xml").write_text(there.out)
    back, lost_back = convert(capfd, tmp_path / "events.xml", "--from", "epcis-xml", "--to", "epcis-json")

    assert (there.code, back.code) == (0, 0)
    assert [row for row in lost + lost_back if row["code"].startswith(("not-carried", "carried"))] == []
    (event,) = back.json()["epcisBody"]["eventList"]
    assert event == EVENT["epcisBody"]["eventList"][0]  # type: ignore[index]


def test_an_order_is_written_for_export_too(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    there, told = convert(capfd, STANDARDS / "ceb-order.xml", "--from", "ceb", "--to", "ceb-export", *AT)
    (tmp_path / "there.xml").write_text(there.out)
    back, _ = convert(capfd, tmp_path / "there.xml", "--from", "ceb-export", "--to", "ndjson")

    faults = [one for one in check_message(there.out.encode()) if one.severity == "fault"]
    assert there.code == 0
    assert "CEB303Message" in there.out
    # The buyer abroad is named by no export order; who sends it, by nobody but the sender.
    assert {row["pointer"].split("/")[1] for row in told if row["code"] == "not-carried-over"} >= {"buyer"}
    assert {one.pointer for one in faults} == {"/CEB303Message/BaseTransfer"}
    assert back.lines()[0]["reference"]


@pytest.mark.parametrize("name", sorted(CONVERSIONS))
def test_no_bytes_break_a_reader(name: str) -> None:
    told = Circumstances(datetime(2026, 3, 1, tzinfo=UTC))
    sound = (MESSAGES / "declaration-wco-dec.xml").read_bytes()
    nasty = [
        b"",
        b"\x00",
        b"<",
        b"{",
        b"[]",
        b"<a/>",
        sound[:500],
        b"PK\x03\x04",
        b'{"a":' * 10_000,
        b"\xff\xfe<",
    ]

    for content in nasty:
        parts = CONVERSIONS[name].read(content, told)
        assert all(part.document is not None or part.findings for part in parts)

"""CUSCAR and CARDIT over HTTP: documents are filed, changed and withdrawn, and CONTRL says what was taken."""

from pathlib import Path

import httpx2 as httpx
import pytest

from serai.formats.edifact.interchange import read_interchange
from tests.formats.edifact.interchanges import interchange
from tests.journey.cases.world import World, file, parcel

STANDARDS = Path(__file__).parents[2] / "examples" / "standards"
EDIFACT = {"content-type": "application/EDIFACT"}


def send(world: World, content: bytes, standard: str = "cuscar", **headers: str) -> httpx.Response:
    with world.client("rival") as client:
        return client.post(f"/v1/messages/{standard}", content=content, headers=EDIFACT | headers)


def contrl(answer: httpx.Response) -> list[tuple[str, ...]]:
    """Return the segments of a CONTRL, each as tag and first components; it must be sound itself."""
    assert answer.headers["content-type"].startswith("application/edifact")
    read, findings = read_interchange(answer.content)
    assert findings == []
    assert read is not None
    (message,) = read.messages
    assert message.kind == "CONTRL"
    return [(one.tag, *(":".join(row) for row in one.elements)) for one in message.segments]


def report(number: str, house: str, function: str = "9", pieces: str = "1") -> bytes:
    return interchange(f"BGM+85+{number}+{function}", "CNI+1", f"RFF+HWB:{house}", f"GID+1+{pieces}:CT")


@pytest.mark.parametrize(("standard", "count"), [("cuscar", 2), ("cardit", 2)])
def test_the_samples_are_taken(world: World, standard: str, count: int) -> None:
    content = (STANDARDS / f"{standard}.edi").read_bytes()

    first = send(world, content, standard)
    again = send(world, content, standard, accept="application/json")

    assert first.status_code == 200, first.text
    assert [one[0] for one in contrl(first)] == ["UCI", "UCM"]
    assert contrl(first)[0][4] == "7"
    answers = again.json()["answers"]
    assert [one["status"] for one in answers] == ["repeated"] * count


def test_a_document_is_changed_and_cancelled_by_the_number_of_its_report(world: World) -> None:
    assert send(world, report("M-A", "HA")).status_code == 200
    changed = send(world, report("M-A", "HA", "4", "2"), accept="application/json")
    other = send(world, report("M-A", "HA", "9", "3"))
    cancelled = send(world, report("M-A", "HA", "1"), accept="application/json")
    unknown = send(world, report("M-B", "HA", "1"))

    assert changed.json()["answers"][0]["version"] == 2
    assert contrl(other)[-1] == ("UCS", "4", "26")
    assert other.status_code == 422
    assert cancelled.status_code == 200, cancelled.text
    assert contrl(unknown)[-1] == ("UCS", "4", "18")


def test_a_fault_of_one_document_leaves_its_neighbour(world: World) -> None:
    content = interchange("BGM+85+M-C+9", "CNI+1", "RFF+HWB:HC1", "CNI+2", "RFF+HWB:H C2")

    answer = send(world, content)
    told = send(world, content, accept="application/json").json()["answers"]

    assert answer.status_code == 422
    assert [one[0] for one in contrl(answer)] == ["UCI", "UCM", "UCS", "UCD"]
    assert contrl(answer)[0][4] == "7"
    assert contrl(answer)[2][1] == "6"
    assert [one["status"] for one in told] == ["repeated", "rejected"]


def test_a_value_that_is_none_keeps_out_its_document_alone(world: World) -> None:
    content = interchange("BGM+85+M-G+9", "CNI+1", "RFF+HWB:HG1", "CNI+2", "RFF+HWB:HG2", "GID+1+x:CT")

    answer = send(world, content)
    told = send(world, content, accept="application/json").json()["answers"]

    assert answer.status_code == 422
    assert contrl(answer)[0][4] == "7"
    assert contrl(answer)[2:] == [("UCS", "7"), ("UCD", "12", "3:1")]
    assert [one["status"] for one in told] == ["repeated", "rejected"]


def test_what_is_advised_on_the_message_is_told_with_its_first_document(world: World) -> None:
    content = (
        (STANDARDS / "cardit.edi")
        .read_bytes()
        .replace(b"CNT+7:19.4", b"CNT+7:20")
        .replace(b"60017", b"60019")
    )

    first, second = send(world, content, "cardit", accept="application/json").json()["answers"]

    assert "cardit-mass-differs" in {one["code"] for one in first["findings"]}
    assert "cardit-mass-differs" not in {one["code"] for one in second["findings"]}


def test_with_a_fault_in_the_interchange_nothing_is_taken(world: World) -> None:
    content = report("M-D", "HD")

    answer = send(world, content.replace(b"UNT+6+", b"UNT+7+"))
    in_json = send(world, content.replace(b"UNZ+1+", b"UNZ+2+"), accept="application/json")
    taken = send(world, content, accept="application/json")

    assert answer.status_code == 422
    assert contrl(answer)[0][4] == "4"
    assert contrl(answer)[1][3:] == ("4", "29", "UNT", "2:1")
    assert in_json.json()["findings"][0]["code"] == "edifact-count"
    assert [one["status"] for one in taken.json()["answers"]] == ["recorded"]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"<x/>", b"", b"UNB+UNOA:1", b"\xff\xfeU\x00"])
def test_what_is_no_interchange_is_a_problem_in_words(world: World, content: bytes) -> None:
    answer = send(world, content)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_nothing_is_told_later_in_this_form(world: World) -> None:
    with world.client("rival") as client:
        assert client.get("/v1/messages/cuscar/answers").json()["answers"] == []


def test_a_report_says_with_which_flight_a_declared_parcel_comes(world: World) -> None:
    declared = {
        name: value for name, value in parcel("R-HF").items() if not name.startswith(("conveyance", "master"))
    }
    flight = ("TDT+20+XX300+4++XX", "DTM+132:202607050600:203")
    content = interchange("BGM+85+M-F+9", *flight, "CNI+1", "RFF+HWB:HF", "GID+1+1:CT")
    arrival = {
        "reference": "A-F",
        "arrived_at": "2026-07-05T06:10:00+01:00",
        "conveyance_reference": "XX300-2026-07-05",
    }

    with world.client("rival") as client:
        (filed,) = file(client, declared | {"house_document": "HF"})
        assert filed["status"] == "decided", filed
        assert send(world, content).status_code == 200
        asked = {"conveyance_reference": "XX300-2026-07-05"}
        (waiting,) = client.get("/v1/declarations", params=asked).json()["consignments"]
        arrived = client.post("/v1/arrivals", json=arrival)
        (there,) = client.get("/v1/declarations", params=asked).json()["consignments"]

    assert arrived.json()["status"] == "recorded"
    assert (waiting["reference"], there["reference"]) == ("R-HF", "R-HF")
    assert (waiting["status"], there["status"]) == ("arrival-expected", "payment-due")

"""What is asked before loading points into the carrier's own message: in the answer, and when it is read
later."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2
import pytest
from lxml import etree

from serai.formats.edifact.interchange import read_interchange
from tests.formats.edifact.interchanges import interchange
from tests.journey.batches import ROOT
from tests.journey.cases.world import World

VAGUE = "parts"
SUMMARY = (ROOT / "examples" / "standards" / "ics-entry-summary.xml").read_text()
CARRIERS = ("CNI+1", "RFF+HWB:H-{0}-1", "GID+1+2:CT", "FTX+AAA+++Cotton shirts", "CNI+2", "RFF+HWB:H-{0}-2")
ROWS = (
    "reference,house_document,logistics_channel_code,description,scheduled_departure_at\n"
    "PL-CSV-1,PL-CSV-H1,post,Cotton shirts,2020-01-01T00:00:00Z\n"
    f"PL-CSV-2,PL-CSV-H2,post,{VAGUE},2090-01-01T00:00:00Z\n"
)


class Sent(NamedTuple):
    """A message with goods that have yet to be loaded. read: the answer to the document of the vague goods.
    at: what stands at a place in the message."""

    path: str
    media_type: str
    content: bytes
    read: Callable[[httpx2.Response], dict[str, Any]]
    at: Callable[[bytes, str], str]


def element_at(content: bytes, place: str) -> str:
    namespace = {"ie": "http://ics.dgtaxud.ec/CC315A"}
    (found,) = etree.fromstring(content).getroottree().xpath(place, namespaces=namespace)
    return str(found.text or "").strip()


def component_at(content: bytes, place: str) -> str:
    read, _ = read_interchange(content)
    assert read is not None
    _, message, number, tag, *rest = place.split("/")
    segment = read.messages[int(message) - 1].segments[int(number) - 2]
    assert segment.tag == tag
    assert segment.place == "/".join(("", message, number, tag))
    return str(segment.text(*map(int, rest)) if rest else "")


def cell_at(content: bytes, place: str) -> str:
    row, column = place.removeprefix("row ").split(", column ")
    table = list(csv.reader(io.StringIO(content.decode())))
    # What is missing stands in a column that the table could have.
    return table[int(row) - 1][table[0].index(column)] if column in table[0] else ""


def second_of_json(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["answers"][1]
    return found


def second_line(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text.splitlines()[1])
    return found


LEG = ("TDT+20+XX100+4++XX:::Invented Air", "LOC+9+CNSZX", "DTM+189:209007020430:203")
FORMS = {
    "ics": Sent(
        "/v1/messages/ics",
        "application/xml",
        VAGUE.join(SUMMARY.rsplit("cotton shirts", 1)).encode(),
        second_of_json,
        element_at,
    ),
    "cuscar": Sent(
        "/v1/messages/cuscar",
        "application/EDIFACT",
        interchange(
            "BGM+85+PL-CUSCAR+9",
            *LEG,
            *(one.format("PL") for one in CARRIERS),
            "GID+1+1:CT",
            f"FTX+AAA+++{VAGUE}",
        ),
        second_of_json,
        component_at,
    ),
    "csv": Sent("/v1/transport-documents", "text/csv", ROWS.encode(), second_line, cell_at),
}


@pytest.mark.parametrize("form", FORMS)
def test_reasons_before_loading_point_into_the_message(world: World, form: str) -> None:
    sent = FORMS[form]
    headers = {"content-type": sent.media_type, "accept": "application/json"}

    with world.client("rival") as client:
        answer = sent.read(client.post(sent.path, content=sent.content, headers=headers))
        read = client.get(f"/v1/transport-documents/{answer['reference']}/pre-loading").json()

    reasons = answer["decision"]["reasons"]
    (vague,) = [one for one in reasons if one["code"] == "loading-description-vague"]
    assert sent.at(sent.content, vague["pointer"]) == VAGUE
    assert read["reasons"] == reasons
    for one in (*reasons, *answer.get("findings", ())):
        assert one["pointer"] == "" or sent.at(sent.content, one["pointer"]) is not None, one

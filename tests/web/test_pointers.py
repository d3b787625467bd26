"""A pointer names the sender's own message: in the answer, and when the decision is read later."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.journey.batches import ROOT
from tests.journey.cases.world import World, parcel

MESSAGES = ROOT / "examples" / "messages"
JSON = {"accept": "application/json"}


class Sent(NamedTuple):
    """A message in some form. content: of a reference with a description. place: where the description stands
    in it. path: where it is sent. read: the answers to it."""

    path: str
    media_type: str
    content: Callable[[str, str], bytes]
    place: str
    read: Callable[[httpx2.Response], dict[str, Any]]


def one(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found


def first_line(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text.splitlines()[0])
    return found


def declared(reference: str, description: str) -> dict[str, Any]:
    found = parcel(reference)
    found["goods_items"][0]["description"] = description
    return found


def as_table(reference: str, description: str) -> bytes:
    header, row, *_ = (MESSAGES / "declarations.csv").read_text().splitlines()
    row = row.replace("EXAMPLE-2026-0001", reference).replace('"T-shirt, cotton, knitted"', description)
    return f"{header}\n{row}\n".encode()


def as_xml(reference: str, description: str) -> bytes:
    content = (MESSAGES / "declaration-wco-dec.xml").read_text()
    return (
        content.replace("EXAMPLE-2026-0101", reference)
        .replace("T-shirts, cotton, knitted", description)
        .encode()
    )


def as_itmatt(_reference: str, description: str) -> bytes:
    content = (ROOT / "examples" / "standards" / "itmatt.xml").read_text()
    return content.replace("Clay bowls, hand painted", description).encode()


def first_item(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["answers"][0]
    return found


_PIECE = "/ITMATT/CDSView[1]/Declaration/Data/ContentPieces/Declaration.DeclarationData.ContentPiece[1]"
XPATH = "/MetaData/Declaration/GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description"
FORMS = {
    "json": Sent(
        "/v1/declarations",
        "application/json",
        lambda *said: json.dumps(declared(*said)).encode(),
        "/goods_items/0/description",
        one,
    ),
    "ndjson": Sent(
        "/v1/declarations",
        "application/x-ndjson",
        lambda *said: json.dumps(declared(*said)).encode() + b"\n",
        "/goods_items/0/description",
        first_line,
    ),
    "csv": Sent("/v1/declarations", "text/csv", as_table, "row 2, column description", first_line),
    "wco-dec": Sent("/v1/declarations", "application/xml", as_xml, XPATH, one),
    "itmatt": Sent("/v1/messages/itmatt", "application/xml", as_itmatt, f"{_PIECE}/Description", first_item),
    "cds": Sent("/v1/messages/cds", "application/xml", as_xml, XPATH, one),
}


@pytest.mark.parametrize("form", FORMS)
def test_advice_points_into_the_message_in_the_answer_and_when_read_later(world: World, form: str) -> None:
    sent = FORMS[form]
    reference = f"POINTS-{form}".upper()

    with world.client("post") as client:
        headers = JSON | {"content-type": sent.media_type}
        answer = sent.read(client.post(sent.path, content=sent.content(reference, "gift"), headers=headers))
        read = client.get(f"/v1/cases/{answer['case_id']}/decision").json()["decision"]

    told = {finding["code"]: finding["pointer"] for finding in answer["decision"]["findings"]}
    assert told["description-vague"] == sent.place
    (vague,) = (one for one in answer["decision"]["findings"] if one["code"] == "description-vague")
    assert vague["parameters"]["terms"] == "gift", "the word that says nothing is named"
    assert vague["parameters"]["value"]
    assert read["findings"] == answer["decision"]["findings"]
    places = {finding["pointer"] for finding in (*read["findings"], *answer.get("findings", ()))}
    assert not any(place.startswith("/goods_items") for place in places if form not in ("json", "ndjson"))


@pytest.mark.parametrize("form", FORMS)
def test_a_fault_points_into_the_message(world: World, form: str) -> None:
    sent = FORMS[form]

    with world.client("post") as client:
        headers = JSON | {"content-type": sent.media_type}
        content = sent.content(f"FAULTY-{form}".upper(), "x" * 600)
        answer = sent.read(client.post(sent.path, content=content, headers=headers))

    assert ("too-long", sent.place) in {(one["code"], one["pointer"]) for one in answer["findings"]}

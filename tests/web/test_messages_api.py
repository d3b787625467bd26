"""Messages of standards over HTTP: answered in kind, and told of later in order."""

import re
from pathlib import Path

import pytest

from tests.feed import wait_until_shown
from tests.journey.cases.world import World

_MESSAGE = Path(__file__).parents[2] / "examples" / "messages" / "declaration-wco-dec.xml"
_XML = {"content-type": "application/xml"}


def test_a_declaration_is_answered_in_its_standard(world: World) -> None:
    with world.client("rival") as client:
        answer = client.post("/v1/messages/cds", content=_MESSAGE.read_bytes(), headers=_XML)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/xml")
        assert "<FunctionCode>02</FunctionCode>" in answer.text
        wait_until_shown(world.dsn)
        told = client.get("/v1/messages/cds/answers").json()
    contents = [one["content"] for one in told["answers"]]
    assert any("<FunctionCode>02</FunctionCode>" in one for one in contents)
    assert told["next_after"]


def test_a_rejection_names_the_declaration_that_it_rejects(world: World) -> None:
    faulty = re.sub(rb"<Description>[^<]*</Description>", b"", _MESSAGE.read_bytes())
    faulty = re.sub(rb"(<FunctionalReferenceID>)[^<]*", rb"\1NO-DESCRIPTION-1", faulty)
    with world.client("rival") as client:
        answer = client.post("/v1/messages/cds", content=faulty, headers=_XML)

    assert answer.status_code == 422
    assert "<FunctionCode>03</FunctionCode>" in answer.text
    assert (
        "<FunctionalReferenceID>NO-DESCRIPTION-1</FunctionalReferenceID>"
        in answer.text.partition("<Declaration>")[2]
    )


def test_the_same_answer_as_elsewhere_for_those_who_read_json(world: World) -> None:
    with world.client("rival") as client:
        answer = client.post(
            "/v1/messages/cds",
            content=_MESSAGE.read_bytes(),
            headers=_XML | {"accept": "application/json"},
        )
    assert answer.json()["status"] in {"decided", "repeated"}


@pytest.mark.parametrize("path", ["/v1/messages/telex", "/v1/messages/telex/answers"])
def test_a_standard_that_is_not_spoken_names_those_that_are(world: World, path: str) -> None:
    with world.client("rival") as client:
        answer = client.get(path) if path.endswith("answers") else client.post(path, headers=_XML)
    assert answer.status_code == 404
    assert answer.json()["code"] == "standard-unknown"
    assert "cds" in answer.json()["next_step"]

"""A message checked for anybody: for machines and on the page; bounded, and nothing of it is kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from serai.formats.standards import CHECKS
from serai.foundation.http.provided import provide
from serai.laboratory.message_check.checked import NAMES
from serai.portal.message_check.service import CONTENT_BYTES_MAX, CheckService
from tests.conformance.node import RunningNode, running_node

EXAMPLES = Path(__file__).parents[2] / "examples"
SOUND = {
    "json": "messages/declaration.json",
    "ndjson": "messages/declarations.ndjson",
    "csv": "messages/declarations.csv",
    "wco-dec": "messages/declaration-wco-dec.xml",
    "cds": "messages/declaration-wco-dec.xml",
    "ceb": "standards/ceb-order.xml",
    "ics": "standards/ics-entry-summary.xml",
}
SECRET = "Somebody Unmistakable"


@pytest.fixture(scope="module")
def node(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(database, tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture
def stranger(node: RunningNode) -> Iterator[httpx2.Client]:
    """Nobody in particular, who has not asked for anything yet."""
    provide(node.app, CheckService())
    with httpx2.Client(base_url=node.address, timeout=60) as client:
        yield client


def send(client: httpx2.Client, standard: str, content: bytes) -> httpx2.Response:
    return client.post(f"/v1/check/{standard}", content=content, headers={"content-type": "text/plain"})


@pytest.mark.parametrize("standard", SOUND)
def test_a_sound_message_is_valid(stranger: httpx2.Client, standard: str) -> None:
    answer = send(stranger, standard, (EXAMPLES / SOUND[standard]).read_bytes())

    assert answer.status_code == 200
    assert answer.json()["valid"], answer.json()


@pytest.mark.parametrize("standard", NAMES)
def test_nonsense_is_no_message_of_any(stranger: httpx2.Client, standard: str) -> None:
    answer = send(stranger, standard, b"\x00\xff nonsense")

    found = answer.json()
    assert (answer.status_code, found["valid"]) == (200, False)
    assert all(one["sentence"] and one["remedy"] for one in found["findings"])


def test_descriptions_are_described_with_the_vague_word_and_codes(stranger: httpx2.Client) -> None:
    asked = [
        {"text": "nice gift"},
        {"text": "подарок"},
        {"text": "plastic", "commodity_code": "39239000"},
        {"text": "Regenschirm"},
        {"text": "cotton t-shirt", "commodity_code": "85171300"},
    ]
    answer = stranger.post("/v1/describe", json={"descriptions": asked})
    refused = stranger.post("/v1/describe", json={"descriptions": [{"text": "x" * 513}]})

    found = [one["answer"] for one in answer.json()["descriptions"]]
    assert [one["listed"] for one in found] == [True, True, True, False, False]
    assert [one["terms"] for one in found[:3]] == [["nice", "gift"], ["подарок"], ["plastic"]]
    assert found[2]["suggestions"], "words that would do for the declared heading"
    assert found[3]["hs"][0]["code"].startswith("6601")
    assert found[4]["declared"]["verdict"] == "doubtful"
    assert found[4]["declared"]["suggestion"]["code"].startswith("6109")
    assert refused.status_code == 422


def test_a_fault_names_line_sentence_and_remedy(stranger: httpx2.Client) -> None:
    content = (EXAMPLES / SOUND["ics"]).read_bytes().replace(b">4<", b">1<")

    (first, *_) = send(stranger, "ics", content).json()["findings"]

    assert (first["code"], first["line"]) == ("8107", 8)
    assert "ship" in first["sentence"]


def test_every_standard_of_the_checker_is_offered() -> None:
    assert set(CHECKS) < set(NAMES)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/check/telex", 404, "standard-unknown"),
        ("/v1/check/csv?kind=arrival", 400, "kind-unknown"),
        ("/v1/check/ics?edition=oldest", 400, "standard-edition-unknown"),
    ],
)
def test_what_is_not_offered_is_told(stranger: httpx2.Client, path: str, status: int, code: str) -> None:
    answer = stranger.post(path, content=b"x", headers={"content-type": "text/plain"})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_too_much_is_refused(stranger: httpx2.Client) -> None:
    assert send(stranger, "json", b" " * (CONTENT_BYTES_MAX + 1)).status_code == 413


def test_who_asks_too_often_is_asked_to_wait(stranger: httpx2.Client) -> None:
    answers = [send(stranger, "json", b"{}") for _ in range(24)]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_the_page_shows_each_fault_below_its_line(stranger: httpx2.Client) -> None:
    document = json.loads((EXAMPLES / SOUND["json"]).read_bytes())
    document["goods_items"][0]["origin_country_code"] = "XX"
    document["consignee"]["name"] = f"<script>{SECRET}</script>"
    text = json.dumps(document, indent=2)
    line = next(n for n, one in enumerate(text.splitlines(), start=1) if '"XX"' in one)

    answer = post_form(stranger, {"standard": "json", "message": text.replace("\n", "\r\n")})

    assert answer.status_code == 200
    assert "1 fault in the message" in answer.text
    assert f'id="line-{line}"' in answer.text
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_file_can_be_given_instead(stranger: httpx2.Client) -> None:
    content = (EXAMPLES / SOUND["ceb"]).read_bytes()

    answer = post_form(stranger, {"standard": "ceb"}, content)

    assert "The message is valid" in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"standard": "json", "message": " "}, "Paste a message, or choose a file."),
        ({"standard": "telex", "message": "x"}, "Choose a form or standard."),
    ],
)
def test_what_is_missing_is_asked_for(stranger: httpx2.Client, fields: dict[str, str], said: str) -> None:
    answer = post_form(stranger, fields)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_form_of_another_site_is_refused(stranger: httpx2.Client) -> None:
    assert stranger.post("/check", data={"standard": "json", "message": "{}"}).status_code == 403


def test_nothing_of_a_message_is_written_anywhere(
    stranger: httpx2.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    send(stranger, "json", json.dumps({"reference": SECRET}).encode())
    post_form(stranger, {"standard": "json", "message": json.dumps({"reference": SECRET})})

    said = capfd.readouterr()
    assert SECRET not in said.out + said.err


def post_form(client: httpx2.Client, fields: dict[str, str], file: bytes | None = None) -> httpx2.Response:
    """Send the form as a browser would, with the token of its page."""
    shown = client.get("/check", headers={"accept": "text/html"})
    token = shown.text.partition('name="form_token" value="')[2].partition('"')[0]
    files = {"file": ("message.xml", file or b"", "application/octet-stream")}
    return client.post(
        "/check", data={**fields, "form_token": token}, files=files, headers={"accept": "text/html"}
    )

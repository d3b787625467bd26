"""Bad input over HTTP: told in the form it was asked in, and its neighbours are as they would be alone."""

import json

import pytest

from serai.journey.messaging.registry import MESSAGE_EXCHANGES
from tests.journey.cases.world import World, parcel
from tools.campaign.bad_input import cases_of, forms

CASES = [case for case in cases_of("json") if not case.is_large and case.name != "empty"]
STANDARDS = [form for form in forms() if form.name in MESSAGE_EXCHANGES]


def test_every_bad_line_of_a_stream_is_told_and_its_neighbours_are_decided(world: World) -> None:
    good = [json.dumps(parcel(f"GOOD-{number}")).encode() for number in range(len(CASES) + 1)]
    # A line ends at its first line feed: what a case puts into one would be more lines.
    bad = [case.spoil(json.dumps(parcel("BAD")).encode()).replace(b"\n", b" ") for case in CASES]
    pairs = zip(good, [*bad, b""], strict=True)
    body = b"\n".join(line for pair in pairs for line in pair if line)

    with world.client("rival") as client:
        answer = client.post(
            "/v1/declarations",
            params={"include": "text"},
            content=body,
            headers={"content-type": "application/x-ndjson"},
        )

    *lines, trailer = (json.loads(line) for line in answer.text.strip().split("\n"))
    assert answer.status_code == 200
    assert trailer["complete"] is True
    assert len(lines) == len(good) + len(bad)
    assert {line["status"] for line in lines[0::2]} == {"decided"}
    for case, line in zip(CASES, lines[1::2], strict=True):
        told = line["status"] == "rejected" and line["findings"][0]["sentence"]
        assert told or case.is_harmless, (case.name, line)


@pytest.mark.parametrize("form", STANDARDS, ids=lambda form: form.name)
def test_bad_messages_of_a_standard_are_answered_and_do_no_harm(world: World, form: object) -> None:
    assert isinstance(form, type(STANDARDS[0]))
    headers = {"content-type": MESSAGE_EXCHANGES[form.name].media_types[0], "accept": "application/json"}
    cases = [case for case in cases_of(form.kind) if not case.is_large and not case.is_harmless]
    url = f"/v1/messages/{form.name}"

    with world.client("rival") as client:
        alone = client.post(url, content=form.sample, headers=headers)
        statuses = {
            case.name: client.post(url, content=case.spoil(form.sample), headers=headers).status_code
            for case in cases
        }
        again = client.post(url, content=form.sample, headers=headers)

    assert {
        name: status for name, status in statuses.items() if status not in {200, 400, 413, 415, 422}
    } == {}
    assert again.status_code == alone.status_code

"""Small JSON bodies that no reader of documents looks at first: what is wrong is the sender's, never ours."""

import pytest

from tests.journey.cases.world import World, file, parcel

_HEADERS = {"content-type": "application/json"}
BODIES = {
    "a NUL": rb'{"expected_version":1,"reason":"a\u0000b"}',
    "no UTF-8": b'{"expected_version":1,"reason":"a\xffb"}',
    "half a character": rb'{"expected_version":1,"reason":"a\ud800b"}',
    "deep": b'{"expected_version":1,"reason":' + b"[" * 200_000,
    "deep and unknown": b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "UTF-16": '{"expected_version":1,"reason":"a"}'.encode("utf-16"),
    "a mark": b"\xef\xbb\xbf" + b'{"expected_version":1,"reason":"a"}',
    "huge": b'{"expected_version":' + b"9" * 5_000 + b',"reason":"a"}',
    "nothing": b"",
    "a NUL in a name": rb'{"\u0000":1,"expected_version":1,"reason":"a"}',
}


@pytest.mark.parametrize("path", ["/v1/declarations/NONE/invalidation", "/v1/orders/NONE/withdrawal"])
@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_bad_body_is_a_problem_of_the_sender(world: World, path: str, body: bytes) -> None:
    with world.client("rival" if "consignments" in path else "platform") as client:
        answer = client.post(path, content=body, headers=_HEADERS)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["next_step"]


def test_a_nul_in_what_would_be_kept_is_a_problem_of_the_sender(world: World) -> None:
    with world.client("rival") as client:
        case = file(client, parcel("NUL-1"))[0]["case_id"]
        answers = [
            client.post("/v1/declarations/NUL-1/invalidation", content=BODIES["a NUL"], headers=_HEADERS),
            client.post(
                f"/v1/cases/{case}/payment-records",
                content=rb'{"reference":"a\u0000b","kind":"paid","currency_code":"EUR","amount":"1.00"}',
                headers=_HEADERS,
            ),
        ]

    assert [answer.status_code for answer in answers if not 400 <= answer.status_code < 500] == []

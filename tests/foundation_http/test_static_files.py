"""Stylesheet and scripts go out packed to those who unpack, and are the same."""

import re

import httpx2
import pytest

from serai.foundation.access.secrets import form_token, form_token_matches

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0", False),
        ("", False),
    ],
)
def test_stylesheet_is_packed_for_who_unpacks(
    client: httpx2.Client, accepted: str, *, is_packed: bool
) -> None:
    page = client.get("/styleguide", headers={"accept": "text/html"}).text
    address = re.search(r'href="(/static/serai-[^"]+)"', page)[1]  # type: ignore[index]
    plain = client.get(address, headers={"accept-encoding": "identity"})

    answer = client.get(address, headers={"accept-encoding": accepted})

    assert (answer.headers.get("content-encoding") == "gzip") is is_packed
    assert answer.content == plain.content
    assert answer.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert (int(answer.headers["content-length"]) < len(plain.content) / 3) is is_packed


def test_page_is_packed_and_its_length_tells_nothing(client: httpx2.Client) -> None:
    pages = [
        client.get("/sign-in", headers={"accept": "text/html", "accept-encoding": "gzip"}) for _ in range(12)
    ]
    plain = client.get("/sign-in", headers={"accept": "text/html", "accept-encoding": "identity"})

    assert {one.headers["content-encoding"] for one in pages} == {"gzip"}
    assert "accept-encoding" in pages[0].headers["vary"]
    assert len({one.headers["content-length"] for one in pages}) > 3
    assert int(pages[0].headers["content-length"]) < len(plain.content) / 2
    assert "content-encoding" not in plain.headers
    tokens = {TOKEN.search(one.text)[1] for one in (*pages, plain)}  # type: ignore[index]
    assert len(tokens) == len(pages) + 1, "each page says it otherwise"


def test_form_token_of_any_page_of_a_session_is_taken_and_no_other() -> None:
    first, second = form_token("session"), form_token("session")

    assert first != second
    assert form_token_matches("session", first)
    assert form_token_matches("session", second)
    for wrong in (form_token("other"), first[:-2], first[2:] + "00", first[:48], "", "x" * 96, "\u0661" * 96):
        assert not form_token_matches("session", wrong)

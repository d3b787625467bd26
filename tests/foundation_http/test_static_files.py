"""Stylesheet and scripts go out packed to those who unpack, and are the same."""

import re

import httpx2
import pytest


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

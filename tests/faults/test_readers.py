"""Readers of pages for everybody: the same page for all strangers, which says nothing of any of them."""

import pytest

from tests.faults.serving import Serving


def read_page(node: Serving, path: str, key: str | None = None) -> tuple[int, dict[str, str], str]:
    connection = node.connect()
    try:
        headers = {"accept": "text/html", **({"authorization": f"Bearer {key}"} if key else {})}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return (
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read().decode(),
        )
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/law", "/law/EU", "/calculator"])
def test_strangers_read_one_page_without_anything_of_a_request(node: Serving, key: str, path: str) -> None:
    pages = [read_page(node, path) for _ in range(3)]

    assert {status for status, _, _ in pages} == {200}
    assert len({text for _, _, text in pages}) == 1
    text = pages[0][2]
    assert "form_token" not in text
    for _, headers, _ in pages:
        assert headers["x-request-id"] not in text
        assert "set-cookie" not in headers
    _, headers, own = read_page(node, path, key)
    assert "Invented Express" in own
    assert headers["x-request-id"] in own


@pytest.mark.in_turn
def test_a_day_of_the_law_is_a_page_of_its_own(node: Serving) -> None:
    today, before = read_page(node, "/law/EU")[2], read_page(node, "/law/EU?on=2026-06-30")[2]

    assert today != before

"""Signing in to the pages: password, one-use link, form tokens, signing out."""

import re
from datetime import timedelta

import httpx2
import pytest
from litestar._parsers import parse_url_encoded_form_data

from serai.foundation.access.secrets import form_token
from serai.foundation.http.sign_in import own_address
from tests.foundation_http.conftest import PASSWORD, Kept

HTML = {"accept": "text/html"}


def token_of(page: httpx2.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def _sign_in(
    client: httpx2.Client, password: str = PASSWORD, next_address: str = "/arrivals"
) -> httpx2.Response:
    page = client.get("/sign-in", headers=HTML)
    form = {
        "form_token": token_of(page),
        "sign_in_name": " officer ",
        "password": password,
        "next": next_address,
    }
    return client.post("/sign-in", data=form, headers=HTML)


def test_page_without_a_session_leads_to_sign_in_and_back(client: httpx2.Client) -> None:
    sent = client.get("/arrivals?day=1", headers=HTML)
    came_back = _sign_in(client, next_address="/arrivals?day=1")

    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2Farrivals%3Fday%3D1")
    assert (came_back.status_code, came_back.headers["location"]) == (303, "/arrivals?day=1")
    assert "officer" in client.get("/arrivals", headers=HTML).text


def test_session_cookie_is_closed_to_scripts_and_other_sites(client: httpx2.Client) -> None:
    cookie = _sign_in(client).headers["set-cookie"].lower()

    assert "serai_session=" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # this server speaks http; with https it is set


def test_nothing_of_a_form_is_remembered(client: httpx2.Client) -> None:
    before = parse_url_encoded_form_data.cache_info()

    came_back = _sign_in(client)

    assert came_back.status_code == 303
    assert parse_url_encoded_form_data.cache_info() == before


def test_a_form_of_very_many_fields_is_refused(client: httpx2.Client) -> None:
    answer = client.post("/sign-in", data={f"field-{number}": "x" for number in range(1_001)})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too-many")


def test_wrong_password_says_so_and_keeps_the_name(client: httpx2.Client) -> None:
    answer = _sign_in(client, password="wrong horse battery")

    assert answer.status_code == 401
    assert "There is a problem" in answer.text
    assert 'value=" officer "' in answer.text
    assert "wrong horse" not in answer.text


@pytest.mark.parametrize("token", ["", "0" * 48, "\u00e9"])
def test_form_without_its_token_changes_nothing(client: httpx2.Client, token: str) -> None:
    client.get("/sign-in", headers=HTML)

    answer = client.post(
        "/sign-in", data={"form_token": token, "sign_in_name": "officer", "password": PASSWORD}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "form-token-missing")


def test_change_by_session_needs_the_token_a_change_by_key_does_not(
    signed_in: httpx2.Client, client: httpx2.Client, kept: Kept
) -> None:
    session = signed_in.cookies["serai_session"]

    bare = signed_in.post("/sign-out")
    with_token = signed_in.post("/sign-out", headers={"x-form-token": form_token(session)})
    by_key = client.post("/changes", headers={"authorization": f"Bearer {kept.key}"})

    assert bare.json()["code"] == "form-token-missing"
    assert with_token.status_code == 303
    assert by_key.status_code == 201


def test_link_opens_once(kept: Kept) -> None:
    link = f"{kept.address}/enter/{kept.link_tokens[0]}"

    first, second = httpx2.get(link), httpx2.get(link)

    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert (second.status_code, second.json()["code"]) == (410, "link-used-or-expired")


def test_looking_whether_a_link_is_there_does_not_use_it_up(kept: Kept) -> None:
    link = f"{kept.address}/enter/{kept.link_tokens[2]}"

    looked = [httpx2.head(link).status_code for _ in range(2)]
    used = httpx2.get(link)

    assert looked == [200, 200]
    assert used.status_code == 303
    assert httpx2.head(f"{kept.address}/enter/no-such-link").status_code == 200, "a look tells nothing"


def test_link_ends_with_its_time(kept: Kept) -> None:
    kept.clock.move(timedelta(hours=1))
    answer = httpx2.get(f"{kept.address}/enter/{kept.link_tokens[1]}")
    kept.clock.move(timedelta(hours=-1))

    assert answer.status_code == 410


def test_session_ends_by_signing_out_and_by_time(signed_in: httpx2.Client, kept: Kept) -> None:
    token = form_token(signed_in.cookies["serai_session"])
    assert signed_in.get("/statistics").status_code == 200

    kept.clock.move(timedelta(hours=8))
    late = signed_in.get("/statistics")
    kept.clock.move(timedelta(hours=-8))
    copy = dict(signed_in.cookies)
    signed_in.post("/sign-out", data={"form_token": token})
    stolen = httpx2.get(f"{kept.address}/statistics", cookies=copy)

    assert late.status_code == 401
    assert stolen.status_code == 401


def test_a_session_that_nobody_uses_ends_and_use_keeps_it_open(signed_in: httpx2.Client, kept: Kept) -> None:
    half_hour = timedelta(minutes=30)
    kept.clock.move(half_hour)
    used = [signed_in.get("/statistics").status_code]
    kept.clock.move(timedelta(minutes=45))
    used.append(signed_in.get("/statistics").status_code)
    kept.clock.move(timedelta(minutes=61))
    late = signed_in.get("/statistics")
    kept.clock.move(-timedelta(minutes=136))

    assert used == [200, 200]
    assert late.status_code == 401


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"]
)
def test_sign_in_never_leads_to_another_host(address: str) -> None:
    assert own_address(address) == "/"

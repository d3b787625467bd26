"""In which language an answer comes: one choice for pages and data, told and kept."""

import httpx2
import psycopg
import pytest

from tests.foundation_http.conftest import Kept
from tests.foundation_http.test_sign_in import token_of

PAGE = {"accept": "text/html"}


def _language(client: httpx2.Client, **headers: str) -> str:
    return client.get("/styleguide", headers={**PAGE, **headers}).headers["content-language"]


def test_page_speaks_what_the_reader_wants_most_and_says_what_chose_it(client: httpx2.Client) -> None:
    answer = client.get("/styleguide", headers={**PAGE, "accept-language": "de, ar-EG;q=0.9, fr;q=0.5"})

    assert '<html lang="ar" dir="rtl">' in answer.text
    assert answer.headers["content-language"] == "ar"
    assert answer.headers["serai-authentic-language"] == "en"
    assert {one.strip() for one in answer.headers["vary"].split(",")} >= {"accept-language", "cookie"}


@pytest.mark.parametrize("wanted", ["", "de", "xx-yy", "fr;q=0", ";;;", "*"])
def test_without_a_wish_that_can_be_met_the_authentic_language_is_spoken(
    client: httpx2.Client, wanted: str
) -> None:
    assert _language(client, **{"accept-language": wanted}) == "en"


def test_language_chosen_by_link_is_kept_and_leads_back(client: httpx2.Client) -> None:
    asked = client.get("/language/ru?back=%2Fstyleguide%3Fday%3D1", headers=PAGE)

    assert (asked.status_code, asked.headers["location"]) == (303, "/styleguide?day=1")
    assert _language(client, **{"accept-language": "fr"}) == "ru"


def test_looking_whether_a_link_is_there_chooses_nothing(client: httpx2.Client) -> None:
    client.head("/language/ru")

    assert _language(client) == "en"


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere"])
def test_choice_of_a_language_leads_to_no_other_site(client: httpx2.Client, back: str) -> None:
    sent = client.get("/language/fr", params={"back": back}, headers=PAGE)

    assert sent.headers["location"] == "/"


def test_unknown_language_is_refused_with_those_that_are_known(client: httpx2.Client) -> None:
    answer = client.get("/language/xx")

    assert (answer.status_code, answer.json()["code"]) == (400, "language-unknown")
    assert "sw" in answer.json()["next_step"]


def test_every_page_links_to_itself_in_each_other_language(client: httpx2.Client) -> None:
    page = client.get("/styleguide?day=1", headers={**PAGE, "accept-language": "sw"}).text

    for code in ("en", "fr", "es", "pt", "ar", "zh", "ru"):
        assert f'href="/language/{code}?back=/styleguide%3Fday%3D1" lang="{code}"' in page
    assert 'href="/language/sw' not in page


def test_translation_says_that_it_is_one_and_which_text_is_authentic(client: httpx2.Client) -> None:
    foot_of = [
        client.get("/styleguide", headers={**PAGE, "accept-language": one})
        .text.partition('class="foot__in"')[2]
        .partition('class="languages"')[0]
        for one in ("fr", "en")
    ]

    assert ["English" in foot for foot in foot_of] == [True, False]


def test_account_keeps_its_language_on_every_device(
    signed_in: httpx2.Client, store: psycopg.Connection, kept: Kept
) -> None:
    page = signed_in.get("/styleguide", headers=PAGE)
    form = {"form_token": token_of(page), "language": "pt", "back": "/styleguide"}

    sent = signed_in.post("/language", data=form, headers=PAGE)

    assert (sent.status_code, sent.headers["location"]) == (303, "/styleguide")
    session = {"serai_session": signed_in.cookies["serai_session"]}
    with httpx2.Client(base_url=kept.address, timeout=20, cookies=session) as elsewhere:
        assert _language(elsewhere, **{"accept-language": "fr"}) == "pt"
    store.execute("UPDATE account SET language = NULL WHERE account_id = 20")


def test_cookie_says_nothing_to_a_machine_with_a_key(client: httpx2.Client, kept: Kept) -> None:
    headers = {"authorization": f"Bearer {kept.key}", "cookie": "serai_language=ru"}

    assert _language(client, **headers) == "en"


def test_answer_for_which_no_language_was_chosen_names_none(client: httpx2.Client) -> None:
    answer = client.get("/thing", headers={"accept": "application/json", "accept-language": "fr"})

    assert "content-language" not in answer.headers

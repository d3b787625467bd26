"""A form that is sent when its session has ended loses nothing: after signing in it comes back filled, to
whoever typed it alone, and for half an hour."""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import people
from serai.foundation.access.sign_in import make_link
from tests.journey.cases.world import World, file, parcel, rows

HTML = {"accept": "text/html"}
PAGE = "/administration/parties"
TYPED = {"name": "Half a Sentence Ltd", "reference": "KEPT-1", "roles": "post"}
ADMIN, OTHER, ANALYST = 800, 801, 802


class Browser(httpx2.Client):
    """Sends forms as a browser does, and says from where."""

    def send_form(self, page: str, path: str, *, origin: str | None = None, **fields: Any) -> httpx2.Response:
        """Send a form of a page that is open already: its token is the last one seen."""
        own = str(self.base_url).rstrip("/")
        headers = {"origin": own if origin is None else origin, "referer": own + page}
        return self.post(path, data={"form_token": self.token, **fields}, headers=headers)

    def open(self, path: str) -> str:
        text = self.get(path).text
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', text)
        if found is not None:
            self.token = found[1]
        return text

    token = ""


async def _make(dsn: str, links: int) -> dict[int, list[str]]:
    at = datetime.now(UTC)
    found: dict[int, list[str]] = {}
    async with await AsyncConnection.connect(dsn) as connection:
        for number, role in ((ADMIN, "admin"), (OTHER, "admin"), (ANALYST, "analyst")):
            await people.create_account(
                connection, account_id=number, administration_id=1, sign_in_name=f"kept-{number}",
                password="three unrelated words", roles=frozenset({role}), at=at,
            )  # fmt: skip
            found[number] = [
                await make_link(connection, account_id=number, administration_id=1, at=at)
                for _ in range(links)
            ]
    return found


@pytest.fixture(scope="module")
def links(world: World) -> dict[int, list[str]]:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_make(world.dsn, 20))).result()


Enter = Callable[[Browser, int], None]


@pytest.fixture
def browser(world: World) -> Iterator[Browser]:
    with Browser(base_url=world.address, timeout=60, headers=HTML) as one:
        yield one


@pytest.fixture
def enter(links: dict[int, list[str]]) -> Enter:
    def sign_in(one: Browser, account: int) -> None:
        assert one.get(f"/enter/{links[account].pop()}").status_code == 303

    return sign_in


def let_run_out(world: World, *, days: int = 0) -> None:
    """Let every session be idle for longer than it may."""
    change(world, "UPDATE page_session SET used_at = used_at - interval '3 hours'")
    change(world, f"UPDATE page_session SET expires_at = expires_at - interval '{days} days'")


def change(world: World, statement: str) -> None:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def another(world: World) -> Iterator[Browser]:
    with Browser(base_url=world.address, timeout=60, headers=HTML) as one:
        yield one


def test_what_was_typed_comes_back_filled_and_goes_when_it_is_sent(
    world: World, browser: Browser, enter: Enter
) -> None:
    change(world, "DELETE FROM kept_form")
    enter(browser, ADMIN)
    browser.open(PAGE)
    let_run_out(world)
    sent = browser.send_form(PAGE, PAGE, **TYPED)
    sign_in = browser.get(sent.headers["location"])
    kept = rows(world.dsn, "SELECT sealed FROM kept_form WHERE account_id = 800")
    enter(browser, ADMIN)
    filled = browser.open(PAGE)
    nothing_yet = rows(world.dsn, "SELECT count(*) FROM party WHERE name = 'Half a Sentence Ltd'")
    again = browser.send_form(PAGE, PAGE, **TYPED)

    assert sent.status_code == 303
    assert parse_qs(urlsplit(sent.headers["location"]).query)["next"] == [PAGE]
    assert "It is kept for half an hour" in sign_in.text
    assert b"Sentence" not in kept[0][0], "nobody reads it without what the browser holds"
    assert 'value="Half a Sentence Ltd"' in filled
    assert re.search(r'<input[^>]*value="post"[^>]*checked', filled)
    assert "The form is filled as you left it" in filled
    assert nothing_yet == [(0,)]
    assert again.headers["location"].startswith(f"{PAGE}/")
    assert "The form is filled" not in browser.open(PAGE)
    assert rows(world.dsn, "SELECT count(*) FROM kept_form WHERE account_id = 800") == [(0,)]


def test_a_page_of_before_the_new_sign_in_is_filled_again(browser: Browser, enter: Enter) -> None:
    enter(browser, ADMIN)
    browser.open(PAGE)
    enter(browser, ADMIN)
    sent = browser.send_form(PAGE, PAGE, name="Two tabs")

    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    assert 'value="Two tabs"' in browser.open(PAGE)


def test_it_is_shown_to_nobody_else_and_not_after_its_time(
    world: World, browser: Browser, enter: Enter
) -> None:
    enter(browser, ADMIN)
    browser.open(PAGE)
    let_run_out(world)
    browser.send_form(PAGE, PAGE, **TYPED)
    enter(browser, OTHER)
    others = browser.open(PAGE)
    enter(browser, ADMIN)
    own = browser.open(PAGE)
    change(world, "UPDATE kept_form SET expires_at = expires_at - interval '31 minutes'")
    late = browser.open(PAGE)
    page = browser.open("/kept-form")

    assert 'value="Half a Sentence' not in others
    assert 'value="Half a Sentence' in own
    assert 'value="Half a Sentence' not in late
    assert "Nothing is kept for you here" in page


def test_where_the_page_has_no_such_form_any_more_it_has_a_page_of_its_own(
    world: World, browser: Browser, enter: Enter
) -> None:
    enter(browser, ADMIN)
    browser.open(PAGE)
    let_run_out(world)
    mark = "<script>alert(1)</script>"
    browser.send_form("/account", PAGE, name=mark, reference="KEPT-2", roles="seller", gone="x")
    enter(browser, ADMIN)
    note, page = browser.open("/account"), browser.open("/kept-form")
    thrown = browser.send_form("/kept-form", "/kept-form")

    assert 'href="/kept-form"' in note
    assert mark not in page
    assert "&lt;script&gt;" in page
    assert f'action="{PAGE}"' in page
    assert thrown.headers["location"] == "/"
    assert "Nothing is kept for you here" in browser.open("/kept-form")


def test_nothing_is_kept_for_strangers_other_sites_ended_sessions_and_passwords(
    world: World, browser: Browser, enter: Enter
) -> None:
    change(world, "DELETE FROM kept_form")
    with another(world) as stranger:
        stranger.cookies.set("serai_session", "x" * 43)
        answers = [stranger.send_form(PAGE, PAGE, **TYPED)]
    enter(browser, ADMIN)
    browser.open(PAGE)
    let_run_out(world)
    answers += [
        browser.send_form(PAGE, PAGE, origin="https://elsewhere.example", **TYPED),
        browser.send_form(PAGE, PAGE, origin="null", **TYPED),
        browser.send_form("/account", "/account/password", old="secret", password="x", again="x"),
        browser.send_form(PAGE, PAGE, name="x" * 300_000),
    ]
    change(world, "UPDATE page_session SET ended_at = now()")
    answers.append(browser.send_form(PAGE, PAGE, **TYPED))

    assert [one.status_code for one in answers] == [401] * 6
    assert rows(world.dsn, "SELECT count(*) FROM kept_form") == [(0,)]


def test_long_and_many_forms_are_bounded_and_a_changed_row_opens_nothing(
    world: World, browser: Browser, enter: Enter
) -> None:
    change(world, "DELETE FROM kept_form")
    enter(browser, ADMIN)
    browser.open(PAGE)
    let_run_out(world)
    for number in range(7):
        browser.send_form(PAGE, PAGE, name=f"{number}" * 50_000)
    count = rows(world.dsn, "SELECT count(*) FROM kept_form WHERE account_id = 800")
    enter(browser, ADMIN)
    long = browser.open(PAGE)
    change(world, "UPDATE kept_form SET sealed = sealed || '\\x00'")
    changed = browser.open(PAGE)

    assert count == [(5,)]
    assert "6" * 50_000 in long
    assert "666" not in changed


def test_the_note_leads_nowhere_else(world: World, browser: Browser, enter: Enter) -> None:
    enter(browser, ADMIN)
    browser.open(PAGE)
    let_run_out(world)
    headers = {"origin": world.address, "referer": "https://elsewhere.example/act"}
    sent = browser.post(PAGE, data={"form_token": browser.token, **TYPED}, headers=headers)

    assert parse_qs(urlsplit(sent.headers["location"]).query)["next"] == [PAGE]


def test_going_on_with_a_session_is_told_until_when(world: World, browser: Browser, enter: Enter) -> None:
    enter(browser, ADMIN)
    text = browser.open(PAGE)
    token = {"x-form-token": browser.token, "accept": "application/json"}
    change(world, "UPDATE page_session SET used_at = used_at - interval '50 minutes'")
    going_on = browser.post("/session", headers=token)
    ((used,),) = rows(world.dsn, "SELECT max(used_at) > now() - interval '1 minute' FROM page_session")
    foreign = browser.post("/session", headers={"accept": "application/json"})
    let_run_out(world)
    ended = browser.post("/session", headers=token)

    assert "If you do nothing, you are signed out at" in text
    left = datetime.fromisoformat(going_on.json()["until"]) - datetime.now(UTC)
    assert 58 <= left.total_seconds() / 60 <= 59
    assert used
    assert foreign.status_code == 403
    assert ended.json() == {"until": None}


@pytest.mark.in_turn
def test_who_may_not_act_is_told_so_with_a_way_on(world: World, browser: Browser, enter: Enter) -> None:
    with world.client("post") as client:
        case_id = file(client, parcel("WAY-ON"))[0]["case_id"]
    enter(browser, ANALYST)
    shown = browser.get(f"/parcels/{case_id}/act")
    browser.open("/account")
    sent = browser.send_form(f"/parcels/{case_id}/act", f"/parcels/{case_id}/act", kind="hold")
    apart = browser.get("/administration/parties")

    for answer in (shown, sent):
        assert answer.status_code == 403
        assert f'href="/parcels/{case_id}"' in answer.text
        assert "Your account may not do this" in answer.text
    assert apart.status_code == 403
    assert 'href="/administration"' not in apart.text.partition("<main")[2]
    assert browser.get(f"/parcels/{case_id}").status_code == 200

"""Accounts of the administration's people, by API and by page: made, locked, unlocked, ended, by two persons
where the settings say so."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation.access import people
from serai.foundation.access.sign_in import make_link
from serai.foundation.access.sign_in_tries import subject_hash
from tests.journey.cases.world import World, rows, running_world

HTML = {"accept": "text/html"}
HOME = "/administration/accounts"


class Browser(httpx2.Client):
    """Sends forms with the token of the page."""

    def send_form(self, page: str, path: str, **fields: object) -> httpx2.Response:
        token = re.search(r'name="form_token" value="([0-9a-f]+)"', self.get(page).text)
        assert token is not None
        return self.post(path, data={"form_token": token[1], **fields})


@pytest.fixture
def admin(world: World) -> Iterator[httpx2.Client]:
    with world.client("officer") as client:
        yield client


async def _links(dsn: str, first: int) -> list[str]:
    at, links = datetime.now(UTC), []
    async with await AsyncConnection.connect(dsn) as connection:
        for number, roles in ((first, {"admin", "legal"}), (first + 1, {"admin"}), (first + 2, {"officer"})):
            await people.create_account(
                connection, account_id=number, administration_id=1, sign_in_name=f"staff-{number}",
                password="three unrelated words", roles=frozenset(roles), at=at,
            )  # fmt: skip
            links.append(await make_link(connection, account_id=number, administration_id=1, at=at))
    return links


def enter(world: World, first: int) -> list[Browser]:
    with ThreadPoolExecutor(1) as thread:
        links = thread.submit(lambda: asyncio.run(_links(world.dsn, first))).result()
    found = [Browser(base_url=world.address, timeout=60, headers=HTML) for _ in links]
    for browser, link in zip(found, links, strict=True):
        browser.get(f"/enter/{link}")
    return found


@pytest.fixture(scope="module")
def staff(world: World) -> Iterator[list[Browser]]:
    found = enter(world, 900)
    yield found
    for browser in found:
        browser.close()


def sign_in(world: World, name: str, password: str) -> httpx2.Response:
    with Browser(base_url=world.address, timeout=60, headers=HTML) as one:
        return one.send_form("/sign-in", "/sign-in", sign_in_name=name, password=password)


def make(admin: httpx2.Client, name: str, *roles: str) -> tuple[str, str]:
    """Make an account; return its number and its password."""
    made = admin.post("/v1/accounts", json={"sign_in_name": name, "roles": [*roles] or ["officer"]})
    assert made.status_code == 201, made.text
    listed = admin.get("/v1/accounts").json()["accounts"]
    return next(one["account"] for one in listed if one["sign_in_name"] == name), made.json()["password"]


@pytest.mark.in_turn
def test_an_account_lives_from_its_first_password_to_its_end(world: World, admin: httpx2.Client) -> None:
    account, password = make(admin, "api-ann")
    here = f"/v1/accounts/{account}"
    entered = sign_in(world, "api-ann", password)
    seen = admin.get(here).json()
    changed = admin.put(f"{here}/roles", json={"roles": ["analyst"]}).json()
    sign_in(world, "api-ann", password)
    out = admin.delete(f"{here}/sessions").json()
    second = admin.post(f"{here}/password").json()["password"]
    old, new = sign_in(world, "api-ann", password), sign_in(world, "api-ann", second)
    ended = [admin.delete(here) for _ in range(2)]
    gone = sign_in(world, "api-ann", second)
    kinds = [kind for (kind,) in rows(
        world.dsn, "SELECT kind FROM administering_act WHERE subject = 'account api-ann' ORDER BY act_id"
    )]  # fmt: skip

    assert entered.headers["location"] == "/"
    assert (seen["roles"], seen["sessions_count"]) == (["officer"], 1)
    assert (changed["roles"], changed["sessions_count"]) == (["analyst"], 0)
    assert out["sessions_count"] == 0
    assert (old.status_code, new.status_code, gone.status_code) == (401, 303, 401)
    assert [one.status_code for one in ended] == [200, 404]
    assert [kind for kind in kinds if kind.startswith("account")] == [
        "account-added", "account-roles-changed", "account-sessions-ended", "account-password-changed",
        "account-ended",
    ]  # fmt: skip
    again = admin.post("/v1/accounts", json={"sign_in_name": "API-Ann ", "roles": ["officer"]})
    assert (again.status_code, again.json()["code"]) == (409, "account-exists")


@pytest.mark.in_turn
def test_a_locked_account_is_out_at_once_and_unlocking_forgets_too_many_tries(
    world: World, admin: httpx2.Client
) -> None:
    account, password = make(admin, "api-bob")
    here = f"/v1/accounts/{account}"
    with Browser(base_url=world.address, timeout=60, headers=HTML) as browser:
        browser.send_form("/sign-in", "/sign-in", sign_in_name="api-bob", password=password)
        inside = browser.get("/account")
        locked = [admin.put(f"{here}/lock").json()["locked_at"] for _ in range(2)]
        outside = browser.get("/account")
    told, untold = sign_in(world, "api-bob", password), sign_in(world, "api-bob", "three wrong words here")
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        name = subject_hash("serai-tries-acct", "api-bob")
        connection.execute("UPDATE sign_in_try SET tries_count = 1000 WHERE subject_hash = %s", [name])
    shut = sign_in(world, "api-bob", password)
    admin.delete(f"{here}/lock")
    back = sign_in(world, "api-bob", password)

    assert (inside.status_code, outside.status_code) == (200, 303)
    assert locked[0] == locked[1]
    assert "An administrator has locked this account." in told.text
    assert "locked" not in untold.text.partition("<main")[2]
    assert shut.status_code == 429
    assert back.status_code == 303


def test_nobody_administers_their_own_account_and_the_last_administrator_stays(
    world: World, staff: list[Browser], admin: httpx2.Client
) -> None:
    boss, other, officer = staff
    own = next(
        one["account"]
        for one in admin.get("/v1/accounts").json()["accounts"]
        if one["sign_in_name"] == "staff-900"
    )
    page = f"{HOME}/{own}"
    refused = [
        boss.send_form(HOME, f"{page}/act", what=what, roles="officer")
        for what in ("roles", "password", "lock", "unlock", "second-factor", "end")
    ]
    shown = boss.get(page)
    before = rows(world.dsn, "SELECT roles, locked_at, ended_at FROM account WHERE account_id = 900")
    strangers = [officer.get(HOME), officer.get(page), officer.post("/v1/accounts", json={})]
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE account SET locked_at = now() WHERE account_id <> 900 AND 'admin' = ANY(roles)"
        )
        last = [admin.put(f"/v1/accounts/{own}/lock"), admin.delete(f"/v1/accounts/{own}"),
                admin.put(f"/v1/accounts/{own}/roles", json={"roles": ["officer"]})]  # fmt: skip
        connection.execute("UPDATE account SET locked_at = NULL")

    assert [one.status_code for one in refused] == [422] * 6
    assert "This is your own account: another administrator changes it." in shown.text
    assert before == [(["admin", "legal"], None, None)]
    assert [one.status_code for one in strangers] == [403] * 3
    assert [one.json()["code"] for one in last] == ["account-last"] * 3
    assert other.get(page).status_code == 200


@pytest.mark.in_turn
def test_a_page_makes_an_account_and_does_what_its_buttons_say(world: World, staff: list[Browser]) -> None:
    boss = staff[0]
    faulty = boss.send_form(HOME, HOME, sign_in_name="")
    made = boss.send_form(HOME, HOME, sign_in_name="page-cy", roles=["officer", "seller"])
    again = boss.send_form(HOME, HOME, sign_in_name="page-cy", roles=["officer"])
    password = re.search(r'class="secret">([^<]+)<', made.text)
    assert password is not None
    link = re.search(rf'href="({HOME}/[^"]+)"><bdi>page-cy', made.text)
    assert link is not None
    page = link[1]
    entered = sign_in(world, "page-cy", password[1])
    acts = [boss.send_form(page, f"{page}/act", what=what) for what in ("lock", "unlock", "sessions")]
    other = boss.send_form(page, f"{page}/act", what="password")
    nothing = boss.send_form(page, f"{page}/act", what="fly")
    none_left = boss.send_form(page, f"{page}/act", what="roles")
    ended = boss.send_form(page, f"{page}/act", what="end")

    assert faulty.status_code == again.status_code == none_left.status_code == 422
    assert "Enter a name to sign in with." in faulty.text
    assert "This name is taken." in again.text
    assert rows(world.dsn, "SELECT roles FROM account WHERE sign_in_name = 'page-cy'") == [(["officer"],)]
    assert entered.status_code == 303
    assert [one.headers["location"] for one in acts] == [page] * 3
    assert "Copy the password now" in other.text
    assert nothing.status_code == 400
    assert ended.headers["location"] == HOME
    assert password[1] not in boss.get(HOME).text


def test_bad_bodies_of_accounts_are_refused(admin: httpx2.Client) -> None:
    long = "x" * 50_000
    bodies: list[Any] = [
        {}, {"sign_in_name": long, "roles": ["officer"]}, {"sign_in_name": "x", "roles": []},
        {"sign_in_name": "x", "roles": ["seller"]}, {"sign_in_name": "x\x00y", "roles": ["officer"]},
        {"sign_in_name": "  ", "roles": ["officer"]},
        {"sign_in_name": "x", "roles": ["officer"], "password": "mine"},
    ]  # fmt: skip
    answers = [admin.post("/v1/accounts", json=one).status_code for one in bodies]
    unknown = admin.get("/v1/accounts/0000-0000-0000-00")

    assert set(answers) <= {400, 422}
    assert unknown.status_code == 404


def test_settings_say_value_source_and_meaning_and_never_a_secret(
    world: World, admin: httpx2.Client, staff: list[Browser]
) -> None:
    listed = admin.get("/v1/settings").json()["settings"]
    page = staff[0].get("/administration/settings")
    by_name = {one["name"]: one for one in listed}

    assert by_name["sign_in.idle_minutes"]["value"] == "60"
    assert all(one["meaning"] and one["default"] is not None for one in listed)
    assert "sign_in.idle_minutes" in page.text
    with world.client("analyst") as analyst:
        assert analyst.get("/v1/settings").status_code == 403
    assert staff[2].get("/administration/settings").status_code == 403


@pytest.mark.in_turn
def test_law_and_lists_are_loaded_on_a_page_and_faults_leave_them_as_they_are(
    world: World, staff: list[Browser]
) -> None:
    boss, page = staff[0], "/administration/law"
    shown = boss.get(page)
    generations = rows(world.dsn, "SELECT max(generation_id) FROM law_generation")
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', shown.text)
    assert token is not None
    own = {"form_token": token[1]}
    rates = (Path(__file__).parents[2] / "examples/lists/invented-exchange-rates.csv").read_bytes()

    def load(content: bytes, **fields: str) -> httpx2.Response:
        return boss.post(
            f"{page}/lists", data={**own, **fields}, files={"list": ("rates.csv", content, "text/csv")}
        )

    faulty = load(b"no,such\n1,2\n", kind="exchange-rates", name="page-rates.csv")
    nothing = load(b"", kind="tariff-of-the-moon", name="<b>")
    loaded = load(rates, kind="exchange-rates", name="page-rates.csv")
    same = load(rates, kind="exchange-rates", name="page-rates.csv")
    packs = boss.post(f"{page}/packs", data=own, files={"packs": ("x.zip", b"no zip", "application/zip")})
    back = boss.post(f"{page}/earlier", data={**own, "generation": str(generations[0][0])})
    odd = [
        boss.post(f"{page}/earlier", data={**own, "generation": one}) for one in ("x", "999999999", "9" * 40)
    ]

    assert "Put its packs in force again" in boss.get(page).text
    assert faulty.status_code == 422
    assert "The list is faulty. Nothing has changed." in faulty.text
    assert nothing.status_code == 422
    assert "It is in force within a second" in loaded.text
    assert "nothing has changed" in same.text
    assert packs.status_code == 422
    assert "nothing has changed" in back.text, "the packs are the same"
    assert [one.status_code for one in odd] == [404] * 3
    officer = staff[2]
    assert officer.get(page).status_code == 403
    assert officer.post(f"{page}/lists", data=own).status_code == 403
    admin_alone = staff[1].get(page).text
    assert f'action="{page}/lists"' in admin_alone
    assert f'action="{page}/packs"' not in admin_alone


@pytest.mark.in_turn
def test_where_two_persons_are_needed_power_waits_and_locking_does_not(
    make_database: Any, tmp_path: Path
) -> None:
    with running_world(make_database(), tmp_path, approval="accounts") as world:
        browsers = enter(world, 950)
        first, second = browsers[:2]
        made = first.send_form(HOME, HOME, sign_in_name="four-eyes", roles=["officer"])
        password = re.search(r'class="secret">([^<]+)<', made.text)
        assert password is not None
        before = sign_in(world, "four-eyes", password[1])
        proposals = second.get("/proposals").text
        number = re.search(r'action="(/proposals/[^/"]+)/approval"', proposals)
        content = re.search(r'name="content_sha256" value="([0-9a-f]{64})"', proposals)
        assert number is not None
        assert content is not None
        own = first.send_form("/proposals", f"{number[1]}/approval", content_sha256=content[1])
        second.send_form("/proposals", f"{number[1]}/approval", content_sha256=content[1])
        after = sign_in(world, "four-eyes", password[1])
        link = re.search(rf'href="({HOME}/[^"]+)"><bdi>four-eyes', first.get(HOME).text)
        assert link is not None
        locked = first.send_form(link[1], f"{link[1]}/act", what="lock")
        unlocked = first.send_form(link[1], f"{link[1]}/act", what="unlock")

        assert "This waits until a second person approves it." in made.text
        assert before.status_code == 401
        assert own.status_code == 403
        assert after.status_code == 303
        assert locked.status_code == 303
        assert "This waits until a second person approves it." in unlocked.text
        assert sign_in(world, "four-eyes", password[1]).status_code == 401
        for browser in browsers:
            browser.close()

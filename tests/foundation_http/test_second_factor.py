"""The second factor: set up once, a code of each moment counts once, without it nothing opens."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pyotp
import pytest

from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from tests.foundation_http.conftest import PASSWORD, Kept
from tests.foundation_http.support import AT, RunningServer, build_app, sign_in_rules
from tests.foundation_http.test_sign_in import HTML, token_of

STEP = timedelta(seconds=30)
PICTURE = '<img src="data:image/svg+xml'


class Door:
    """Where people come in. clock: the server's. stack: closes what was opened."""

    def __init__(self, address: str, clock: FixedClock, stack: ExitStack) -> None:
        self.address = address
        self.clock = clock
        self._stack = stack

    def person(self) -> "Person":
        client = self._stack.enter_context(httpx2.Client(base_url=self.address, timeout=30))
        return Person(client, self.clock)


@pytest.fixture
def door(kept: Kept, store: psycopg.Connection, tmp_path: Path) -> Iterator[Door]:
    """A server that wants a second factor, on accounts that have none yet."""
    forget = "UPDATE account SET second_factor = NULL, second_factor_step = NULL"
    store.execute(forget)
    store.execute("DELETE FROM sign_in_try")
    clock = FixedClock(AT)
    app = build_app(
        kept.dsn, clock, Metrics(), tmp_path / "keys", rules=sign_in_rules(needs_second_factor=True)
    )
    with RunningServer(app) as address, ExitStack() as stack:
        yield Door(address, clock, stack)
    store.execute(forget)


class Person:
    """Somebody with a browser and, once it is set up, an authenticator app."""

    def __init__(self, client: httpx2.Client, clock: FixedClock) -> None:
        self.client = client
        self.clock = clock
        self.app: pyotp.TOTP | None = None

    def give_password(self) -> httpx2.Response:
        form = {"form_token": token_of(self.client.get("/sign-in", headers=HTML)), "next": "/statistics"}
        given = {"sign_in_name": "officer", "password": PASSWORD}
        return self.client.post("/sign-in", data=form | given, headers=HTML)

    def set_up(self) -> None:
        shown = self.client.get("/sign-in/code", headers=HTML).text
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", shown)
        assert found is not None
        assert PICTURE in shown
        self.app = pyotp.TOTP(found[1].replace(" ", ""))

    def code(self, steps_later: int = 0) -> str:
        assert self.app is not None
        return self.app.at(self.clock.now() + steps_later * STEP)

    def give_code(self, code: str) -> httpx2.Response:
        form = {"form_token": token_of(self.client.get("/sign-in/code", headers=HTML)), "next": "/statistics"}
        return self.client.post("/sign-in/code", data=form | {"code": code}, headers=HTML)

    def is_in(self) -> bool:
        return self.client.get("/statistics").status_code == 200


@pytest.mark.in_turn
def test_the_first_time_the_app_is_set_up_and_then_its_code_opens(door: Door) -> None:
    person = door.person()

    sent = person.give_password()
    was_in = person.is_in()
    person.set_up()
    opened = person.give_code(person.code())

    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in/code?next=%2Fstatistics")
    assert not was_in, "a password alone opens nothing"
    assert (opened.status_code, opened.headers["location"]) == (303, "/statistics")
    assert person.is_in()


@pytest.mark.in_turn
def test_what_the_app_was_set_up_with_is_never_shown_again(door: Door) -> None:
    person, thief = door.person(), door.person()
    person.give_password()
    person.set_up()
    person.give_code(person.code())

    thief.give_password()
    shown = thief.client.get("/sign-in/code", headers=HTML).text

    assert person.app is not None
    assert PICTURE not in shown
    assert person.app.secret not in shown.replace(" ", "")


@pytest.mark.in_turn
def test_a_code_counts_once_and_only_near_its_moment(door: Door) -> None:
    person, second = door.person(), door.person()
    person.give_password()
    person.set_up()
    used = person.code()
    person.give_code(used)
    second.app = person.app

    second.give_password()
    again = second.give_code(used)
    old = second.give_code(second.code(-3))
    wrong = second.give_code("\u0661\u0662\u0663")
    door.clock.move(STEP)
    fresh = second.give_code(f" {second.code()[:3]} {second.code()[3:]} ")

    assert [answer.status_code for answer in (again, old, wrong)] == [401] * 3
    assert "Wait for the next code" in again.text
    assert fresh.status_code == 303
    assert second.is_in()


@pytest.mark.in_turn
def test_codes_cannot_be_guessed_at_leisure(door: Door) -> None:
    person, guesser = door.person(), door.person()
    person.give_password()
    person.set_up()
    person.give_code(person.code())

    guesser.give_password()
    statuses = [guesser.give_code("000000").status_code for _ in range(6)]

    assert statuses == [401] * 4 + [429] * 2, "the password was the first of five tries"


def test_who_gave_no_password_is_asked_for_none_and_a_wait_too_long_ends_it(
    door: Door,
) -> None:
    person = door.person()

    stranger = httpx2.get(f"{door.address}/sign-in/code", headers={"accept": "application/json"})
    person.give_password()
    door.clock.move(timedelta(minutes=11))
    late = person.client.get("/sign-in/code", headers={"accept": "application/json"})

    assert {answer.json()["code"] for answer in (stranger, late)} == {"second-factor-not-awaited"}


def test_the_secret_lies_sealed(door: Door, store: psycopg.Connection) -> None:
    person = door.person()
    person.give_password()
    person.set_up()

    (sealed,) = store.execute("SELECT second_factor FROM account WHERE account_id = 20").fetchone() or (b"",)

    assert person.app is not None
    assert len(sealed) > 32
    assert person.app.secret.encode() not in bytes(sealed)

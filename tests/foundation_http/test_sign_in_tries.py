"""Guessing is slow for who guesses and for nobody else: tries are counted, by name and by network."""

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest

from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.access.sign_in_tries import network_of
from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from tests.foundation_http.conftest import PASSWORD, Kept
from tests.foundation_http.support import AT, RunningServer, build_app
from tests.foundation_http.test_sign_in import HTML, token_of

TRIES_OF_NAME, TRIES_OF_NETWORK = 5, 12
WAIT = timedelta(minutes=15)


@pytest.fixture
def door(kept: Kept, store: psycopg.Connection, tmp_path: Path) -> Iterator[tuple[str, FixedClock]]:
    """A server of its own on the same accounts, where nothing was tried yet, and its clock."""
    store.execute("DELETE FROM sign_in_try")
    store.execute("DELETE FROM administering_act")
    clock = FixedClock(AT)
    with RunningServer(build_app(kept.dsn, clock, Metrics(), tmp_path / "keys")) as address:
        yield address, clock
    store.execute("DELETE FROM sign_in_try")


def _try(address: str, name: str, password: str) -> httpx2.Response:
    with httpx2.Client(base_url=address, timeout=30) as client:
        form = {"form_token": token_of(client.get("/sign-in", headers=HTML)), "sign_in_name": name}
        return client.post("/sign-in", data=form | {"password": password}, headers=HTML)


@pytest.mark.in_turn
def test_after_too_many_tries_not_even_the_right_password_counts_until_the_wait_is_over(
    door: tuple[str, FixedClock], store: psycopg.Connection
) -> None:
    address, clock = door

    guesses = [_try(address, "officer", f"guess number {number}") for number in range(TRIES_OF_NAME)]
    right = _try(address, "OFFICER ", PASSWORD)
    clock.move(WAIT - timedelta(seconds=1))
    still = _try(address, "officer", PASSWORD)
    clock.move(timedelta(seconds=2))
    then = _try(address, "officer", PASSWORD)

    assert [answer.status_code for answer in guesses] == [401] * TRIES_OF_NAME
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) == WAIT.total_seconds()
    assert "Wait 15 minutes" in right.text
    assert (still.status_code, then.status_code) == (429, 303)
    kinds = store.execute(
        "SELECT kind, count(*) FROM administering_act WHERE subject = 'account officer' GROUP BY kind"
    ).fetchall()
    assert dict(kinds) | {"signed-in": 0} == {"sign-in-failed": 5, "sign-in-locked": 2, "signed-in": 0}


@pytest.mark.in_turn
def test_a_name_that_nobody_has_is_treated_the_same_and_not_written_down(
    door: tuple[str, FixedClock], store: psycopg.Connection
) -> None:
    address, _ = door

    answers = [_try(address, "typed-a-secret-here", "whatever it is") for _ in range(TRIES_OF_NAME + 1)]

    assert [answer.status_code for answer in answers] == [401] * TRIES_OF_NAME + [429]
    row = store.execute("SELECT string_agg(row::text, ' ') FROM administering_act AS row").fetchone()
    tries = store.execute("SELECT string_agg(row::text, ' ') FROM sign_in_try AS row").fetchone()
    assert row is not None
    assert tries is not None
    assert "typed-a-secret" not in row[0] + tries[0]


@pytest.mark.in_turn
def test_a_network_that_tries_many_names_must_wait(door: tuple[str, FixedClock]) -> None:
    address, _ = door

    answers = [_try(address, f"name {number}", "one password").status_code for number in range(14)]

    assert answers == [401] * TRIES_OF_NETWORK + [429] * 2
    assert _try(address, "officer", PASSWORD).status_code == 429


@pytest.mark.in_turn
def test_each_page_that_says_to_wait_says_how_long_now(kept: Kept, tmp_path: Path) -> None:
    limit = RateLimit(per_second=0.01, burst=1)
    app = build_app(kept.dsn, kept.clock, Metrics(), tmp_path / "keys", sign_in_limit=limit)
    with RunningServer(app) as address:
        _try(address, "nobody", PASSWORD)
        early = _try(address, "nobody", PASSWORD)
        time.sleep(1.1)
        late = _try(address, "nobody", PASSWORD)

    assert early.headers["retry-after"] != late.headers["retry-after"]
    for answer in (early, late):
        assert answer.status_code == 429
        assert f"Wait {answer.headers['retry-after']} seconds." in answer.text


@pytest.mark.in_turn
def test_many_wrong_tries_at_once_hold_up_nobody_and_are_all_counted(
    door: tuple[str, FixedClock], kept: Kept
) -> None:
    address, _ = door

    async def storm() -> tuple[list[int], list[float]]:
        headers = {"authorization": f"Bearer {kept.key}"}
        async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
            form = {"form_token": token_of(await client.get("/sign-in", headers=HTML))}
            tries = [
                asyncio.create_task(
                    client.post("/sign-in", data=form | {"sign_in_name": "officer", "password": "wrong one"})
                )
                for _ in range(20)
            ]
            took = []
            while not all(one.done() for one in tries):
                begin = time.perf_counter()
                assert (await client.get("/whose", headers=headers)).status_code == 200
                took.append(time.perf_counter() - begin)
                await asyncio.sleep(0.05)
            return sorted(one.result().status_code for one in tries), took

    statuses, took = asyncio.run(storm())

    # Counted before they are compared: five were looked at, however many came together.
    assert statuses == [401] * TRIES_OF_NAME + [429] * (20 - TRIES_OF_NAME)
    assert took, "calls of the API went on beside"


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_of_ipv6_the_whole_line_counts_as_one(host: str, network: str) -> None:
    assert network_of(host) == network

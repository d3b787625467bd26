"""`serai account`: people get in by password or link until their account ends, and no password is shown."""

import asyncio
import io
import os
import secrets
import select
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from serai.foundation.access import people
from serai.foundation.access.actor import Actor
from serai.foundation.access.passwords import PasswordChecker
from serai.foundation.access.recognition import find_session_actor
from serai.foundation.access.sign_in import Opened, SignIn
from serai.foundation.database import Database
from serai.foundation.keys import KeyFolder
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError
from tests.cli.typing_commands import Typed, start, typed
from tests.foundation_http.support import sign_in_rules

PASSWORD = "correct horse battery staple"
IDLES = timedelta(hours=1)
Render = Callable[..., Typed]


@pytest.fixture(scope="module")
def node(database: str) -> str:
    return database


@pytest.fixture
def account(
    node: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Typed]:
    """Types `serai account ...` with `said` on the standard input."""
    monkeypatch.setenv("SERAI_DATABASE_DSN", node)
    monkeypatch.setenv("SERAI_SERVER_PUBLIC_URL", "https://customs.example/")

    def render(*words: str, said: str = PASSWORD + "\n") -> Typed:
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        return typed(capfd, "account", *words)

    return render


def signed_in(dsn: str, name: str, password: str = PASSWORD, *, administration_id: int = 1) -> Actor | None:
    return _actor(
        dsn, lambda sign_in, at: sign_in.by_password(name, password, "192.0.2.1", at), administration_id
    )


def entered(dsn: str, link: str) -> Actor | None:
    token = link.removeprefix("https://customs.example/enter/")
    return _actor(dsn, lambda sign_in, at: sign_in.by_link(token, "192.0.2.1", at))


def sign_in_of(database: Database, administration_id: int = 1) -> SignIn:
    return SignIn(
        database,
        sign_in_rules(),
        SecretSeal(KeyFolder(Path(tempfile.mkdtemp()) / "keys"), "second-factor"),
        administration_id=administration_id,
        take_id=lambda: secrets.randbits(62),
    )


def _actor(
    dsn: str, enter: Callable[[SignIn, datetime], Awaitable[Opened]], administration_id: int = 1
) -> Actor | None:
    async def work() -> Actor | None:
        at = datetime.now(UTC)
        async with Database(dsn, pool_size_count=1, statement_timeout_ms=20_000) as database:
            opened = await enter(sign_in_of(database, administration_id), at)
            return await find_session_actor(
                database, opened.token, at, administration_id=administration_id, idles=IDLES
            )

    return asyncio.run(work())


def test_an_account_signs_in_with_its_password(account: Render, node: str) -> None:
    made = account("add", " Ann Officer ", "--role", "officer", "--role", "analyst")

    assert made.code == 0
    assert (made.json()["account"], made.json()["roles"]) == ("ann officer", ["analyst", "officer"])
    actor = signed_in(node, "ANN OFFICER")
    assert actor is not None
    assert sorted(actor.roles) == ["analyst", "officer"]
    assert PASSWORD not in made.out + made.err
    assert "argon2" not in made.out + made.err


def test_a_link_signs_in_once(account: Render, node: str) -> None:
    account("add", "Lin")

    made = account("link", "LIN").json()

    actor = entered(node, made["link"])
    assert actor is not None
    assert (actor.display_name, sorted(actor.roles)) == ("lin", ["officer"])
    with pytest.raises(SeraiError) as caught:
        entered(node, made["link"])
    assert caught.value.code == "link-used-or-expired"
    assert datetime.fromisoformat(made["expires"]) > datetime.now(UTC)


@pytest.mark.in_turn
def test_an_ended_account_lets_nobody_in(account: Render, node: str) -> None:
    account("add", "Eve")
    link = account("link", "Eve").json()["link"]

    assert account("end", "EVE").json() == {"ended": "eve"}
    first = listed(account)["eve"]
    assert account("end", "eve").code == 0

    assert listed(account)["eve"] == first
    assert first["ended"] is not None
    with pytest.raises(SeraiError) as closed:
        entered(node, link)
    assert closed.value.code == "link-used-or-expired"
    with pytest.raises(SeraiError) as caught:
        signed_in(node, "eve")
    assert caught.value.code == "sign-in-failed"
    assert account("link", "eve").err.startswith("account-unknown: ")
    assert account("add", "Eve").err.startswith("account-exists: ")


def open_session(dsn: str, name: str, password: str = PASSWORD) -> Callable[[], Actor | None]:
    """Sign in; returns what tells who the session is of by now."""

    async def enter() -> str:
        async with Database(dsn, pool_size_count=1, statement_timeout_ms=20_000) as database:
            opened = await sign_in_of(database).by_password(name, password, "192.0.2.1", datetime.now(UTC))
        return opened.token

    async def look(token: str) -> Actor | None:
        async with Database(dsn, pool_size_count=1, statement_timeout_ms=20_000) as database:
            return await find_session_actor(
                database, token, datetime.now(UTC), administration_id=1, idles=IDLES
            )

    token = asyncio.run(enter())
    return lambda: asyncio.run(look(token))


@pytest.mark.in_turn
def test_another_password_ends_what_the_old_one_opened(account: Render, node: str) -> None:
    account("add", "Pia")
    account("add", "Other")
    link = account("link", "Pia").json()["link"]
    session, others = open_session(node, "pia"), open_session(node, "other")
    assert session() is not None

    changed = account("password", " PIA ", said="another horse altogether\n")

    assert changed.json() == {"account": "pia", "sessions_ended": 1}
    assert "horse" not in changed.out + changed.err
    assert session() is None
    assert others() is not None
    with pytest.raises(SeraiError) as used:
        entered(node, link)
    assert used.value.code == "link-used-or-expired"
    with pytest.raises(SeraiError) as refused:
        signed_in(node, "pia")
    assert refused.value.code == "sign-in-failed"
    assert signed_in(node, "pia", "another horse altogether") is not None


@pytest.mark.in_turn
def test_other_roles_hold_from_the_next_sign_in_and_end_this_one(account: Render, node: str) -> None:
    account("add", "Rosa", "--role", "admin", "--role", "legal")
    session = open_session(node, "rosa")

    changed = account("roles", "Rosa", "--role", "auditor").json()

    assert (changed["account"], changed["roles"], changed["sessions_ended"]) == ("rosa", ["auditor"], 1)
    assert session() is None
    actor = signed_in(node, "rosa")
    assert actor is not None
    assert sorted(actor.roles) == ["auditor"]
    assert listed(account)["rosa"]["roles"] == ["auditor"]


@pytest.mark.in_turn
def test_a_password_changed_while_the_old_one_is_compared_opens_nothing(account: Render, node: str) -> None:
    account("add", "Sam")

    class Overtaken(PasswordChecker):
        async def matches(self, password: str, password_hash: str | None) -> bool:
            found = await super().matches(password, password_hash)
            async with (
                Database(node, pool_size_count=1, statement_timeout_ms=20_000) as database,
                database.write() as connection,
            ):
                await people.change_password(
                    connection,
                    administration_id=1,
                    sign_in_name="sam",
                    password="another horse altogether",
                    at=datetime.now(UTC),
                )
            return found

    async def race() -> None:
        async with Database(node, pool_size_count=2, statement_timeout_ms=20_000) as database:
            sign_in = sign_in_of(database)
            sign_in._passwords = Overtaken()
            await sign_in.by_password("sam", PASSWORD, "192.0.2.1", datetime.now(UTC))

    with pytest.raises(SeraiError) as refused:
        asyncio.run(race())
    assert refused.value.code == "sign-in-failed"
    assert signed_in(node, "sam", "another horse altogether") is not None


@pytest.mark.in_turn
def test_a_lost_telephone_is_forgotten(account: Render, node: str) -> None:
    account("add", "Tess")
    with psycopg.connect(node, autocommit=True) as connection:
        connection.execute(
            "UPDATE account SET second_factor = 'sealed', second_factor_step = 1 WHERE sign_in_name = 'tess'"
        )
    assert signed_in(node, "tess") is None, "the code is awaited"

    forgotten = account("second-factor", "TESS", "--forget")

    assert forgotten.json() == {"account": "tess", "sessions_ended": 1}
    assert signed_in(node, "tess") is not None


@pytest.mark.in_turn
def test_what_is_done_to_accounts_is_written_down(account: Render, node: str) -> None:
    account("add", "Una", "--role", "legal")
    account("password", "Una", said="another horse altogether\n")
    account("roles", "Una", "--role", "admin", "--role", "auditor")
    account("roles", "Una", "--role", "pirate")
    account("end", "Una")
    account("end", "Una")

    with psycopg.connect(node) as connection:
        acts = connection.execute(
            "SELECT kind, detail, actor FROM administering_act WHERE subject = 'account una' ORDER BY act_id"
        ).fetchall()

    assert [(kind, detail) for kind, detail, _ in acts] == [
        ("account-added", "legal"),
        ("account-password-changed", ""),
        ("account-roles-changed", "admin, auditor"),
        ("account-ended", ""),
    ]
    assert all(actor.startswith("operator:") for *_, actor in acts)


def listed(account: Render) -> dict[str, dict[str, object]]:
    said = account("list")
    assert "argon2" not in said.out
    return {row["account"]: row for row in said.json()}


def test_an_account_of_another_administration(account: Render, node: str) -> None:
    account("list")
    with psycopg.connect(node) as connection:
        connection.execute(
            "INSERT INTO administration VALUES (7, 'OTHER', 'Other Customs', 'UTC', true, %s)",
            [datetime(2026, 7, 1, tzinfo=UTC)],
        )

    assert account("add", "Olga", "--administration", "OTHER").code == 0

    actor = signed_in(node, "olga", administration_id=7)
    assert actor is not None
    assert actor.administration_id == 7
    assert "olga" not in listed(account)
    assert [row["account"] for row in account("list", "--administration", "OTHER").json()] == ["olga"]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("add", "Bob"), "too short\n", "password-unfit"),
        (("add", "Bob"), "", "password-unfit"),
        (("add", "Bob"), "x" * 257, "password-unfit"),
        (("add", " "), PASSWORD, "sign-in-name-missing"),
        (("add", "Bob", "--role", "carrier"), PASSWORD, "role-unknown"),
        (("add", "Bob", "--administration", "NONE"), PASSWORD, "administration-unknown"),
        (("add", "Bob", "--password", PASSWORD), PASSWORD, "command-misused"),
        (("link", "Bob"), "", "account-unknown"),
        (("end", "Bob"), "", "account-unknown"),
        (("password", "Bob"), PASSWORD, "account-unknown"),
        (("password", "Bob"), "too short\n", "password-unfit"),
        (("roles", "Bob", "--role", "legal"), "", "account-unknown"),
        (("roles", "Bob", "--role", "carrier"), "", "role-unknown"),
        (("roles", "Bob"), "", "command-misused"),
        (("second-factor", "Bob", "--forget"), "", "account-unknown"),
        (("second-factor", "Bob"), "", "command-misused"),
    ],
)
def test_what_is_wrong_is_said_and_leaves_no_account(
    account: Render, words: tuple[str, ...], said: str, code: str
) -> None:
    answer = account(*words, said=said)

    assert answer.code == 2
    assert answer.err.startswith(f"{code}: ")
    assert "bob" not in listed(account)


@pytest.mark.in_turn
@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("another horse", 2)], ids=["same", "other"])
def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    node: str, tmp_path: Path, second: str, code: int
) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "SERAI_DATABASE_DSN": node}
    process = start(
        "account", "add", f"Typist {code}", folder=tmp_path, env=environment,
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    assert process.stdout is not None
    try:
        shown = _read_until(ours, "Password: ")
        os.write(ours, PASSWORD.encode() + b"\n")
        shown += _read_until(ours, "The same again: ")
        os.write(ours, second.encode() + b"\n")
        out = process.stdout.read().decode()

        assert process.wait(30) == code
        shown += _read_until(ours, "" if code == 0 else "password-differs: ")
    finally:
        process.kill()
        process.stdout.close()
        os.close(ours)
    assert "horse" not in shown + out
    if code == 0:
        assert signed_in(node, "typist 0") is not None


@pytest.mark.parametrize("mode", ["0", "1"])
def test_a_password_that_is_no_text_is_refused(node: str, tmp_path: Path, mode: str) -> None:
    environment = {**os.environ, "SERAI_DATABASE_DSN": node, "PYTHONUTF8": mode}
    process = start("account", "add", "Bytes", folder=tmp_path, env=environment, stdin=subprocess.PIPE)

    _, err = process.communicate(b"\xff" * 20 + b"\n", timeout=60)

    assert process.returncode == 2
    assert b"password-unfit" in err


def _read_until(terminal: int, wanted: str) -> str:
    shown, until = "", time.monotonic() + 60
    while wanted not in shown:
        ready, _, _ = select.select([terminal], [], [], until - time.monotonic())
        assert ready, f"waited for {wanted!r}, saw {shown!r}"
        shown += os.read(terminal, 4096).decode()
    return shown

"""Commands where the settings ask for a second person: they propose, once two people could approve."""

import io
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.cli.typing_commands import Typed, typed

Serai = Callable[..., Typed]


@pytest.fixture
def serai(
    database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Serai:
    """Types `serai ...` where accounts and keys need a second person."""
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    monkeypatch.setenv("SERAI_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("SERAI_APPROVAL_KINDS", "accounts keys")

    def render(*words: str) -> Typed:
        monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
        return typed(capfd, *words)

    return render


@pytest.mark.in_turn
def test_the_operator_acts_alone_until_two_people_could_approve(serai: Serai, database: str) -> None:
    first = serai("account", "add", "ann", "--role", "admin")
    of_the_same = serai("account", "add", "ann-duty", "--role", "admin", "--person", "Ann")
    second = serai("account", "add", "bob", "--role", "admin")
    third = serai("account", "add", "eve", "--role", "admin")
    party = serai("party", "add", "Invented Office", "--role", "admin")
    password = serai("account", "password", "ann")
    link = serai("account", "link", "ann")
    waiting = serai("proposal", "list")

    assert all("account" in one.json() for one in (first, of_the_same, second))
    assert all("proposal" in one.json() for one in (third, party, password))
    assert "second-person-needed" in link.err
    assert [one["state"] for one in waiting.json()] == ["open"] * 3
    with psycopg.connect(database) as connection:
        names = connection.execute("SELECT sign_in_name, person FROM account ORDER BY 1").fetchall()
        parties = connection.execute("SELECT count(*) FROM party WHERE name = 'Invented Office'").fetchone()
        kept = connection.execute(
            "SELECT count(*) FROM proposal WHERE position('horse'::bytea IN content) > 0"
        ).fetchone()
    assert names == [("ann", "ann"), ("ann-duty", "ann"), ("bob", "bob")]
    assert parties == kept == (0,)

"""`serai settings`, `migrate` and `party` against a real database, and `list check`."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from serai.foundation.access.secrets import secret_matches, split_key
from tests.beside import SHARED, needs
from tests.cli.typing_commands import typed


@pytest.fixture
def node(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    return database


def test_settings_say_where_they_come_from(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERAI_SERVER_PORT", "8123")

    rows = {row["name"]: row for row in typed(capfd, "settings").json()}

    assert (rows["server.port"]["value"], rows["server.port"]["source"]) == ("8123", "SERAI_SERVER_PORT")
    assert rows["server.host"]["source"] == "default"


def test_an_unknown_setting_is_an_error(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERAI_SERVER_PROT", "8123")

    said = typed(capfd, "settings")

    assert said.code == 2
    assert said.err.startswith("unknown-setting: ")


@pytest.mark.usefixtures("node")
def test_migrate_again_finds_nothing_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "migrate")

    assert (said.code, said.json()) == (0, {"applied": []})


def test_a_party_gets_a_key_that_works_until_it_is_revoked(
    capfd: pytest.CaptureFixture[str], node: str
) -> None:
    party = typed(
        capfd, "party", "add", "Invented Express", "--role", "carrier", "--role", "declarant"
    ).json()
    key = typed(
        capfd,
        "party",
        "key",
        party["party"],
        "--scope",
        "lodging",
        "--scope",
        "reading",
        "--expires",
        "2030-01-01",
    ).json()

    parts = split_key(key["key"])
    assert parts is not None
    row = key_row(node, parts[0])
    assert secret_matches(parts[1], row[0])
    assert sorted(row[1]) == ["lodging", "reading"]
    assert row[2:] == (datetime(2030, 1, 1, tzinfo=UTC), None)
    assert parts[1] not in typed(capfd, "party", "revoke", key["key"]).out
    assert key_row(node, parts[0])[3] is not None


def key_row(dsn: str, key_id: int) -> tuple[bytes, list[str], datetime, datetime | None]:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT key_hash, scopes, expires_at, revoked_at FROM api_key WHERE key_id = %s", [key_id]
        ).fetchone()
    assert row is not None
    return bytes(row[0]), row[1], row[2], row[3]


def test_a_role_that_does_not_exist_leaves_no_party(capfd: pytest.CaptureFixture[str], node: str) -> None:
    said = typed(capfd, "party", "add", "Nobody At All", "--role", "pirate")

    assert said.err.startswith("role-unknown: ")
    with psycopg.connect(node) as connection:
        assert connection.execute("SELECT 1 FROM party WHERE name = 'Nobody At All'").fetchall() == []


@pytest.mark.usefixtures("node")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("key", "0APS-K7Z2-0400-00", "--scope", "lodging"), "id-mistyped"),
        (("key", "0000-0000-0000-10", "--scope", "lodging"), "id-mistyped"),
        (("revoke", "serai_nonsense"), "key-not-there"),
        (("revoke", "ff"), "key-not-there"),
    ],
)
def test_what_does_not_exist_is_said(
    capfd: pytest.CaptureFixture[str], words: tuple[str, ...], code: str
) -> None:
    said = typed(capfd, "party", *words)

    assert said.code == 2
    assert said.err.startswith(f"{code}: ")


@pytest.mark.slow
def test_without_a_dsn_the_embedded_server_is_used_and_stopped(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = typed(capfd, "migrate")
    second = typed(capfd, "migrate")

    assert first.json()["applied"]
    assert second.json()["applied"] == []
    assert not list(tmp_path.glob(".serai/**/postmaster.pid"))


def test_a_list_says_how_much_it_holds(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "invented.csv").write_text(
        "entry_id,name,kind_code,aliases\n1,Ann Other,person,A Other;Annie O\n"
    )
    (tmp_path / "empty.csv").write_text("entry_id,name,kind_code\n")
    (tmp_path / "broken.csv").write_text("entry_id,name,kind_code\n1,,person\n")

    held = typed(capfd, "list", "check", "denied-parties", "invented.csv").json()

    assert (held["entries"], held["names"]) == (1, 3)
    assert typed(capfd, "list", "check", "denied-parties", "empty.csv").err.startswith("list-file-empty: ")
    broken = typed(capfd, "list", "check", "denied-parties", "broken.csv")
    assert (broken.code, broken.err.startswith("list-file: ")) == (2, True)
    assert "row 2" in broken.err


UN_LIST = SHARED / "reference" / "screening" / "UN_consolidated.xml"


@needs(UN_LIST)
def test_the_list_of_the_united_nations_is_read(capfd: pytest.CaptureFixture[str]) -> None:
    held = typed(capfd, "list", "check", "denied-parties", UN_LIST).json()

    assert held["names"] > held["entries"] > 500

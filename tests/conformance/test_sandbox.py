"""The sandbox: parties that everybody may play, only where nothing has legal effect."""

import asyncio
from itertools import count
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from serai.cli.main import run
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.secrets import split_key
from serai.foundation.settings import AdministrationSettings
from serai.laboratory.conform.suite import ACTORS
from serai.laboratory.sandbox import PARTIES, open_sandbox, refuse_published_keys
from serai.model.errors import SeraiError
from tests.conformance.node import AT

IN_EARNEST = AdministrationSettings(is_test=False)


def test_each_party_of_the_suite_has_a_key_that_nobody_takes_for_a_secret() -> None:
    assert tuple(party.name for party in PARTIES) == ACTORS
    assert all(split_key(party.key) is not None for party in PARTIES)
    assert all(f"published-sandbox-{party.name}-" in party.key for party in PARTIES)
    assert len({split_key(party.key)[0] for party in PARTIES}) == len(PARTIES)  # type: ignore[index]


def test_what_was_a_sandbox_is_not_served_in_earnest(database: str) -> None:
    async def look() -> None:
        numbers = count(1_000)
        async with await AsyncConnection.connect(database) as connection:
            await connection.execute(
                "INSERT INTO administration (administration_id, code, name, time_zone, is_test, created_at)"
                " VALUES (1, 'TEST', 'Test', 'UTC', true, %s) ON CONFLICT DO NOTHING",
                [AT],
            )
            await refuse_published_keys(connection, 1)
            acting_user = ActingUser(1, "operator:test", AT, lambda: next(numbers))
            with pytest.raises(SeraiError, match="legal effect"):
                await open_sandbox(connection, acting_user, IN_EARNEST)
            await open_sandbox(connection, acting_user, AdministrationSettings())
            with pytest.raises(SeraiError, match="was a sandbox"):
                await refuse_published_keys(connection, 1)

    asyncio.run(look())


@pytest.mark.parametrize("public_url", ["", "http://customs.example", "HTTPS"])
def test_a_server_with_legal_effect_does_not_start_without_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], public_url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SERAI_BROWSER", "SERAI_CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SERAI_ADMINISTRATION_IS_TEST", "false")
    monkeypatch.setenv("SERAI_SERVER_PUBLIC_URL", public_url)

    assert run(["serve", "--port", "0"]) == 2
    assert "https-missing" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_server_with_legal_effect_opens_no_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SERAI_BROWSER", "SERAI_CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SERAI_ADMINISTRATION_IS_TEST", "false")
    monkeypatch.setenv("SERAI_SERVER_PUBLIC_URL", "https://customs.example")

    assert run(["serve", "--sandbox", "--port", "0"]) == 2
    assert "sandbox-not-test" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())

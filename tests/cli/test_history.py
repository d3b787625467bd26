"""`serai history`: closed hours written once, summed without a database."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serai.foundation.clock import FixedClock
from tests.cli.typing_commands import typed
from tests.journey.processing.support import DECLARANT, opened, parcel, send

AT = datetime(2026, 7, 1, 9, 20, tzinfo=UTC)


async def declare(dsn: str, folder: Path) -> None:
    async with opened(dsn, folder, clock=FixedClock(AT)) as node:
        await send(
            node, DECLARANT, "declaration", parcel("one"), parcel("two", logistics_channel_code="express")
        )


@pytest.fixture(scope="module")
def dsn(database: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    asyncio.run(declare(database, tmp_path_factory.mktemp("keys")))
    return database


@pytest.fixture
def node(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERAI_DATABASE_DSN", dsn)


@pytest.mark.in_turn
@pytest.mark.usefixtures("node")
def test_closed_hours_are_written_once_and_summed_without_a_database(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = typed(capfd, "history", "--to", "kept", "--output", "json")
    again = typed(capfd, "history", "--to", "kept", "--output", "json")
    monkeypatch.setenv("SERAI_DATABASE_DSN", "postgresql://nobody@127.0.0.1:1/none")
    summed = typed(capfd, "history", "--to", "kept", "--statistics", "--output", "json")
    told = typed(capfd, "history", "--to", "kept", "--statistics", "--output", "table")

    assert (first.code, again.code, summed.code, told.code) == (0, 0, 0, 0), first.err
    (hour,) = first.json()
    assert (hour["hour_at"], hour["decisions"], hour["goods_items"]) == ("2026-07-01T09:00:00Z", 2, 2)
    assert again.json() == []
    assert summed.json()["destinations"] == [{"consignee_country_code": "DE", "consignments_count": 2}]
    assert {one["currency_code"] for one in summed.json()["charges"]} == {"EUR"}
    assert "consignee country code" in told.out


@pytest.mark.usefixtures("node")
def test_window_leaves_out_what_lies_outside(capfd: pytest.CaptureFixture[str]) -> None:
    before = typed(capfd, "history", "--to", "kept", "--until", "2026-07-01", "--output", "json")
    after = typed(capfd, "history", "--to", "kept", "--from", "2026-07-01T10:00:00Z", "--output", "json")
    within = typed(
        capfd, "history", "--to", "kept", "--from", "2026-07-01", "--until", "2026-07-02", "--output", "json"
    )

    assert (before.json(), after.json()) == ([], [])
    assert len(within.json()) == 1


def test_what_cannot_be_done_is_said(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = typed(capfd, "history", "--to", tmp_path, "--statistics")
    no_time_zone = typed(capfd, "history", "--to", tmp_path, "--from", "2026-07-01T10:00:00")

    assert (empty.code, no_time_zone.code) == (2, 2)
    assert "history-empty" in empty.err
    assert "at-unreadable" in no_time_zone.err


@pytest.mark.usefixtures("node")
def test_folder_that_cannot_be_written_is_said(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    refused = typed(capfd, "history", "--to", tmp_path / "taken")

    assert refused.code == 2
    assert "output-unwritable" in refused.err

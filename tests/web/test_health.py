"""Alive, ready, measured."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from serai.app import Node, list_jobs
from serai.foundation.clock import FixedClock
from serai.foundation.ids import IdSource, NodeLease
from serai.foundation.vault.errors import VaultError
from serai.web import health
from tests.journey.cases.world import World, file, parcel
from tests.journey.processing import support


def batch_rows_sum(metrics: str) -> float:
    """Rows of all batches so far; nothing is said of them before the first."""
    found = re.search(r"^serai_batch_rows_sum (\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def await_state(world: World, *, is_ready: bool) -> None:
    deadline_s = time.monotonic() + 20
    with world.client("") as client:
        while client.get("/readyz").json()["is_ready"] is not is_ready:
            assert time.monotonic() < deadline_s, f"it does not become ready={is_ready}"
            time.sleep(0.1)


def await_integration(connection: psycopg.Connection) -> None:
    """Until all that is promised is in the log."""
    deadline_s = time.monotonic() + 20
    while connection.execute("SELECT count(*) FROM log_pending").fetchone() != (0,):
        assert time.monotonic() < deadline_s, "a promise is not kept"
        time.sleep(0.05)


def spoil_tiles(connection: psycopg.Connection) -> None:
    """Flip a bit of every tile of leaves; twice, and they are as before. Under the integrator's lock, for a
    round that has read them already would write over it."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(736005190001)")
        spoilt = connection.execute(
            "UPDATE log_tile SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1) WHERE level = 0"
        )
        assert spoilt.rowcount > 0


def test_a_process_that_answers_is_alive(world: World) -> None:
    with world.client("") as client:
        assert client.get("/healthz").json() == {"status": "alive"}


def test_a_ready_process_says_what_it_looked_at(world: World) -> None:
    with world.client("") as client:
        answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["is_ready"]
    assert {one["name"]: one["is_well"] for one in answer.json()["checks"]} == dict.fromkeys(
        ("database", "law", "log", "keys", "disk", "ids"), True
    )


def test_without_a_lease_no_ids_can_be_made_and_nobody_is_sent_here() -> None:
    clock = FixedClock(datetime(2026, 7, 1, tzinfo=UTC))
    ids = IdSource(NodeLease(5, clock.now(), clock.now() + timedelta(seconds=60)), clock)
    before = health.check_ids(ids)
    clock.move(timedelta(seconds=61))

    assert before.is_well
    assert health.check_ids(ids) == health.Check("ids", is_well=False, detail="node-lease-ended")


def test_metrics_tell_batches_lanes_queue_lag_and_pools_to_who_may_know(world: World) -> None:
    with world.client("post") as client:
        refused = client.get("/metrics").status_code
    with world.client("officer") as reader, world.client("post") as client:
        before = batch_rows_sum(reader.get("/metrics").text)
        file(client, *(parcel(f"METRIC-{number}") for number in range(7)))
        text = reader.get("/metrics").text

    assert refused == 403
    assert batch_rows_sum(text) == before + 7
    for name in (
        "serai_batch_seconds_count",
        'serai_decisions_total{lane="',
        "serai_batcher_queued_rows 0.0",
        "serai_log_lag_seconds",
        'serai_pool{figure="pool_size",pool="write"}',
        'serai_request_seconds_count{route="/v1/declarations"}',
        "serai_law_generation",
        "serai_partitions_missing 0.0",
        "serai_disk_free_bytes",
    ):
        assert name in text, name
    assert "METRIC-" not in text


def test_a_log_that_falls_behind_makes_the_process_not_ready(world: World) -> None:
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        # The integrator cannot get in while somebody else holds its lock.
        connection.execute("SELECT pg_advisory_lock(736005190001)")
        with world.client("post") as client:
            file(client, parcel("LATE-1"))
        connection.execute("UPDATE log_batch SET promised_at = promised_at - interval '5 minutes'")
        with world.client("") as client:
            answer = client.get("/readyz")
    checks = {one["name"]: one for one in answer.json()["checks"]}
    await_state(world, is_ready=True)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert not checks["log"]["is_well"]
    assert checks["database"]["is_well"]


@pytest.mark.in_turn
def test_nothing_is_promised_while_the_log_cannot_go_on(world: World) -> None:
    with (
        psycopg.connect(world.dsn, autocommit=True) as connection,
        world.client("") as anyone,
        world.client("post") as client,
    ):
        file(client, parcel("SOUND-1"))
        await_integration(connection)
        spoil_tiles(connection)
        await_state(world, is_ready=False)
        readiness = anyone.get("/readyz").json()
        refused = client.post("/v1/declarations", json=parcel("BROKEN-1"))
        spoil_tiles(connection)
        await_state(world, is_ready=True)
        taken = client.post("/v1/declarations", json=parcel("BROKEN-1"))

    assert {one["name"]: one["detail"] for one in readiness["checks"]}["log"] == "log-root-differs"
    assert (refused.status_code, refused.json()["code"]) == (503, "log-broken")
    assert refused.headers["retry-after"] == "30"
    assert "serai doctor" in refused.json()["next_step"]
    assert (taken.status_code, taken.json()["status"]) == (201, "decided")


def test_a_transaction_that_stays_open_sounds_the_alarm_with_the_process_to_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FEED_STALL_S_MAX", 0.3)
    with (
        psycopg.connect(world.dsn) as stays,
        world.client("") as client,
        world.client("officer") as reader,
    ):
        end_it = f"pg_terminate_backend({stays.info.backend_pid})"
        stays.execute("SELECT pg_current_xact_id()")
        deadline_s = time.monotonic() + 20
        # Other tests have transactions at the same server, which may be older for a while.
        while end_it not in (stalled := client.get("/readyz")).text:
            assert time.monotonic() < deadline_s, stalled.text
            time.sleep(0.1)
        age_s = re.search(
            r"^serai_oldest_transaction_seconds (\S+)$", reader.get("/metrics").text, re.MULTILINE
        )
        stays.rollback()
        after = client.get("/readyz")

    assert stalled.json()["is_ready"]
    assert [one["code"] for one in stalled.json()["alarms"]] == ["feed-stalled"]
    assert age_s is not None
    assert float(age_s[1]) > 0.3
    assert end_it not in after.text


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("epochs", "lost-epoch-keys"),
        ("signing.pem", "lost-signing-key"),
        ("pseudonym-match.secret.1", "lost-secret"),
        ("", "lost-signing-key"),
    ],
)
def test_keys_that_are_gone_while_it_serves_make_the_process_not_ready(
    world: World, part: str, code: str
) -> None:
    with world.client("post") as client:
        file(client, parcel("KEYS-1"))
    keys, away = world.folder / "keys", world.folder / "away"
    (keys / part).rename(away)
    try:
        with world.client("") as client:
            answer = client.get("/readyz")
        assert not (keys / part).exists(), "nothing is made in the place of what is gone"
    finally:
        away.rename(keys / part)
    await_state(world, is_ready=True)

    assert answer.status_code == 503
    (check,) = (one for one in answer.json()["checks"] if one["name"] == "keys")
    assert (check["is_well"], check["detail"]) == (False, code)


async def test_an_older_key_that_goes_while_it_serves_is_missed_by_a_timer_and_told_until_it_is_back(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    async with support.opened(make_database(), tmp_path) as node:
        for name in ("older", "newer"):
            node.services.epochs.drop()
            await support.send(node, support.DECLARANT, "declaration", support.parcel(name))
        (look,) = (job for job in list_jobs(node.settings) if job.name == "look-at-keys")
        await look.turn(node)
        oldest = min(path.parent for path in node.services.keyring.folder.glob("*/*.key"))

        oldest.rename(tmp_path / "away")
        with pytest.raises(VaultError, match="lost-epoch-keys"):
            await look.turn(node)
        missed = await _keys_check(node)
        (tmp_path / "away").rename(oldest)
        back = await _keys_check(node)

    assert missed == health.Check("keys", is_well=False, detail="lost-epoch-keys")
    assert back == health.Check("keys", is_well=True, detail="at hand")


async def _keys_check(node: Node) -> health.Check:
    (check,) = (one for one in await health.find_checks(node) if one.name == "keys")
    return check

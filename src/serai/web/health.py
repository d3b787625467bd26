"""Is this process alive, is it ready, and how fast is it: for whoever watches over it."""

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from litestar import Request, Response, get
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from serai.app import Node, require_keys_at_hand, tell_figures
from serai.evidence.store import count_pending
from serai.evidence.witnessing import REFUSES, Failing, find_failing
from serai.foundation.http.provided import find_provided, provided
from serai.foundation.http.respond import kit_of
from serai.foundation.ids import IdSource
from serai.foundation.oldest_transaction import Seen
from serai.foundation.partitions import find_partitions_missing
from serai.journey.law_in_force.risk_model import ModelInForce
from serai.journey.law_in_force.shrinking import count_kept_back
from serai.journey.list_sources.store import Source, select_sources
from serai.journey.scans.postings import POSTING
from serai.journey.scans.store import count_found
from serai.journey.selection.store import select_departures
from serai.journey.tasks.store import count_open
from serai.model.errors import SeraiError

DATABASE_PATIENCE_S: Final = 2.0
LOG_LAG_S_MAX: Final = 60.0
"""Promises name two seconds; a log a minute behind needs somebody."""
SILENT_TRIES_COUNT: Final = 3
FEED_STALL_S_MAX: Final = 60.0
"""Own transactions end sooner, those of a command or an operator may not."""
DISK_FREE_BYTES_MIN: Final = 256 * 1024 * 1024
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"

_AnyRequest = Request[Any, Any, Any]


class Check(msgspec.Struct, frozen=True):
    """One thing that must hold."""

    name: str
    is_well: bool
    detail: str


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str


class Alarm(msgspec.Struct, frozen=True):
    """What somebody must see to, though requests can be taken today."""

    code: str
    message: str
    next_step: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests can be taken, what stands in the way, and what will."""

    is_ready: bool
    checks: list[Check]
    alarms: list[Alarm]


@get("/healthz", opt={"act": "public.read"}, summary="Is the process alive?")
async def read_health() -> Health:
    """Touches nothing: a process that answers is alive."""
    return Health("alive")


@get(
    "/readyz",
    opt={"act": "public.read"},
    summary="Can it take requests: database, law, log, keys, disk, ids?",
)
async def read_readiness(request: _AnyRequest) -> Response[Readiness]:
    """503 while something stands in the way."""
    node = find_provided(request.app, Node)
    checks = [Check("node", is_well=False, detail="starting")] if node is None else await find_checks(node)
    alarms = [] if node is None else await find_alarms(node)
    readiness = Readiness(all(check.is_well for check in checks), checks, alarms)
    headers = {"cache-control": "no-store"} | ({} if readiness.is_ready else {"retry-after": "5"})
    return Response(readiness, status_code=200 if readiness.is_ready else 503, headers=headers)


@get(
    "/metrics",
    opt={"act": "metrics.read"},
    media_type=PROMETHEUS,
    summary="Figures of all processes of this server in the Prometheus text format.",
)
async def read_metrics(request: _AnyRequest) -> Response[bytes]:
    """Requests, batches, latency, decisions by lane, queue, lag of the log, pools. Labels hold no
    personal data.
    """
    node = provided(request, Node)
    await tell_figures(node)
    shared = await asyncio.to_thread(kit_of(request).metrics.render)
    content = shared + await _render_state(node)
    return Response(content, media_type=PROMETHEUS, headers={"cache-control": "no-store"})


ROUTES = [read_health, read_readiness, read_metrics]


async def find_checks(node: Node) -> list[Check]:
    """Look at everything a request needs."""
    lag_s = await _log_lag_s(node)
    is_writable = lag_s is not None and await _is_writable(node)
    free_bytes = _disk_free_bytes(node)
    program_count = len(node.processor.law.book.packs)
    return [
        Check("database", is_writable, _state_of_database(lag_s, is_writable=is_writable)),
        Check(
            "law", program_count > 0, f"generation {node.processor.law.generation_id}, {program_count} packs"
        ),
        _check_log(node, lag_s),
        await _check_keys(node),
        Check("disk", free_bytes >= DISK_FREE_BYTES_MIN, f"{free_bytes // 2**20} MiB free"),
        check_ids(node.ids),
    ]


async def find_alarms(node: Node) -> list[Alarm]:
    """Look at what will stand in the way. A database that does not answer is a check's matter."""
    unreadable = node.processor.law.unreadable
    own = [_acceptance_law_unreadable(unreadable)] if unreadable else []
    model = node.processor.law.model
    if model is not None and model.fault is not None:
        own.append(_risk_model_unusable(model.fault))
    try:
        async with (
            asyncio.timeout(DATABASE_PATIENCE_S),
            node.database.read(node.administration_id) as connection,
        ):
            missing = await find_partitions_missing(connection, node.clock.now())
            oldest = await node.oldest_transaction.look(connection, node.clock.now())
            failing = await find_failing(connection, node.witnesses)
            changed_count = await count_open(
                connection, "record-changed", administration_id=node.administration_id
            )
            sources = await select_sources(connection, administration_id=node.administration_id)
            departures = await select_departures(connection, administration_id=node.administration_id)
            postings_count = await count_found(connection, POSTING, administration_id=node.administration_id)
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return own
    kept_back_count = await _kept_back_count(node)
    alarms = [*own, *(Alarm(one.code, one.message, one.next_step) for one in missing)]
    if oldest is not None and _age_s(node, oldest) > FEED_STALL_S_MAX:
        alarms.append(_feed_stalled(oldest))
    if changed_count:
        alarms.append(_records_changed(changed_count))
    if departures:
        alarms.append(_selection_departs(len(departures)))
    if postings_count:
        alarms.append(_ledger_changed(postings_count))
    if kept_back_count:
        alarms.append(_lists_kept_back(kept_back_count))
    alarms += _alarms_of_lists(sources, node.clock.now())
    return alarms + [
        _witness_fails(one)
        for one in failing
        if one.fault_code == REFUSES or one.failures_count >= SILENT_TRIES_COUNT
    ]


def _witness_fails(one: Failing) -> Alarm:
    name, since = one.key.partition("+")[0], f"{one.failing_since:%Y-%m-%d %H:%M:%S} UTC"
    if one.fault_code == REFUSES:
        return Alarm(
            one.fault_code,
            f"Witness {name} has refused to sign the log since {since}: it knows another history or key.",
            "Run `serai log verify`, and compare the log's key and checkpoint with what its operator has.",
        )
    return Alarm(
        one.fault_code,
        f"Witness {name} has not answered since {since}; receipts are given without its signature.",
        "Ask its operator; compare its address in log.witnesses.",
    )


def _records_changed(count: int) -> Alarm:
    cases = "case" if count == 1 else "cases"
    return Alarm(
        "record-changed",
        f"What is stored of {count} {cases} is not what the evidence log commits to.",
        "Read them at /v1/declarations?task=record-changed, find out who changed the database, restore their"
        " rows from a backup, and take back the act record-questioned of each case.",
    )


def _selection_departs(count: int) -> Alarm:
    """Say it without the measure: who reads this may be no officer."""
    return Alarm(
        "selection-departs",
        f"{count} alarms of selection: a measure departs from what is found, or speaks of everything.",
        "Officers see which on the page of risk, and withdraw or change it there.",
    )


def _risk_model_unusable(code: str) -> Alarm:
    """code: why this process cannot use the model in force."""
    return Alarm(
        "risk-model-unusable",
        f"The risk model in force cannot be used by this process ({code}): nothing is scored; rules and "
        "chance select as before.",
        "Install Serai with its extra serai[risk] in every process, or put a model in force that was trained"
        " by this version.",
    )


def _ledger_changed(count: int) -> Alarm:
    postings = "posting" if count == 1 else "postings"
    return Alarm(
        "ledger-changed",
        f"What is stored of {count} {postings} of the ledger is not what the evidence log commits to.",
        "`serai ledger check` names them: find out who changed the database, and restore their rows from a"
        " backup. The alarm ends with the next round, within a day.",
    )


def _lists_kept_back(count: int) -> Alarm:
    lists = "list has" if count == 1 else "lists have"
    return Alarm(
        "list-kept-back",
        f"{count} {lists} far fewer entries than the one in force, which stays, and wait for approval.",
        "Ask the publisher of the list; approve or reject it on the page of proposals.",
    )


def _alarms_of_lists(sources: Sequence[Source], at: dt.datetime) -> list[Alarm]:
    stale = ", ".join(one.name for one in sources if one.is_stale(at))
    refused = ", ".join(f"{one.name} ({one.outcome_code})" for one in sources if one.is_refused)
    alarms = []
    if stale:
        alarms.append(
            Alarm(
                "list-stale",
                f"Lists in force are older than they may be: {stale}.",
                "Read /v1/list-sources for how the last look went, and ask the publisher.",
            )
        )
    if refused:
        alarms.append(
            Alarm(
                "list-refused",
                f"What came from sources of lists was refused, and the lists in force stay: {refused}.",
                "Ask the publisher; a new key is registered with its source.",
            )
        )
    return alarms


async def _kept_back_count(node: Node) -> int:
    """Return how many lists are kept back; none while the database does not answer, which is told
    elsewhere."""
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_S), node.database.write() as connection:
            return await count_kept_back(
                connection, administration_id=node.administration_id, at=node.clock.now()
            )
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return 0


def _acceptance_law_unreadable(unreadable: Mapping[int, str]) -> Alarm:
    """unreadable: what stood in the way, by basis."""
    named = ", ".join(f"basis {basis_id} ({code})" for basis_id, code in sorted(unreadable.items()))
    return Alarm(
        "acceptance-law-unreadable",
        f"Goods were accepted under laws that this version cannot read: {named}. They are decided again by "
        "the law in force.",
        "Read the decisions with finding acceptance-law-unreadable; run the version that read those laws, or "
        "correct what was decided.",
    )


def _feed_stalled(oldest: Seen) -> Alarm:
    """Say which transaction holds back what is told. It may be of another database of the server."""
    process_id, whose = oldest.server_process_id, "that was prepared"
    next_step = "Look it up in pg_prepared_xacts; end it by COMMIT PREPARED or ROLLBACK PREPARED."
    if process_id:
        whose = f"of server process {process_id}"
        next_step = f"Look it up in pg_stat_activity; end it by SELECT pg_terminate_backend({process_id})."
    return Alarm(
        "feed-stalled",
        f"A transaction {whose} has been open since {oldest.since:%Y-%m-%d %H:%M:%S} UTC or longer; what "
        "came after it is told by neither feed nor webhooks.",
        next_step,
    )


def _age_s(node: Node, oldest: Seen) -> float:
    return max((node.clock.now() - oldest.since) / dt.timedelta(seconds=1), 0.0)


def _check_log(node: Node, lag_s: float | None) -> Check:
    fault = node.services.log_state.fault
    if fault is not None:
        return Check("log", is_well=False, detail=fault.code)
    if lag_s is None:
        return Check("log", is_well=False, detail="unknown")
    return Check("log", lag_s <= LOG_LAG_S_MAX, f"oldest promise not yet kept: {lag_s:.1f} s")


def check_ids(ids: IdSource) -> Check:
    """Whoever files gets ids, and they are made within a lease alone."""
    try:
        ids.take(1)
    except SeraiError as error:
        return Check("ids", is_well=False, detail=error.code)
    return Check("ids", is_well=True, detail="can be made")


async def _check_keys(node: Node) -> Check:
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_S):
            await require_keys_at_hand(node)
    except SeraiError as error:
        return Check("keys", is_well=False, detail=error.code)
    except (TimeoutError, psycopg.Error, PoolTimeout):
        return Check("keys", is_well=False, detail="unknown")
    return Check("keys", is_well=True, detail="at hand")


def _state_of_database(lag_s: float | None, *, is_writable: bool) -> str:
    if lag_s is None:
        return "does not answer"
    return "answers" if is_writable else "takes nothing"


async def _is_writable(node: Node) -> bool:
    """Say whether the database takes anything: a standby, or one set to read-only, answers and does not."""
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_S), node.database.write() as connection:
            cursor = await connection.execute("SELECT NOT pg_is_in_recovery()")
            (is_primary,) = await cursor.fetchone() or (False,)
            cursor = await connection.execute("SHOW transaction_read_only")
            (is_read_only,) = await cursor.fetchone() or ("on",)
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return False
    return bool(is_primary) and is_read_only == "off"


async def _log_lag_s(node: Node) -> float | None:
    """Return the age of the oldest batch that is not in the log yet, or None when the database does not
    answer in time.
    """
    try:
        async with (
            asyncio.timeout(DATABASE_PATIENCE_S),
            node.database.read(node.administration_id) as connection,
        ):
            _, oldest_at = await count_pending(connection, administration_id=node.administration_id)
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return None
    return 0.0 if oldest_at is None else max((node.clock.now() - oldest_at) / dt.timedelta(seconds=1), 0.0)


async def _failing_witnesses_count(node: Node) -> int:
    """Return how many witnesses fail; none while the database does not answer, which is told elsewhere."""
    try:
        async with (
            asyncio.timeout(DATABASE_PATIENCE_S),
            node.database.read(node.administration_id) as connection,
        ):
            return len(await find_failing(connection, node.witnesses))
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return 0


async def _list_faults(node: Node) -> tuple[int, int]:
    """Return how many lists are too old, and how many were refused; none while the database does not answer,
    which is told elsewhere."""
    try:
        async with (
            asyncio.timeout(DATABASE_PATIENCE_S),
            node.database.read(node.administration_id) as connection,
        ):
            sources = await select_sources(connection, administration_id=node.administration_id)
    except (TimeoutError, psycopg.Error, PoolTimeout, SeraiError):
        return 0, 0
    at = node.clock.now()
    return sum(one.is_stale(at) for one in sources), sum(one.is_refused for one in sources)


def _disk_free_bytes(node: Node) -> int:
    folder = Path(node.settings.data.folder)
    return shutil.disk_usage(folder if folder.exists() else folder.parent).free


async def _render_state(node: Node) -> bytes:
    """Return the figures that are read when somebody asks: they are the node's, not one process's."""
    registry = CollectorRegistry()
    lag_s = await _log_lag_s(node)
    oldest = node.oldest_transaction.seen
    stale_count, refused_count = await _list_faults(node)
    registry.register(
        _State(
            ("serai_ready_database", "1 while the database answers", 0 if lag_s is None else 1),
            (
                "serai_log_lag_seconds",
                "Age of the oldest promise not yet kept",
                -1 if lag_s is None else lag_s,
            ),
            (
                "serai_oldest_transaction_seconds",
                "How long the oldest open transaction has been seen: it holds back feed and webhooks",
                0 if oldest is None else _age_s(node, oldest),
            ),
            (
                "serai_witnesses_failing",
                "Witnesses of the log that have not signed the last time they were asked",
                await _failing_witnesses_count(node),
            ),
            (
                "serai_lists_kept_back",
                "Lists with far fewer entries than those in force that wait for a second person",
                await _kept_back_count(node),
            ),
            ("serai_lists_stale", "Sources whose list in force is older than it may be", stale_count),
            ("serai_lists_refused", "Sources of which the last list was refused", refused_count),
            ("serai_disk_free_bytes", "Free space where data lies", _disk_free_bytes(node)),
            (
                "serai_risk_model_usable",
                "1 while the risk model in force can be used here, 0 while it cannot, -1: none is in force",
                _usable(node.processor.law.model),
            ),
        )
    )
    return generate_latest(registry)


def _usable(model: ModelInForce | None) -> int:
    return -1 if model is None else int(model.fault is None)


class _State(Collector):
    """Figures by name, meaning and value, as they are now."""

    def __init__(self, *figures: tuple[str, str, float]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, meaning, value in self._figures:
            yield GaugeMetricFamily(name, meaning, value=value)

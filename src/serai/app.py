"""Builds everything from settings: the one place that knows all parts. Files are read here and their bytes
handed on."""

import asyncio
import contextlib
import os
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import psycopg

from serai.evidence.administering import log_acts
from serai.evidence.integrator import integrate_once
from serai.evidence.published import PublishedCheckpoint
from serai.formats.json_lines import canonical
from serai.foundation.administration import register_administration
from serai.foundation.batcher import Batcher
from serai.foundation.clock import Clock, SystemClock
from serai.foundation.database import Database
from serai.foundation.disk_room import DiskRoom
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.ids import IdSource
from serai.foundation.keys import KeyFolder
from serai.foundation.metrics import Metrics
from serai.foundation.migrations import migrate
from serai.foundation.node_leases import end_lease, lease_node, renew_node
from serai.foundation.node_secrets import open_secret
from serai.foundation.partitions import add_partitions, find_partitions_missing
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import Settings
from serai.foundation.shipped import find_shipped
from serai.foundation.signing_keys import open_signing_key
from serai.foundation.telemetry import report_incident, telemetry
from serai.foundation.vault.dictionaries import insert_dictionary, lock_dictionaries, select_dictionaries
from serai.foundation.vault.epochs import EpochSource, require_keys
from serai.foundation.vault.erasure import resume_erasures
from serai.foundation.vault.expiry import resume_expiries
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.pseudonyms import Hasher, Pseudonymiser, Purpose, whole
from serai.foundation.vault.records import MessageCodec, train_dictionary
from serai.journey.assessment import store as assessment_store
from serai.journey.documents.personal_data import cut_people
from serai.journey.documents.submission import Answer, Submission
from serai.journey.law_in_force.service import load_law
from serai.journey.processing.batches import by_transaction_group, measured
from serai.journey.processing.transaction import Processor
from serai.journey.retention.service import keep_retention
from serai.journey.scans.recalls import scan_recalls
from serai.journey.scans.service import scan_lists
from serai.journey.services import Services
from serai.laboratory.invented.parcels import consignments
from serai.model.documents import Consignment
from serai.model.errors import SeraiError

SecretName = Literal["webhook", "second-factor"]
"""Of a secret under which others are sealed."""


def _secret_name(purpose: Purpose) -> str:
    return f"pseudonym-{purpose.value}"


SECRETS = (*map(_secret_name, Purpose), *get_args(SecretName))
"""Names of all secrets that data are made with."""
_DICTIONARY_SAMPLES_COUNT = 2_000
_NODE_RENEW_S = 15
_NODE_RENEW_AGAIN_S = 1
_GENERATION_WATCH_S = 0.5
_MANDATES_WATCH_S = 1.0
_LISTS_WATCH_S = 2.0
_END_AGAIN_S = 1.0
_LOG_ACTS_S = 2.0
_RECALLS_WATCH_S = 2.0
# What is usual changes slowly, and each turn writes a row for nearly every heading that was seen.
_LEARN_S = 120
_PARTITIONS_S = 600
_RETENTION_S = 3_600


@dataclass(slots=True)
class Node:
    """One running process: everything a request needs. Open it with `open_node`.

    log_fault: why the log cannot go on; None: it can.
    """

    settings: Settings
    database: Database
    metrics: Metrics
    clock: Clock
    administration_id: int
    ids: IdSource
    processor: Processor
    batcher: Batcher[Submission, list[Answer]]
    services: Services
    last_integrated_at: datetime | None = None
    log_fault: SeraiError | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@contextlib.contextmanager
def running_database(settings: Settings, clock: Clock) -> Any:
    """Give the connection string of a migrated database: the one the settings name, else the embedded one."""
    if settings.database.dsn:
        migrate(settings.database.dsn, find_shipped("migrations"), at=clock.now())
        yield settings.database.dsn
        return
    server = EmbeddedPostgres(Path(settings.data.folder) / "postgres", until="starter-ends")
    with server.kept_running(_tell_of_database) as dsn:
        migrate(dsn, find_shipped("migrations"), at=clock.now())
        yield dsn


def _tell_of_database(fault: SeraiError | None) -> None:
    if fault is None:
        telemetry().warning("database-started-again")
    else:
        telemetry().error("database-not-started-again", code=fault.code)


async def check_start(settings: Settings, dsn: str) -> None:
    """Refuse a start that could only fail in every web process, or without keys that data were made with.

    Nor on a database that is older than what the log has signed. Raises SeraiError `lost-signing-key`,
    `lost-secret`, `lost-epoch-keys`, `key-folder-open`, `log-went-back`.
    """
    at = SystemClock().now()
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        folder = KeyFolder(settings.data.keys_folder)
        key = await open_signing_key(connection, folder, settings.log.origin, at)
        await published_checkpoint(settings, key.public_key).require_all(connection)
        for name in SECRETS:
            await open_secret(connection, folder, name, at)
        administration_id = await register_administration(connection, settings.administration, at=at)
        keyring = Keyring(settings.data.epochs_folder)
        await require_keys(connection, keyring, administration_id=administration_id)


@asynccontextmanager
async def open_node(
    settings: Settings,
    dsn: str,
    *,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    shorten: Hasher = whole,
) -> AsyncIterator[Node]:
    """Open a process of the node on a migrated database, with its background work; all is given back at the
    end.

    The law comes from the database's generation; a node that has none yet loads the packs that came with
    Serai. shorten: how much of its hash a match key is found by; all processes of a node keep the same.
    """
    clock = clock or SystemClock()
    metrics = metrics or Metrics()
    database = Database(
        dsn,
        pool_size_count=settings.database.pool_size_count,
        statement_timeout_ms=settings.database.statement_timeout_ms,
        lock_timeout_ms=settings.database.lock_timeout_ms,
        idle_timeout_ms=settings.database.idle_timeout_ms,
    )
    async with database:
        holder = f"process-{os.getpid()}-{secrets.token_hex(4)}"
        async with database.write() as connection:
            await add_partitions(connection, clock.now())
            administration_id = await register_administration(
                connection, settings.administration, at=clock.now()
            )
            lease = await lease_node(connection, holder, clock.now())
        ids = IdSource(lease, clock)
        services = await build_services(settings, database, ids, clock, administration_id, shorten=shorten)
        law = await load_law(database, administration_id, clock.now())
        processor = Processor(services, law)
        batcher: Batcher[Submission, list[Answer]] = Batcher(
            by_transaction_group(measured(processor.clear, metrics), _reporter(metrics)),
            max_rows_count=settings.batch.max_rows_count,
            max_wait_ms=settings.batch.max_wait_ms,
            queue_limit_count=settings.batch.queue_limit_count,
            report_fault=_reporter(metrics),
            look_ahead=processor.prepare_ahead,
        )
        await resume_erasures(database.write, services.keyring)
        await resume_expiries(database.write, services.keyring)
        node = Node(settings, database, metrics, clock, administration_id, ids, processor, batcher, services)
        async with batcher:
            node.tasks = [
                _keep(_integrate(node), "integrate"),
                _keep(processor.resume(), "resume-arrivals"),
                _keep(_log_acts(node), "log-administering-acts"),
                _keep(_renew(node, holder), "renew-node"),
                _keep(_follow_generation(node), "follow-generation"),
                _keep(_follow_mandates(node), "follow-mandates"),
                _keep(_follow_lists(node), "follow-lists"),
                _keep(_follow_recalls(node), "follow-recalls"),
                _keep(_learn_reference_values(node), "learn-usual"),
                _keep(_keep_partitions(node), "keep-partitions"),
                _keep(_keep_retention(node), "keep-retention"),
            ]
            try:
                yield node
            finally:
                await _end(node.tasks)
        async with database.write() as connection:
            await end_lease(connection, ids.lease, holder, ids.used_until())


def _reporter(metrics: Metrics) -> Callable[[Exception], str]:
    def report(fault: Exception) -> str:
        incident = secrets.token_hex(4)
        report_incident(fault, incident, metrics)
        return incident

    return report


async def build_services(
    settings: Settings,
    database: Database,
    ids: IdSource,
    clock: Clock,
    administration_id: int,
    *,
    shorten: Hasher = whole,
) -> Services:
    """Build what processing, and whoever reads stored cases, works with beside the law."""
    folder, keyring = KeyFolder(settings.data.keys_folder), Keyring(settings.data.epochs_folder)
    async with database.write() as connection:
        signer = await open_signing_key(connection, folder, settings.log.origin, clock.now())
        secrets_of = {name: await open_secret(connection, folder, name, clock.now()) for name in SECRETS}
        codec = MessageCodec(await _dictionaries(connection, administration_id, clock.now()))

    def take_id() -> int:
        return int(ids.take(1)[0])

    return Services(
        administration_id=administration_id,
        country_code=settings.administration.country_code,
        database=database,
        ids=ids,
        clock=clock,
        jitter=random.random,
        keyring=keyring,
        epochs=EpochSource(keyring, administration_id, take_id),
        codec=codec,
        pseudonymiser=Pseudonymiser(
            {purpose: secrets_of[_secret_name(purpose)] for purpose in Purpose},
            administration_id=administration_id,
            shorten=shorten,
        ),
        signer=signer,
        log_origin=settings.log.origin,
        room=DiskRoom(Path(settings.data.folder), free_min_bytes=settings.data.free_min_bytes),
        quote_rules=settings.quotes,
    )


async def _dictionaries(connection: Any, administration_id: int, at: datetime) -> list[bytes]:
    """Return the dictionaries messages are compressed with; the first is trained on invented parcels, whose
    people are cut out."""
    known = await select_dictionaries(connection)
    if not known:
        await lock_dictionaries(connection)
        known = await select_dictionaries(connection)
    if known:
        return known
    samples = [
        _sample(record) for record in consignments(_DICTIONARY_SAMPLES_COUNT, 1, at=at, first_acceptance=at)
    ]
    dictionary = await asyncio.to_thread(train_dictionary, [sample for sample in samples if sample])
    await insert_dictionary(connection, dictionary, administration_id=administration_id, at=at)
    return await select_dictionaries(connection)


def _sample(record: Mapping[str, Any]) -> bytes:
    try:
        document = msgspec.convert(record, Consignment)
    except msgspec.ValidationError:
        return b""
    return cut_people([document], [canonical(document)])[0].message


# ---- background ----


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel work until it has ended: a connection that breaks while it is cancelled raises its own error in
    the place of the cancellation, and a loop that lives on after errors would live on."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_END_AGAIN_S)


def _keep(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


def open_seal(settings: Settings, name: SecretName) -> SecretSeal:
    """Return what seals and opens the secrets of one purpose. Raises SeraiError `key-folder-open`."""
    return SecretSeal(KeyFolder(settings.data.keys_folder), name)


def published_checkpoint(settings: Settings, public_key: bytes) -> PublishedCheckpoint:
    """Return what is kept of the log outside its database."""
    folder = Path(settings.data.folder) / "log"
    return PublishedCheckpoint(folder, origin=settings.log.origin, public_key=public_key)


async def _integrate(node: Node) -> None:
    """Bring promised batches into the log, twice a second; whoever holds the lock does it for all
    processes. A round takes all that waits: rounds without a pause would sign and write for every batch."""
    pause_s = node.settings.log.integrate_interval_ms / 1000
    published = published_checkpoint(node.settings, node.services.signer.public_key)
    while True:
        try:
            async with node.database.write() as connection:
                done = await integrate_once(
                    connection,
                    node.services.signer,
                    origin=node.services.log_origin,
                    at=node.clock.now(),
                    last_published=published.read(),
                    recent=node.services.recent_promises,
                )
            if done.leaf_count:
                await asyncio.to_thread(published.write, done.note)
                node.last_integrated_at = node.clock.now()
            if done.is_lock_taken:  # whoever did not look knows nothing of the log
                node.log_fault = None
        except SeraiError as error:
            node.log_fault = error
            telemetry().error("integration-refused", code=error.code)
        except Exception as fault:  # noqa: BLE001 - the loop must live on; the fault is told
            telemetry().warning("integration-failed", error_type=type(fault).__name__)
        await asyncio.sleep(pause_s)


async def _log_acts(node: Node) -> None:
    """Give acts of administering, sign-ins among them, their leaves in the log."""
    while True:
        try:
            async with node.database.write() as connection:
                await log_acts(connection, node.services, node.clock, node.ids.take)
        except Exception as fault:  # noqa: BLE001 - looked at again; the rows are there
            telemetry().warning("acts-not-logged", error_type=type(fault).__name__)
        await asyncio.sleep(_LOG_ACTS_S)


async def _renew(node: Node, holder: str) -> None:
    """Keep the right to make ids; a process that was without its database too long takes another number."""
    pause_s: float = _NODE_RENEW_S
    while True:
        await asyncio.sleep(pause_s)
        pause_s = _NODE_RENEW_AGAIN_S
        try:
            async with node.database.write() as connection:
                try:
                    node.ids.renew(await renew_node(connection, node.ids.lease, holder, node.clock.now()))
                except SeraiError:
                    node.ids.begin_anew(await lease_node(connection, holder, node.clock.now()))
            pause_s = _NODE_RENEW_S
        except Exception as fault:  # noqa: BLE001 - tried again; ids stop by themselves when the lease ends
            telemetry().warning("lease-renewal-failed", error_type=type(fault).__name__)


async def _follow_generation(node: Node) -> None:
    """Take up a new generation of law within a second; the one in use stays until the new one is built."""
    while True:
        await asyncio.sleep(_GENERATION_WATCH_S)
        try:
            async with node.database.read(node.administration_id) as connection:
                newest = await assessment_store.select_generation_id(
                    connection, administration_id=node.administration_id
                )
            if newest is not None and newest != node.processor.law.generation_id:
                node.processor.law = await load_law(node.database, node.administration_id, node.clock.now())
        except Exception as fault:  # noqa: BLE001 - the law in use stays in force
            telemetry().warning("law-not-taken-up", error_type=type(fault).__name__)


async def _follow_mandates(node: Node) -> None:
    """Let in what waited for mandates that have begun to count since: a second after they begin."""
    while True:
        await asyncio.sleep(_MANDATES_WATCH_S)
        try:
            await node.processor.reach_mandates()
        except Exception as fault:  # noqa: BLE001 - looked at again; until then the documents wait
            telemetry().warning("mandates-not-reached", error_type=type(fault).__name__)


async def _follow_lists(node: Node) -> None:
    """Hold what is in flight against lists that are new: some seconds after they are in force everywhere."""
    scanned = 0
    while True:
        await asyncio.sleep(_LISTS_WATCH_S)
        generation_id = node.processor.law.generation_id
        if generation_id == scanned:
            continue
        try:
            if await scan_lists(node.processor):
                scanned = generation_id
        except Exception as fault:  # noqa: BLE001 - it goes on where it stopped
            telemetry().warning("lists-not-scanned", error_type=type(fault).__name__)


async def _follow_recalls(node: Node) -> None:
    """Count recalls that are new, and look for what the others ask for."""
    while True:
        await asyncio.sleep(_RECALLS_WATCH_S)
        try:
            await scan_recalls(node.processor)
        except Exception as fault:  # noqa: BLE001 - it goes on where it stopped
            telemetry().warning("recalls-not-scanned", error_type=type(fault).__name__)


async def _learn_reference_values(node: Node) -> None:
    """Take up what is usual for prices and masses at the start, then bring and take now and then."""
    while True:
        try:
            await node.processor.learner.learn(node.database, node.administration_id)
        except Exception as fault:  # noqa: BLE001 - what was seen stays for the next time
            telemetry().warning("usual-not-learned", error_type=type(fault).__name__)
        await asyncio.sleep(_LEARN_S)


async def _keep_partitions(node: Node) -> None:
    """Make partitions ahead, and tell whoever watches when those of next month are missing all the same."""
    while True:
        await asyncio.sleep(_PARTITIONS_S)
        await keep_partitions(node)


async def _keep_retention(node: Node) -> None:
    """Let go what is kept no longer, an hour after the start and then every hour: mostly nothing is."""
    while True:
        await asyncio.sleep(_RETENTION_S)
        try:
            await keep_retention(node.services, node.settings.retention, node.clock.now())
        except Exception as fault:  # noqa: BLE001 - it stays until the next time
            telemetry().warning("retention-not-kept", error_type=type(fault).__name__)


async def keep_partitions(node: Node) -> None:
    """Make the partitions that are missing; sound the alarm, by log and metric, for what then still is."""
    try:
        async with node.database.write() as connection:
            await add_partitions(connection, node.clock.now())
    except Exception as fault:  # noqa: BLE001 - tried again; what is missing is told below
        telemetry().warning("partitions-not-made", error_type=type(fault).__name__)
    try:
        async with node.database.read(node.administration_id) as connection:
            missing = await find_partitions_missing(connection, node.clock.now())
    except Exception as fault:  # noqa: BLE001 - the database is away, which readiness tells
        telemetry().warning("partitions-not-seen", error_type=type(fault).__name__)
        return
    node.metrics.partitions_missing.set(len(missing))
    if missing:
        telemetry().error("partition-missing", code=missing[0].code, rows_count=len(missing))

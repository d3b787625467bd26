"""Builds everything from settings: the one place that knows all parts. Files are read here and their bytes
handed on."""

import asyncio
import contextlib
import os
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import psycopg

from serai.evidence.administering import log_acts
from serai.evidence.errors import EvidenceError
from serai.evidence.integrator import integrate_once
from serai.evidence.published import PublishedCheckpoint
from serai.evidence.static_files import LogEmptyError, publish_to_folder
from serai.evidence.witnessing import WitnessAddress, ask_witnesses, read_witnesses
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.ended import forget_ended
from serai.foundation.access.proposals import expire
from serai.foundation.administration import register_administration
from serai.foundation.batcher import Batcher
from serai.foundation.clock import Clock, SystemClock
from serai.foundation.database import Database, owner_transaction
from serai.foundation.disk_room import DiskRoom
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.ids import IdSource
from serai.foundation.jobs import Job, tell_failed_turn
from serai.foundation.keys import KeyFolder
from serai.foundation.metrics import Metrics
from serai.foundation.migrations import migrate_for_start, require_known_shape
from serai.foundation.node_leases import end_lease, lease_node, renew_node
from serai.foundation.node_secrets import open_secret
from serai.foundation.oldest_transaction import OldestTransaction
from serai.foundation.partitions import add_partitions, find_partitions_missing
from serai.foundation.postgres_process import refuses_for_good
from serai.foundation.posting import Poster
from serai.foundation.sealed_secrets import SecretSeal
from serai.foundation.settings import Settings
from serai.foundation.shipped import find_shipped
from serai.foundation.signing_keys import open_signing_key
from serai.foundation.telemetry import report_incident, telemetry
from serai.foundation.vault.dictionaries import known_dictionaries
from serai.foundation.vault.epochs import EpochSource, KeysInUse
from serai.foundation.vault.erasure import resume_erasures
from serai.foundation.vault.expiry import resume_expiries
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.pseudonyms import Hasher, Pseudonymiser, Purpose, whole
from serai.foundation.vault.records import MessageCodec
from serai.journey.acts.agencies.silence import follow_agencies
from serai.journey.acts.notification.following import follow_notices
from serai.journey.acts.split_shipments.grouping import forget_keys, group_parcels
from serai.journey.acts.units.service import reach_all
from serai.journey.assessment import store as assessment_store
from serai.journey.buyers.service import Buyers
from serai.journey.documents.submission import Answer, Submission
from serai.journey.erasure.service import erase_restricted
from serai.journey.law_in_force.rule_yields.counting import count_law_rules
from serai.journey.law_in_force.service import load_law
from serai.journey.list_sources.service import Asking, ask_sources
from serai.journey.offices.office import read_offices
from serai.journey.offices.service import OfficeBook
from serai.journey.processing.batches import by_transaction_group, measured
from serai.journey.processing.confirmation import reach_mandates
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.in_force import RecallBook
from serai.journey.recalls.following import follow_recalls
from serai.journey.recordals.following import follow_detentions
from serai.journey.recordals.service import follow_expiry
from serai.journey.refunds.ordering import order_some_due
from serai.journey.retention.service import keep_retention
from serai.journey.scans.batch_sums import merge_batches
from serai.journey.scans.drift import measure_drift
from serai.journey.scans.fairness import measure_selection
from serai.journey.scans.law import scan_law
from serai.journey.scans.marks import scan_marks
from serai.journey.scans.postings import compare_postings
from serai.journey.scans.records import compare_records
from serai.journey.scans.service import scan_lists
from serai.journey.scorecards.role_months import weigh_roles
from serai.journey.services import Services
from serai.journey.tasks.store import put_ended_on_top
from serai.journey.tax_paid.goods import Tolerance
from serai.journey.tax_paid.trust.book import TrustBook
from serai.journey.validation.data_quality.store import Learner
from serai.model.errors import SeraiError

SecretName = Literal["webhook", "second-factor", "proposal", "notice"]
"""Of a secret under which others are sealed."""


def _secret_name(purpose: Purpose) -> str:
    return f"pseudonym-{purpose.value}"


SECRETS = (*map(_secret_name, Purpose), *get_args(SecretName))
"""Names of all secrets that data are made with."""
_END_AGAIN_S = 1.0
_GENERATION_WATCH_S = 0.5
_DATABASE_PAUSE_S = 0.5
_DATABASE_PAUSE_S_MAX = 5.0
_WITNESS_TIMEOUT_MS = 3_000


@dataclass(slots=True)
class Node:
    """One running process: everything a request needs. Open it with `open_node`.

    holder: under which name the process leases what it makes ids with. lists_scanned_of: the generation of
    law whose lists all in flight was held against; marks_scanned_of: whose word marks. law_scanned_of: the
    one for which what waited for a law has been decided.
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
    holder: str
    key_folder: KeyFolder
    keys_in_use: KeysInUse
    last_integrated_at: datetime | None = None
    lists_scanned_of: int = 0
    oldest_transaction: OldestTransaction = field(default_factory=OldestTransaction)
    law_scanned_of: int = 0
    marks_scanned_of: int = 0
    witnesses: tuple[WitnessAddress, ...] = ()
    poster: Poster = field(default_factory=lambda: Poster(timeout_ms=_WITNESS_TIMEOUT_MS))
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@contextlib.contextmanager
def running_database(settings: Settings, clock: Clock) -> Any:
    """Give the connection string of a database in the shape this version needs: the one the settings name,
    waited for where it is not there yet, else the embedded one.

    Raises SeraiError `database-unreachable`, `database-newer` and what else migrations raise.
    """
    if settings.database.dsn:
        _await_database(settings, clock)
        yield settings.database.dsn
        return
    server = EmbeddedPostgres.of_node(settings)
    with server.kept_running(_tell_of_database) as dsn:
        migrate_for_start(dsn, find_shipped("migrations"), at=clock.now())
        yield dsn


def _await_database(settings: Settings, clock: Clock) -> None:
    """Migrate, and wait for a server that does not answer yet; one that answers and refuses is not waited
    for."""
    until_s = time.monotonic() + settings.database.wait_ms / 1000
    pause_s = _DATABASE_PAUSE_S
    is_told = False
    while True:
        try:
            migrate_for_start(settings.database.dsn, find_shipped("migrations"), at=clock.now())
        except SeraiError as error:
            if not _may_come(error) or time.monotonic() + pause_s > until_s:
                raise
            if not is_told:
                telemetry().warning("database-awaited", code=error.code)
                is_told = True
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _DATABASE_PAUSE_S_MAX)
        else:
            return


def _may_come(error: SeraiError) -> bool:
    cause = error.__cause__
    return isinstance(cause, psycopg.OperationalError) and not refuses_for_good(cause)


def _tell_of_database(fault: SeraiError | None) -> None:
    if fault is None:
        telemetry().warning("database-started-again")
    else:
        telemetry().error("database-not-started-again", code=fault.code)


async def check_start(settings: Settings, dsn: str) -> None:
    """Refuse a start that could only fail in every web process, or without keys that data were made with.

    Nor on a database that is older than what the log has signed. Raises SeraiError `lost-signing-key`,
    `lost-secret`, `lost-epoch-keys`, `key-folder-open`, `log-went-back`, `log-origin-changed`,
    `wrong-setting` for witnesses.
    """
    at = SystemClock().now()
    witnesses_of(settings)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        folder = KeyFolder(settings.data.keys_folder)
        key = await open_signing_key(connection, folder, settings.log.origin, at)
        await published_checkpoint(settings, key.public_key).require_all(connection)
        for name in SECRETS:
            await open_secret(connection, folder, name, at)
        administration_id = await register_administration(connection, settings.administration, at=at)
        await KeysInUse(Keyring(settings.data.epochs_folder), administration_id).look(connection)


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
    Raises SeraiError `database-newer`, and what else prevents it.
    """
    clock = clock or SystemClock()
    metrics = metrics or Metrics()
    holder = f"process-{os.getpid()}-{secrets.token_hex(4)}"
    async with owner_transaction(dsn, at=clock.now()) as connection:
        await require_known_shape(connection, find_shipped("migrations"))
        await add_partitions(connection, clock.now())
        administration_id = await register_administration(connection, settings.administration, at=clock.now())
        lease = await lease_node(connection, holder, clock.now())
    database = Database(
        dsn,
        administration_id=administration_id,
        pool_size_count=settings.database.pool_size_count,
        statement_timeout_ms=settings.database.statement_timeout_ms,
        lock_timeout_ms=settings.database.lock_timeout_ms,
        idle_timeout_ms=settings.database.idle_timeout_ms,
    )
    async with database:
        ids = IdSource(lease, clock)
        services = await build_services(settings, database, ids, clock, administration_id, shorten=shorten)
        law = await load_law(database, administration_id, clock.now())
        trust = build_trust_book(settings, administration_id)
        await trust.refresh(database)
        processor = Processor(
            services, law, trust, office_book=build_office_book(settings, administration_id)
        )
        batcher: Batcher[Submission, list[Answer]] = Batcher(
            by_transaction_group(measured(processor.clear, metrics), _reporter(metrics)),
            max_rows_count=settings.batch.max_rows_count,
            max_wait_ms=settings.batch.max_wait_ms,
            queue_limit_count=settings.batch.queue_limit_count,
            report_fault=_reporter(metrics),
            look_ahead=processor.prepare_ahead,
            small_rows_count=settings.batch.small_rows_count,
        )
        # The key folder is the node's: what was begun there may be another administration's.
        await resume_erasures(database.write_as_owner, services.keyring)
        await resume_expiries(database.write_as_owner, services.keyring)
        key_folder = KeyFolder(settings.data.keys_folder)
        node = Node(
            *(settings, database, metrics, clock, administration_id, ids, processor, batcher, services),
            *(holder, key_folder, KeysInUse(services.keyring, administration_id)),
        )
        node.witnesses = witnesses_of(settings)
        async with batcher:
            node.tasks = [asyncio.create_task(processor.resume(), name="resume-arrivals")]
            processes_count = settings.server.workers_count
            node.tasks += [
                asyncio.create_task(job.keep(node, processes_count), name=job.name)
                for job in list_jobs(settings)
            ]
            try:
                yield node
            finally:
                await _end(node.tasks)
                await node.poster.close()
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
    async with database.write_as_owner() as connection:
        signer = await open_signing_key(connection, folder, settings.log.origin, clock.now())
        secrets_of = {name: await open_secret(connection, folder, name, clock.now()) for name in SECRETS}
        codec = MessageCodec(await known_dictionaries(connection, clock.now()))

    def take_id() -> int:
        return int(ids.take(1)[0])

    return Services(
        administration_id=administration_id,
        country_code=settings.administration.country_code,
        needs_accounts=settings.payment.reports == "accounts"
        or (settings.payment.reports == "usual" and not settings.administration.is_test),
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
        notice_seal=open_seal(settings, "notice"),
        quote_rules=settings.quotes,
        groups_parcels=settings.split_shipments.is_on,
    )


# ---- background ----


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel work until it has ended: a connection that breaks while it is cancelled raises its own error in
    the place of the cancellation, and a loop that lives on after errors would live on."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_END_AGAIN_S)


def build_trust_book(settings: Settings, administration_id: int) -> TrustBook:
    """Build what is believed of tax-paid tokens; nobody is, until it is read."""
    limits = settings.tax_paid
    return TrustBook(
        administration_id,
        settings.administration.code,
        Tolerance(value_ppm=limits.value_tolerance_ppm, mass_ppm=limits.mass_tolerance_ppm),
    )


def build_office_book(settings: Settings, administration_id: int) -> OfficeBook:
    """Build what customs offices are read and written with. Raises SeraiError `offices-unreadable`."""
    own = settings.administration
    return OfficeBook(administration_id, read_offices(own.offices_file, own.name), ZoneInfo(own.time_zone))


def open_seal(settings: Settings, name: SecretName) -> SecretSeal:
    """Return what seals and opens the secrets of one purpose. Raises SeraiError `key-folder-open`."""
    return SecretSeal(KeyFolder(settings.data.keys_folder), name)


def published_checkpoint(settings: Settings, public_key: bytes) -> PublishedCheckpoint:
    """Return what is kept of the log outside its database."""
    folder = Path(settings.data.folder) / "log"
    return PublishedCheckpoint(folder, origin=settings.log.origin, public_key=public_key)


def witnesses_of(settings: Settings) -> tuple[WitnessAddress, ...]:
    """Return the witnesses of the log. Raises SeraiError `wrong-setting`."""
    return read_witnesses(settings.log.witnesses, quorum_count=settings.log.quorum_count)


async def _integrate(node: Node) -> None:
    """Bring promised batches into the log; whoever holds the lock does it for all processes. A round takes
    all that waits: rounds without a pause would sign and write for every batch."""
    published = published_checkpoint(node.settings, node.services.signer.public_key)
    state = node.services.log_state
    try:
        async with node.database.write_as_owner() as connection:
            done = await integrate_once(
                connection,
                node.services.signer,
                origin=node.services.log_origin,
                at=node.clock.now(),
                last_published=published.read(),
                recent=node.services.recent_promises,
            )
    except EvidenceError as error:
        state.fault = error
        raise
    state.fault = None
    if done.leaf_count:
        await asyncio.to_thread(published.write, done.note)
        node.last_integrated_at = node.clock.now()


async def _ask_witnesses(node: Node) -> None:
    """Have the newest checkpoint signed; whichever process is first claims those that are due."""
    if node.witnesses and node.services.log_state.fault is None:
        await ask_witnesses(
            node.database.write_as_owner,
            node.poster.post,
            node.witnesses,
            quorum_count=node.settings.log.quorum_count,
            clock=node.clock,
        )


async def _publish_log(node: Node) -> None:
    """Write what the log has grown into its folder of static files; one process at a time does it."""
    if node.settings.log.publish_folder:
        async with node.database.write_as_owner() as connection:
            with contextlib.suppress(LogEmptyError):
                await publish_to_folder(
                    connection,
                    Path(node.settings.log.publish_folder),
                    is_witnessed=node.settings.log.quorum_count > 0,
                )


async def _log_acts(node: Node) -> None:
    async with node.database.write() as connection:
        await log_acts(connection, node.services, node.clock, node.ids.take)


async def _watch_transactions(node: Node) -> None:
    async with node.database.read(node.administration_id) as connection:
        await node.oldest_transaction.look(connection, node.clock.now())


async def _look_at_keys(node: Node) -> None:
    async with node.database.write() as connection:
        await node.keys_in_use.look(connection)


async def _renew(node: Node) -> None:
    """Keep the right to make ids; a process that was without its database too long takes another number."""
    async with node.database.write() as connection:
        try:
            node.ids.renew(await renew_node(connection, node.ids.lease, node.holder, node.clock.now()))
        except SeraiError:
            node.ids.begin_anew(await lease_node(connection, node.holder, node.clock.now()))


async def _follow_generation(node: Node) -> None:
    """Take up a new generation of law; the one in use stays in force until the new one is built.

    What this version could not read it cannot read now: the alarm stays until another version runs.
    """
    async with node.database.read(node.administration_id) as connection:
        newest = await assessment_store.select_generation_id(
            connection, administration_id=node.administration_id
        )
    if newest is not None and newest != node.processor.law.generation_id:
        law = await load_law(node.database, node.administration_id, node.clock.now())
        # The same mapping: a batch that began under the law before may still add to it.
        law.unreadable = node.processor.law.unreadable
        node.processor.law = law


async def _follow_trust(node: Node) -> None:
    """Take up what another process has registered of issuers, their lists and scheme holders."""
    await node.processor.trust.refresh(node.database)


async def _follow_recalls(node: Node) -> None:
    settings = node.settings
    await follow_recalls(node.processor, settings.recalls, settings.administration.time_zone)


async def _follow_agencies(node: Node) -> bool:
    return await follow_agencies(node.processor, node.settings.administration.time_zone)


async def _follow_recalls_in_force(node: Node) -> None:
    await node.processor.recalls.refresh(node.processor.services)


async def _update_lists(node: Node) -> None:
    await ask_sources(
        Asking(
            node.database,
            node.administration_id,
            node.settings,
            lambda: open_seal(node.settings, "proposal"),
            lambda: int(node.ids.take(1)[0]),
            node.clock.now,
        )
    )


async def _follow_lists(node: Node) -> None:
    generation_id = node.processor.law.generation_id
    if generation_id != node.lists_scanned_of and await scan_lists(node.processor):
        node.lists_scanned_of = generation_id


async def _follow_marks(node: Node) -> None:
    generation_id = node.processor.law.generation_id
    if generation_id != node.marks_scanned_of and await scan_marks(node.processor):
        node.marks_scanned_of = generation_id


_ENDED_COUNT_MAX = 1_000


async def _put_ended_on_top(node: Node) -> None:
    at, administration_id = node.clock.now(), node.administration_id
    async with node.database.write() as connection:
        await put_ended_on_top(connection, administration_id=administration_id, at=at, limit=_ENDED_COUNT_MAX)


async def _follow_notices(node: Node) -> bool:
    return await follow_notices(node.processor)


async def _measure_selection(node: Node) -> None:
    await measure_selection(node.processor)


async def _order_refunds(node: Node) -> None:
    """Order back what is due, oldest first."""
    accounts, after_id = node.settings.payment.accounts.split(), -1
    if not accounts or not node.settings.payment.orders_refunds:
        return
    while True:
        last_id = await node.processor.write(
            partial(
                order_some_due, node.processor.services, after_id=after_id, account_number=accounts[0],
                at=node.clock.now(),
            )
        )  # fmt: skip
        if last_id is None:
            return
        after_id = last_id


async def _count_law_rules(node: Node) -> None:
    processor = node.processor
    await count_law_rules(node.database, node.administration_id, processor.law.book, node.clock.now())


async def _measure_drift(node: Node) -> None:
    await measure_drift(node.processor)


async def _reach_units(node: Node) -> None:
    await reach_all(node.processor)


async def _follow_law(node: Node) -> None:
    generation_id = node.processor.law.generation_id
    if generation_id != node.law_scanned_of and await scan_law(node.processor):
        node.law_scanned_of = generation_id


async def keep_partitions(node: Node) -> None:
    """Make the partitions that are missing; sound the alarm, by log and metric, for what then still is."""
    try:
        async with node.database.write_as_owner() as connection:
            await add_partitions(connection, node.clock.now())
    except Exception as fault:  # noqa: BLE001 - tried again; what is missing is told below
        tell_failed_turn("keep-partitions", fault)
    async with node.database.read(node.administration_id) as connection:
        missing = await find_partitions_missing(connection, node.clock.now())
    node.metrics.partitions_missing.set(len(missing))
    if missing:
        telemetry().error("partition-missing", code=missing[0].code, rows_count=len(missing))


def list_jobs(settings: Settings) -> tuple[Job[Node], ...]:
    """List what each web process does on a timer; docs/reference/timers.md shows it."""
    return (
        Job(
            "integrate",
            settings.log.integrate_interval_ms / 1000,
            "Promised batches get their place in the log, which is signed and published "
            "(`log.integrate_interval_ms`).",
            _integrate,
            integrate_once,
            one_is_enough=True,
        ),
        Job(
            "ask-witnesses",
            settings.log.integrate_interval_ms / 1000,
            "The newest checkpoint is sent to the witnesses of the log (`log.witnesses`).",
            _ask_witnesses,
            ask_witnesses,
        ),
        Job(
            "publish-log",
            settings.log.integrate_interval_ms / 1000,
            "The log is written into its folder of static files (`log.publish_folder`).",
            _publish_log,
            publish_to_folder,
        ),
        Job(
            "log-administering-acts",
            2.0,
            "Acts of administering, sign-ins among them, get their leaves in the log.",
            _log_acts,
            log_acts,
            one_is_enough=True,
        ),
        Job(
            "watch-transactions",
            10.0,
            "Whoever looks at `/readyz` and `/metrics` learns how long the oldest transaction has been open.",
            _watch_transactions,
            OldestTransaction.look,
        ),
        Job(
            "look-at-keys",
            60.0,
            "Keys of the vault are looked for, all of them; `/readyz` tells of those that are missing.",
            _look_at_keys,
            KeysInUse.look,
        ),
        Job(
            "renew-node",
            5.0,
            "The process renews its right to make ids, of which a clock put forth has taken it.",
            _renew,
            renew_node,
            waits_first=True,
            after_failure_s=1.0,
        ),
        Job(
            "follow-generation",
            _GENERATION_WATCH_S,
            "A new generation of law is taken up.",
            _follow_generation,
            load_law,
            waits_first=True,
        ),
        Job(
            "follow-trust",
            _GENERATION_WATCH_S,
            "Keys, status lists and scheme holders by which tax-paid tokens are checked are taken up.",
            _follow_trust,
            TrustBook.refresh,
            waits_first=True,
        ),
        Job(
            "follow-mandates",
            1.0,
            "Documents that waited for mandates which count by now are let in.",
            lambda node: node.processor.reach_mandates(),
            reach_mandates,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "reach-units",
            20.0,
            "What was ordered of transport units reaches what came into them since.",
            _reach_units,
            reach_all,
            waits_first=True,
        ),
        Job(
            "put-ended-on-top",
            30.0,
            "Hearings, questions and appeals whose period has ended go to the top of the queue.",
            _put_ended_on_top,
            put_ended_on_top,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "follow-notices",
            20.0,
            "What became of what parties were told is taken into account: proof begins periods, what came "
            "back undoes it, what nothing proves is put before an officer.",
            _follow_notices,
            follow_notices,
            waits_first=True,
        ),
        Job(
            "update-lists",
            60.0,
            "Signed lists are fetched from their sources, verified and put in force; what shrinks waits.",
            _update_lists,
            ask_sources,
        ),
        Job(
            "follow-lists",
            2.0,
            "What is in flight is held against lists that are new, once they are in force everywhere.",
            _follow_lists,
            scan_lists,
            waits_first=True,
        ),
        Job(
            "follow-law",
            2.0,
            "What waited for a law is decided once that is in force everywhere.",
            _follow_law,
            scan_law,
            waits_first=True,
        ),
        Job(
            "follow-marks",
            2.0,
            "What is in flight is held against word marks of recordals that are new or gone, once that is so "
            "everywhere.",
            _follow_marks,
            scan_marks,
            waits_first=True,
        ),
        Job(
            "group-parcels",
            2.0,
            "Parcels that came in are held against others to the same address from the same seller; what may "
            "be one order goes to an officer.",
            lambda node: group_parcels(node.processor),
            group_parcels,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "forget-split-keys",
            3_600.0,
            "Keys by which parcels of one order meet are removed a week after their window.",
            lambda node: forget_keys(node.processor),
            forget_keys,
            waits_first=True,
        ),
        Job(
            "measure-selection",
            5.0,
            "Whether a measure of selection departs from what is found is looked at; what does is an alarm.",
            _measure_selection,
            measure_selection,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "merge-batch-sums",
            5.0,
            "What batches came to is added up by the minute, later by the hour.",
            lambda node: merge_batches(node.processor),
            merge_batches,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "order-refunds",
            3_600.0,
            "What is due back is ordered, to whoever paid or bore it.",
            _order_refunds,
            order_some_due,
            waits_first=True,
        ),
        Job(
            "count-law-rules",
            3_600.0,
            "What each rule of law that keeps goods brought in 30 days is counted.",
            _count_law_rules,
            count_law_rules,
            waits_first=True,
        ),
        Job(
            "measure-drift",
            3_600.0,
            "The scores of the last week are held against those of the first week under the same model; when "
            "they lie otherwise, that is an alarm, and chance selects more until it ends.",
            _measure_drift,
            measure_drift,
            waits_first=True,
        ),
        Job(
            "follow-recalls",
            2.0,
            "New recalls are counted; what they ask for is looked for, suspended or put before officers, and "
            "told; what was withdrawn is undone.",
            _follow_recalls,
            follow_recalls,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "follow-agencies",
            2.0,
            "Parcels that are new before agencies get their clocks (`laws/agencies.yaml`); where an agency"
            " was silent until its clock ran out, its suspension ends.",
            _follow_agencies,
            follow_agencies,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "follow-recalls-in-force",
            1.0,
            "Recalls that suspend are taken up, to be looked for in what comes.",
            _follow_recalls_in_force,
            RecallBook.refresh,
            waits_first=True,
        ),
        Job(
            "follow-rights-detentions",
            5.0,
            "Holders of rights are told what is detained for them; what nobody upholds in time is released, "
            "and how it ended is counted.",
            lambda node: follow_detentions(node.processor, node.settings.administration.time_zone),
            follow_detentions,
            waits_first=True,
            one_is_enough=True,
        ),
        Job(
            "follow-recordals",
            60.0,
            "Word marks of recordals that have expired are looked for no more.",
            lambda node: follow_expiry(node.services),
            follow_expiry,
            waits_first=True,
        ),
        # What is usual changes slowly, and each turn writes a row for nearly every heading that was seen.
        Job(
            "learn-usual",
            120.0,
            "What is usual for prices and masses is brought and taken.",
            lambda node: node.processor.learner.learn(node.database, node.administration_id),
            Learner.learn,
        ),
        Job(
            "weigh-roles",
            3_600.0,
            "How the parties with each role met what they owe is worked out, for this month and the last.",
            lambda node: weigh_roles(node.processor),
            weigh_roles,
            waits_first=True,
        ),
        Job(
            "keep-partitions",
            600.0,
            "Partitions of large tables are made ahead; missing ones sound the alarm.",
            keep_partitions,
            add_partitions,
            waits_first=True,
        ),
        Job(
            "tell-figures",
            5.0,
            "The process says how it stands, for `/metrics` of all.",
            tell_figures,
            tell_figures,
        ),
        Job(
            "end-proposals",
            600.0,
            "Proposals that nobody decided in time end, and what they held goes.",
            _end_proposals,
            expire,
        ),
        Job(
            "forget-ended",
            3_600.0,
            "Sessions, links, tries to sign in and the secrets of keys that ended 30 days ago are forgotten.",
            _forget_ended,
            forget_ended,
            waits_first=True,
        ),
        Job(
            "forget-buyers",
            3_600.0,
            "Sessions and codes of buyers that ended a day ago are forgotten.",
            _forget_buyers,
            Buyers.forget_ended,
            waits_first=True,
        ),
        Job(
            "compare-records",
            60.0,
            "What is stored of decisions, acts and postings is held against the log: some at random, and the"
            " next of a round that takes a day (`comparison`).",
            _compare_records,
            compare_records,
            waits_first=True,
        ),
        Job(
            "keep-retention",
            3_600.0,
            "What is kept no longer goes (`retention`).",
            _keep_retention,
            keep_retention,
            waits_first=True,
        ),
        Job(
            "erase-restricted",
            3_600.0,
            "Who waits for erasure is erased once nothing forbids it any more.",
            _erase_restricted,
            erase_restricted,
            waits_first=True,
        ),
    )


async def require_keys_at_hand(node: Node) -> None:
    """Refuse to go on where keys are gone that were there at the start; older ones are missed a minute later.

    Errors: `lost-signing-key`, `lost-secret`, `lost-epoch-keys`, `key-folder-open`.
    """
    services = node.services
    await asyncio.to_thread(node.key_folder.require, services.signer.public_key, SECRETS)
    async with node.database.write() as connection:
        await node.keys_in_use.require(connection)


async def tell_figures(node: Node) -> None:
    """Set the figures that say how this process stands, for whoever reads those of all."""
    metrics = node.metrics
    metrics.web_processes.set(1)
    metrics.queued_rows.set(node.batcher.queued_rows_count)
    metrics.law_generation.set(node.processor.law.generation_id)
    for pool, figures in node.database.pool_figures().items():
        for figure, value in figures.items():
            metrics.pool.labels(pool, figure).set(value)


async def _end_proposals(node: Node) -> None:
    by = ActingUser(node.administration_id, "node", node.clock.now(), lambda: int(node.ids.take(1)[0]))
    async with node.database.write() as connection:
        await expire(connection, by)


async def _forget_ended(node: Node) -> None:
    async with node.database.write() as connection:
        await forget_ended(connection, administration_id=node.administration_id, at=node.clock.now())


async def _forget_buyers(node: Node) -> None:
    await Buyers(node.services, node.settings.buyers).forget_ended()


async def _compare_records(node: Node) -> None:
    await compare_records(node.processor, node.settings.comparison, node.metrics)
    await compare_postings(node.processor, node.settings.comparison, node.metrics)


async def _erase_restricted(node: Node) -> None:
    await erase_restricted(node.services, node.clock.now())


async def _keep_retention(node: Node) -> None:
    await keep_retention(node.services, node.settings.retention, node.clock.now())

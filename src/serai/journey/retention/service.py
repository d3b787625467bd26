"""What is kept no longer goes: whole partitions of cases, of quotes, of events; what is open is copied out.

One transaction takes all of it, so a crash loses nothing. The log is never touched: a leaf says how much
went, of which time. Then the keys of what went are destroyed (`foundation/vault/expiry.py`).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg
from psycopg import AsyncConnection

from serai.evidence.promise import commit_and_promise
from serai.evidence.store import insert_promised_batch
from serai.foundation.database import Database
from serai.foundation.ids import first_id_at, read_instant
from serai.foundation.settings import RetentionSettings
from serai.foundation.vault.epochs import EpochSource
from serai.foundation.vault.expiry import (
    Expiry,
    Sorted,
    begin_expiry,
    copy_parts,
    delete_events,
    end_expiry,
    hold_epochs,
    sort_rows,
)
from serai.foundation.vault.wrapping import Epoch
from serai.journey.retention import store
from serai.journey.retention.lawful_periods import law_of, may_go_before, shipped_periods
from serai.journey.retention.store import CASE_TABLES, FEED, QUOTES, VAULT, VISIBILITY, CutTable
from serai.journey.services import Services
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]

FIELD: Final = "retention"
"""Under which name a leaf commits to what went."""

_PPM = 1_000_000
_SLACK = timedelta(minutes=1)


class Gone(msgspec.Struct, frozen=True):
    """How much went, or would go. cases_before, quotes_before, events_before: what was made earlier; None:
    nothing of that kind is old enough. cases_from: when the first case that goes was opened.

    kept_count: declarations of open cases that were copied out. kept_cases: why old cases are kept, by ground
    (held, open, task, changed-since, with-another). law: by which cases are kept; None: none known.
    """

    cases_from: datetime | None = None
    cases_before: datetime | None = None
    quotes_before: datetime | None = None
    events_before: datetime | None = None
    case_count: int = 0
    declaration_count: int = 0
    document_count: int = 0
    message_count: int = 0
    quote_count: int = 0
    feed_event_count: int = 0
    visibility_event_count: int = 0
    kept_count: int = 0
    kept_cases: dict[str, int] = {}
    law: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Say whether all stays as it is."""
        counts = (self.quote_count, self.feed_event_count, self.visibility_event_count)
        return not self.has_cases and not any(counts)

    @property
    def has_cases(self) -> bool:
        """Say whether cases go, or documents that are of none."""
        return bool(self.case_count or self.declaration_count or self.document_count)


class _Bounds(msgspec.Struct, frozen=True):
    """Ids before which things go; 0: nothing of that kind."""

    cases: int
    quotes: int
    feed: int
    visibility: int


class _GaveWayError(Exception):
    """Something happened to what was about to go: look again another time."""


async def plan_retention(services: Services, rules: RetentionSettings, at: datetime) -> Gone:
    """Return what would go now. Nothing is changed, and nobody waits."""
    async with services.database.write_as_owner() as connection, _undone(connection):
        if not await store.begin(connection):
            raise _busy()
        bounds = await _find_bounds(services, connection, rules, at)
        gone, _ = await _count(services, connection, bounds)
        return gone


async def keep_retention(services: Services, rules: RetentionSettings, at: datetime) -> Gone | None:
    """Let go what is kept no longer; returns how much, None: another process is at it, or something has
    happened to what was about to go.

    Raises psycopg.errors.LockNotAvailable where others kept what is needed for too long.
    """
    if not any((_cases_before(services, rules, at), rules.quote_days, rules.event_days)):
        return Gone()
    epochs = await _open_epochs(services, rules, at)
    if epochs is None:
        return Gone()
    try:
        async with services.database.write_as_owner() as connection:
            if not await store.begin(connection):
                return None
            bounds = await _find_bounds(services, connection, rules, at)
            gone, sorted_rows = await _count(services, connection, bounds)
            if gone.is_nothing:
                return gone
            expiry = await _take_away(services, connection, bounds, gone, sorted_rows, epochs=epochs, at=at)
    except (_GaveWayError, psycopg.errors.DeadlockDetected):
        return None
    if expiry is not None:
        await end_expiry(services.database.write_as_owner, services.keyring, expiry)
    return gone


async def _open_epochs(
    services: Services, rules: RetentionSettings, at: datetime
) -> Mapping[int, Epoch] | None:
    """Return an epoch for each administration of whose rows something is copied out; None: nothing goes.

    Before the transaction: an epoch is opened in one of its own.
    """
    async with services.database.write_as_owner() as connection, _undone(connection):
        if not await store.begin(connection):
            return {}
        bounds = await _find_bounds(services, connection, rules, at)
        gone, sorted_rows = await _count(services, connection, bounds)
    if gone.is_nothing:
        return None
    return {
        administration_id: await EpochSource(
            services.keyring, administration_id, lambda: int(services.ids.take(1)[0])
        ).reserve(services.database.write_as_owner, sorted_rows.keys_count, at)
        for administration_id in sorted(_of_parts(sorted_rows))
    }


def _cases_before(services: Services, rules: RetentionSettings, at: datetime) -> datetime | None:
    """Return before which instant all of a case must have happened that goes: by the settings, and never
    before the law lets it; None: cases go never."""
    lawful = may_go_before(shipped_periods(), services.country_code, at)
    if not rules.case_days:
        return lawful
    wanted = at - timedelta(days=rules.case_days)
    return wanted if lawful is None else min(wanted, lawful)


async def _find_bounds(
    services: Services, connection: Connection, rules: RetentionSettings, at: datetime
) -> _Bounds:
    """Return where each kind ends that goes, its cases listed."""

    async def bound_of(table: CutTable, before: datetime | None) -> int:
        return await store.select_bound(connection, table, 0 if before is None else first_id_at(before))

    def past(days: int) -> datetime | None:
        return at - timedelta(days=days) if days else None

    cases = await bound_of(CASE_TABLES[1], _cases_before(services, rules, at))
    if cases:
        await store.list_cases(connection, cases)
        shares = await store.select_shares(connection, cases)
        narrowed = bound_within(shares, rules.open_share_max_ppm)
        if narrowed != cases:
            cases = narrowed
            await store.list_cases(connection, cases)
    quotes = await bound_of(QUOTES, past(rules.quote_days))
    feed = await bound_of(FEED, past(rules.event_days))
    return _Bounds(cases, quotes, feed, await bound_of(VISIBILITY, past(rules.event_days)))


def bound_within(shares: Sequence[store.Share], share_max_ppm: int) -> int:
    """Return where the last of the partitions ends that go together; 0: none.

    So many that of all they hold no larger share is kept: with many open cases, copying would cost more than
    it frees. shares: the oldest first.
    """
    bound = row_count = kept_count = 0
    for one in shares:
        row_count, kept_count = row_count + one.row_count, kept_count + one.kept_count
        if kept_count * _PPM <= share_max_ppm * row_count:
            bound = one.end_id
    return bound


async def _count(services: Services, connection: Connection, bounds: _Bounds) -> tuple[Gone, Sorted]:
    cases = await store.count_gone(connection)
    has_cases = cases.first_case_id is not None
    sorted_rows = Sorted()
    if has_cases:
        kept = await store.select_kept_messages(connection, bounds.cases)
        sorted_rows = await sort_rows(connection, kept, before_id=bounds.cases)
    quote_count = await store.list_quotes(connection, bounds.quotes) if bounds.quotes else 0
    feed, visibility = await store.count_events(
        connection, feed_before_id=bounds.feed, visibility_before_id=bounds.visibility
    )
    gone = Gone(
        cases_from=read_instant(cases.first_case_id) if cases.first_case_id is not None else None,
        cases_before=read_instant(bounds.cases) if has_cases else None,
        quotes_before=read_instant(bounds.quotes) if quote_count else None,
        events_before=read_instant(max(bounds.feed, bounds.visibility)) if feed or visibility else None,
        case_count=cases.case_count,
        declaration_count=cases.consignment_count,
        document_count=cases.document_count,
        message_count=sorted_rows.gone_message_count,
        quote_count=quote_count,
        feed_event_count=feed,
        visibility_event_count=visibility,
        kept_count=cases.kept_consignment_count if has_cases else 0,
        kept_cases=await store.count_kept(connection, bounds.cases) if bounds.cases else {},
        law=law_of(shipped_periods(), services.country_code),
    )
    return gone, sorted_rows


async def _take_away(
    services: Services,
    connection: Connection,
    bounds: _Bounds,
    gone: Gone,
    sorted_rows: Sorted,
    *,
    epochs: Mapping[int, Epoch],
    at: datetime,
) -> Expiry | None:
    """Take away what goes, in the caller's transaction; returns whose keys are to be destroyed, None:
    nobody's."""
    put: dict[CutTable, int] = {}
    if gone.has_cases:
        if any(administration_id not in epochs for administration_id in _of_parts(sorted_rows)):
            raise _GaveWayError
        await store.lock_kept_cases(connection)
        await hold_epochs(connection, before_id=bounds.cases)
        if not await store.delete_beside(connection):
            raise _GaveWayError
        await store.list_kept_batches(connection, sorted_rows.whole)
        kept = await store.select_kept_messages(connection, bounds.cases)
        for table in CASE_TABLES:
            await store.copy_kept(connection, table, bounds.cases)
            put[table] = bounds.cases
        await copy_parts(
            connection,
            services.keyring,
            services.codec,
            sorted_rows.parts,
            kept,
            epochs=epochs,
            table=f"kept_of_{VAULT}",
        )
    if gone.quote_count:
        await store.copy_kept(connection, QUOTES, bounds.quotes)
        put[QUOTES] = bounds.quotes
    lost = dict(sorted_rows.epochs)
    for table, bound, count in (
        (FEED, bounds.feed, gone.feed_event_count),
        (VISIBILITY, bounds.visibility, gone.visibility_event_count),
    ):
        if count:
            await store.copy_kept(connection, table, bound)
            put[table] = bound
    await _record(services, connection, gone, at)
    # From here on nobody gets at what goes; until here everybody did, so it is looked at once more.
    await store.close(connection, put)
    if gone.has_cases and await store.has_come_back(connection, at - _SLACK):
        raise _GaveWayError
    await store.put_kept(connection, put)
    if gone.visibility_event_count:
        await store.delete_visibility(connection, bounds.visibility)
        lost |= await delete_events(connection, before_id=bounds.visibility)
    if not lost:
        return None
    before_id = max(bounds.cases, bounds.visibility)
    expiry = Expiry(at, before_id, lost)
    begin_expiry(services.keyring, expiry)
    return expiry


def _of_parts(sorted_rows: Sorted) -> set[int]:
    """Return the administrations of whose rows something is copied out."""
    return set(sorted_rows.epochs.values()) if sorted_rows.parts else set()


async def _record(services: Services, connection: Connection, gone: Gone, at: datetime) -> None:
    """Record how much went, and promise a leaf for it."""
    run_id = int(services.ids.take(1)[0])
    content = committed_bytes(gone)
    commitments, promise = commit_and_promise(services, at, leaf_ids=[run_id], fields={FIELD: [content]})
    await store.insert_run(
        connection,
        run_id,
        administration_id=services.administration_id,
        at=at,
        content=content.decode(),
        salt=commitments.salts[FIELD][0],
    )
    await insert_promised_batch(
        connection, promise, administration_id=services.administration_id, leaf_ids=[run_id]
    )


class Run(msgspec.Struct, frozen=True):
    """What went at one time. content, salt: open the commitment of the leaf, whose id is the run's."""

    run_id: int
    ran_at: datetime
    content: str
    salt: bytes

    @property
    def gone(self) -> Gone:
        """Return how much it was."""
        return msgspec.json.decode(self.content, type=Gone)


async def list_runs(database: Database, administration_id: int) -> list[Run]:
    """Return what went so far, oldest first."""
    async with database.read(administration_id) as connection:
        rows = await store.select_runs(connection, administration_id=administration_id)
    return [Run(*row) for row in rows]


def committed_bytes(gone: Gone) -> bytes:
    """Return what went as the log commits to it: JSON of counts and instants, nobody's name or number."""
    told = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in msgspec.structs.asdict(gone).items()
    }
    return msgspec.json.encode(told, order="deterministic")


def _undone(connection: Connection) -> AbstractAsyncContextManager[Any]:
    """A transaction in the caller's of which nothing stays."""
    return connection.transaction(force_rollback=True)


def _busy() -> SeraiError:
    return SeraiError(
        "retention-under-way",
        "Another process is looking at what is kept no longer.",
        "Ask again in a minute.",
    )

"""The database: a pool that writes, one that reads under row-level security, and work done again."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from serai.foundation.clock import Clock, SystemClock
from serai.foundation.queries import load_queries
from serai.foundation.traces import cursor_factory
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
_RETRY_PAUSE_MS = 20
_RETRY_PAUSE_MS_MAX = 2_000
_RECONNECT_S = 2.0
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})

Result = TypeVar("Result")
# Gives a number from 0 to 1; `random.random` outside tests.
Jitter = Callable[[], float]


_IN_WRITE: ContextVar[bool] = ContextVar("in_write", default=False)
"""Whether a transaction that writes is under way where we are."""


def connections_count(pool_size_count: int) -> int:
    """Return how many connections a `Database` opens at most."""
    return 2 * pool_size_count + _aside_count(pool_size_count)


def _aside_count(pool_size_count: int) -> int:
    return 1 + pool_size_count // 4


class Database:
    """Pools over one connection string, which is a secret and never shown: one writes, one reads, and a small
    one writes what must stand whatever becomes of the transaction it is done in (a line of a ledger of reads,
    a number that is reserved).

    administration_id: whose rows the write pool reads and writes, as `serai_writer`, for as long as a
    connection lives; None: it works as the owner of the tables, over all administrations. It may be set until
    the pools are opened. The read pool works as `serai_reader`, which sees the rows of one administration
    only and cannot write.
    """

    def __init__(
        self,
        dsn: str,
        *,
        pool_size_count: int,
        statement_timeout_ms: int,
        administration_id: int | None = None,
        lock_timeout_ms: int = 20_000,
        idle_timeout_ms: int = 20_000,
        connect_patience_ms: int = 30_000,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._limits = {
            "statement_timeout": str(statement_timeout_ms),
            "lock_timeout": str(lock_timeout_ms),
            "idle_timeout": str(idle_timeout_ms),
        }
        self._patience_s = connect_patience_ms / 1000
        self.administration_id = administration_id
        self._writers = self._make_pool(dsn, "write", pool_size_count, self._configure_writer)
        aside_count = _aside_count(pool_size_count)
        self._aside = self._make_pool(dsn, "aside", aside_count, self._configure_writer, kept_count=0)
        self._readers = self._make_pool(dsn, "read", pool_size_count, self._configure_reader)

    async def open(self) -> None:
        """Connect. Raises SeraiError `database-unreachable`."""
        try:
            await self._writers.open(wait=True, timeout=self._patience_s)
            await self._aside.open()
            await self._readers.open(wait=True, timeout=self._patience_s)
        except psycopg.OperationalError as fault:
            await self.close()
            raise _unreachable() from fault

    async def close(self) -> None:
        """Close all connections; work that still runs is waited for a few seconds."""
        await self._readers.close()
        await self._aside.close()
        await self._writers.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction that commits at the end, and rolls back on an error.

        Within another, it is a transaction of its own all the same, on a connection of a pool of its own: as
        many as there are connections, each with one and waiting for a second, would wait for ever.
        """
        is_within = _IN_WRITE.get()
        pool = self._aside if is_within else self._writers
        async with pool.connection() as connection, connection.transaction():
            _IN_WRITE.set(True)
            try:
                yield connection
            finally:
                _IN_WRITE.set(is_within)

    @asynccontextmanager
    async def write_as_owner(self) -> AsyncIterator[AsyncConnection]:
        """Give a transaction as the owner of the tables: for what is the node's and goes over all
        administrations (the log, partitions, retention, keys that were destroyed)."""
        async with self.write() as connection:
            await connection.execute(_QUERIES["become_owner"])
            yield connection

    @asynccontextmanager
    async def read(
        self, administration_id: int, *, in_one_snapshot: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        """Give a read-only transaction that sees the rows of one administration. in_one_snapshot: all that it
        reads, it reads as of one moment."""
        async with self._readers.connection() as connection, connection.transaction():
            if in_one_snapshot:
                await connection.execute(_QUERIES["read_one_snapshot"])
            await connection.execute(
                _QUERIES["choose_administration"], {"administration_id": str(administration_id)}
            )
            yield connection

    async def write_with_retries(
        self,
        work: Callable[[AsyncConnection], Awaitable[Result]],
        *,
        jitter: Jitter,
        tries_count_max: int = 8,
        clashes_count_max: int = 8,
    ) -> Result:
        """Do `work` in a write transaction, and all of it again after a deadlock or a lost connection.

        work must bear being repeated, also after a commit whose answer was lost. Errors as in `run_again`.
        """

        async def once() -> Result:
            async with self.write() as connection:
                return await work(connection)

        return await run_again(
            once,
            jitter=jitter,
            tries_count_max=tries_count_max,
            clashes_count_max=clashes_count_max,
            mend=self._writers.check,
        )

    async def write_one_statement(
        self, work: Callable[[AsyncConnection], Awaitable[Result]], *, jitter: Jitter
    ) -> Result:
        """Do `work` of a single statement, which commits by itself: one turn with the server, not three.

        work must bear being repeated, as in `write_with_retries`.
        """

        async def once() -> Result:
            pool = self._aside if _IN_WRITE.get() else self._writers
            async with pool.connection() as connection:
                return await work(connection)

        return await run_again(once, jitter=jitter, mend=self._writers.check)

    def pool_figures(self) -> dict[str, dict[str, float]]:
        """Return by pool what it counts: connections open and free, requests that waited, and so on."""
        return {
            name: {figure: float(value) for figure, value in pool.get_stats().items()}
            for name, pool in (("write", self._writers), ("aside", self._aside), ("read", self._readers))
        }

    def _make_pool(
        self,
        dsn: str,
        name: str,
        size_count: int,
        configure: Callable[[AsyncConnection], Awaitable[None]],
        *,
        kept_count: int | None = None,
    ) -> AsyncConnectionPool:
        """Return a pool. kept_count: connections that stay open while nobody needs them; None: all."""
        return AsyncConnectionPool(
            dsn,
            name=f"serai-{name}",
            min_size=size_count if kept_count is None else kept_count,
            max_size=size_count,
            timeout=self._patience_s,
            open=False,
            configure=configure,
            # The pool waits twice as long after each try: a database that was away for minutes would not be
            # noticed for minutes. So tries end soon, and others begin.
            reconnect_timeout=_RECONNECT_S,
            reconnect_failed=_try_anew,
            kwargs={
                "autocommit": True,
                "application_name": f"serai-{name}",
                "cursor_factory": cursor_factory(),
            },
        )

    async def _configure_writer(self, connection: AsyncConnection) -> None:
        await connection.execute(_QUERIES["limit_statements"], self._limits)
        await connection.execute(_QUERIES["follow_era"], {"at": self._clock.now()})
        if self.administration_id is not None:
            chosen = {"administration_id": str(self.administration_id)}
            await connection.execute(_QUERIES["become_writer"], chosen)

    async def _configure_reader(self, connection: AsyncConnection) -> None:
        await connection.execute(_QUERIES["limit_statements"], self._limits)
        await connection.execute(_QUERIES["become_reader"])


@asynccontextmanager
async def owner_transaction(dsn: str, *, at: datetime) -> AsyncIterator[AsyncConnection]:
    """Give a transaction as the owner of the tables on a connection of its own: for what a start does before
    it knows which administration it serves. Raises SeraiError `database-unreachable`."""
    try:
        connection = await AsyncConnection.connect(dsn, application_name="serai-owner")
    except psycopg.OperationalError as fault:
        raise _unreachable() from fault
    async with connection:
        await connection.execute(_QUERIES["follow_era"], {"at": at})
        yield connection


async def run_again(
    work: Callable[[], Awaitable[Result]],
    *,
    jitter: Jitter,
    tries_count_max: int = 8,
    clashes_count_max: int = 8,
    mend: Callable[[], Awaitable[None]] | None = None,
) -> Result:
    """Do a whole unit of work, and again after deadlock, serialisation failure or a lost connection.

    Pauses grow from 20 ms to 2 s, each times 0.5 to 1.5 by `jitter`, so that those who clashed part.
    mend: called after a lost connection, before the next try. Raises SeraiError `database-busy` when it gave
    way `clashes_count_max` times or waited too long for a lock, `database-unreachable` when it failed
    `tries_count_max` times, `disk-full` and `partition-missing` at once; other errors pass.
    """
    last_fault: psycopg.Error | None = None
    clashes_count = 0
    for try_number in range(tries_count_max):
        try:
            return await work()
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as fault:
            last_fault = fault
            clashes_count += 1
            if clashes_count >= clashes_count_max:
                break
        except (
            PoolTimeout,
            psycopg.errors.DiskFull,
            psycopg.errors.CheckViolation,
            psycopg.errors.LockNotAvailable,
            psycopg.errors.ReadOnlySqlTransaction,
            OSError,
        ) as fault:
            # The pool has itself tried to connect all this time. Work also writes files: keys lie beside the
            # database, usually on the same disk.
            error = error_of(fault)
            if error is None:
                raise
            raise error from fault
        except (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            psycopg.errors.IdleInTransactionSessionTimeout,
        ) as fault:
            if not _is_lost_connection(fault):
                raise
            last_fault = fault
        if try_number + 1 < tries_count_max:
            pause_ms = min(_RETRY_PAUSE_MS * 2**try_number, _RETRY_PAUSE_MS_MAX) * (0.5 + jitter())
            await asyncio.sleep(pause_ms / 1000)
            if mend is not None and _is_lost_connection(last_fault):
                await mend()
    assert last_fault is not None, "at least one try"
    if _is_lost_connection(last_fault):
        raise _unreachable() from last_fault
    raise _busy(
        MessageText(
            "The work met others {count} times and gave way; nothing was stored.", count=clashes_count
        )
    ) from last_fault


async def begin_era(connection: AsyncConnection, at: datetime) -> None:
    """Say that the database was put back to an earlier time, where its server cannot know: what is told from
    now on comes after whatever was told before."""
    await connection.execute(_QUERIES["begin_era"], {"at": at})


async def _try_anew(pool: AsyncConnectionPool) -> None:
    await pool.check()


def _is_lost_connection(fault: psycopg.Error) -> bool:
    """Say whether the connection is gone, not merely the statement refused.

    Class 08 is the connection, 57P01 to 57P05 a server that stops, crashed or starts, 25P03 one that stood
    still for too long; a connection that broke without a word has no state at all.
    """
    state = fault.sqlstate
    if state is None:
        return isinstance(fault, psycopg.OperationalError) or "closed" in str(fault)
    return state.startswith(("08", "57P", "25P03"))


def error_of(fault: Exception) -> SeraiError | None:
    """Name a fault of the database or its disk that reached the edge; None for anything else."""
    if isinstance(fault, psycopg.errors.DiskFull) or (isinstance(fault, OSError) and fault.errno in _NO_ROOM):
        return _disk_full()
    if isinstance(fault, PoolTimeout) or (isinstance(fault, psycopg.Error) and _is_lost_connection(fault)):
        return _unreachable()
    if isinstance(fault, psycopg.errors.ReadOnlySqlTransaction):
        return SeraiError(
            "database-read-only",
            "The database takes nothing at the moment; nothing was stored.",
            "Send it again in a minute. Operator: it is a standby, or was set to read-only.",
        )
    if isinstance(fault, psycopg.errors.LockNotAvailable):
        return _busy("What this needs is held by other work for too long; nothing was stored.")
    # A row that breaks a check is another matter: that has a name.
    if isinstance(fault, psycopg.errors.CheckViolation) and fault.diag.constraint_name is None:
        return partition_missing(str(fault.diag.table_name))
    return None


def _busy(message: str) -> SeraiError:
    return SeraiError("database-busy", message, "Send it again in a few seconds.")


def partition_missing(table_name: str) -> SeraiError:
    """Say that a table cannot take the rows of today, or will not take those of next month."""
    return SeraiError(
        "partition-missing",
        MessageText(
            "Table {table_name} has no partition for this time and takes nothing; nothing is lost.",
            table_name=table_name,
        ),
        "Send it again later. Operator: the log of the node says why partitions were not made; it tries "
        "again every ten minutes.",
    )


def _disk_full() -> SeraiError:
    return SeraiError(
        "disk-full",
        "The database's disk is full; nothing was stored.",
        "Free some space, then send it again.",
    )


def _unreachable() -> SeraiError:
    return SeraiError(
        "database-unreachable",
        "The database does not answer.",
        "See that PostgreSQL runs and that database.dsn is right; what was answered is stored.",
    )

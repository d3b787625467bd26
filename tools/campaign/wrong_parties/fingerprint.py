"""What the honest have in the database, row by row: nobody else's request may change a row of it, take one
away, or add one that names something of theirs.
"""

import hashlib
import re
import time
from typing import Final

import psycopg

from tools.campaign.wrong_parties.place import OWN_NAMES

LEFT_OUT: Final = {
    "sign_in_try": "tries are counted against a name, whoever tries",
    "webhook_try": "deliveries are tried again by the clock",
    "node_id": "which process holds which ids, renewed by the clock",
    "log_checkpoint": "the log's latest head: it grows with every leaf, whosever",
    "log_tile": "tiles that are not full yet are written anew with every leaf, whosever",
    "page_session": "when a session was last used: those who ask",
    "statistics_hour": "counts by hour, over all parties",
    "statistics_movement": "counts by flight, over all parties: a wrong party's own parcels are among them",
    "scan": "how far a recall has looked, by the clock",
    "vault_read": "ledger of what the machine opened, to compare documents that name one number",
}
"""Tables that change by themselves or by whoever asks, and why that tells and takes nothing."""
ADDED: Final = {
    "case_file": "a case that is nothing but its declaration has a row once it is locked, to compare with it"
    " what names its number",
    "task": "an officer is asked: whether a document of somebody else that waits belongs to a parcel, which"
    " of two parties declares it, or who holds it",
}
"""Tables that may win rows about the honest by what others do, and why; what was there stays as it was."""
COLUMNS_LEFT_OUT: Final = {
    "webhook": ("state", "state_reason", "state_since", "after_era", "after_tx", "after_event_id", "run",
                "tries_count", "failing_since", "next_try_at", "tried_at", "leased_until", "holder"),
    "transport_unit": ("has_reports", "landed_at"),
    "act_notice": ("next_look_at",),
}  # fmt: skip
"""Columns that are not watched: how far an address has been told and when a notice is looked at next, which
go by the clock; and of a flight,
which is nobody's, that somebody has reported its arrival, and that all on it has landed, whosever. When it
arrived and what it hangs on is watched."""
OWN_ROWS: Final = {"account": f"starts_with(sign_in_name, '{OWN_NAMES}')"}
"""Rows that were there before, and are the wrong parties' own: in which language a page speaks to them."""
_QUIET_S: Final = 1.5
_QUIET_S_MAX: Final = 60
_NUMBER: Final = re.compile(rb"(?<![0-9a-f])[0-9]{12,19}(?![0-9a-f])")


class Watch:
    """Takes fingerprints of one database. honest_ids: numbers that no row of anybody else may hold."""

    def __init__(self, superuser_dsn: str, honest_ids: frozenset[int]) -> None:
        """Take the first: what is there now is the honest's, or was there before."""
        self._connection = psycopg.connect(superuser_dsn, autocommit=True)
        self._honest = {str(one).encode() for one in honest_ids}
        self._tables = [
            str(name)
            for (name,) in self._connection.execute(
                "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
                "ORDER BY relname"
            )
            if name not in LEFT_OUT
        ]
        self._before = self._await_quiet()
        self._seen = {table: set(rows) for table, rows in self._before.items()}

    @property
    def rows_count(self) -> int:
        """How many rows are watched."""
        return sum(map(len, self._before.values()))

    @property
    def tables_count(self) -> int:
        """How many tables are watched."""
        return len(self._tables)

    def differences(self) -> list[str]:
        """Say which tables have lost or changed a row of before, or won one that names the honest."""
        found = []
        for table in self._tables:
            now = self._digests(table)
            lost = self._before[table] - now.keys()
            if lost:
                found.append(f"{table}: {len(lost)} rows changed or gone")
                self._before[table] -= lost
            won = [text for digest, text in now.items() if digest not in self._seen[table]]
            self._seen[table].update(now)
            naming = (
                []
                if table in ADDED
                else [text for text in won if self._honest.intersection(_NUMBER.findall(text))]
            )
            if naming:
                found.append(f"{table}: {len(naming)} new rows name the honest: {naming[0][:300]!r}")
        return found

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _await_quiet(self) -> dict[str, set[bytes]]:
        """Return the rows when nothing changes by itself any more: the last of the honest's events are told,
        the last of their leaves is in the log."""
        end = time.monotonic() + _QUIET_S_MAX
        rows = {table: set(self._digests(table)) for table in self._tables}
        while time.monotonic() < end:
            time.sleep(_QUIET_S)
            now = {table: set(self._digests(table)) for table in self._tables}
            if now == rows:
                break
            rows = now
        return rows

    def _digests(self, table: str) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        with self._connection.cursor(binary=True) as cursor:
            columns = list(COLUMNS_LEFT_OUT.get(table, ()))
            statement = f"""SELECT (to_jsonb(t) - %s::text[])::text FROM "{table}" AS t
                WHERE NOT ({OWN_ROWS.get(table, "false")})"""  # noqa: S608 our own
            for (text,) in cursor.execute(statement, [columns]):
                content = str(text).encode()
                found[hashlib.blake2b(content, digest_size=12).digest()] = content
        return found

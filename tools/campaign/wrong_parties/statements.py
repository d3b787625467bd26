"""Which statements the database ran for a request, how often, and over how many rows."""

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import psycopg

_OF_A_TRANSACTION: Final = re.compile(r"BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET LOCAL ROLE")
_TIMES: Final = 2
_PAUSES_S: Final = (0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 4.0)
"""Before each try. What the node does by the clock only adds to what a request does: the least of some tries
counts; what it does once a minute may fill the first of them all, and is over at the last."""

Ran = Counter[tuple[str, str]]
"""By the text of a statement: `calls` and `rows`, for one request."""


class StatementCounts:
    """Counts what requests make the database do, by pg_stat_statements."""

    def __init__(self, superuser_dsn: str) -> None:
        """Connect; what this counting does is not counted."""
        self._connection = psycopg.connect(superuser_dsn, autocommit=True)
        self._connection.execute("SET pg_stat_statements.track = 'none'")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def difference(self, known: Callable[[], object], absent: Callable[[], object]) -> str:
        """Say how the work of two requests differs; empty where it does not."""
        first = second = Counter[tuple[str, str]]()
        each = _for_each(first), _for_each(second)
        for number, pause_s in enumerate(_PAUSES_S):
            time.sleep(pause_s)
            ran = self._ran(known), self._ran(absent)
            first, second = ran if number == 0 else (first & ran[0], second & ran[1])
            each = _for_each(first), _for_each(second)
            if each[0] == each[1]:
                return ""
        return "; ".join(
            f"{' '.join(text.split())[:120]} (runs {each[0].get((text, 'calls'), 0)} and"
            f" {each[1].get((text, 'calls'), 0)}, rows {each[0].get((text, 'rows'), 0)} and"
            f" {each[1].get((text, 'rows'), 0)})"
            for text in sorted({text for text, _ in dict(each[0].items() ^ each[1].items())})
        )

    def _ran(self, ask: Callable[[], object]) -> Ran:
        before = self._read()
        for _ in range(_TIMES):
            ask()
        return self._read() - before

    def _read(self) -> Ran:
        found: Ran = Counter()
        # Transactions begin and end for the node's own work as well.
        for text, calls, rows in self._connection.execute(
            "SELECT query, sum(calls)::bigint, sum(rows)::bigint FROM pg_stat_statements GROUP BY query"
        ):
            if _OF_A_TRANSACTION.match(text):
                continue
            found[text, "calls"] += calls
            found[text, "rows"] += rows
        return found


def _for_each(ran: Ran) -> dict[tuple[str, str], int]:
    """Return what one of the requests did. What came less often than the requests is the node's own."""
    return {what: number // _TIMES for what, number in ran.items() if number >= _TIMES}

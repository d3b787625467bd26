"""Works out a plan over files, by DuckDB: what was charged under what was annulled, what was paid of it,
what goes back to whom, with interest. No database is asked. Amounts are whole numbers throughout.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec

from serai.foundation.ids import MILLISECOND_SHIFT
from serai.foundation.queries import load_queries
from serai.journey.ledger.posting_rules import NO_PHASE, PostingRules
from serai.journey.repayment_plan.terms import Terms
from serai.journey.repayments.interest import RATE_UNIT, rate_periods
from serai.model.frames import STATUSES
from serai.model.ledger import PHASES
from serai.model.packed_detail import DUES

QUERIES = load_queries(Path(__file__).with_name("calculation.sql"))

COVERING: Final = ("quote-difference", "rounding-difference", "repayment")
"""Kinds of acts that take off what is owed and that nobody has paid."""
BY_BANK: Final = "payment-received"
"""The kind of act of whose payer the bank account alone is known."""
ORDERS: Final = "orders.parquet"
NOT_ORDERED: Final = frozenset({"account", "unknown"})
"""Kinds of recipients to whom no order goes: what stands on an account of theirs, and whom nobody knows."""
RANGE_CHARGES_COUNT: Final = 1_000_000
"""Charges that are worked out at once: what bounds the memory."""
MEMORY_LIMIT: Final = "2GB"
_MINUTE_SHIFT: Final = MILLISECOND_SHIFT + 16
_LAST_ID: Final = 2**63 - 1


class Sources(msgspec.Struct, frozen=True):
    """The files that a plan is worked out from. charges, decisions: of the history. allocated, acts: of the
    books; repaid: what went back of charges before; bearings: who bore payments."""

    charges: Sequence[Path]
    decisions: Sequence[Path]
    allocated: Path
    acts: Path
    repaid: Path
    bearings: Path


class WaySum(msgspec.Struct, frozen=True):
    """What goes back of payments of one way (a kind of act), to one kind of recipient."""

    way: str
    recipient_kind: str
    currency_code: str
    lines_count: int
    amount_minor: int
    interest_minor: int


class OrderSum(msgspec.Struct, frozen=True):
    """Orders to one kind of recipient."""

    recipient_kind: str
    currency_code: str
    orders_count: int
    amount_minor: int
    interest_minor: int


class ChargeSum(msgspec.Struct, frozen=True):
    """What was charged at the border under what was annulled, entered in the accounts. paid_minor: of those
    charges and of what is told apart by nothing from them. covered_minor: what binding quotes left out or
    officers repaid. unpaid_minor: nobody has paid it, and nobody has to."""

    currency_code: str
    charges_count: int
    consignments_count: int
    annulled_minor: int
    paid_minor: int
    repaid_before_minor: int
    due_back_minor: int
    covered_minor: int

    @property
    def unpaid_minor(self) -> int:
        """What of it was not paid."""
        return self.annulled_minor - self.repaid_before_minor - self.due_back_minor - self.covered_minor


class ElsewhereSum(msgspec.Struct, frozen=True):
    """What was annulled and is no sum of the border that is entered: it goes by the return it comes with, or
    is not owed yet. due: of DUES; phase: of PHASES."""

    due: str
    phase: str
    currency_code: str
    charges_count: int
    amount_minor: int


class Totals(msgspec.Struct, frozen=True):
    """What a plan comes to."""

    charges: list[ChargeSum]
    ways: list[WaySum]
    orders: list[OrderSum]
    elsewhere: list[ElsewhereSum]


class Calculated(msgspec.Struct, frozen=True):
    """A plan as it was worked out. assessed: by country, currency and phase, all charges of the tax type;
    allocated: by currency, what payments took off them: what the books must say, too."""

    totals: Totals
    lines_count: int
    orders_count: int
    assessed: dict[tuple[str, str, str], int]
    allocated: dict[str, int]


def calculate(sources: Sources, terms: Terms, rules: PostingRules, folder: Path) -> Calculated:
    """Write lines-*.parquet (a part of a charge each) and orders.parquet into a folder; return the sums."""
    with open_duckdb(folder) as connection:
        _make_tables(connection, rules)
        _make_interest(connection, sources, terms)
        given = _parameters(connection, sources, terms, rules)
        for number, (from_id, to_id) in enumerate(_ranges(connection, sources, terms)):
            lines = folder / f"lines-{number:05}.parquet"
            _work_out(connection, given | {"from_id": from_id, "to_id": to_id}, lines)
        written = [str(one) for one in line_files(folder)]
        orders = folder / ORDERS
        connection.execute(writing_to(QUERIES["write_orders"], "$orders", orders), {"lines": written})
        return _sums(connection, sources, written, orders)


def line_files(folder: Path) -> list[Path]:
    """Return the files of a plan's lines, in their order."""
    return sorted(folder.glob("lines-*.parquet"))


@contextmanager
def open_duckdb(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB that holds little in memory; what it cannot hold lies in a folder. It fetches nothing."""
    scratch = folder / "scratch"
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(scratch),
        "preserve_insertion_order": False,
        "TimeZone": "UTC",
    }
    with duckdb.connect(":memory:", config=config) as connection:
        yield connection


def _make_tables(connection: duckdb.DuckDBPyConnection, rules: PostingRules) -> None:
    for statement in QUERIES["make_tables"].split(";"):
        connection.execute(statement)
    for status, phase in zip(STATUSES, rules.phases, strict=True):
        if phase != NO_PHASE:
            connection.execute(QUERIES["add_phase"], {"status": status, "phase": PHASES[phase]})
    for due, sides in zip(DUES, rules.assessed, strict=True):
        if sides is not None:
            connection.execute(QUERIES["add_due"], {"due": due})


def _make_interest(connection: duckdb.DuckDBPyConnection, sources: Sources, terms: Terms) -> None:
    """For each day on which anything was paid, the days and rates of interest from then on, multiplied."""
    periods = rate_periods(terms.interest)
    days: list[tuple[date]] = connection.execute(
        QUERIES["list_payment_days"], {"acts": str(sources.acts)}
    ).fetchall()
    for (day,) in days:
        parts = sum(max((one.ends_on - max(one.begins_on, day)).days, 0) * one.rate_ppm for one in periods)
        connection.execute(QUERIES["add_interest"], {"paid_on": day, "parts": parts})


def _laws(connection: duckdb.DuckDBPyConnection, sources: Sources, terms: Terms) -> list[str]:
    """Return the laws of the history, packs joined by "+", that hold one of the packs of the plan."""
    packs = set(terms.annulled.law_codes)
    files = [str(one) for one in sources.charges]
    found = connection.execute(QUERIES["list_laws"], {"charges": files}).fetchall()
    return sorted(law for (law,) in found if packs & set(law.split("+")))


def _ranges(connection: duckdb.DuckDBPyConnection, sources: Sources, terms: Terms) -> list[tuple[int, int]]:
    """Return half-open ranges of ids, each with about RANGE_CHARGES_COUNT charges."""
    counted = connection.execute(
        QUERIES["count_by_minute"],
        {
            "charges": [str(one) for one in sources.charges],
            "tax_type_code": terms.annulled.tax_type_code,
            "shift": _MINUTE_SHIFT,
        },
    ).fetchall()
    edges, held_count = [0], 0
    for minute, count in counted:
        if held_count and held_count + count > RANGE_CHARGES_COUNT:
            edges.append(minute << _MINUTE_SHIFT)
            held_count = 0
        held_count += count
    return list(zip(edges, [*edges[1:], _LAST_ID], strict=True))


def _parameters(
    connection: duckdb.DuckDBPyConnection, sources: Sources, terms: Terms, rules: PostingRules
) -> dict[str, Any]:
    """Return what all ranges have in common."""
    return {
        "charges": [str(one) for one in sources.charges],
        "decisions": [str(one) for one in sources.decisions],
        "allocated": str(sources.allocated),
        "acts": str(sources.acts),
        "repaid": str(sources.repaid),
        "bearings": str(sources.bearings),
        "covering": list(COVERING),
        "by_bank": BY_BANK,
        "paid_back": [kind for kind, cover in rules.payments.items() if cover.is_paid_back],
        "whole": terms.interest.days_in_year * RATE_UNIT,
        **msgspec.structs.asdict(terms.annulled),
        "law_codes": _laws(connection, sources, terms),
    }


def _work_out(connection: duckdb.DuckDBPyConnection, given: Mapping[str, Any], lines: Path) -> None:
    """Work out the consignments of a range of ids."""
    for name in (
        "make_standing",
        "add_assessed",
        "add_elsewhere",
        "make_paid",
        "make_settled",
        "add_settled",
    ):
        _run(connection, QUERIES[name], given)
    _run(connection, writing_to(QUERIES["write_lines"], "$lines", lines), given)


def _run(connection: duckdb.DuckDBPyConnection, query: str, given: Mapping[str, Any]) -> None:
    connection.execute(query, {name: value for name, value in given.items() if f"${name}" in query})


def writing_to(query: str, name: str, path: Path) -> str:
    """Name the file that a statement writes, which is no parameter."""
    return query.replace(f"'{name}'", "'" + str(path).replace("'", "''") + "'")


def _sums(
    connection: duckdb.DuckDBPyConnection, sources: Sources, lines: list[str], orders: Path
) -> Calculated:
    def rows(name: str, **given: Any) -> list[tuple[Any, ...]]:
        return connection.execute(QUERIES[name], given).fetchall()

    ways = [
        WaySum(way, to, currency, count, int(amount), int(interest))
        for way, to, currency, count, amount, interest in rows("sum_lines", lines=lines)
    ]
    sent = [
        OrderSum(to, currency, count, int(amount), int(interest))
        for to, currency, count, amount, interest in rows("sum_orders", orders=str(orders))
    ]
    charges = [
        ChargeSum(currency, count, consignments, *map(int, sums))
        for currency, count, consignments, *sums in rows("sum_settled")
    ]
    elsewhere = [
        ElsewhereSum(due, phase, currency, count, int(amount))
        for due, phase, currency, count, amount in rows("sum_elsewhere")
    ]
    return Calculated(
        Totals(charges, ways, sent, elsewhere),
        lines_count=sum(one.lines_count for one in ways),
        orders_count=sum(one.orders_count for one in sent),
        assessed={(*row[:3],): int(row[3]) for row in rows("sum_assessed")},
        allocated={
            row[0]: int(row[1])
            for row in rows("sum_allocated", allocated=str(sources.allocated), acts=str(sources.acts))
        },
    )

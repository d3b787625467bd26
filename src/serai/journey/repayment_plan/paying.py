"""Carrying a plan out: first what is due back is entered, then it is ordered, some thousand rows in a
transaction each. How far it came stands in that transaction: what was cut off goes on there, and nothing is
paid twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import AsyncConnection

from serai.foundation.clock import Clock
from serai.foundation.copying import TableBuffer
from serai.foundation.id_text import format_id
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.ledger.posting import enter_posting
from serai.journey.refunds import store as refund_store
from serai.journey.refunds.ordering import place_orders
from serai.journey.refunds.orders import NewOrder, due_account, order_key
from serai.journey.repayment_plan import store
from serai.journey.repayment_plan.calculation import ORDERS, line_files
from serai.journey.repayment_plan.making import hash_files, plan_folder, plan_not_found
from serai.journey.repayment_plan.store import StoredPlan
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.ledger import KIND_PLACES, POSTED, Account, Entry, Posting, net_entries
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]

BATCH_COUNT: Final = 20_000
"""Lines or orders in one transaction."""


class Paid(msgspec.Struct, frozen=True):
    """What a run did. lines_count: charges entered as due back now; orders_count: placed now; 0 of a plan
    that was carried out before."""

    plan: StoredPlan
    lines_count: int
    orders_count: int


@dataclass(slots=True)
class _Run:
    """A plan that is carried out. account_number: the administration's bank account that pays."""

    services: Services
    plan_id: int
    folder: Path
    account_number: str
    clock: Clock
    lines_count: int = 0
    orders_count: int = 0

    @property
    def key(self) -> dict[str, int]:
        return {"administration_id": self.services.administration_id}

    async def step(self, write: Callable[[Connection, StoredPlan], Any]) -> StoredPlan:
        """Write once more of what is left; return how the plan stood before."""

        async def work(connection: Connection) -> StoredPlan:
            plan = await _held(connection, self.plan_id, **self.key)
            await write(connection, plan)
            return plan

        plan: StoredPlan = await self.services.database.write_with_retries(work, jitter=self.services.jitter)
        return plan


async def carry_out(
    services: Services, plan_id: int, folder: Path, *, account_number: str, clock: Clock
) -> Paid:
    """Carry an approved plan out, from where it stands to its end; again does nothing.

    folder: below which the plan's files lie. Raises SeraiError `not-found`, `repayment-plan-not-approved`,
    `repayment-plan-changed`, `repayment-plan-outdated`, `repayment-plan-unfinished`.
    """
    run = _Run(services, plan_id, plan_folder(folder, plan_id), account_number, clock)
    async with services.database.write() as connection:
        plan = await _held(connection, plan_id, **run.key)
    if plan.finished_at is not None:
        return Paid(plan, 0, 0)
    _need_unchanged(plan, run.folder)
    if plan.begun_at is None:
        async with services.database.read(services.administration_id) as connection:
            await store.unlimit_time(connection)
            changed = await store.select_changed(connection, plan, **run.key)
        _need_up_to_date(changed, run.folder)
    await _enter_lines(run, plan)
    await _place_orders(run)
    async with services.database.write() as connection:
        plan = await _held(connection, plan_id, **run.key)
    return Paid(plan, run.lines_count, run.orders_count)


async def _enter_lines(run: _Run, plan: StoredPlan) -> None:
    place = plan.lines_written_count
    for rows in _batches(line_files(run.folder), place):

        async def write(
            connection: Connection, now: StoredPlan, rows: Any = rows, at_row: int = place
        ) -> None:
            if now.lines_written_count != at_row:
                return  # another process has written it
            await _write_lines(run, connection, now, rows)
            run.lines_count += rows.num_rows

        await run.step(write)
        place += rows.num_rows


async def _write_lines(run: _Run, connection: Connection, plan: StoredPlan, rows: Any) -> None:
    """Enter what of some lines is due back, and keep what of each charge it was."""
    at, tax_type = run.clock.now(), plan.terms["annulled"]["tax_type_code"]
    known = rows.filter(pc.not_equal(rows["recipient_kind"], "unknown"))
    buffer = TableBuffer()
    refund_store.insert_repaid(buffer, _repaid(known, plan.plan_id, tax_type), **run.key)
    entries = _entries(known, plan, tax_type)
    await enter_posting(run.services, connection, buffer, Posting("refund", plan.plan_id, at, entries))
    await buffer.write(connection)
    await _note(run, connection, plan, lines_count=rows.num_rows)


def _repaid(rows: Any, plan_id: int, tax_type_code: str) -> list[tuple[int, ChargeKey, int]]:
    columns = [
        rows[name].to_pylist()
        for name in ("consignment_id", "sequence_number", "debtor_code", "currency_code", "amount_minor")
    ]
    return [
        (plan_id, ChargeKey(consignment_id, sequence, tax_type_code, debtor, currency), amount)
        for consignment_id, sequence, debtor, currency, amount in zip(*columns, strict=True)
    ]


def _entries(rows: Any, plan: StoredPlan, tax_type_code: str) -> list[Entry]:
    """Return what lines enter: repaid of revenue, interest, and due back to whoever paid."""
    sums = rows.group_by(["country_code", "currency_code", "party_id", "recipient_kind"]).aggregate(
        [("amount_minor", "sum"), ("interest_minor", "sum")]
    )
    entries: Counter[Account] = Counter()
    for row in sums.to_pylist():
        currency, amount, interest = row["currency_code"], row["amount_minor_sum"], row["interest_minor_sum"]
        repaid = Account(
            KIND_PLACES["repayments"],
            currency,
            tax_type_code=tax_type_code,
            country_code=row["country_code"],
        )
        # What stands on an account of its party is no part of what the plan orders.
        number = "" if row["recipient_kind"] == "account" else format_id(plan.plan_id)
        entries[repaid] += amount
        entries[Account(KIND_PLACES["interest-paid"], currency)] += interest
        entries[due_account(row["party_id"], number, currency)] -= amount + interest
    return net_entries(Entry(account, POSTED, amount) for account, amount in entries.items())


async def _place_orders(run: _Run) -> None:
    async with run.services.database.write() as connection:
        place = (await _held(connection, run.plan_id, **run.key)).orders_written_count
    for rows in _batches([run.folder / ORDERS], place):

        async def write(
            connection: Connection, now: StoredPlan, rows: Any = rows, at_row: int = place
        ) -> None:
            if now.orders_written_count != at_row:
                return
            placed = await place_orders(
                run.services,
                connection,
                _orders(rows, now),
                account_number=run.account_number,
                at=run.clock.now(),
            )
            run.orders_count += len(placed.order_ids)
            await _note(run, connection, now, orders_count=rows.num_rows)

        await run.step(write)
        place += rows.num_rows
    await run.step(lambda connection, now: _note(run, connection, now))


def _orders(rows: Any, plan: StoredPlan) -> list[NewOrder]:
    number, article = format_id(plan.plan_id), plan.terms["ground"]["article"]
    return [
        NewOrder(
            order_key=order_key("plan", plan.plan_id, row["number"]),
            party_id=row["party_id"],
            currency_code=row["currency_code"],
            amount_minor=row["amount_minor"] + row["interest_minor"],
            ground="annulled-charge",
            payee=bytes.fromhex(row["payee"]),
            number=number,
            plan_id=plan.plan_id,
            interest_minor=row["interest_minor"],
            law_reference=article,
        )
        for row in rows.to_pylist()
    ]


async def _note(
    run: _Run, connection: Connection, plan: StoredPlan, *, lines_count: int = 0, orders_count: int = 0
) -> None:
    at = run.clock.now()
    lines, orders = plan.lines_written_count + lines_count, plan.orders_written_count + orders_count
    is_done = (lines, orders) == (plan.lines_count, plan.orders_count)
    await store.note_progress(
        connection,
        plan.plan_id,
        lines_written_count=lines,
        orders_written_count=orders,
        finished_at=(plan.finished_at or at) if is_done else None,
        at=at,
        **run.key,
    )


async def _held(connection: Connection, plan_id: int, *, administration_id: int) -> StoredPlan:
    """Return a plan that may be carried out, held."""
    plan = await store.lock_plan(connection, plan_id, administration_id=administration_id)
    if plan is None:
        raise plan_not_found()
    if plan.approved_at is None:
        raise SeraiError(
            "repayment-plan-not-approved",
            "Nobody but whoever made the plan has looked at it.",
            "Ask a second person to approve it on the page /proposals.",
        )
    other = await store.select_unfinished(connection, beside=plan_id, administration_id=administration_id)
    if other is not None:
        raise SeraiError(
            "repayment-plan-unfinished",
            MessageText("The plan {plan} is not carried out yet.", plan=format_id(other)),
            "Carry that one out first: serai repay --run PLAN.",
        )
    return plan


def _need_unchanged(plan: StoredPlan, folder: Path) -> None:
    """Raise unless the files are those that were approved."""
    if (
        not (folder / ORDERS).is_file()
        or hash_files([folder / ORDERS]) != plan.orders_hash
        or hash_files(line_files(folder)) != plan.lines_hash
    ):
        raise SeraiError(
            "repayment-plan-changed",
            MessageText("What lies in {folder} is not the plan that was approved.", folder=str(folder)),
            "Bring the plan's files back, or make a new plan.",
        )


def _need_up_to_date(changed: Sequence[int], folder: Path) -> None:
    """Raise if the plan pays for a consignment of which something else was repaid or taken back since."""
    if not changed:
        return
    wanted = pa.array(sorted(set(changed)), pa.int64())
    for path in line_files(folder):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["consignment_id"]):
                if pc.any(pc.is_in(batch["consignment_id"], value_set=wanted)).as_py():
                    raise SeraiError(
                        "repayment-plan-outdated",
                        "Since the plan was made, a payment was taken back or something was repaid.",
                        "Make the plan anew, and have that one approved.",
                    )


def _batches(files: Sequence[Path], begin: int) -> Iterator[Any]:
    """Yield tables of rows, from a row on, whatever lies before."""
    passed = 0
    for path in files:
        with pq.ParquetFile(path) as file:
            if passed + file.metadata.num_rows <= begin:
                passed += file.metadata.num_rows
                continue
            for batch in file.iter_batches(BATCH_COUNT):
                end = passed + batch.num_rows
                if end > begin:
                    yield pa.Table.from_batches([batch.slice(max(0, begin - passed))])
                passed = end

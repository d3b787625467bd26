"""Making a plan: worked out, held against the books, kept with its sums and the hashes of its files. Nothing
is paid by that."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.journey.history.service import History
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.repayment_plan import store
from serai.journey.repayment_plan.calculation import ORDERS, Totals, calculate, line_files
from serai.journey.repayment_plan.collecting import collect
from serai.journey.repayment_plan.store import StoredPlan
from serai.journey.repayment_plan.terms import Terms, terms_json
from serai.journey.repayment_plan.tie_out import need_tied_out
from serai.model.errors import SeraiError

_SCRATCH: Final = ("allocated", "acts", "bearings", "repaid")


async def make_plan(
    database: Database,
    administration_id: int,
    terms: Terms,
    *,
    plan_id: int,
    history: Path,
    folder: Path,
    made_by: str,
    at: datetime,
) -> StoredPlan:
    """Work a plan out and keep it: its files in a folder of its own below `folder`, its sums in the store.

    history: folder of the history; closed hours that are not there yet are written first. Raises SeraiError
    `repayment-plan-not-tied-out`, `history-of-another`, `history-file-changed`; OSError.
    """
    async for _ in History(database, administration_id, history).write(at=at):
        pass
    folder.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        async with database.read(administration_id, in_one_snapshot=True) as connection:
            sources, books = await collect(
                connection,
                history,
                terms.annulled.tax_type_code,
                shipped_posting_rules(),
                making,
                administration_id=administration_id,
            )
        calculated = calculate(sources, terms, shipped_posting_rules(), making)
        need_tied_out(calculated, books.assessed, books.allocated)
        _clean(making)
        plan = StoredPlan(
            plan_id=plan_id,
            made_at=at,
            made_by=made_by,
            title=terms.title,
            terms=terms_json(terms),
            totals=msgspec.to_builtins(calculated.totals),
            orders_count=calculated.orders_count,
            lines_count=calculated.lines_count,
            lines_hash=hash_files(line_files(making)),
            orders_hash=hash_files([making / ORDERS]),
        )
        making.rename(plan_folder(folder, plan_id))
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    async with database.write() as connection:
        await store.insert_plan(connection, plan, administration_id=administration_id)
    return plan


async def approve_plan(
    connection: AsyncConnection[Any],
    plan_id: int,
    *,
    hashes: tuple[str, str],
    at: datetime,
    administration_id: int,
) -> None:
    """Let a plan be carried out, in the transaction of the approval. hashes: of its lines and its orders, as
    they were proposed. Raises SeraiError `not-found`, `repayment-plan-changed`."""
    plan = await store.lock_plan(connection, plan_id, administration_id=administration_id)
    if plan is None:
        raise plan_not_found()
    if (plan.lines_hash.hex(), plan.orders_hash.hex()) != hashes:
        raise SeraiError(
            "repayment-plan-changed", "This is not the plan that was proposed.", "Make the plan anew."
        )
    await store.approve_plan(connection, plan_id, at=at, administration_id=administration_id)


def plan_not_found() -> SeraiError:
    """Say that there is no such plan."""
    return SeraiError("not-found", "There is no such repayment plan.", "List the plans: serai repay.")


def plan_folder(folder: Path, plan_id: int) -> Path:
    """Return where the files of a plan lie."""
    return folder / f"plan={format_id(plan_id)}"


def totals_of(plan: StoredPlan) -> Totals:
    """Return what a stored plan comes to."""
    return msgspec.convert(plan.totals, Totals)


def hash_files(paths: Iterable[Path]) -> bytes:
    """Return one SHA-256 over those of some files, in their order."""
    whole = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.digest()


def _clean(making: Path) -> None:
    """Remove what a plan was worked out from."""
    for name in _SCRATCH:
        (making / f"{name}.parquet").unlink()
    shutil.rmtree(making / "open-hours")
    shutil.rmtree(making / "scratch", ignore_errors=True)

"""Plans of repayment over a node: made, approved, carried out; parcels of which duty is owed."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from serai.app import Node
from serai.journey.ledger.store import select_balances
from serai.journey.repayment_plan.making import approve_plan, make_plan, plan_folder
from serai.journey.repayment_plan.paying import Paid, carry_out
from serai.journey.repayment_plan.store import StoredPlan
from serai.journey.repayment_plan.terms import read_terms
from serai.model.errors import SeraiError
from serai.model.ledger import ACCOUNT_KINDS
from tests.journey.processing.support import DECLARANT, arrival, parcel, send

BEGIN = datetime(2026, 7, 2, 9, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCOUNT = "IE29AIBK93115212345678"

PLAN = b"""
format: serai-repayment-plan/1
title: Flat duty annulled
annulled:
  law_codes: [EU-2026]
  tax_type_code: A00
  law_from: 2026-07-01
  law_to: 2027-08-01
ground: {act: Judgment of an invented court, article: UCC 116(1)(a), dated: 2027-09-01, source: invented}
interest:
  until: 2027-09-02
  source: invented
  rates:
  - {valid_from: 2026-01-01, rate_ppm: 20000}
  - {valid_from: 2027-01-01, rate_ppm: 30000}
"""
TERMS = read_terms(PLAN)
DUTY, OWED = 300, 832
"""Of each parcel: the flat duty that was annulled, and what is owed in all."""


async def plan_of(node: Node, folder: Path, terms: Any = TERMS) -> StoredPlan:
    return await make_plan(
        node.database,
        node.administration_id,
        terms,
        plan_id=int(node.ids.take(1)[0]),
        history=folder / "history",
        folder=folder / "plans",
        made_by="operator:test",
        at=node.clock.now(),
    )


async def approved(node: Node, plan: StoredPlan) -> None:
    async with node.database.write() as connection:
        await approve_plan(
            connection,
            plan.plan_id,
            hashes=(plan.lines_hash.hex(), plan.orders_hash.hex()),
            at=node.clock.now(),
            administration_id=node.administration_id,
        )


async def run(node: Node, plan: StoredPlan, folder: Path) -> Paid:
    return await carry_out(
        node.services, plan.plan_id, folder / "plans", account_number=ACCOUNT, clock=node.clock
    )


async def refused(work: Any) -> str:
    with pytest.raises(SeraiError) as fault:
        await work
    return fault.value.code


async def declared(node: Node, *names: str) -> dict[str, int]:
    """Parcels that are there, by name their case."""
    done = await send(node, DECLARANT, "declaration", *(parcel(one) for one in names))
    for one in names:
        await send(node, DECLARANT, "arrival", arrival(one))
    return {name: one.case_id for name, one in zip(names, done, strict=True)}


def lines_of(folder: Path, plan: StoredPlan) -> list[dict[str, Any]]:
    found = sorted(plan_folder(folder / "plans", plan.plan_id).glob("lines-*.parquet"))
    return [row for path in found for row in pq.read_table(path).to_pylist()]


async def balances(node: Node) -> Counter[str]:
    """What stands on accounts of each kind, both phases together."""
    found: Counter[str] = Counter()
    async with node.database.read(node.administration_id) as connection:
        for one in await select_balances(connection, administration_id=node.administration_id):
            found[ACCOUNT_KINDS[one.account.kind].code] += one.amount_minor
    return found

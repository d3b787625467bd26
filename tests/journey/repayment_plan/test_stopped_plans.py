"""A plan that does not agree with the books, or that something has overtaken, pays nothing."""

import hashlib
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from serai.foundation.clock import FixedClock
from serai.journey.repayment_plan.terms import read_terms
from serai.model.errors import SeraiError
from tests.journey.acts.test_acts import pay, take_back
from tests.journey.processing.support import DECLARANT, opened
from tests.journey.repayment_plan.support import (
    BEGIN,
    HOUR,
    PLAN,
    TERMS,
    approved,
    declared,
    plan_of,
    refused,
    run,
)


@pytest.mark.in_turn
async def test_what_does_not_agree_or_has_changed_since_is_not_paid(database: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    async with opened(database, keys, clock=FixedClock(BEGIN)) as node:
        cases = await declared(node, "one", "two")
        marks = [
            await pay(node, cases[name], f"Q-{name}", "8.32", sender=DECLARANT) for name in ("one", "two")
        ]
    async with opened(database, keys, clock=FixedClock(BEGIN + 2 * HOUR)) as node:
        first, twin = await plan_of(node, tmp_path), await plan_of(node, tmp_path)
        await approved(node, first)
        await approved(node, twin)
        await run(node, first, tmp_path)
        paid_twice = await refused(run(node, twin, tmp_path))

        elsewhere = msgspec.structs.replace(TERMS.annulled, country_codes=["FR"])
        other = await plan_of(node, tmp_path, msgspec.structs.replace(TERMS, annulled=elsewhere))
        await approved(node, other)
        await take_back(node, cases["two"], marks[1].act_id, "Q-BACK", sender=DECLARANT)
        nothing = await run(node, other, tmp_path)

        (hour,) = (tmp_path / "history").glob("hour=*")
        charges = hour / "charge.parquet"
        table = pq.read_table(charges)
        pq.write_table(table.slice(0, table.num_rows - 2), charges)
        changed = await refused(plan_of(node, tmp_path))
        manifest = msgspec.json.decode((hour / "manifest.json").read_bytes())
        manifest["files"]["charge"]["hash"] = hashlib.sha256(charges.read_bytes()).hexdigest()
        (hour / "manifest.json").write_bytes(msgspec.json.encode(manifest))
        differs = await refused(plan_of(node, tmp_path))

    assert paid_twice == "repayment-plan-outdated"
    assert (nothing.plan.lines_count, nothing.plan.finished_at is None) == (0, False)
    assert (changed, differs) == ("history-file-changed", "repayment-plan-not-tied-out")
    assert list((tmp_path / "plans").glob(".making-*")) == []


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        (b"law_to: 2027-08-01", b"law_to: 2026-07-01"),
        (b"valid_from: 2027-01-01", b"valid_from: 2025-01-01"),
        (b"rate_ppm: 20000", b"rate_ppm: -1"),
        (b"tax_type_code: A00", b"tax_type: A00"),
        (b"serai-repayment-plan/1", b"serai-repayment-plan/9"),
        (b"format", b"\xff"),
    ],
)
def test_a_plan_that_says_nothing_sensible_is_refused(found: bytes, instead: bytes) -> None:
    with pytest.raises(SeraiError) as fault:
        read_terms(PLAN.replace(found, instead, 1))

    assert fault.value.code == "repayment-plan-faulty"

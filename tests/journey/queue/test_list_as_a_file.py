"""The queue as a file: what a party wrote is data there, and never a formula."""

import csv
import datetime as dt
import io

import pytest

from serai.journey.queue.pages import write_csv
from serai.journey.queue.service import Task

AT = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_that_begins_like_a_formula_is_text(sign: str) -> None:
    task = Task(
        task_id="T",
        case_id="C",
        consignment_id="C",
        reference=f'{sign}HYPERLINK("http://x.example")',
        house_document=None,
        mrn="M",
        goods="",
        more_goods_count=0,
        commodity_code="61091000",
        value_minor=1234,
        currency_code="EUR",
        why="review",
        lane="review",
        reason="Look at it.",
        more_reasons_count=0,
        filer_id="F",
        filer=f"{sign}cmd",
        owner="",
        is_own=False,
        flight_id=None,
        flight="",
        market="DE",
        market_name="Germany",
        lands_at=None,
        due_at=None,
        has_ended=False,
        opened_at=AT,
    )

    row = next(csv.DictReader(io.StringIO(write_csv([task]), newline="")))

    assert row["reference"] == f"'{task.reference}"
    assert row["filer"] == f"'{task.filer}"
    assert (row["value_amount"], row["lands_at"]) == ("12.34", "")

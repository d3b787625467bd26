"""Numbers larger than what is computed with: a lane and a sentence, never a crash, and nothing wraps."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.id_text import parse_id
from serai.journey.assessment import rules
from serai.journey.decision.rules import LANE_OF_FINDING
from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding
from tests.journey.processing.support import DECLARANT, decision, parcel, select, send

NEAR_2_TO_62_MINOR = ("46116860184273879.03", "46116860184273879.04", "46116860184273879.05")
BEYOND = ("10000000000.01", "999999999999.99")
OF_THE_CONSIGNMENT = ("freight_amount", "insurance_amount", "discount_amount")


def of_amount(name: str, field: str, value: str) -> dict[str, Any]:
    changed = parcel(name, charges_currency_code="EUR")
    (changed if field in OF_THE_CONSIGNMENT else changed["goods_items"][0])[field] = value
    return changed


def lines_of_the_largest_amount(document: dict[str, Any], count: int) -> list[dict[str, Any]]:
    (line,) = document["goods_items"]
    return [
        line | {"sequence_number": number + 1, "invoice_amount": "10000000000.00"} for number in range(count)
    ]


@pytest.mark.parametrize("value", BEYOND)
@pytest.mark.parametrize("field", ["invoice_amount", "excise_amount", *OF_THE_CONSIGNMENT])
async def test_amount_beyond_what_is_computed_goes_to_review_and_says_so(
    node: Node, field: str, value: str
) -> None:
    document = of_amount(f"{field}-{value}", field, value)
    if field == "discount_amount":
        # One above the price is refused; this one is not, and each line can be computed with.
        document["goods_items"] = lines_of_the_largest_amount(document, 100)

    (answer,) = await send(node, DECLARANT, "declaration", document)

    made = decision(answer)
    assert answer.status == "decided"
    assert (made["lane"], made["status"]) == ("review", "under-documentary-control")
    assert "amount-out-of-range" in {one["code"] for one in made["reasons"]}
    assert "amount-out-of-range" in {one["code"] for one in made["findings"]}
    assert "totals" not in made, "no amount is guessed"
    ((lane, reasons),) = await select(
        node, "SELECT lane, reasons FROM consignment WHERE case_id = %s", answer.case_id
    )
    assert lane > 0
    assert any(reasons)


@pytest.mark.parametrize("value", NEAR_2_TO_62_MINOR)
@pytest.mark.parametrize("field", ["invoice_amount", "quantity", "gross_mass_kg", *OF_THE_CONSIGNMENT])
async def test_number_that_no_column_holds_is_refused_with_a_sentence(
    node: Node, field: str, value: str
) -> None:
    (answer,) = await send(node, DECLARANT, "declaration", of_amount(f"{field}-{value}", field, value))

    assert answer.status == "rejected"
    assert [finding.pointer.rpartition("/")[2] for finding in answer.findings] == [field]
    assert not [one for one in answer.findings if sentence_of(one).sentence.startswith("Finding ")]


async def test_many_lines_of_the_largest_amount_sum_without_wrapping(node: Node) -> None:
    largest = parcel("many")
    largest["goods_items"] = lines_of_the_largest_amount(largest, 999)

    (answer,) = await send(node, DECLARANT, "declaration", largest)

    totals = decision(answer)["totals"]
    assert float(totals["duty_amount"]) == 999 * 10_000_000_000 * 0.12
    assert json.dumps(totals).count("-") == 0
    assert parse_id(decision(answer)["decision_id"]) == answer.decision_id


def test_every_finding_that_assess_can_make_has_a_lane_and_a_sentence() -> None:
    source = Path(rules.__file__).read_text(encoding="utf-8")
    begin, end = source.index("_FINDING_OF_WORD"), source.index("def _is_better_known")
    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source[begin:end]))

    assert {"amount-out-of-range", "no-law", "data-needed"} <= codes
    assert codes <= LANE_OF_FINDING.keys()
    for code in codes:
        said = sentence_of(Finding(code, ""))
        assert not said.sentence.startswith(f"Finding {code}"), "a sentence of its own"
        assert said.remedy

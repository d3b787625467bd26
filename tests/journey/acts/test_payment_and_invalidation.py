"""Marks of payment, withdrawal, presentation, amendment: acts that are refused when they come too late."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.service import Acts
from serai.journey.recording.recorded_facts import read_context
from serai.model.errors import SeraiError
from serai.model.packed_detail import unpack_detail
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    OTHER_CARRIER,
    OTHER_DECLARANT,
    PLATFORM,
    PROVIDER,
    STRANGER,
    arrival,
    decision,
    opened,
    order,
    parcel,
    payment,
    select,
    send,
    statuses,
    words_of,
)

ARRIVED = datetime(2026, 7, 2, 4, 41, tzinfo=UTC)


async def mark(node: Node, case_id: int, amount: str, reference: str, **changes: Any) -> Any:
    sender = changes.pop("sender", OFFICER)
    fields = {"reference": reference, "kind": "paid", "currency_code": "EUR", "amount": amount, **changes}
    return await mark_payment_status(node.processor, sender, case_id, **fields)


async def test_released_only_when_arrived_and_paid(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("pay"))
    due = decision(declared)["totals"]["due_at_border_amount"]
    await send(node, DECLARANT, "arrival", arrival("pay"))
    waiting = await statuses(node, "D-pay")

    less = await mark(node, declared.case_id, "1.00", "PAY-1")
    still = await statuses(node, "D-pay")
    rest = await mark(node, declared.case_id, less.missing_amount, "PAY-2", kind="secured")

    assert waiting == still == ["payment-due"]
    assert (less.status, less.due_amount) == ("insufficient", due)
    assert float(less.missing_amount) == pytest.approx(float(due) - 1)
    assert (rest.status, rest.missing_amount) == ("settled", "0.00")
    assert await statuses(node, "D-pay") == ["released"]


async def test_paid_before_arrival_is_cleared_and_released_by_it(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("ahead"))

    await mark(node, declared.case_id, "100.00", "AHEAD-1", kind="on-account")
    before = await statuses(node, "D-ahead")
    await send(node, DECLARANT, "arrival", arrival("ahead"))

    assert before == ["assessed"]
    assert await statuses(node, "D-ahead") == ["released"]


async def test_payment_at_sale_pays_nothing_at_the_border(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("sale"))
    await send(node, PROVIDER, "payment", payment("sale", amount="1000.00"))

    await send(node, DECLARANT, "arrival", arrival("sale"))

    assert await statuses(node, "D-sale") == ["payment-due"]


async def test_amendment_that_raises_the_debt_takes_the_settlement_away(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("raise"))
    await mark(node, declared.case_id, decision(declared)["totals"]["due_at_border_amount"], "RAISE-1")
    dearer = parcel("raise", amends_version=1)
    dearer["goods_items"][0]["invoice_amount"] = "90.00"

    (amended,) = await send(node, DECLARANT, "declaration", dearer)

    assert decision(amended)["status"] == "arrival-expected"
    payment_status = await mark(node, declared.case_id, "500.00", "RAISE-2")
    assert payment_status.status == "settled"
    assert await statuses(node, "D-raise") == ["assessed"]


async def test_same_mark_again_counts_once(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("once"))
    first = await mark(node, declared.case_id, "1.00", "ONCE")

    again = await mark(node, declared.case_id, "1.00", "ONCE")

    assert again == first
    assert again.settled_amount == "1.00"
    with pytest.raises(SeraiError) as refused:
        await mark(node, declared.case_id, "2.00", "ONCE")
    assert refused.value.code == "reference-reused"


async def test_marks_that_are_not_as_they_should_be(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("odd"))

    odd: list[tuple[str, int, dict[str, Any]]] = [
        ("mark-faulty", declared.case_id, {"amount": "1e3"}),
        ("mark-faulty", declared.case_id, {"amount": "0"}),
        ("mark-faulty", declared.case_id, {"amount": "1.001"}),
        ("mark-faulty", declared.case_id, {"currency_code": "ABC"}),
        ("mark-currency-differs", declared.case_id, {"currency_code": "USD"}),
        ("not-found", declared.case_id, {"sender": STRANGER}),
        ("not-found", declared.case_id + 1, {"sender": STRANGER}),
    ]

    for code, case_id, changes in odd:
        with pytest.raises(SeraiError) as refused:
            await mark(node, case_id, changes.pop("amount", "1.00"), f"ODD-{code}", **changes)
        assert refused.value.code == code


async def test_withdrawal_reverses_what_was_charged(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("back"))
    acts = Acts(node.processor)

    stale = await acts.withdraw(DECLARANT, "D-back", expected_version=2, reason="sold elsewhere")
    done = await acts.withdraw(DECLARANT, "D-back", expected_version=1, reason="sold elsewhere")
    again = await acts.withdraw(DECLARANT, "D-back", expected_version=1, reason="sold elsewhere")

    assert stale.problem_code == "version-not-current"
    assert decision(done)["status"] == "invalidated"
    assert decision(done)["supersedes"] == decision(declared)["decision_id"]
    assert decision(done)["totals"]["due_at_border_amount"] == "0.00"
    assert decision(again) == decision(done)
    ((left,),) = await select(
        node, "SELECT sum(amount_minor)::bigint FROM charge WHERE consignment_id = %s", declared.document_id
    )
    assert left == 0
    acts_done = await select(node, "SELECT act_id, kind FROM act WHERE case_id = %s", declared.case_id)
    assert [kind for _, kind in acts_done] == ["invalidation"]
    assert await words_of(node, acts_done[0][0]) == "sold elsewhere"
    (amended,) = await send(
        node, DECLARANT, "declaration", parcel("back", amends_version=1, logistics_channel_code="express")
    )
    assert amended.problem_code == "withdrawn"
    assert (await acts.present(DECLARANT, "D-back", arrived_at=ARRIVED)).problem_code == "withdrawn"


async def test_withdrawal_after_release_is_a_request_for_an_officer(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("late"))
    await mark(node, declared.case_id, "100.00", "LATE")
    acts = Acts(node.processor)
    released = await acts.present(DECLARANT, "D-late", arrived_at=ARRIVED)

    refused = await acts.withdraw(DECLARANT, "D-late", expected_version=1, reason="too late")

    assert decision(released)["status"] == "released"
    assert (refused.status, refused.problem_code) == ("refused", "amendment-too-late")
    assert await statuses(node, "D-late") == ["released"]
    kinds = await select(node, "SELECT kind FROM act WHERE case_id = %s ORDER BY act_id", declared.case_id)
    assert kinds == [("paid",), ("presentation",), ("invalidation-request",)]


async def test_only_the_filer_withdraws_and_presents(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("mine"))
    acts = Acts(node.processor)

    with pytest.raises(SeraiError) as withdrawn:
        await acts.withdraw(OTHER_DECLARANT, "D-mine", expected_version=1, reason="mischief")
    with pytest.raises(SeraiError) as unused:
        await acts.withdraw(OTHER_DECLARANT, "D-nobodys", expected_version=1, reason="mischief")
    with pytest.raises(SeraiError):
        await acts.present(OTHER_DECLARANT, "D-mine", arrived_at=ARRIVED)

    assert (withdrawn.value.code, withdrawn.value.message) == (unused.value.code, unused.value.message)
    assert await statuses(node, "D-mine") == ["arrival-expected"]


async def test_presentation_again_is_harmless_and_at_another_time_refused(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("shown"))
    acts = Acts(node.processor)

    first = await acts.present(DECLARANT, "D-shown", arrived_at=ARRIVED)
    again = await acts.present(DECLARANT, "D-shown", arrived_at=ARRIVED)
    other = await acts.present(DECLARANT, "D-shown", arrived_at=ARRIVED.replace(hour=5))

    assert decision(first)["status"] == "payment-due"
    assert decision(again) == decision(first)
    assert other.problem_code == "arrived-already"


async def test_amendment_keeps_what_the_case_has(node: Node) -> None:
    """Order, arrival and day of acceptance are not lost because the declaration changes."""
    await send(node, PLATFORM, "order", order("kept"))
    await send(node, DECLARANT, "declaration", parcel("kept"))
    await send(node, DECLARANT, "arrival", arrival("kept"))

    (amended,) = await send(
        node, DECLARANT, "declaration", parcel("kept", amends_version=1, purchased_at="2026-06-28T10:00:00Z")
    )

    ((detail, arrived_at),) = await select(
        node, "SELECT detail, arrived_at FROM consignment WHERE reference = %s", "D-kept"
    )
    context = read_context(unpack_detail(detail).context)
    assert context.flags >> 3 & 1, "the order is still there"
    assert arrived_at is not None
    assert decision(amended)["status"] == "payment-due"
    assert decision(amended)["law_on"] == "2026-07-02"


async def test_amendments_of_one_version_on_two_processes_one_wins(
    node: Node, database: str, keys: Path
) -> None:
    await send(node, DECLARANT, "declaration", parcel("two"))
    async with opened(database, keys) as another:
        answers = await asyncio.gather(
            send(
                node,
                DECLARANT,
                "declaration",
                parcel("two", amends_version=1, logistics_channel_code="express"),
            ),
            send(
                another,
                DECLARANT,
                "declaration",
                parcel("two", amends_version=1, logistics_channel_code="cargo"),
            ),
        )

    outcome = sorted((one.status, one.problem_code) for (one,) in answers)
    assert outcome == [("decided", ""), ("refused", "version-not-current")]
    rows = await select(
        node,
        "SELECT count(*) FROM decision JOIN consignment USING (consignment_id) WHERE reference = 'D-two'",
    )
    assert rows == [(2,)]


async def test_amendment_and_new_declaration_in_one_batch(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("batch-1"))

    answers = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("batch-1", amends_version=1, logistics_channel_code="express"),
        parcel("batch-2"),
        parcel("batch-3", amends_version=1),
    )

    assert [one.status for one in answers] == ["decided", "decided", "refused"]
    assert answers[2].problem_code == "amends-nothing"
    assert not await select(node, "SELECT 1 FROM submission WHERE reference = 'D-batch-3'")


async def test_carrier_outside_the_case_marks_nothing(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("outside"))

    with pytest.raises(SeraiError) as refused:
        await mark(node, declared.case_id, "100.00", "OUT", sender=OTHER_CARRIER)

    assert refused.value.code == "not-found"
    assert await statuses(node, "D-outside") == ["arrival-expected"]

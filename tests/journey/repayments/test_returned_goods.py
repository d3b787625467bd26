"""Goods that come back under both kinds of regime, to the cent: repaid of itself, or on an application that
is only to be confirmed; in time and late, in parts, other goods, twice; the books agree at any moment."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.partitions import add_partitions
from serai.journey.acts.case_acts import reverse_act
from serai.journey.acts.repayment.service import (
    Repayment,
    RepaymentToDecide,
    Wanted,
    decide_repayment,
    request_repayment,
    select_repayments,
)
from serai.journey.documents.submission import Sender
from serai.journey.refunds.ordering import order_due
from tests.formats.iso20022.messages import OWN
from tests.journey.acts.test_acts import pay, refused
from tests.journey.ledger.test_ledger import since, standing
from tests.journey.linking.test_returned_goods import returned
from tests.journey.processing.counted import cumulative_allowance_of, to_china
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    OTHER_DECLARANT,
    PLATFORM,
    PROVIDER,
    STRANGER,
    arrival,
    order,
    parcel,
    payment,
    select,
    send,
    transport,
)
from tests.journey.repayments.conftest import DAY_0

IDENTITY = "110101199001010000"


async def move(node: Node, clock: FixedClock, days: int) -> None:
    """Let days pass, with the node's right to make ids and room for what is written then."""
    clock.move(timedelta(days=days))
    lease = msgspec.structs.replace(node.ids.lease, leased_until=clock.now() + timedelta(days=1))
    node.ids.renew(lease)
    async with node.database.write_as_owner() as connection:
        await add_partitions(connection, clock.now())


async def released(node: Node, sent: dict[str, Any], name: str, currency: str) -> tuple[str, int]:
    """Declare a parcel, pay what it owes to the cent, and land it; return its number and case."""
    (declared,) = await send(node, DECLARANT, "declaration", sent)
    assert declared.status == "decided", declared
    asked = await pay(node, declared.case_id, f"{name}-ASK", "1", currency_code=currency, sender=DECLARANT)
    missing = asked.missing_amount
    if float(missing) > 0:
        await pay(node, declared.case_id, f"{name}-PAY", missing, currency_code=currency, sender=DECLARANT)
    await send(node, DECLARANT, "arrival", arrival(name, arrived_at="2026-07-02T08:00:00Z"))
    rows = await select(node, "SELECT mrn FROM consignment WHERE reference = %s", f"D-{name}")
    return rows[0][0], declared.case_id


async def bought_from_china(node: Node, name: str, quantity: str) -> tuple[str, int]:
    """Declare an order of the cross-border channel with its order, payment and waybill, pay and land it."""
    sent = to_china(name, "100.00", IDENTITY)
    sent["goods_items"][0]["quantity"] = quantity
    line = {"sequence_number": 1, "description": "T-shirt", "quantity": quantity, "amount": "100.00"}
    ordered = order(
        name,
        currency_code="CNY",
        lines=[line],
        discount_amount="0.00",
        purchased_at=sent["purchased_at"],
        buyer=sent["buyer"],
    )
    await send(node, PLATFORM, "order", ordered)
    paid = payment(name, amount="100.00", currency_code="CNY", paid_at=sent["purchased_at"])
    await send(node, PROVIDER, "payment", paid)
    await send(node, CARRIER, "transport-document", transport(name, logistics_channel_code="express"))
    return await released(node, sent, name, "CNY")


async def come_back(
    node: Node, name: str, mrn: str, quantity: str, *, at: datetime | None, number: int = 1, **item: Any
) -> Any:
    sent = returned(
        f"{name}-{number}",
        mrn,
        bag_reference="BAG-7",
        item={"quantity": quantity, **item},
        **({} if at is None else {"goods_returned_at": at.isoformat()}),
    )
    (answer,) = await send(node, DECLARANT, "return", sent)
    return answer


def codes(answer: Any) -> list[str]:
    return [one.code for one in answer.findings]


async def repayments(node: Node, case_id: int) -> list[Repayment]:
    async with node.database.read(node.administration_id) as connection:
        return await select_repayments(connection, case_id, administration_id=node.administration_id)


async def decide(node: Node, case_id: int, request: Any, reference: str, **changes: Any) -> Any:
    given = {"is_granted": True, "amount": None, "reason": "", "sender": OFFICER, **changes}
    decided = RepaymentToDecide(case_id=case_id, request_id=request, reference=reference, **given)
    return await decide_repayment(node.processor, decided)


async def confirm(
    node: Node, case_id: int, reference: str, sender: Sender = DECLARANT, **changes: Any
) -> Any:
    return await request_repayment(node.processor, sender, case_id, Wanted(reference=reference, **changes))


@pytest.mark.in_turn
async def test_what_the_law_repays_of_itself_goes_back_by_the_piece_with_its_allowance(
    node: Node, clock: FixedClock
) -> None:
    before = await standing(node)
    mrn, case_id = await bought_from_china(node, "cn", "3")
    taxed = (await standing(node))["revenue", "posted"] - before["revenue", "posted"]
    drawn = await cumulative_allowance_of(node, "D-cn")
    await move(node, clock, 12)

    unproven = await come_back(node, "cn", mrn, "1", at=None)
    first = await come_back(node, "cn", mrn, "1", at=clock.now(), number=2)
    again = await come_back(node, "cn", mrn, "1", at=clock.now(), number=2)
    too_many = await come_back(node, "cn", mrn, "2", at=clock.now(), number=3)
    one_third = (await standing(node))["refunds-due", "posted"]
    after_first = await cumulative_allowance_of(node, "D-cn")

    assert codes(unproven) == ["return-awaits-proof"], unproven
    # The piece whose proof is awaited is back, too: two of three.
    assert codes(first) == ["return-repaid"]
    assert (again.status, codes(too_many)) == ("repeated", ["returned-more-than-declared"])
    assert -one_third == -taxed * 2 // 3
    assert after_first == drawn - drawn * 2 // 3

    last = await come_back(node, "cn", mrn, "1", at=clock.now(), number=4)

    assert codes(last) == ["return-repaid"]
    assert await cumulative_allowance_of(node, "D-cn") == 0
    end = since(await standing(node), before)
    assert end["refunds-due", "posted"] == taxed, "all of it, to the last fen"
    assert end["repayments", "posted"] == -taxed
    assert ("amounts-payable", "posted") not in end
    assert [one.state for one in await repayments(node, case_id)] == ["granted", "granted"]


@pytest.mark.in_turn
async def test_on_day_61_nothing_goes_back_of_itself_whatever_was_repaid_meanwhile(
    node: Node, clock: FixedClock
) -> None:
    mrn, case_id = await bought_from_china(node, "cn-late", "2")
    drawn = await cumulative_allowance_of(node, "D-cn-late")
    await move(node, clock, 12)
    early = await come_back(node, "cn-late", mrn, "1", at=clock.now())
    repaid = (await standing(node))["refunds-due", "posted"]
    # The repayment is a word on the case; the days count from its release all the same.
    await pay(node, case_id, "MORE", "1.00", currency_code="CNY", sender=DECLARANT)
    await move(node, clock, 49)

    late = await come_back(node, "cn-late", mrn, "1", at=DAY_0 + timedelta(days=12), number=2)

    assert (codes(early), codes(late)) == (["return-repaid"], ["return-too-late"])
    assert repaid < 0
    assert (await standing(node))["refunds-due", "posted"] == repaid - 100
    assert await cumulative_allowance_of(node, "D-cn-late") == drawn - drawn // 2
    assert [one.state for one in await repayments(node, case_id)] == ["granted"]


@pytest.mark.in_turn
async def test_where_somebody_has_to_apply_one_confirmation_does_it(node: Node, clock: FixedClock) -> None:
    mrn, case_id = await released(node, parcel("eu"), "eu", "EUR")
    before = await standing(node)
    await move(node, clock, 61)

    part = await come_back(node, "eu", mrn, "1", at=clock.now())
    whole = await come_back(node, "eu", mrn, "1", at=clock.now(), number=2)
    drafts = await repayments(node, case_id)
    (draft,) = [one for one in drafts if one.state == "drafted"]
    strange = await refused(confirm(node, case_id, "STRANGE", STRANGER, draft=draft.act.act_id))
    lodged = await confirm(node, case_id, "EU-APPLY", draft=draft.act.act_id)
    same = await confirm(node, case_id, "EU-APPLY", draft=draft.act.act_id)
    twice = await refused(confirm(node, case_id, "EU-TWICE", draft=draft.act.act_id))
    tasks = await select(
        node, "SELECT kind FROM task WHERE closed_at IS NULL AND consignment_id = %s", draft.act.subject_id
    )
    (asked,) = await repayments(node, case_id)
    assert asked.request is not None
    by_party = await refused(decide(node, case_id, asked.request.act_id, "X", sender=DECLARANT))
    more = await refused(decide(node, case_id, asked.request.act_id, "MORE", amount="3.01"))
    granted = await decide(node, case_id, asked.request.act_id, "GRANT")
    repeated = await decide(node, case_id, asked.request.act_id, "GRANT")
    decided = await refused(decide(node, case_id, asked.request.act_id, "OTHER", is_granted=False))

    assert codes(part) == ["return-nothing-to-repay"], "three euros a subheading, with the last piece"
    assert codes(whole) == ["return-application-drafted"]
    assert whole.findings[0].parameters["amounts"] == "3.00 EUR"
    assert (strange, twice, by_party) == ("not-found", "repayment-lodged-already", "not-found")
    assert (more, decided) == ("repayment-faulty", "repayment-decided-already")
    assert (same.act_id, repeated.act_id) == (lodged.act_id, granted.act_id)
    assert len(tasks) == 1
    assert (
        await select(
            node, "SELECT 1 FROM task WHERE closed_at IS NULL AND consignment_id = %s", draft.act.subject_id
        )
        == []
    )
    assert since(await standing(node), before) == {
        ("repayments", "posted"): 300,
        ("refunds-due", "posted"): -300,
    }
    status = await select(node, "SELECT status FROM consignment WHERE case_id = %s", case_id)
    assert len(status) == 1

    # It goes back to whoever paid; taken back before it is sent, it is paid by that payment again.
    async def work(connection: Any) -> Any:
        return await order_due(
            node.processor.services, connection, [case_id], account_number=OWN.iban, at=clock.now()
        )

    back = await reverse_act(
        node.processor,
        OFFICER,
        case_id,
        act_id=parse_id(granted.act_id),
        reference="UNGRANT",
        reason_code="error",
        reason="",
        expected_decision_id=None,
    )
    taken_back = since(await standing(node), before)
    granted_again = await decide(node, case_id, asked.request.act_id, "GRANT-2")
    placed = await node.processor.write(work)

    assert back.kind == "reversal"
    assert taken_back == {}
    assert granted_again.act_id != granted.act_id
    assert len(placed.order_ids) == 1
    assert (await standing(node))["refunds-due", "pending"] == 300


def in_bag(name: str, mrn: str, at: datetime, *lines: dict[str, Any]) -> dict[str, Any]:
    """A return of one import, of a bag in which those of several came together."""
    item = returned("", "")["goods_items"][0]
    return returned(
        f"{name}-bag",
        mrn,
        bag_reference="BAG-OF-MANY",
        goods_returned_at=at.isoformat(),
        goods_items=[{**item, **line} for line in lines],
    )


@pytest.mark.in_turn
async def test_of_a_merged_bag_each_piece_goes_its_own_way_on_day_12_and_on_day_61(
    node: Node, clock: FixedClock
) -> None:
    begin = await standing(node)
    chinese, _ = await bought_from_china(node, "bag-cn", "3")
    taxed = begin["revenue", "posted"] - (await standing(node))["revenue", "posted"]
    whole, whole_case = await released(node, parcel("bag-whole"), "bag-whole", "EUR")
    two = parcel("bag-mixed")
    other = {**two["goods_items"][0], "sequence_number": 2, "commodity_code": "62044200"}
    two["goods_items"].append(other)
    mixed, mixed_case = await released(node, two, "bag-mixed", "EUR")
    late, late_case = await released(node, parcel("bag-late"), "bag-late", "EUR")
    before = await standing(node)
    await move(node, clock, 12)
    right = {"quantity": "2", "gross_mass_kg": "0.150"}
    wrong = {**right, "sequence_number": 2, "commodity_code": "62044200", "gross_mass_kg": "0.090"}

    answers = await send(
        node,
        DECLARANT,
        "return",
        in_bag("cn-light", chinese, clock.now(), {"quantity": "1", "gross_mass_kg": "0.010"}),
        in_bag("cn", chinese, clock.now(), {"quantity": "1"}),
        in_bag("whole", whole, clock.now(), {"quantity": "2"}),
        in_bag("mixed", mixed, clock.now(), right, wrong),
        in_bag("nobody", "26XX0000000000000A", clock.now(), {"quantity": "1"}),
    )
    day_12 = since(await standing(node), before)
    tasks = await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL AND kind = 2")
    bags = await select(node, "SELECT count(DISTINCT case_id) FROM document WHERE kind = 6")

    assert [codes(one) for one in answers[:4]] == [
        ["return-mass-differs"],
        ["return-repaid"],
        ["return-application-drafted"],
        ["return-mass-differs", "return-application-drafted"],
    ], answers
    assert answers[3].findings[0].pointer == "/goods_items/1/gross_mass_kg"
    assert answers[4].problem_code == "return-unknown-declaration"
    assert (tasks, bags) == ([(2,)], [(3,)])
    # One piece of three: the one that weighs otherwise is not taken for another, however it came.
    cn_third = day_12["repayments", "posted"]
    assert cn_third == taxed // 3
    assert day_12 == {("repayments", "posted"): cn_third, ("refunds-due", "posted"): -cn_third}
    assert [one.state for one in await repayments(node, whole_case)] == ["drafted"]
    (of_mixed,) = await repayments(node, mixed_case)
    assert of_mixed.act.parameters["amount_minor"] == 300, "of the goods item that is right alone"

    await move(node, clock, 49)
    answers = await send(
        node,
        DECLARANT,
        "return",
        {**in_bag("cn", chinese, clock.now(), {"quantity": "1"}), "reference": "RETURN-cn-61"},
        in_bag("late", late, clock.now(), {"quantity": "2"}),
    )

    assert [codes(one) for one in answers] == [["return-too-late"], ["return-application-drafted"]]
    assert since(await standing(node), before) == day_12, "nothing goes back of itself on day 61"
    (draft,) = await repayments(node, late_case)
    await confirm(node, late_case, "BAG-LATE", draft=draft.act.act_id)
    (asked,) = await repayments(node, late_case)
    assert asked.request is not None
    await decide(node, late_case, asked.request.act_id, "BAG-GRANT")
    assert since(await standing(node), before) == {
        ("repayments", "posted"): cn_third + 300,
        ("refunds-due", "posted"): -cn_third - 300,
    }


@pytest.mark.in_turn
async def test_other_goods_go_to_a_person_and_nothing_back(node: Node, clock: FixedClock) -> None:
    mrn, case_id = await released(node, parcel("other"), "other", "EUR")
    await move(node, clock, 12)

    lighter = await come_back(node, "other", mrn, "2", at=clock.now(), gross_mass_kg="0.090")

    assert codes(lighter) == ["return-mass-differs"]
    assert await repayments(node, case_id) == []
    assert len(await select(node, "SELECT 1 FROM task WHERE closed_at IS NULL AND kind = 2")) == 1


@pytest.mark.in_turn
async def test_what_nobody_has_paid_is_remitted_and_the_parcel_goes_on(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("remit"))
    await send(node, DECLARANT, "arrival", arrival("remit"))
    before = await standing(node)
    other = await refused(
        confirm(
            node, declared.case_id, "R-0", OTHER_DECLARANT, ground="error", consignment=declared.document_id
        )
    )
    huge = await refused(
        confirm(
            node,
            declared.case_id,
            "R-1",
            ground="error",
            consignment=declared.document_id,
            amount="1" + "0" * 18,
        )
    )
    foreign = await refused(confirm(node, declared.case_id, "R-2", ground="error", consignment=1))

    asked = await confirm(node, declared.case_id, "R-3", ground="error", consignment=declared.document_id)
    await decide(node, declared.case_id, parse_id(asked.act_id), "R-4", amount="1.00")

    assert (other, huge, foreign) == ("not-found", "mark-faulty", "not-found")
    assert since(await standing(node), before) == {
        ("repayments", "posted"): 100,
        ("amounts-payable", "posted"): -100,
    }
    left = await pay(node, declared.case_id, "R-5", "0.01")
    assert format_id(declared.case_id) == left.case_id
    due = float(left.due_amount)
    settled = await pay(node, declared.case_id, "R-6", left.missing_amount)
    assert (settled.status, float(settled.due_amount)) == ("settled", due)


@pytest.mark.in_turn
async def test_the_time_of_each_ground_is_kept(node: Node, clock: FixedClock) -> None:
    _, case_id = await released(node, parcel("times"), "times", "EUR")
    ((consignment,),) = await select(
        node, "SELECT consignment_id FROM consignment WHERE case_id = %s", case_id
    )
    await move(node, clock, 366)

    defective = await refused(confirm(node, case_id, "T-1", ground="defective", consignment=consignment))
    error = await confirm(node, case_id, "T-2", ground="error", consignment=consignment)

    assert defective == "repayment-too-late"
    assert error.kind == "repayment-requested"

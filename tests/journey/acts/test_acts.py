"""Acts in their one shape: recorded once, each a leaf, taken back by another, met by the pipeline."""

import asyncio
import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from serai.app import Node
from serai.evidence.leaf import opens
from serai.evidence.receipt import encode_receipt, read_leaf_of
from serai.evidence.store import read_receipt
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import ActDone, mark_payment_status, reverse_act
from serai.journey.consignments.act_records import select_act, select_acts
from serai.journey.consignments.rows import Row
from serai.journey.pipeline import Context, check_documents, run_checked
from serai.journey.recording.standing_acts import act_frame
from serai.journey.release import rules
from serai.model import acts as kinds
from serai.model import frames
from serai.model.acts import ACT_KINDS, OPENING, Act, ActKind
from serai.model.columns import Coded, Frame, encode_words
from serai.model.errors import SeraiError
from serai.model.frames import LANES, STATUSES
from tests.journey.batches import AT_MS, book, lists
from tests.journey.batches import parcel as document
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    OTHER_DECLARANT,
    PLATFORM,
    STRANGER,
    arrival,
    order,
    parcel,
    select,
    send,
    statuses,
    words_of,
)
from tests.journey.processing.test_allowances import statements_of


async def pay(node: Node, case_id: int, reference: str, amount: str = "500.00", **changes: Any) -> Any:
    fields = {"reference": reference, "kind": "paid", "currency_code": "EUR", "amount": amount, **changes}
    sender = fields.pop("sender", OFFICER)
    return await mark_payment_status(node.processor, sender, case_id, **fields)


async def take_back(node: Node, case_id: int, act_id: str, reference: str, **changes: Any) -> ActDone:
    fields = {"reason_code": "payment-bounced", "reason": "", "expected_decision_id": None, **changes}
    sender = fields.pop("sender", OFFICER)
    return await reverse_act(
        node.processor, sender, case_id, act_id=parse_id(act_id), reference=reference, **fields
    )


async def refused(work: Any) -> str:
    with pytest.raises(SeraiError) as fault:
        await work
    assert fault.value.next_step
    return fault.value.code


async def test_a_payment_taken_back_pays_no_more_and_the_case_waits_again(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("bounce"))
    paid = await pay(node, declared.case_id, "BOUNCE-1")
    free = await statuses(node, "D-bounce")

    done = await take_back(node, declared.case_id, paid.act_id, "BOUNCE-2", reason="Zelda's bank said no")

    assert free == ["assessed"]
    assert await statuses(node, "D-bounce") == ["arrival-expected"]
    assert (done.kind, done.case_id) == ("reversal", paid.case_id)
    assert await words_of(node, parse_id(done.act_id)) == "Zelda's bank said no"
    rest = await pay(node, declared.case_id, "BOUNCE-3", "1.00")
    assert (rest.status, rest.settled_amount) == ("insufficient", "1.00")
    rows = await select(node, "SELECT parameters::text FROM act WHERE case_id = %s", declared.case_id)
    assert "Zelda" not in str(rows)


async def test_an_act_twice_is_done_once_and_another_under_its_reference_not_at_all(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("twice"))
    paid = await pay(node, declared.case_id, "TWICE-1")
    other = await pay(node, declared.case_id, "TWICE-2")
    first = await take_back(node, declared.case_id, paid.act_id, "TWICE-3")

    again = await take_back(node, declared.case_id, paid.act_id, "TWICE-3")
    another = await refused(take_back(node, declared.case_id, other.act_id, "TWICE-3"))
    at_once = await asyncio.gather(
        *(take_back(node, declared.case_id, other.act_id, "TWICE-4") for _ in range(2))
    )

    assert again == first
    assert another == "reference-reused"
    assert len({one.act_id for one in at_once}) == 1
    acts = await select(node, "SELECT kind FROM act WHERE case_id = %s ORDER BY act_id", declared.case_id)
    assert [kind for (kind,) in acts] == ["paid", "paid", "reversal", "reversal"]


async def test_what_was_taken_back_is_not_taken_back_again_nor_the_taking_back(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("back-back"))
    paid = await pay(node, declared.case_id, "BB-1")
    done = await take_back(node, declared.case_id, paid.act_id, "BB-2")

    assert await refused(take_back(node, declared.case_id, paid.act_id, "BB-3")) == "act-reversed-already"
    assert await refused(take_back(node, declared.case_id, done.act_id, "BB-4")) == "act-not-reversible"
    invalid = await select(node, "SELECT count(*) FROM act WHERE case_id = %s", declared.case_id)
    assert invalid == [(2,)]


async def test_only_who_did_it_or_an_officer_takes_it_back(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("whose"))
    (elsewhere,) = await send(node, OTHER_DECLARANT, "declaration", parcel("whose-else"))
    await send(node, PLATFORM, "order", order("whose"))
    paid = await pay(node, declared.case_id, "WHOSE-1", sender=DECLARANT)

    assert (
        await refused(take_back(node, declared.case_id, paid.act_id, "W-1", sender=STRANGER)) == "not-found"
    )
    assert (
        await refused(take_back(node, declared.case_id, paid.act_id, "W-2", sender=PLATFORM)) == "not-found"
    )
    through = take_back(node, elsewhere.case_id, paid.act_id, "W-3", sender=OTHER_DECLARANT)
    assert await refused(through) == "not-found"
    assert await refused(take_back(node, elsewhere.case_id, paid.act_id, "W-4")) == "not-found"
    assert (await take_back(node, declared.case_id, paid.act_id, "W-5", sender=DECLARANT)).kind == "reversal"


async def test_an_act_for_a_decision_that_stands_no_more_is_refused(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("stale"))
    seen = declared.decision_id
    await send(node, DECLARANT, "arrival", arrival("stale"))
    (now,) = await select(node, "SELECT decision_id FROM consignment WHERE reference = 'D-stale'")

    stale = await refused(pay(node, declared.case_id, "STALE-1", expected_decision_id=seen))
    done = await pay(node, declared.case_id, "STALE-2", expected_decision_id=now[0])

    assert stale == "decision-not-current"
    assert done.status == "settled"
    kept = await select(node, "SELECT reference FROM act WHERE case_id = %s", declared.case_id)
    assert kept == [("STALE-2",)]


async def test_after_release_what_is_taken_back_is_owed_again_and_an_officer_looks(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("gone"))
    paid = await pay(node, declared.case_id, "GONE-1")
    await send(node, DECLARANT, "arrival", arrival("gone"))

    await take_back(node, declared.case_id, paid.act_id, "GONE-2")

    assert await statuses(node, "D-gone") == ["released"]
    tasks = await select(
        node, "SELECT kind FROM task WHERE consignment_id = %s AND closed_at IS NULL", declared.document_id
    )
    assert tasks == [(2,)]
    async with node.database.write() as connection:
        acts = await select_acts(connection, [declared.case_id], administration_id=node.administration_id)
    assert [one.reversed_by is None for one in acts] == [False, True]


async def test_each_act_is_a_leaf_that_opens_to_it(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("leaf"))
    paid = await pay(node, declared.case_id, "LEAF-1")
    done = await take_back(node, declared.case_id, paid.act_id, "LEAF-2", reason="words")

    reversed_ids = []
    for act_id in (paid.act_id, done.act_id):
        number = parse_id(act_id)
        async with node.database.write() as connection:
            found = await select_act(connection, number, administration_id=node.administration_id)
        assert found is not None
        act, opening = found
        assert opening is not None
        async with node.database.write() as connection:
            receipt = await read_receipt(connection, act.leaf_id, administration_id=node.administration_id)
        assert receipt is not None
        leaf = read_leaf_of(encode_receipt(receipt))
        assert opens(leaf, opening)
        assert not opens(leaf, replace(opening, value=opening.value.replace(b'"', b"'", 1)))
        assert act.kind.encode() in opening.value
        reversed_ids.append(act.reverses)
    assert reversed_ids == [None, parse_id(paid.act_id)]


async def test_a_batch_of_new_declarations_asks_nothing_of_acts(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("new-first"))

    said = await statements_of(node, *(parcel(f"new-{number}") for number in range(5)))

    assert said
    assert not [one for one in said if re.search(r"\bact\b", one)]


def row(**changes: Any) -> Row:
    return Row(
        declaration=document(),
        sender=DECLARANT,
        document_id=1,
        consignment_id=1,
        case_id=1,
        decision_id=2,
        **changes,
    )


def act(kind: str = "paid", act_id: int = 7, **changes: Any) -> Act:
    fields = {"case_id": 1, "subject_id": 1, "party_id": 1, "acting_user": "", "at": None, "leaf_id": 7}
    return Act(act_id=act_id, kind=kind, **{**fields, **changes})


def test_the_frame_of_acts_has_the_columns_it_is_said_to_have_and_is_none_without_acts() -> None:
    paid = act(parameters={"currency_code": "EUR", "amount_minor": 500})
    frame = act_frame([row(), row(acts=[paid, act("invalidation", 8, reason_code="sold")])])

    assert act_frame([row(), row()]) is None
    assert frame is not None
    assert set(frame.columns) == {one.name for one in frames.ACTS}
    for one in frames.ACTS:
        column = frame[one.name]
        assert isinstance(column, Coded if one.type == "coded" else np.ndarray), one.name
    assert frame.numbers("consignment").tolist() == [1, 1]
    assert frame.words("reason_code").texts() == [None, "sold"]


def test_every_effect_has_a_rule_and_every_rule_a_kind() -> None:
    # What a permit or an agency opens is told before the law is asked, where documents are read.
    effects = {effect for one in ACT_KINDS.values() for effect in one.effects}
    assert effects - {"permit", OPENING} == set(rules.ACT_RULES)


def test_a_new_kind_is_a_row_and_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a later room adds it: an officer orders an examination."""

    def examine(decided: rules.ActedOn, ordered: Frame) -> rules.ActedOn:
        lanes = decided.consignments.numbers("lane_number").copy()
        lanes[ordered.numbers("consignment")] = LANES.index("examine")
        frame = decided.consignments
        return decided._replace(consignments=Frame(frame.row_count, {**frame.columns, "lane_number": lanes}))

    invented = ActKind(
        "examination-invented", "consignment", "an officer orders an examination", ("examine",)
    )
    monkeypatch.setitem(kinds.ACT_KINDS, invented.code, invented)
    monkeypatch.setattr(rules, "ACT_EFFECTS", [one.effects for one in kinds.ACT_KINDS.values()])
    monkeypatch.setitem(rules.ACT_RULES, "examine", examine)
    ordered = Frame(
        1,
        {
            **{one.name: np.zeros(1, np.int64) for one in frames.ACTS if one.type == "int64"},
            "kind_number": np.array([len(kinds.ACT_KINDS) - 1]),
            "reason_code": encode_words(["risk"]),
            "currency_code": encode_words([None]),
            "ended_rules": encode_words([None]),
            "commodity_code": encode_words([None]),
            "country_code": encode_words([None]),
        },
    )
    checked = check_documents([document("A"), document("B")], ["filer"] * 2, AT_MS, book())

    plain = run_checked(checked, AT_MS, book(), lists(), Context.empty(2))
    context = dataclasses.replace(Context.empty(2), acts=ordered)
    acted = run_checked(checked, AT_MS, book(), lists(), context)

    assert LANES[int(plain.consignments.numbers("lane_number")[0])] != "examine"
    assert LANES[int(acted.consignments.numbers("lane_number")[0])] == "examine"
    assert STATUSES[int(acted.consignments.numbers("status_number")[0])] == "under-physical-control"
    for name in ("lane_number", "status_number"):
        assert acted.consignments.numbers(name)[1] == plain.consignments.numbers(name)[1]


async def test_a_payment_names_the_law_of_the_charges_it_pays_and_taking_it_back_the_same(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("lawful"))
    paid = await pay(node, declared.case_id, "LAWFUL-1")
    await take_back(node, declared.case_id, paid.act_id, "LAWFUL-2")

    async with node.database.read(node.administration_id) as connection:
        done = await select_acts(connection, [declared.case_id], administration_id=node.administration_id)
        opened = await select_act(connection, parse_id(paid.act_id), administration_id=node.administration_id)

    laws = {one.act.kind: one.act.law_reference for one in done}
    known = {charge.law_ref for one in node.processor.law.book.packs.values() for charge in one.pack.charges}
    assert laws["paid"]
    assert laws["paid"] == laws["reversal"]
    assert any(laws["paid"].startswith(one) for one in known)
    assert opened is not None
    assert opened[1] is not None
    assert laws["paid"].encode() in opened[1].value, "the log commits to it"

"""What a CUSRSP says of decisions: the strictest reason first, what is due, and what holds before loading."""

import msgspec
import pytest

from serai.formats.upu.codes import decision_codes, preloading_codes
from serai.formats.upu.read import decode_answers
from serai.formats.upu.write import encode_answers
from serai.journey.decision.answer import ChargeOut, DecisionOut, GoodsItemOut, ReasonOut, Totals
from serai.journey.decision.rendered_reasons import CONTROL
from serai.journey.finding_messages import sentence_of
from serai.journey.messaging.reasons import render_public_reasons
from serai.journey.messaging.upu_answers import (
    ASSESSMENT_COMPLETE,
    ItemNumber,
    answer_of_decision,
    before_loading,
)
from serai.journey.preloading.answer import PreloadingOut
from serai.journey.preloading.required_data import OUTCOMES
from serai.model.findings import Finding, FindingOut
from serai.model.frames import STATUSES
from tests.journey.decision.test_rendered_reasons import TEXTS

NUMBER = ItemNumber("RR100000017CV", "2026-06-29T09:00:00Z")


def charge(**changes: object) -> ChargeOut:
    sound = ChargeOut("invented", "tax", "B00", "5.00", "EUR", "border", "consignee", "20.00", "25")
    return msgspec.structs.replace(sound, **changes)


def decision(lane: str, status: str, **changes: object) -> DecisionOut:
    charges = [charge(), charge(due="sale"), charge(is_waived=True), charge(due="none", kind="claim")]
    sound = DecisionOut(
        decision_id="0",
        mrn="26XX06VBCPGLK00001",
        version=1,
        kind="pre-arrival",
        lane=lane,
        status=status,
        decided_at="2026-06-29T10:00:00.000Z",
        goods_items=[GoodsItemOut(1, lane, charges, reasons=[ReasonOut("screening-vague-description")])],
        currency_code="EUR",
        totals=Totals("0.00", "5.00", "0.00", "0.00", "5.00", "5.00"),
        reasons=[ReasonOut("no-tariff-line"), ReasonOut("a-rule-of-another-day"), ReasonOut(CONTROL)],
    )
    return msgspec.structs.replace(sound, **changes)


@pytest.mark.parametrize("status", STATUSES)
def test_every_state_has_its_words_and_is_written(status: str) -> None:
    one = decision("review", status)
    answer = answer_of_decision(NUMBER, one, render_public_reasons(one, TEXTS), case_id=1)

    assert answer.decision_code == decision_codes()[status].code
    assert (answer.reason or "").startswith(decision_codes()[status].sentence)
    assert decode_answers(encode_answers([answer])) == ([answer], [])


def test_the_strictest_reason_comes_first_with_what_to_do_and_where_to_object() -> None:
    one = decision("review", "under-documentary-control")
    answer = answer_of_decision(NUMBER, one, render_public_reasons(one, TEXTS), case_id=1)

    told = [answer.extra_fields[f"reason-{place}"] for place in (1, 2, 3)]
    assert told == ["no-tariff-line", CONTROL, "screening-vague-description"]
    assert answer.reason_code == "no-tariff-line"
    assert all(
        answer.extra_fields[f"remedy-{place}"] and answer.extra_fields[f"appeal-{place}"]
        for place in (1, 2, 3)
    )
    assert "reason-4" not in answer.extra_fields, "a rule that the law in use does not have has no words"


def test_only_what_is_due_at_the_border_is_asked_of_the_post() -> None:
    answer = answer_of_decision(NUMBER, decision("proceed", "payment-due"), (), case_id=1)

    assert [(one.amount, one.rate_percent) for one in answer.taxes] == [("5.00", "25")]
    assert (answer.total_amount, answer.currency_code, answer.is_dutiable) == ("5.00", "EUR", True)


def test_a_charge_without_a_rate_has_none() -> None:
    third = GoodsItemOut(1, "proceed", [charge(rate_percent=None)])
    answer = answer_of_decision(NUMBER, decision("proceed", "assessed", goods_items=[third]), (), case_id=1)

    assert [one.rate_percent for one in answer.taxes] == [None]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_whether_an_item_may_be_loaded_comes_before_all_else(outcome: str) -> None:
    said = answer_of_decision(NUMBER, decision("proceed", "assessed"), (), case_id=1)
    reason = FindingOut(
        "loading-description-vague",
        "/description",
        "hold",
        {"value": "parts"},
    )
    loading = PreloadingOut(
        decision_id="1",
        kind="pre-loading",
        outcome=outcome,
        reference="R",
        house_document=NUMBER.item_id,
        decided_at="2026-06-29T10:00:00.000Z",
        reasons=[] if outcome == ASSESSMENT_COMPLETE else [reason],
        answer_by=None if outcome == ASSESSMENT_COMPLETE else "2026-06-30T10:00:00Z",
    )
    answer = before_loading(said, loading)

    assert answer.extra_fields["loading"] == outcome
    assert answer.taxes == said.taxes
    assert decode_answers(encode_answers([answer])) == ([answer], [])
    if outcome == ASSESSMENT_COMPLETE:
        assert answer.decision_code == said.decision_code == "RELEASE-ON-ARRIVAL"
    else:
        assert answer.decision_code == preloading_codes()[outcome].code
        assert (answer.extra_fields["import-decision"], answer.extra_fields["answer-by"]) == (
            "RELEASE-ON-ARRIVAL",
            "2026-06-30T10:00:00Z",
        )
        said_of_it = sentence_of(Finding(reason.code, reason.pointer, "hold", reason.parameters))
        assert answer.extra_fields["loading-remedy-1"] == said_of_it.remedy
        assert said_of_it.sentence in (answer.reason or "")


def test_release_names_its_time() -> None:
    answer = answer_of_decision(NUMBER, decision("proceed", "released"), (), case_id=1)

    assert answer.cleared_at == "2026-06-29T10:00:00.000Z"

"""Before loading, through the processor: filing, referral, answer, an officer's word, repeats."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serai.app import Node
from serai.evidence.receipt import encode_receipt, verify_receipt
from serai.evidence.store import read_receipt
from serai.foundation.access.actor import Actor, Means, Role
from serai.foundation.id_text import parse_id
from serai.journey.acts.preloading import PreloadingActs
from serai.model.errors import SeraiError
from tests.journey.processing.support import CARRIER, OFFICER, decision, select, send

CARRIER_ACTOR = Actor(CARRIER.party_id, 1, frozenset({Role.CARRIER}), frozenset(), Means.API_KEY)
OTHER_ACTOR = Actor(7, 1, frozenset({Role.CARRIER}), frozenset(), Means.API_KEY)
OFFICER_ACTOR = Actor(OFFICER.party_id, 1, frozenset({Role.OFFICER}), frozenset(), Means.API_KEY)
SCREENED_AT = datetime(2026, 6, 20, 9, tzinfo=UTC)


def waybill(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "reference": f"L-{name}",
        "house_document": f"LOAD-{name}",
        "logistics_channel_code": "express",
        "gross_mass_kg": "1.200",
        "packages": [{"count": 1}],
        "description": "cotton t-shirts, knitted",
        "consignor": {"name": "Invented Maker", "street": "Road 1", "country_code": "CN"},
        "consignee": {"name": "Invented Buyer", "city": "Berlin", "country_code": "DE"},
        "detail": {"filing_kind_code": "pre-loading"},
        **changes,
    }


async def test_a_question_is_answered_by_an_amendment(node: Node) -> None:
    (asked,) = await send(node, CARRIER, "transport-document", waybill("1", description="parts"))
    said = decision(asked)
    assert (said["kind"], said["outcome"]) == ("pre-loading", "request-for-information")
    assert said["answer_by"]
    assert "sentence" not in said["reasons"][0], "no text is part of what the log commits to"
    read = await PreloadingActs(node.processor).read(CARRIER_ACTOR, "L-1", "en")
    assert '"parts" does not say' in (read.reasons[0].sentence or "")
    better = waybill("1", description="brake pads for cars", amends_version=1)
    (answered,) = await send(node, CARRIER, "transport-document", better)
    assert decision(answered)["outcome"] == "assessment-complete"
    assert decision(answered)["supersedes"] == said["decision_id"]
    (again,) = await send(node, CARRIER, "transport-document", better)
    assert (again.status, decision(again)) == ("repeated", decision(answered))


async def test_without_loading_ahead_nothing_is_assessed(node: Node) -> None:
    gone = waybill("2", detail={}, scheduled_departure_at="2020-01-01T00:00:00Z")
    ahead = waybill("3", detail={}, scheduled_departure_at="2099-01-01T00:00:00Z")
    answers = await send(node, CARRIER, "transport-document", gone, ahead)
    assert [bool(one.decision) for one in answers] == [False, True]


async def test_an_officers_word_stands_until_an_officer_takes_it_back(node: Node) -> None:
    acts = PreloadingActs(node.processor)
    (filed,) = await send(node, CARRIER, "transport-document", waybill("4"))
    first = parse_id(decision(filed)["decision_id"])
    screen = await acts.decide(OFFICER_ACTOR, first, outcome="request-for-screening", words="x-ray, please")
    (amended,) = await send(
        node, CARRIER, "transport-document", waybill("4", gross_mass_kg="1.3", amends_version=1)
    )
    assert decision(amended)["outcome"] == "request-for-screening"
    assert decision(amended)["reasons"][0]["parameters"]["words"] == "x-ray, please"
    with pytest.raises(SeraiError, match="nothing here"):
        # It was replaced by the amendment's.
        await acts.decide(OFFICER_ACTOR, parse_id(screen.decision_id), outcome="do-not-load", words="no")
    clear = await acts.report_screening(
        CARRIER_ACTOR, "L-4", method_code="XRY", result="clear", screened_at=SCREENED_AT
    )
    assert clear.outcome == "assessment-complete"
    stored = await select(node, "SELECT convert_from(reasons, 'UTF8') FROM loading_assessment")
    assert "x-ray" not in str(stored), "words lie in the vault alone"
    with pytest.raises(SeraiError, match="No screening"):
        await acts.report_screening(
            CARRIER_ACTOR, "L-4", method_code="XRY", result="clear", screened_at=SCREENED_AT
        )


async def test_an_alarm_keeps_goods_on_the_ground(node: Node) -> None:
    acts = PreloadingActs(node.processor)
    (filed,) = await send(node, CARRIER, "transport-document", waybill("5"))
    await acts.decide(
        OFFICER_ACTOR, parse_id(decision(filed)["decision_id"]), outcome="request-for-screening", words="scan"
    )
    alarm = await acts.report_screening(
        CARRIER_ACTOR, "L-5", method_code="EDD", result="alarm", screened_at=SCREENED_AT
    )
    assert alarm.outcome == "do-not-load"
    with pytest.raises(SeraiError, match="not a result"):
        await acts.report_screening(
            CARRIER_ACTOR, "L-5", method_code="EDD", result="perhaps", screened_at=SCREENED_AT
        )


async def test_each_sees_its_own_and_officers_all_of_it(node: Node) -> None:
    acts = PreloadingActs(node.processor)
    await send(node, CARRIER, "transport-document", waybill("6", description="gift"))
    mine = await acts.list_open(CARRIER_ACTOR, ["request-for-information"], after=0, limit=100)
    assert "L-6" in {one.assessment.reference for one in mine.assessments}
    others = await acts.list_open(OTHER_ACTOR, ["request-for-information"], after=0, limit=100)
    assert others.assessments == []
    all_of_it = await acts.list_open(OFFICER_ACTOR, ["request-for-information"], after=0, limit=100)
    assert "L-6" in {one.assessment.reference for one in all_of_it.assessments}
    with pytest.raises(SeraiError, match="nothing here"):
        await acts.read(OTHER_ACTOR, "L-6")


async def test_it_is_told_and_promised(node: Node) -> None:
    (filed,) = await send(node, CARRIER, "transport-document", waybill("7"))
    number = parse_id(decision(filed)["decision_id"])
    told = await select(node, "SELECT party_id FROM event WHERE decision_id = %s", number)
    assert told == [(CARRIER.party_id,)]
    async with node.database.write() as connection:
        receipt = await read_receipt(connection, number, administration_id=node.administration_id)
    assert receipt is not None
    verdict = verify_receipt(encode_receipt(receipt), node.services.signer.public_key)
    assert verdict.is_genuine
    assert verdict.leaf is not None

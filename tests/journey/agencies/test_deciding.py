"""An agency decides on the parcels that are before it, and on no other; where it is silent the law ends its
suspension."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.foundation.id_text import parse_id
from serai.journey.acts.agencies.deciding import AgencyOrder, decide
from serai.journey.acts.agencies.seen import AgencyParcel, read_parcel, read_parcels
from serai.journey.acts.agencies.silence import clock_of, follow_agencies
from serai.journey.acts.measures import MeasureOrder, take_measure
from serai.journey.agency_controls.agency_law import shipped_agency_rules
from serai.journey.agency_controls.store import AgencyControl
from serai.journey.documents.submission import Answer, Sender
from serai.journey.permits import store as permit_store
from serai.journey.tasks.rules import JOINT_INSPECTION
from serai.model.errors import SeraiError
from tests.journey.permits.support import CITES, PLANTS, issue, ivory, with_agencies
from tests.journey.processing.support import DECLARANT, OFFICER, opened, parcel, select, send

MARKET = 23
"""The market surveillance authority: silence of four working days ends its suspension."""
WEDNESDAY = datetime(2026, 12, 16, 9, tzinfo=UTC)


def of(party_id: int) -> Sender:
    return Sender(party_id, frozenset({"agency"}), acting_user=f"api_key:{party_id}")


@pytest.fixture
async def node(make_database: Any, tmp_path: Path) -> AsyncIterator[Node]:
    async with opened(make_database(), tmp_path, clock=FixedClock(WEDNESDAY)) as one:
        await with_agencies(one)
        async with one.database.write() as connection:
            await connection.execute(
                "INSERT INTO party (party_id, administration_id, name, created_at) VALUES (%s, %s, %s, %s)",
                (MARKET, one.administration_id, "Market surveillance", WEDNESDAY),
            )
            await permit_store.insert_remit(
                connection,
                remit_id=int(one.ids.take(1)[0]),
                party_id=MARKET,
                rule_id="eu-radio-equipment",
                at=WEDNESDAY,
                administration_id=one.administration_id,
            )
        yield one


def drone(name: str, *more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    declared = parcel(name, **changes)
    declared["goods_items"][0] |= {"commodity_code": "88062100", "description": "drone with camera"}
    declared["goods_items"] += more
    return declared


async def declare(node: Node, declared: dict[str, Any]) -> Answer:
    (answer,) = await send(node, DECLARANT, "declaration", declared)
    return answer


async def queue(node: Node, party_id: int, *states: str) -> list[AgencyParcel]:
    wanted = states or ("waiting", "maintained", "refused")
    return await read_parcels(node.processor, party_id, wanted, after_id=0, limit=100)


async def said(node: Node, party_id: int, parcel: str, decision: Any, reason_code: str, **more: Any) -> Any:
    order = AgencyOrder(
        **{"reference": f"{parcel}-{decision}", "decision": decision, "reason_code": reason_code, **more}
    )
    return await decide(node.processor, of(party_id), parse_id(parcel), order)


async def refused(work: Any) -> str:
    with pytest.raises(SeraiError) as fault:
        await work
    return fault.value.code


async def lane_of(node: Node, answer: Answer) -> int:
    rows = await select(node, "SELECT lane FROM case_consignment WHERE of_case_id = %s", answer.case_id)
    return int(rows[0][0])


def move(node: Node, clock: FixedClock, by: timedelta) -> None:
    """Let time pass, and keep the right to make ids."""
    clock.move(by)
    until = clock.now() + timedelta(minutes=1)
    node.ids.renew(msgspec.structs.replace(node.ids.lease, leased_until=until))


PROCEED, AWAIT, EXAMINE, REFUSE = 0, 1, 3, 4


@pytest.mark.in_turn
async def test_an_agency_clears_maintains_and_refuses_its_own_parcels_alone(node: Node) -> None:
    answer, other = await declare(node, ivory("clear")), await declare(node, ivory("refuse"))
    cleared, refusing = await queue(node, CITES)
    assert (cleared.state, cleared.rules, cleared.due_at) == ("waiting", ["eu-cites"], None)
    assert not await queue(node, PLANTS)

    # Another agency, and whoever is none, learn nothing of it.
    strange = await refused(said(node, PLANTS, cleared.parcel, "cleared", "compliant"))
    order = AgencyOrder(reference="X", decision="cleared", reason_code="compliant")
    party = await refused(decide(node.processor, DECLARANT, parse_id(cleared.parcel), order))
    assert (strange, party) == ("not-found", "not-found")
    assert await refused(said(node, CITES, cleared.parcel, "cleared", "dangerous")) == "reason-not-allowed"

    kept = await said(node, CITES, cleared.parcel, "maintained", "document-doubtful", reason="Old paper.")
    assert (kept.state, await lane_of(node, answer)) == ("maintained", EXAMINE)
    # A permit opens the rule, not what the agency itself has said.
    await issue(node, "LATE")
    again = await declare(node, ivory("clear", "LATE", amends_version=1))
    assert await lane_of(node, again) == EXAMINE
    release = MeasureOrder(
        reference="R", kind="release", reason_code="control-ended", expected_decision_id=again.decision_id
    )
    over = await refused(take_measure(node.processor, OFFICER, answer.case_id, release))
    assert over == "agency-decides"
    done = await said(node, CITES, cleared.parcel, "cleared", "document-shown")
    same = await said(node, CITES, cleared.parcel, "cleared", "document-shown")
    assert done.act_id == same.act_id
    assert (done.state, await lane_of(node, answer)) == ("cleared", PROCEED)
    assert await refused(said(node, CITES, cleared.parcel, "refused", "prohibited")) == "agency-control-over"

    # A refusal is adverse: first a hearing, or an exception of the law with its grounds.
    needed = await refused(said(node, CITES, refusing.parcel, "refused", "prohibited"))
    assert needed == "hearing-needed"
    heard = await said(node, CITES, refusing.parcel, "hearing-opened", "prohibited", reason="Fresh ivory.")
    early = said(
        node, CITES, refusing.parcel, "refused", "prohibited", reason="So.", hearing_id=parse_id(heard.act_id)
    )
    assert await refused(early) == "hearing-not-ended"
    no = await said(
        node,
        CITES,
        refusing.parcel,
        "refused",
        "dangerous",
        reason="It is treated with arsenic.",
        exception_code="threat-to-safety",
    )
    assert (no.state, await lane_of(node, other)) == ("refused", REFUSE)
    seen = await read_parcel(node.processor, CITES, parse_id(refusing.parcel), actor="api_key:21")
    assert [one.kind for one in seen.said] == ["hearing-opened", "agency-refused"]
    assert seen.said[1].reason == "It is treated with arsenic."
    assert [one.rule_id for one in seen.rules] == ["eu-cites"]
    assert (
        await refused(read_parcel(node.processor, PLANTS, parse_id(refusing.parcel), actor="x"))
        == "not-found"
    )


async def test_an_agency_sees_the_goods_of_its_rule_alone(node: Node) -> None:
    figure = ivory("both")["goods_items"][0] | {"sequence_number": 2}
    shirt = parcel("both")["goods_items"][0] | {"sequence_number": 3}
    await declare(node, drone("both", figure, shirt))

    shown = {}
    for party_id in (CITES, MARKET):
        ((one,),) = [await queue(node, party_id)]
        seen = await read_parcel(node.processor, party_id, parse_id(one.parcel), actor="x")
        shown[party_id] = seen
    assert [one.goods_item for one in shown[CITES].goods] == [2]
    assert [one.goods_item for one in shown[MARKET].goods] == [1]
    assert shown[MARKET].goods[0].invoice_amount is None
    # Each is held until both have decided; what one says the other does not read.
    await said(node, MARKET, shown[MARKET].parcel.parcel, "cleared", "compliant", reason="Paper is good.")
    again = await read_parcel(node.processor, CITES, parse_id(shown[CITES].parcel.parcel), actor="x")
    assert (again.said, again.parcel.state) == ([], "waiting")
    assert [one.rules for one in await queue(node, CITES)] == [["eu-cites"]]
    assert not await queue(node, MARKET)


@pytest.mark.in_turn
async def test_agencies_that_want_a_parcel_examined_have_one_inspection(node: Node) -> None:
    figure = ivory("joint")["goods_items"][0] | {"sequence_number": 2}
    answer = await declare(node, drone("joint", figure))
    parcels = {party_id: (await queue(node, party_id))[0].parcel for party_id in (CITES, MARKET)}

    async def say(party_id: int, decision: str, reason_code: str) -> Any:
        return await said(node, party_id, parcels[party_id], decision, reason_code)

    async def seen(party_id: int) -> Any:
        return await read_parcel(node.processor, party_id, parse_id(parcels[party_id]), actor="x")

    async def tasks() -> list[tuple[Any, ...]]:
        own = "SELECT closed_at IS NULL FROM task WHERE kind = %s"
        return list(await select(node, own, JOINT_INSPECTION))

    assert await refused(say(CITES, "examination-recorded", "conforms")) == "measure-not-allowed"
    wanted = await say(MARKET, "examination-wanted", "identity-doubtful")
    assert wanted.state == "maintained"
    # Who wants none sees nothing of it.
    assert ((await seen(CITES)).parcel.inspection, (await seen(CITES)).inspected_with) == ("", [])
    await say(CITES, "examination-wanted", "document-doubtful")
    assert await tasks() == [(True,)]
    assert (await seen(CITES)).inspected_with == ["Market surveillance"]

    await say(MARKET, "examination-recorded", "conforms")
    await say(MARKET, "cleared", "compliant")
    assert await lane_of(node, answer) == EXAMINE, "the other has not decided"
    assert await tasks() == [(True,)]
    await say(CITES, "examination-recorded", "does-not-conform")
    assert await tasks() == [(False,)]
    assert [one.reason_code for one in (await seen(CITES)).said] == ["document-doubtful", "does-not-conform"]
    await say(CITES, "cleared", "not-in-remit")
    assert await lane_of(node, answer) == PROCEED


@pytest.mark.in_turn
async def test_silence_ends_a_suspension_by_law_and_nothing_else_does(node: Node) -> None:
    clock = node.clock
    assert isinstance(clock, FixedClock)
    silent, kept = await declare(node, drone("silent")), await declare(node, drone("kept"))
    slow = await declare(node, ivory("slow"))
    await follow_agencies(node.processor, "Europe/Berlin")
    one, two = await queue(node, MARKET)
    # Wednesday the 16th: Thursday, Friday, Monday, Tuesday.
    assert one.due_at == datetime(2026, 12, 22, 23, tzinfo=UTC)
    await said(node, MARKET, two.parcel, "maintained", "not-compliant-suspected")
    move(node, clock, timedelta(days=6, hours=13, minutes=59))
    await follow_agencies(node.processor, "Europe/Berlin")
    assert await lane_of(node, silent) == AWAIT
    move(node, clock, timedelta(minutes=1))
    late = await refused(said(node, MARKET, one.parcel, "maintained", "document-missing"))
    assert late == "agency-silent-too-long"

    await asyncio.gather(*(follow_agencies(node.processor, "Europe/Berlin") for _ in range(2)))

    assert [await lane_of(node, it) for it in (silent, kept, slow)] == [PROCEED, EXAMINE, AWAIT]
    assert [it.parcel for it in await queue(node, MARKET, "lapsed")] == [one.parcel]
    acts = await select(
        node, "SELECT kind, law_reference, parameters ->> 'agency' FROM act WHERE kind = 'agency-lapsed'"
    )
    assert acts == [
        (
            "agency-lapsed",
            "Regulation (EU) 2019/1020, article 27, first paragraph, (a)",
            "Market surveillance",
        )
    ]
    # Goods that are declared anew are before the agency anew, with a clock of their own.
    await declare(node, drone("silent", amends_version=1, house_document="OTHER"))
    await follow_agencies(node.processor, "Europe/Berlin")
    (anew,) = [it for it in await queue(node, MARKET) if it.parcel == one.parcel]
    assert (anew.state, anew.due_at) == ("waiting", datetime(2026, 12, 29, 23, tzinfo=UTC))


def test_clocks_of_several_rules_and_their_law() -> None:
    def control(rules: str) -> AgencyControl:
        return AgencyControl(1, 2, 3, 4, WEDNESDAY, None, WEDNESDAY, 1, "waiting", rules, "")

    radio, both = control("eu-radio-equipment"), control("eu-cites eu-radio-equipment")
    assert clock_of(radio, "DE", "Europe/Berlin") == datetime(2026, 12, 22, 23, tzinfo=UTC)
    # Christmas is no working day.
    later = AgencyControl(
        1,
        2,
        3,
        4,
        datetime(2026, 12, 22, 9, tzinfo=UTC),
        None,
        WEDNESDAY,
        1,
        "waiting",
        "gb-radio-equipment",
        "",
    )
    assert clock_of(later, "DE", "Europe/Berlin") == datetime(2026, 12, 28, 23, tzinfo=UTC)
    assert clock_of(both, "DE", "Europe/Berlin") is None
    assert shipped_agency_rules().law_of("no-such-rule", WEDNESDAY).silence is None

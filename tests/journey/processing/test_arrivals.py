"""Arrivals: by movement, master, receptacle or house document; what is on them is decided again."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from serai.app import Node
from serai.journey.documents.submission import Submission
from serai.journey.processing import arrivals
from serai.journey.processing import redetermine as again
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    OTHER_CARRIER,
    PLATFORM,
    arrival,
    decision,
    opened,
    order,
    parcel,
    select,
    send,
    statuses,
    transport,
    words_of,
)

IRISH = {"name": "Invented Person 2", "country_code": "IE", "city": "Dublin", "postcode": "D02 AF30"}


async def decisions_of(node: Node, reference: str) -> list[tuple[int, int | None, bool]]:
    return await select(
        node,
        "SELECT decision.decision_id, decision.supersedes, decision.is_provisional"
        " FROM decision JOIN consignment USING (consignment_id)"
        " WHERE reference = %s ORDER BY decision.decision_id",
        reference,
    )


async def test_parcel_filed_in_june_that_lands_after_midnight_falls_under_julys_law(node: Node) -> None:
    expected = "2026-06-30T22:00:00+01:00"
    (declared,) = await send(
        node, DECLARANT, "declaration", parcel("dublin", consignee=IRISH, expected_arrival_at=expected)
    )

    # 23:10 UTC on 30 June is ten past midnight in Dublin, where summer time holds.
    await send(
        node,
        DECLARANT,
        "declaration",
        parcel(
            "dublin-2", consignee=IRISH, expected_arrival_at=expected, conveyance_reference="FLIGHT-dublin-2"
        ),
    )
    await send(node, OFFICER, "arrival", arrival("dublin", arrived_at="2026-06-30T23:10:00Z"))
    await send(node, OFFICER, "arrival", arrival("dublin-2", arrived_at="2026-06-30T22:50:00Z"))

    (late,) = await send(
        node, DECLARANT, "declaration", parcel("dublin", consignee=IRISH, expected_arrival_at=expected)
    )
    (early,) = await send(
        node,
        DECLARANT,
        "declaration",
        parcel(
            "dublin-2", consignee=IRISH, expected_arrival_at=expected, conveyance_reference="FLIGHT-dublin-2"
        ),
    )
    before, after = decision(declared), decision(late)
    assert (before["law_on"], before["is_provisional"]) == ("2026-06-30", True)
    assert after["law_on"] == "2026-07-01"
    assert "is_provisional" not in after
    assert before["law"] != after["law"]
    assert after["supersedes"] == before["decision_id"]
    assert before["totals"]["duty_amount"] == "0.00"
    assert after["totals"]["duty_amount"] != "0.00", "the duty of July"
    assert decision(early)["law_on"] == "2026-06-30", "twenty minutes earlier June's law held"


async def test_stated_acceptance_keeps_its_law(node: Node) -> None:
    (declared,) = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("accepted", consignee=IRISH, accepted_at="2026-06-30T10:00:00Z"),
    )

    await send(node, OFFICER, "arrival", arrival("accepted", arrived_at="2026-06-30T23:10:00Z"))

    (again,) = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("accepted", consignee=IRISH, accepted_at="2026-06-30T10:00:00Z"),
    )
    assert decision(again)["law_on"] == decision(declared)["law_on"] == "2026-06-30"


async def test_children_arrive_with_their_parent(node: Node) -> None:
    await send(
        node,
        DECLARANT,
        "declaration",
        parcel(
            "tree-1",
            conveyance_reference="FLIGHT-tree",
            master_document="AWB-tree",
            receptacle_id="BAG-tree-1",
        ),
        # Names the bag alone: the tree knows what it flies on.
        parcel("tree-2", conveyance_reference=None, receptacle_id="BAG-tree-1"),
        parcel("tree-3", conveyance_reference=None, receptacle_id="BAG-elsewhere"),
    )

    (answer,) = await send(node, DECLARANT_AS_CARRIER, "arrival", arrival("tree"))

    assert answer.status == "recorded"
    assert await statuses(node, "D-tree-1", "D-tree-2", "D-tree-3") == [
        "payment-due",
        "payment-due",
        "arrival-expected",
    ]
    (late,) = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("tree-4", conveyance_reference=None, receptacle_id="BAG-tree-1"),
    )
    assert decision(late)["status"] == "payment-due", "filed after the landing"


DECLARANT_AS_CARRIER = DECLARANT
"""The carrier of these flights files for itself; the guard of the route looks at its role."""


async def test_by_master_document_and_by_receptacle(node: Node) -> None:
    await send(
        node,
        DECLARANT,
        "declaration",
        parcel("m", conveyance_reference="FLIGHT-m", master_document="AWB-m", receptacle_id="BAG-m"),
        parcel("r", conveyance_reference="FLIGHT-m", master_document="AWB-m", receptacle_id="BAG-r"),
    )

    await send(node, DECLARANT, "arrival", arrival("r1", conveyance_reference=None, receptacle_id="BAG-r"))
    only_bag = await statuses(node, "D-m", "D-r")
    await send(node, DECLARANT, "arrival", arrival("m1", conveyance_reference=None, master_document="AWB-m"))

    assert only_bag == ["arrival-expected", "payment-due"]
    assert await statuses(node, "D-m", "D-r") == ["payment-due", "payment-due"]


async def test_what_is_in_a_container_that_comes_back_has_not_arrived_with_what_was_in_it(node: Node) -> None:
    first, second = (transport(name, loading_unit_id="CONTAINER-1") for name in ("box-1", "box-2"))
    await send(node, DECLARANT, "declaration", parcel("box-1", conveyance_reference=None))
    await send(node, CARRIER, "transport-document", first)
    await send(node, CARRIER, "arrival", arrival("box-1"))

    await send(node, DECLARANT, "declaration", parcel("box-2", conveyance_reference=None))
    await send(node, CARRIER, "transport-document", second)
    on_the_way = await statuses(node, "D-box-1", "D-box-2")
    await send(node, CARRIER, "arrival", arrival("box-2"))

    assert on_the_way == ["payment-due", "arrival-expected"]
    assert await statuses(node, "D-box-1", "D-box-2") == ["payment-due", "payment-due"]


async def test_two_flights_of_one_batch_do_not_share_a_container(node: Node) -> None:
    both = [transport(name, loading_unit_id="CONTAINER-2") for name in ("pair-1", "pair-2")]
    await send(
        node,
        DECLARANT,
        "declaration",
        *(parcel(name, conveyance_reference=None) for name in ("pair-1", "pair-2")),
    )
    await send(node, CARRIER, "transport-document", *both)

    await send(node, CARRIER, "arrival", arrival("pair-2"))

    assert await statuses(node, "D-pair-1", "D-pair-2") == ["arrival-expected", "payment-due"]


async def test_by_house_document_is_presentation_of_one(node: Node) -> None:
    await send(
        node,
        DECLARANT,
        "declaration",
        parcel("h1", conveyance_reference="FLIGHT-h"),
        parcel("h2", conveyance_reference="FLIGHT-h"),
    )
    await send(node, CARRIER, "transport-document", transport("h1", conveyance_reference="FLIGHT-h"))

    await send(node, CARRIER, "arrival", arrival("h", conveyance_reference=None, house_document="HOUSE-h1"))
    await send(
        node, OTHER_CARRIER, "arrival", arrival("h-2", conveyance_reference=None, house_document="HOUSE-h2")
    )

    assert await statuses(node, "D-h1", "D-h2") == ["payment-due", "arrival-expected"]


async def test_repeat_is_harmless_and_another_time_is_an_amendment(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("twice"))
    (first,) = await send(node, DECLARANT, "arrival", arrival("twice"))
    known = await decisions_of(node, "D-twice")

    (same,) = await send(node, DECLARANT, "arrival", arrival("twice"))
    (other,) = await send(
        node, DECLARANT, "arrival", arrival("twice", reference="OTHER", arrived_at="2026-07-03T00:00:00Z")
    )
    unchanged = await decisions_of(node, "D-twice")
    (amended,) = await send(
        node, DECLARANT, "arrival", arrival("twice", arrived_at="2026-07-03T00:00:00Z", amends_version=1)
    )

    assert (first.status, same.status) == ("recorded", "repeated")
    assert (other.status, other.problem_code) == ("refused", "arrived-already")
    assert unchanged == known
    assert (amended.status, amended.version) == ("recorded", 2)
    assert await select(node, "SELECT arrived_at, law_on FROM consignment WHERE reference = 'D-twice'") == [
        (datetime(2026, 7, 3, tzinfo=UTC), date(2026, 7, 3))
    ]


async def test_report_before_anything_was_filed_counts_for_its_reporter(node: Node) -> None:
    await send(node, DECLARANT, "arrival", arrival("ahead"))

    (declared,) = await send(node, DECLARANT, "declaration", parcel("ahead"))

    assert decision(declared)["status"] == "payment-due"


async def test_nothing_to_pay_is_released_on_arrival_and_everybody_hears_of_it(node: Node) -> None:
    free = {"scheme_kind_code": None, "sale_nature_code": "gift"}
    cheap = parcel("gift", **free)
    cheap["goods_items"][0]["invoice_amount"] = "5.00"
    cheap["consignor"] = {"name": "Invented Aunt", "country_code": "CN"}
    lines = [{"sequence_number": 1, "description": "T-shirt", "quantity": "2", "amount": "10.00"}]
    await send(node, PLATFORM, "order", order("gift", lines=lines))
    (declared,) = await send(node, DECLARANT, "declaration", cheap)
    assert decision(declared)["status"] == "assessed", "a gift below 45 euro owes nothing"

    await send(node, DECLARANT, "arrival", arrival("gift"))

    assert await statuses(node, "D-gift") == ["released"]
    told = await select(
        node, "SELECT party_id FROM event WHERE kind = 3 AND case_id = %s ORDER BY party_id", declared.case_id
    )
    assert told == [(1,), (2,), (4,)], "declarant, platform and carrier"


async def test_released_is_not_decided_again(node: Node) -> None:
    cheap = parcel("done", sale_nature_code="gift")
    cheap["goods_items"][0]["invoice_amount"] = "5.00"
    await send(node, DECLARANT, "declaration", cheap)
    await send(node, DECLARANT, "arrival", arrival("done"))
    known = await decisions_of(node, "D-done")

    await send(node, PLATFORM, "order", order("done", discount_amount="0.01"))
    (late,) = await send(
        node,
        DECLARANT,
        "declaration",
        {**cheap, "amends_version": 1, "amendment_reason": "wrong price", "sale_nature_code": "B2C"},
    )

    assert await decisions_of(node, "D-done") == known
    assert (late.status, late.problem_code) == ("refused", "amendment-too-late")
    acts = await select(
        node,
        "SELECT act_id, kind FROM act WHERE case_id = (SELECT case_id FROM consignment"
        " WHERE reference = 'D-done')",
    )
    assert [kind for _, kind in acts] == ["amendment-request"]
    assert await words_of(node, acts[0][0]) == "wrong price"


async def test_large_arrival_goes_in_chunks_and_is_taken_up_after_a_crash(
    node: Node, database: str, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"many-{number}" for number in range(25)]
    await send(
        node, DECLARANT, "declaration", *(parcel(name, conveyance_reference="FLIGHT-many") for name in names)
    )
    monkeypatch.setattr(arrivals, "CHUNK_COUNT", 10)
    count = 0
    original = again.redetermine

    async def stops_after_one_chunk(*args: object, **options: object) -> object:
        nonlocal count
        count += 1
        if count == 2:
            raise RuntimeError("the process ends here")
        return await original(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(arrivals, "redetermine", stops_after_one_chunk)
    when = "2026-07-02T06:41:00+02:00"
    line = f'{{"reference":"A-many","arrived_at":"{when}","conveyance_reference":"FLIGHT-many"}}'.encode()
    with pytest.raises(RuntimeError):
        await node.processor.clear([Submission(DECLARANT, "arrival", lines=[line])])
    monkeypatch.setattr(arrivals, "redetermine", original)
    half = await statuses(node, *(f"D-{name}" for name in names))

    async with opened(database, keys) as another:
        await arrivals.resume_arrivals(
            another.services, another.processor.write, another.processor.law, another.clock.now()
        )

    assert (half.count("payment-due"), half.count("arrival-expected")) == (10, 15)
    assert set(await statuses(node, *(f"D-{name}" for name in names))) == {"payment-due"}
    assert not await select(node, "SELECT 1 FROM transport_unit WHERE is_reaching")
    assert again.CHUNK_COUNT == 5_000

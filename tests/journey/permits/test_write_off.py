"""Permits are held against what goods name, and written off under one lock: never more than there is."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from serai.app import Node
from serai.journey.acts.permits.presenting import PresentedPermit, present_permit
from serai.journey.documents.submission import Answer
from serai.journey.permits import store
from serai.journey.permits.wording import PermitHolder
from serai.model.errors import SeraiError
from tests.journey.permits.support import CITES, PLANTS, drawn, issue, ivory, with_agencies
from tests.journey.processing.support import DECLARANT, STRANGER, decision, parcel, send
from tests.journey.repayments.test_returned_goods import come_back, released


async def declare(node: Node, *parcels: dict[str, Any]) -> list[Answer]:
    return await send(node, DECLARANT, "declaration", *parcels)


def lane(answer: Answer) -> str:
    return str(decision(answer)["lane"])


def said(answer: Answer) -> list[str]:
    found = [*decision(answer).get("findings", [])]
    return [one["code"] for one in found if one["code"].startswith("permit-")]


async def name_permit(
    node: Node, answer: Answer, reference: str, sender: Any = DECLARANT, **named: Any
) -> Any:
    presented = PresentedPermit(reference=reference, goods_item=1, document_code="C400", **named)
    return await present_permit(node.processor, sender, answer.case_id, presented, administration_code="EX")


async def refused(work: Any) -> str:
    with pytest.raises(SeraiError) as fault:
        await work
    return fault.value.code


async def test_a_document_that_is_only_named_opens_nothing_where_an_agency_keeps_permits(node: Node) -> None:
    async with node.database.write() as connection:
        await store.end_remit(
            connection, "eu-cites", at=node.clock.now(), administration_id=node.administration_id
        )
    (before,) = await declare(node, ivory("named-before", "NO-SUCH"))
    await with_agencies(node)
    await issue(node, "P-1")

    unknown, good, without = await declare(
        node, ivory("named-unknown", "NO-SUCH"), ivory("named-good", "P-1"), ivory("named-none")
    )

    assert [lane(one) for one in (before, unknown, good, without)] == ["proceed", "await", "proceed", "await"]
    assert [said(one) for one in (before, unknown, good, without)] == [[], ["permit-unknown"], [], []]
    assert await drawn(node, "P-1") == 1


@pytest.mark.in_turn
async def test_forty_at_once_write_off_what_there_is_and_not_a_piece_more(node: Node) -> None:
    await with_agencies(node)
    await issue(node, "P-FORTY", quantity="25")

    answers = await asyncio.gather(
        *(declare(node, ivory(f"forty-{n}", "P-FORTY", quantity="2")) for n in range(40))
    )

    found = [lane(one) for (one,) in answers]
    assert found.count("proceed") == 12
    assert {code for (one,) in answers for code in said(one)} == {"permit-exhausted"}
    assert await drawn(node, "P-FORTY") == 24
    # Within one batch likewise, and the same again draws nothing.
    again = await declare(node, *(ivory(f"forty-{n}", "P-FORTY", quantity="2") for n in range(40)))
    assert [lane(one) for one in again] == found
    assert await drawn(node, "P-FORTY") == 24


async def test_why_a_permit_does_not_cover_goods_is_said(node: Node) -> None:
    await with_agencies(node)
    at = node.clock.now()
    await issue(node, "OF-PLANTS", agency=PLANTS)
    await issue(node, "OVER", valid_to=at - timedelta(hours=1))
    await issue(node, "SHELLS", commodity_codes=["0508"])
    await issue(node, "FRANCE", territory_codes=["FR"])
    await issue(node, "THEIRS", holder=PermitHolder(kind="person", identity_number="X-1234"))
    await issue(node, "LITRES", quantity_unit_code="LTR")
    await issue(node, "GONE")
    await issue(node, "YEN", value="9", currency_code="JPY")
    await issue(node, "CHEAP", value="9.99", currency_code="EUR")
    async with node.database.write() as connection:
        await store.revoke_permit(connection, CITES, "GONE", at=at, administration_id=node.administration_id)

    numbers = ("OF-PLANTS", "OVER", "SHELLS", "FRANCE", "THEIRS", "LITRES", "GONE", "YEN", "CHEAP")
    answers = await declare(node, *(ivory(f"why-{number}", number) for number in numbers))

    assert [said(one) for one in answers] == [
        ["permit-of-another-agency"],
        ["permit-not-in-force"],
        ["permit-other-goods"],
        ["permit-other-territory"],
        ["permit-other-holder"],
        ["permit-other-measure"],
        ["permit-revoked"],
        ["permit-other-measure"],
        ["permit-exhausted"],
    ]
    assert {lane(one) for one in answers} == {"await"}


async def test_two_permits_cover_one_item_together_and_never_more_than_each_has(node: Node) -> None:
    await with_agencies(node)
    for number, quantity in (("HALF-1", "3"), ("HALF-2", "4"), ("THIRD", "1"), ("WORTH", None)):
        by_value: dict[str, Any] = (
            {} if quantity else {"value": "12.50", "currency_code": "EUR", "quantity_unit_code": None}
        )
        await issue(node, number, quantity=quantity, **by_value)

    def named(name: str, quantity: str, *numbers: str) -> dict[str, Any]:
        declared = ivory(name, quantity=quantity)
        declared["goods_items"][0]["additional_documents"] = [
            {"type_code": "C400", "reference": number} for number in numbers
        ]
        return declared

    # One permit that is named twice gives what it has once.
    twice, short, both = await declare(
        node,
        named("twice", "6", "HALF-1", "HALF-1"),
        named("short", "9", "HALF-1", "HALF-2"),
        named("both", "5", "HALF-1", "HALF-2"),
    )
    assert [said(one) for one in (twice, short, both)] == [["permit-exhausted"], ["permit-exhausted"], []]
    assert lane(both) == "proceed"
    assert [await drawn(node, number) for number in ("HALF-1", "HALF-2")] == [3, 2]
    # By quantity in one, by value in the other: a half each of what costs 25 euros.
    (mixed,) = await declare(node, named("mixed", "2", "THIRD", "WORTH"))
    assert lane(mixed) == "proceed"
    async with node.database.write() as connection:
        worth = await store.select_permit(
            connection, CITES, "WORTH", administration_id=node.administration_id
        )
    assert worth is not None
    assert (await drawn(node, "THIRD"), worth.drawn_value_minor) == (1, 1_250)
    (less,) = await declare(node, named("both", "4", "HALF-1", "HALF-2") | {"amends_version": 1})
    assert lane(less) == "proceed"
    assert [await drawn(node, number) for number in ("HALF-1", "HALF-2")] in ([3, 1], [0, 4])


async def test_amendment_and_invalidation_give_back(node: Node) -> None:
    await with_agencies(node)
    await issue(node, "P-BACK")
    await declare(node, ivory("back", "P-BACK", quantity="10"))
    assert await drawn(node, "P-BACK") == 10

    (less,) = await declare(node, ivory("back", "P-BACK", quantity="4", amends_version=1))
    assert lane(less) == "proceed"
    assert await drawn(node, "P-BACK") == 4
    (none,) = await declare(node, ivory("back", quantity="4", amends_version=2))

    assert lane(none) == "await"
    assert await drawn(node, "P-BACK") == 0


async def test_a_permit_named_later_is_written_off_and_the_parcel_goes_on(node: Node) -> None:
    await with_agencies(node)
    await issue(node, "P-LATER")
    (waits,) = await declare(node, ivory("later"))
    assert lane(waits) == "await"

    strange = await refused(name_permit(node, waits, "L-0", sender=STRANGER, number="P-LATER"))
    unknown = await refused(name_permit(node, waits, "L-1", number="P-NONE"))
    done = await name_permit(node, waits, "L-2", number="P-LATER")
    again = await name_permit(node, waits, "L-2", number="P-LATER")

    assert (strange, unknown) == ("not-found", "permit-unknown")
    assert done == again
    assert done.lane == "proceed"
    assert await drawn(node, "P-LATER") == 1


async def test_permits_named_one_after_the_other_cover_goods_together(node: Node) -> None:
    await with_agencies(node)
    for number, quantity in (("PART-1", "3"), ("PART-2", "4"), ("EMPTY", "1")):
        await issue(node, number, quantity=quantity)
    await issue(node, "OTHERS", holder=PermitHolder(kind="person", identity_number="AB 1"))
    await declare(node, ivory("takes-all", "EMPTY", quantity="1"))
    (waits,) = await declare(node, ivory("in-parts", quantity="6"))

    empty = await refused(name_permit(node, waits, "IP-0", number="EMPTY"))
    first = await name_permit(node, waits, "IP-1", number="PART-1")
    assert (first.lane, first.finding) == ("await", "permit-exhausted")
    assert await drawn(node, "PART-1") == 0, "nothing is written off before the goods are covered"
    again = await name_permit(node, waits, "IP-1", number="PART-1")
    for number, code in (("OTHERS", "permit-exhausted"), ("NONE", "permit-exhausted")):
        assert await refused(name_permit(node, waits, f"IP-{number}", number=number)) == code, "none is kept"
    second = await name_permit(node, waits, "IP-2", number="PART-2")

    assert (empty, again) == ("permit-exhausted", first)
    assert (second.lane, second.finding) == ("proceed", None)
    assert [await drawn(node, number) for number in ("PART-1", "PART-2", "EMPTY")] == [3, 3, 1]


async def test_a_persons_permit_is_for_that_person(node: Node) -> None:
    await with_agencies(node)
    await issue(node, "P-PERSON", holder=PermitHolder(kind="person", identity_number="AB 123-456"))
    own, other, later = (ivory(f"person-{n}", "P-PERSON") for n in range(3))
    own["consignee"] = {**own["consignee"], "identity_number": "ab123456"}
    other["consignee"] = {**other["consignee"], "identity_number": "ab123457"}

    answers = await declare(node, own, other, later)
    assert [said(one) for one in answers] == [[], ["permit-other-holder"], ["permit-other-holder"]]
    shown = await name_permit(node, answers[2], "PERSON-1", number="P-PERSON", identity_number="AB123456")

    assert shown.lane == "proceed"
    assert await drawn(node, "P-PERSON") == 2


async def test_a_batch_without_restricted_goods_asks_nothing(node: Node, monkeypatch: Any) -> None:
    await with_agencies(node)

    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing is asked")

    for name in ("select_remits", "lock_permits", "select_drawn", "write_draws"):
        monkeypatch.setattr(store, name, fail)
    declared = parcel("plain")
    declared["goods_items"][0]["additional_documents"] = [{"type_code": "N380", "reference": "INVOICE"}]

    (answer,) = await declare(node, declared)

    assert answer.status == "decided"


async def test_nobody_declares_what_only_a_permit_may_say(node: Node) -> None:
    await with_agencies(node)
    forged = ivory("forged")
    forged["goods_items"][0]["additional_documents"] = [
        {"type_code": "eu-cites@C400", "reference": "X"},
        {"type_code": "Y eu-cites@C400", "reference": "X"},
    ]

    (answer,) = await declare(node, forged)

    assert lane(answer) == "await"


async def test_what_goes_back_is_given_back_once(node: Node) -> None:
    await with_agencies(node)
    await issue(node, "P-RETURN", value="60", currency_code="EUR")
    mrn, _ = await released(node, ivory("went-back", "P-RETURN", quantity="4"), "went-back", "EUR")
    assert await drawn(node, "P-RETURN") == 4

    for _ in range(2):
        await come_back(node, "went-back", mrn, "1", at=None, commodity_code="96011000")
    assert await drawn(node, "P-RETURN") == 3
    await come_back(node, "went-back", mrn, "1", at=None, number=2, commodity_code="96011000")

    assert await drawn(node, "P-RETURN") == 2
    async with node.database.write() as connection:
        permit = await store.select_permit(
            connection, CITES, "P-RETURN", administration_id=node.administration_id
        )
    assert permit is not None
    assert permit.drawn_value_minor == 1_250

"""Two declarants, one number: somebody else's document releases neither until its sender says whose it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from serai.app import Node
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import Answer
from serai.journey.mandates.service import Mandates, Terms
from serai.journey.tasks.rules import TASK_KINDS
from serai.model.frames import STATUSES
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OTHER_CARRIER,
    OTHER_DECLARANT,
    PLATFORM,
    arrival,
    decision,
    order,
    parcel,
    payment,
    select,
    send,
    transport,
)

CLAIM = "two-declarants-claim-it"
HELD, FREE = ["under-documentary-control", True], ["arrival-expected", False]


@pytest.fixture(autouse=True)
async def _identifiers(node: Node) -> None:
    """Whom documents name as declarants, and a second carrier."""
    async with node.database.write() as connection:
        for identifier, number in (("BROKER", 1), ("OTHER-BROKER", 6), ("OTHER-LINE", 7)):
            await connection.execute(
                "INSERT INTO party_identifier (administration_id, identifier, party_id, added_at)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (node.administration_id, identifier, number, node.clock.now()),
            )


async def declare(node: Node, name: str, **changes: Any) -> tuple[Answer, Answer]:
    """Two declarants declare a parcel under the same numbers; all that differs is their own reference."""
    (first,) = await send(node, DECLARANT, "declaration", parcel(name))
    (second,) = await send(
        node, OTHER_DECLARANT, "declaration", parcel(name, reference=f"E-{name}", **changes)
    )
    return first, second


async def stand(node: Node, *answers: Answer) -> list[list[Any]]:
    """Status of each declaration, and whether an officer is asked whose the number is."""
    found = []
    for one in answers:
        (row,) = await select(
            node,
            "SELECT status, EXISTS (SELECT FROM task WHERE task.consignment_id = consignment.consignment_id"
            " AND task.kind = %s AND closed_at IS NULL) FROM consignment WHERE consignment_id = %s",
            TASK_KINDS.index("two-declarants"),
            one.document_id,
        )
        found.append([STATUSES[row[0]], row[1]])
    return found


async def kinds(node: Node, case: int) -> set[int]:
    """Kinds of documents that count in a case, in their newest versions."""
    rows = await select(
        node,
        "SELECT kind FROM document JOIN every_case USING (case_id) WHERE coalesce(merged_into, case_id) ="
        " (SELECT coalesce(merged_into, case_id) FROM every_case WHERE case_id = %s)"
        " AND is_confirmed AND replaced_by IS NULL",
        case,
    )
    return {kind for (kind,) in rows}


async def test_document_that_both_ask_for_releases_neither(node: Node) -> None:
    first, second = await declare(node, "both")
    (ordered,) = await send(node, PLATFORM, "order", order("both"))

    assert ordered.case_id == 0
    assert await stand(node, first, second) == [HELD, HELD]
    assert CLAIM in {one["code"] for one in decision(second)["findings"]}


async def test_one_that_was_there_first_is_held_too_and_keeps_its_document(node: Node) -> None:
    await send(node, PLATFORM, "order", order("first"))
    (first,) = await send(node, DECLARANT, "declaration", parcel("first"))
    assert await stand(node, first) == [FREE]

    (second,) = await send(node, OTHER_DECLARANT, "declaration", parcel("first", reference="E-first"))

    assert await stand(node, first, second) == [HELD, HELD]
    assert await kinds(node, first.case_id) == {1, 2}
    assert await kinds(node, second.case_id) == {1}


async def test_arrival_and_payment_release_neither(node: Node) -> None:
    first, second = await declare(node, "landed")

    await send(node, CARRIER, "arrival", arrival("landed"))

    assert [status for status, _ in await stand(node, first, second)] == [HELD[0], HELD[0]]


@pytest.mark.parametrize("is_there_first", [True, False])
async def test_declarant_that_the_document_names_goes_on_and_the_other_is_held(
    node: Node, is_there_first: bool
) -> None:
    name = f"named-{is_there_first}"
    named = order(name, declarant_id="OTHER-BROKER")
    if is_there_first:
        await send(node, PLATFORM, "order", named)
    first, second = await declare(node, name)
    if not is_there_first:
        await send(node, PLATFORM, "order", named)

    assert await stand(node, first, second) == [HELD, FREE]
    assert await kinds(node, first.case_id) == {1}
    assert await kinds(node, second.case_id) == {1, 2}


async def test_document_that_names_a_declarant_is_never_drawn_by_another(node: Node) -> None:
    await send(node, PLATFORM, "order", order("mutual", declarant_id="OTHER-BROKER"))
    (rogue,) = await send(node, DECLARANT, "declaration", parcel("mutual"))
    assert await kinds(node, rogue.case_id) == {1}

    (honest,) = await send(node, OTHER_DECLARANT, "declaration", parcel("mutual", reference="E-mutual"))

    assert await kinds(node, honest.case_id) == {1, 2}
    assert await stand(node, rogue, honest) == [HELD, FREE]


async def test_amendment_that_names_the_declarant_takes_the_document_to_its_case(node: Node) -> None:
    await send(node, PLATFORM, "order", order("moved"))
    first, second = await declare(node, "moved")
    assert await stand(node, first, second) == [HELD, HELD]

    (amended,) = await send(
        node, PLATFORM, "order", order("moved", declarant_id="OTHER-BROKER", amends_version=1)
    )

    assert amended.status == "recorded", amended
    assert await stand(node, first, second) == [HELD, FREE]
    assert await kinds(node, first.case_id) == {1}
    assert await kinds(node, second.case_id) == {1, 2}
    (again,) = await send(
        node,
        PLATFORM,
        "order",
        order("moved", declarant_id="OTHER-BROKER", tax_amount="1.00", amends_version=2),
    )
    assert again.status == "recorded", again
    assert await kinds(node, first.case_id) == {1}
    assert await kinds(node, second.case_id) == {1, 2}


async def test_mandate_to_declare_settles_it(node: Node) -> None:
    first, second = await declare(node, "mandate")
    (moved,) = await send(node, CARRIER, "transport-document", transport("mandate"))
    assert await stand(node, first, second) == [HELD, HELD]

    async with mandated(node, grantor=4, grantee="OTHER-BROKER"):
        assert await kinds(node, second.case_id) == {1, 4}
        assert await kinds(node, first.case_id) == {1}
        assert await stand(node, second) == [FREE]
    assert moved.case_id == 0


async def test_withdrawal_of_one_declaration_lets_the_other_go_on(node: Node) -> None:
    first, second = await declare(node, "gone")

    await Acts(node.processor).withdraw(DECLARANT, "D-gone", expected_version=1, reason="not mine")

    assert await stand(node, second) == [FREE]
    (ordered,) = await send(node, PLATFORM, "order", order("gone"))
    assert ordered.case_id != 0
    assert await kinds(node, second.case_id) == {1, 2}
    assert await stand(node, first) == [["invalidated", False]]


async def test_two_that_name_different_carriers_of_one_house_document_both_wait(node: Node) -> None:
    carrier = {"carrier": {"country_code": "DE", "party_identifier": "OTHER-LINE"}}
    other: dict[str, Any] = {"ucr": None, "order_references": [], "platform_id": None, "detail": carrier}

    first, second = await declare(node, "carriers", **other)
    await send(node, CARRIER, "transport-document", transport("carriers"))
    await send(node, OTHER_CARRIER, "transport-document", transport("carriers"))

    assert await stand(node, first, second) == [HELD, HELD]


async def test_carrier_that_names_its_declarant_frees_that_one_from_a_bare_claim(node: Node) -> None:
    carrier = {"carrier": {"country_code": "DE", "party_identifier": "OTHER-LINE"}}
    other: dict[str, Any] = {"ucr": None, "order_references": [], "platform_id": None, "detail": carrier}
    first, second = await declare(node, "claim", **other)

    await send(node, CARRIER, "transport-document", transport("claim", declarant_id="BROKER"))

    assert await stand(node, first, second) == [FREE, HELD]


async def test_what_a_declarant_sends_itself_says_nothing_for_it(node: Node) -> None:
    """A rogue's own waybill, and a mandate that it grants the carrier, hold nobody whom the carrier names."""
    await send(node, CARRIER, "transport-document", transport("own", declarant_id="BROKER"))
    (honest,) = await send(node, DECLARANT, "declaration", parcel("own"))
    rogue = parcel("own", reference="E-own", ucr=None, order_references=[], platform_id=None, detail={})
    async with mandated(node, grantor=6, grantee="INVENTED-CARRIER", kind="transport-document"):
        (other,) = await send(node, OTHER_DECLARANT, "declaration", rogue)
        await send(node, OTHER_DECLARANT, "transport-document", transport("own"))

        assert await stand(node, honest, other) == [FREE, HELD]


async def test_order_numbers_of_different_platforms_are_no_dispute(node: Node) -> None:
    other: dict[str, Any] = {
        "ucr": None,
        "house_document": "HOUSE-other",
        "platform_id": "SOMEBODY-ELSE",
        "detail": {},
    }

    first, second = await declare(node, "platforms", **other)
    await send(node, PLATFORM, "order", order("platforms"))

    assert await stand(node, first, second) == [FREE, FREE]
    assert await kinds(node, first.case_id) == {1, 2}


async def test_payment_of_two_orders_disputes_no_others_number(node: Node) -> None:
    """A number that only a document of the case carries is not declared by it."""
    (first,) = await send(node, DECLARANT, "declaration", parcel("sum", ucr=None))
    await send(node, PLATFORM, "order", order("sum", ucr=None))
    await send(node, CARRIER, "transport-document", transport("sum"))
    await send(node, PLATFORM, "payment", payment("sum", order_references=["ORDER-sum", "ORDER-rest"]))
    assert await kinds(node, first.case_id) == {1, 2, 3, 4}

    (second,) = await send(node, OTHER_DECLARANT, "declaration", parcel("rest", ucr=None))
    (ordered,) = await send(node, PLATFORM, "order", order("rest", ucr=None))

    assert await stand(node, first, second) == [FREE, FREE]
    assert ordered.case_id != 0


async def test_mandate_of_a_rogue_draws_no_document_of_its_victim(node: Node) -> None:
    """Anybody grants a mandate to anybody: the victim's own appointment of who declares goes before it."""
    async with (
        mandated(node, grantor=2, grantee="OTHER-BROKER"),
        mandated(node, grantor=1, grantee="INVENTED-PLATFORM", kind="order"),
    ):
        (rogue,) = await send(node, DECLARANT, "declaration", parcel("granted", platform_id=None, ucr=None))
        (ordered,) = await send(node, PLATFORM, "order", order("granted", ucr=None))

        assert ordered.case_id == 0
        assert await kinds(node, rogue.case_id) == {1}


@asynccontextmanager
async def mandated(
    node: Node, *, grantor: int, grantee: str, kind: Any = "declaration"
) -> AsyncIterator[None]:
    """A mandate that is in force meanwhile."""
    mandates = Mandates(
        node.database, node.services.ids, node.clock, node.administration_id, node.processor.reach_mandates
    )
    reference = f"M-{node.services.ids.take(1)[0]}"
    terms = Terms(
        reference=reference,
        grantee_identifier=grantee,
        document_kinds=[kind],
        acts=[],
        accounts=[],
        has_custody=False,
        representation_code="direct",
        valid_from=None,
        valid_to=None,
    )
    granted, _ = await mandates.grant(grantor, terms)
    try:
        yield
    finally:
        await mandates.revoke(grantor, granted.mandate_id)

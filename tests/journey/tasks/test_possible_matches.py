"""A document that waits and may belong to a parcel is a task of the parcel, until that is settled."""

import asyncio
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import join_possible_match, part_possible_match, reverse_act
from serai.journey.acts.service import Acts
from serai.journey.case_records import store as case_store
from serai.journey.dashboard.parcels import Asked, read_parcels
from serai.journey.documents.submission import Sender
from serai.journey.statistics.store import DashboardReader
from serai.journey.tasks.rules import DECISION, POSSIBLE_MATCH, queue_of
from serai.journey.tasks.store import Offer, open_possible_matches
from serai.model.errors import SeraiError
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    OTHER_DECLARANT,
    PLATFORM,
    STRANGER,
    order,
    parcel,
    payment,
    select,
    send,
    words_of,
)
from tests.journey.tasks.test_tasks import held

BUYER = {"name": "Zelda Nightingale", "country_code": "DE"}


def declared(name: str, **changes: Any) -> dict[str, Any]:
    return parcel(name, consignee={**parcel(name)["consignee"], **BUYER}, **changes)


def astray(name: str, **changes: Any) -> dict[str, Any]:
    """A payment by somebody with no part in the case, its numbers in each other's fields."""
    mixed = {"reference": f"ORDER-{name}", "order_references": [f"PAYMENT-{name}"], "payer": BUYER}
    return payment(name, **{**mixed, **changes})


async def tasks_of(node: Node, name: str) -> list[tuple[int, bool]]:
    """Kind of each task of a parcel and whether it is open, the oldest first."""
    return await select(
        node,
        "SELECT task.kind, closed_at IS NULL FROM task JOIN consignment USING (consignment_id)"
        " WHERE reference = %s ORDER BY task_id",
        f"D-{name}",
    )


async def listed(node: Node, **asked: str) -> list[str]:
    async with node.database.read(node.administration_id) as connection:
        reader = DashboardReader(connection, node.administration_id)
        page = await read_parcels(reader, Asked(**asked), node.services.pseudonymiser, party_id=None)
    return [one.reference for one in page.parcels]


async def counted(node: Node) -> int:
    async with node.database.read(node.administration_id) as connection:
        queues = await DashboardReader(connection, node.administration_id).queues()
    return queues.get(queue_of("possible-match"), 0)


async def offer(node: Node, name: str, sender: Sender = STRANGER) -> None:
    """A parcel with its order, and a payment that may belong to it."""
    await send(node, PLATFORM, "order", order(name, buyer=BUYER))
    await send(node, DECLARANT, "declaration", declared(name))
    await send(node, sender, "payment", astray(name))


async def test_possible_match_is_a_task_in_the_queue_the_filter_and_the_count(node: Node) -> None:
    before = await counted(node)

    await offer(node, "possible")

    ((kind, document_id, score_ppm, sender, lies_there),) = await select(
        node,
        "SELECT task.kind, task.document_id, score_ppm, task.party_id,"
        " task.transport_unit_id = consignment.transport_unit_id"
        " FROM task JOIN consignment USING (consignment_id) WHERE reference = 'D-possible'",
    )
    assert (kind, sender, lies_there) == (POSSIBLE_MATCH, DECLARANT.party_id, True)
    assert score_ppm > 900_000
    assert await select(
        node, "SELECT party_id FROM document WHERE document_id = %s AND NOT is_confirmed", document_id
    ) == [(STRANGER.party_id,)]
    assert "D-possible" in await listed(node, task="possible-match")
    assert "D-possible" not in await listed(node, task="request")
    assert await counted(node) == before + 1


async def test_it_is_read_from_both_ends_and_is_for_officers(node: Node) -> None:
    await offer(node, "ends")
    ((here, there),) = await select(
        node,
        "SELECT consignment.case_id, waiting.case_id FROM task JOIN consignment USING (consignment_id)"
        " JOIN supporting_document AS waiting ON waiting.document_id = task.document_id"
        " WHERE reference = 'D-ends'",
    )

    async with node.database.read(node.administration_id) as connection:
        found = [
            await case_store.select_possible_matches(
                connection, [case_id], administration_id=node.administration_id
            )
            for case_id in (here, there)
        ]
        with pytest.raises(InputFaultyError):
            await read_parcels(
                DashboardReader(connection, node.administration_id),
                Asked(task="possible-match"),
                node.services.pseudonymiser,
                party_id=DECLARANT.party_id,
            )

    assert [[one.case_id for one in its] for its in found] == [[there], [here]]


async def test_parcel_in_review_keeps_its_own_task_beside_it(node: Node) -> None:
    await send(node, PLATFORM, "order", order("both", buyer=BUYER))
    consignee = {**parcel("both")["consignee"], **BUYER}
    await send(node, DECLARANT, "declaration", held("both", consignee=consignee))
    await send(node, STRANGER, "payment", astray("both", amount="500.00"))

    assert sorted(await tasks_of(node, "both")) == [(DECISION, True), (POSSIBLE_MATCH, True)]
    assert "D-both" in await listed(node, lane="review")
    assert "D-both" in await listed(node, task="possible-match")


async def test_declaration_that_comes_last_has_the_task_as_well(node: Node) -> None:
    await send(node, STRANGER, "order", order("last", reference="ORDER_last", ucr="UCR-none", buyer=BUYER))

    await send(node, DECLARANT, "declaration", declared("last"))

    assert await tasks_of(node, "last") == [(POSSIBLE_MATCH, True)]


async def test_let_in_by_a_mandate_it_is_joined_and_its_task_closed(node: Node) -> None:
    await send(node, PLATFORM, "order", order("joined", buyer=BUYER))
    await send(node, DECLARANT, "declaration", declared("joined"))
    (waiting,) = await send(node, OTHER_DECLARANT, "payment", payment("joined", payer=BUYER))
    assert await tasks_of(node, "joined") == [(POSSIBLE_MATCH, True)]

    async with node.database.write() as connection:
        await connection.execute(
            "INSERT INTO mandate (mandate_id, administration_id, grantor_id, grantee_id, reference,"
            " document_kinds, acts, accounts, has_custody, representation_code, valid_from, granted_at)"
            " VALUES (2, %s, 2, 6, 'M-2', '{payment}', '{}', '{}', false, 'direct', %s, %s)",
            (node.administration_id, node.clock.now(), node.clock.now()),
        )
    await node.processor.reach_mandates()

    assert await select(
        node, "SELECT is_confirmed FROM document WHERE document_id = %s", waiting.document_id
    ) == [(True,)]
    assert await tasks_of(node, "joined") == [(POSSIBLE_MATCH, False)]


async def test_another_version_takes_its_task_with_it(node: Node) -> None:
    await offer(node, "version")

    await send(node, STRANGER, "payment", astray("version", amends_version=1, amount="24.99"))

    assert await tasks_of(node, "version") == [(POSSIBLE_MATCH, False), (POSSIBLE_MATCH, True)]


async def test_withdrawn_it_is_closed(node: Node) -> None:
    await offer(node, "parted")

    await Acts(node.processor).withdraw_document(
        STRANGER, "payment", "ORDER-parted", expected_version=1, reason="not for this"
    )

    assert await tasks_of(node, "parted") == [(POSSIBLE_MATCH, False)]
    assert "D-parted" not in await listed(node, task="possible-match")


async def test_invalidated_parcel_is_asked_about_no_more(node: Node) -> None:
    await offer(node, "gone")

    await Acts(node.processor).withdraw(DECLARANT, "D-gone", expected_version=1, reason="not sold")

    assert await tasks_of(node, "gone") == [(POSSIBLE_MATCH, False)]


async def test_decided_again_it_is_still_asked_about(node: Node) -> None:
    await offer(node, "again")

    changed = declared("again", amends_version=1, amendment_reason="mass", logistics_channel_code="express")
    await send(node, DECLARANT, "declaration", changed)

    assert await tasks_of(node, "again") == [(POSSIBLE_MATCH, True)]


async def test_officer_parts_it_once_and_for_all(node: Node) -> None:
    await offer(node, "apart")
    ((case_id, document_id),) = await select(
        node,
        "SELECT case_id, task.document_id FROM task JOIN consignment USING (consignment_id)"
        " WHERE reference = 'D-apart'",
    )

    done, again = [
        await part_possible_match(
            node.processor, OFFICER, case_id, document_id=document_id, reason="another buyer"
        )
        for _ in range(2)
    ]

    assert (done, done.kind) == (again, "match-parted")
    assert await tasks_of(node, "apart") == [(POSSIBLE_MATCH, False)]
    assert await words_of(node, parse_id(done.act_id)) == "another buyer"
    async with node.database.write() as connection:
        await open_possible_matches(
            connection,
            [Offer(case_id, document_id, 950_000)],
            [1],
            administration_id=node.administration_id,
            at=node.clock.now(),
        )
    assert await tasks_of(node, "apart") == [(POSSIBLE_MATCH, False)], "it is not offered again"
    with pytest.raises(SeraiError) as unknown:
        await part_possible_match(node.processor, OFFICER, case_id, document_id=1, reason="x")
    with pytest.raises(SeraiError) as stranger:
        await part_possible_match(
            node.processor, STRANGER, case_id, document_id=document_id, reason="mischief"
        )
    assert {unknown.value.code, stranger.value.code} == {"not-found"}


async def offered(node: Node, name: str) -> tuple[int, int]:
    """A case and the payment that may belong to it."""
    await offer(node, name)
    ((case_id, document_id),) = await select(
        node,
        "SELECT case_id, task.document_id FROM task JOIN consignment USING (consignment_id)"
        " WHERE reference = %s",
        f"D-{name}",
    )
    return case_id, document_id


async def is_confirmed(node: Node, document_id: int) -> bool:
    rows = await select(node, "SELECT is_confirmed FROM document WHERE document_id = %s", document_id)
    return bool(rows[0][0])


async def joined_acts(node: Node, document_id: int) -> int:
    rows = await select(
        node, "SELECT count(*) FROM act WHERE kind = 'match-joined' AND subject_id = %s", document_id
    )
    return int(rows[0][0])


async def test_officer_joins_it_and_it_counts_until_that_is_taken_back(node: Node) -> None:
    case_id, document_id = await offered(node, "put")

    done = await join_possible_match(
        node.processor, OFFICER, case_id, document_id=document_id, reason="the same buyer"
    )

    assert (done.kind, await is_confirmed(node, document_id)) == ("match-joined", True)
    assert await tasks_of(node, "put") == [(POSSIBLE_MATCH, False)]
    assert await words_of(node, parse_id(done.act_id)) == "the same buyer"
    leaves = await select(node, "SELECT count(*) FROM act WHERE act_id = leaf_id AND salt <> ''")
    assert leaves[0][0] >= 1
    ((kinds,),) = await select(
        node,
        "SELECT count(DISTINCT party_id) FROM event WHERE kind = 6 AND case_id = %s",
        parse_id(done.case_id),
    )
    assert kinds >= 2, "everybody in the case is told, and whose document it is"

    await reverse_act(
        node.processor,
        OFFICER,
        parse_id(done.case_id),
        act_id=parse_id(done.act_id),
        reference="undo-put",
        reason_code="mistaken",
        reason="another buyer after all",
        expected_decision_id=None,
    )
    assert not await is_confirmed(node, document_id)
    assert await select(node, "SELECT count(*) FROM document_link WHERE document_id = %s", document_id) == [
        (0,)
    ]


async def test_two_officers_who_join_it_at_once_do_it_once(node: Node) -> None:
    case_id, document_id = await offered(node, "twice")

    done = await asyncio.gather(
        *(
            join_possible_match(node.processor, OFFICER, case_id, document_id=document_id, reason="same")
            for _ in range(2)
        )
    )

    assert len({one.act_id for one in done}) == 1
    assert await joined_acts(node, document_id) == 1
    assert await is_confirmed(node, document_id)


async def test_of_two_officers_of_whom_one_joins_and_one_parts_one_is_heard(node: Node) -> None:
    for round_number in range(4):
        case_id, document_id = await offered(node, f"race{round_number}")

        join = join_possible_match(node.processor, OFFICER, case_id, document_id=document_id, reason="joined")
        part = part_possible_match(node.processor, OFFICER, case_id, document_id=document_id, reason="parted")
        pair = [join, part] if round_number % 2 else [part, join]
        done = await asyncio.gather(*pair, return_exceptions=True)

        heard = [one for one in done if not isinstance(one, BaseException)]
        unheard = [one for one in done if isinstance(one, BaseException)]
        assert [getattr(one, "code", one) for one in unheard] == ["not-found"]
        assert [one.kind == "match-joined" for one in heard] == [await is_confirmed(node, document_id)]


async def test_a_party_joins_nothing(node: Node) -> None:
    case_id, document_id = await offered(node, "mischief")

    for party in (STRANGER, DECLARANT):
        with pytest.raises(SeraiError) as refused:
            await join_possible_match(node.processor, party, case_id, document_id=document_id, reason="mine")
        assert refused.value.code == "not-found"
    assert not await is_confirmed(node, document_id)

"""What a batch leaves in the store: one row a consignment, few a batch, and more only where something
further happened."""

from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest

from serai.app import Node
from serai.foundation.recent_keys import RecentKeys
from serai.journey.consignments.store import insert_events, upsert_units
from serai.model.packed_detail import unpack_detail
from serai.model.registration_number import read_id
from tests.journey.processing.support import CARRIER, DECLARANT, arrival, decision, parcel, select, send
from tests.journey.processing.test_allowances import statements_of

DECIDED = (
    "consignment",
    "earlier_decision",
    "supporting_document",
    "case_file",
    "case_party",
    "event_batch",
    "document_link",
    "task",
)
"""Where a decided consignment and what came of it may stand."""


async def count_rows(node: Node) -> Counter[str]:
    union = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in DECIDED)
    return Counter(dict(await select(node, union)))


@pytest.mark.parametrize("count", [1, 40])
async def test_a_batch_decided_for_the_first_time_is_one_row_a_consignment(node: Node, count: int) -> None:
    before = await count_rows(node)

    await send(node, DECLARANT, "declaration", *(parcel(f"row-{count}-{n}") for n in range(count)))

    after = await count_rows(node)
    after.subtract(before)
    # Beside it one event row a party and kind, and the parts of platform and carrier, who are registered.
    assert +after == Counter(consignment=count, case_party=2 * count, event_batch=1)


async def test_what_needs_a_person_is_one_row_more_and_no_statement_more(node: Node) -> None:
    going = [parcel(f"going-{n}", platform_id=None, detail=None) for n in range(6)]
    held = [parcel(f"held-{n}", platform_id=None, detail=None) for n in range(6)]
    for one in held[:4]:
        # No tariff says what this pays.
        one["goods_items"][0] |= {"commodity_code": "97019900", "invoice_amount": "500.00"}
    await send(node, DECLARANT, "declaration", parcel("task-first", platform_id=None, detail=None))

    few = await statements_of(node, *going)
    before = await count_rows(node)
    more = await statements_of(node, *held)

    after = await count_rows(node)
    after.subtract(before)
    assert +after == Counter(consignment=6, event_batch=1, task=4)
    assert len(more) == len(few)


async def test_those_named_that_nobody_registered_leave_no_row(node: Node) -> None:
    before = await count_rows(node)

    await send(node, DECLARANT, "declaration", parcel("alone", platform_id="NOBODY-KNOWS-IT", detail=None))

    after = await count_rows(node)
    after.subtract(before)
    assert +after == Counter(consignment=1, event_batch=1)


async def test_statements_do_not_grow_with_the_batch(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("statements-first", conveyance_reference="F-1"))

    few = await statements_of(
        node, *(parcel(f"statements-few-{n}", conveyance_reference="F-1") for n in range(2))
    )
    many = await statements_of(
        node, *(parcel(f"statements-many-{n}", conveyance_reference="F-1") for n in range(60))
    )

    assert len(many) == len(few) <= 12


async def test_an_amendment_moves_what_stood_and_adds_nothing_else(node: Node) -> None:
    (first,) = await send(node, DECLARANT, "declaration", parcel("moved", platform_id=None))
    ((standing,),) = await select(node, "SELECT detail FROM consignment WHERE reference = 'D-moved'")
    before = await count_rows(node)

    dearer = parcel("moved", platform_id=None, amends_version=1, amendment_reason="a second price")
    dearer["goods_items"][0]["invoice_amount"] = "99.00"
    (second,) = await send(node, DECLARANT, "declaration", dearer)

    after = await count_rows(node)
    after.subtract(before)
    assert +after == Counter(earlier_decision=1, case_file=1, event_batch=1)
    ((kept, version, document_id, is_last),) = await select(
        node,
        "SELECT detail, version, document_id, is_last_of_document FROM earlier_decision"
        " WHERE decision_id = %s",
        first.decision_id,
    )
    assert (kept, version, document_id, is_last) == (standing, 1, first.document_id, True)
    ((supersedes, version, detail),) = await select(
        node, "SELECT supersedes, version, detail FROM consignment WHERE decision_id = %s", second.decision_id
    )
    assert (supersedes, version) == (first.decision_id, 2)
    assert unpack_detail(detail).items[0].customs_value_minor == 9_900
    documents = await select(
        node,
        "SELECT document_id, version, kind, is_confirmed FROM document WHERE case_id = %s ORDER BY version",
        first.case_id,
    )
    assert documents == [(first.document_id, 1, 1, True), (second.document_id, 2, 1, True)]


async def test_what_is_decided_again_keeps_its_document_and_takes_back_its_charges(node: Node) -> None:
    (first,) = await send(node, DECLARANT, "declaration", parcel("taken-back"))
    await send(node, CARRIER, "transport-document", {
        "reference": "TRANSPORT-taken-back", "house_document": "HOUSE-taken-back",
        "logistics_channel_code": "post",
        "conveyance_reference": "FLIGHT-taken-back",
    })  # fmt: skip
    (landed,) = await send(node, DECLARANT, "arrival", arrival("taken-back"))
    assert landed.status in ("recorded", "decided")

    made = await select(
        node,
        "SELECT decision_id, supersedes, document_id FROM decision WHERE consignment_id = %s"
        " ORDER BY decision_id",
        first.document_id,
    )
    charged = await select(
        node,
        "SELECT decision_id, is_reversal, sum(amount_minor)::bigint FROM charge WHERE consignment_id = %s"
        " GROUP BY 1, 2 ORDER BY 1, 2 DESC",
        first.document_id,
    )

    assert len(made) > 1
    assert [supersedes for _, supersedes, _ in made] == [None, *(one for one, _, _ in made[:-1])]
    assert {document_id for _, _, document_id in made} == {first.document_id}
    assert sum(amount for _, _, amount in charged) == charged[-1][2], "only what stands is left"
    last = await select(
        node,
        "SELECT count(*) FILTER (WHERE is_last_of_document), count(*) FROM earlier_decision"
        " WHERE consignment_id = %s",
        first.document_id,
    )
    assert last == [(0, len(made) - 1)]


async def test_no_name_and_no_free_text_stands_in_a_detail(node: Node) -> None:
    (answer,) = await send(
        node,
        DECLARANT,
        "declaration",
        parcel("nameless", consignee=_person("Very Secret Person"), consignor=_person("Hidden Seller")),
    )
    ((detail,),) = await select(
        node, "SELECT detail FROM consignment WHERE consignment_id = %s", answer.document_id
    )

    assert decision(answer)["goods_items"]
    for word in (b"Secret", b"Hidden", b"cotton", b"Hamburg", b"D-nameless"):
        assert word not in detail


async def test_a_finding_is_stored_with_all_that_its_sentence_names(node: Node) -> None:
    declared = parcel("gtin")
    declared["goods_items"][0]["standard_product_id"] = "4006381333932"
    (answer,) = await send(node, DECLARANT, "declaration", declared)
    (told,) = [one for one in answer.findings if one.code == "gtin-check"]
    ((detail,),) = await select(
        node, "SELECT detail FROM consignment WHERE consignment_id = %s", answer.document_id
    )

    (kept,) = [one for one in unpack_detail(detail).findings if one.code == "gtin-check"]

    assert set(kept.parameters) >= {"value", "number"}
    assert kept.parameters == told.parameters


def _person(name: str) -> dict[str, Any]:
    return {"name": name, "country_code": "DE", "city": "Hamburg", "postcode": "20095"}


async def test_events_that_count_up_are_one_entry_and_come_out_one_by_one(node: Node) -> None:
    events, cases = [70, 71, 72, 73, 74, 80, 81], [5, 6, 7, 20, 21, 30, 31]
    decisions, parties = [1, 2, 3, 9, 10, 0, 0], [3, 3, 3, 3, 4, 4, 4]
    async with node.database.write() as connection:
        await insert_events(
            connection,
            administration_id=1,
            event_ids=np.array(events),
            party_ids=np.array(parties),
            case_ids=np.array(cases),
            kind="decided",
            decision_ids=np.array(decisions),
            at_ms=0,
        )

    told = "SELECT event_id, case_id, decision_id, party_id FROM event WHERE event_id < 100 ORDER BY event_id"
    kept = "SELECT last_event_id, counts FROM event_batch WHERE last_event_id < 100 ORDER BY last_event_id"
    assert await select(node, told) == list(zip(events, cases, decisions, parties, strict=True))
    assert await select(node, kept) == [(73, [3, 1]), (81, [1, 1, 1])]


async def test_a_registration_number_is_told_from_the_id_and_its_ends(node: Node) -> None:
    (answer,) = await send(node, DECLARANT, "declaration", parcel("numbered"))

    ((mrn, consignment_id, kept),) = await select(
        node,
        "SELECT mrn, consignment_id, mrn_ends"
        " FROM consignment JOIN declared_consignment USING (consignment_id) WHERE consignment_id = %s",
        answer.document_id,
    )

    assert mrn == msgspec.json.decode(answer.decision)["mrn"]
    assert read_id(mrn) == consignment_id
    assert len(kept) == 5


@pytest.mark.parametrize("is_remembered", [True, False])
async def test_units_of_the_batch_before_are_met_and_the_others_made(
    node: Node, *, is_remembered: bool
) -> None:
    recent = RecentKeys[tuple[int, str]]()
    numbers = [f"{is_remembered}-{n:04}" for n in range(400)]

    async def upsert(numbers: list[str], recent: RecentKeys[tuple[int, str]]) -> dict[str, int]:
        async with node.database.write() as connection:
            units = await upsert_units(
                connection,
                administration_id=1,
                unit_ids=node.ids.take(len(numbers)),
                keys=[(4, number) for number in numbers],
                arrivals=[None] * len(numbers),
                parents=[None] * len(numbers),
                recent=recent,
                at=node.clock.now(),
            )
        return {number: unit.transport_unit_id for (_, number), unit in units.items()}

    first = await upsert(numbers[:250], recent)
    second = await upsert(numbers[248:], recent if is_remembered else RecentKeys())

    stored = dict(
        await select(
            node,
            "SELECT number, transport_unit_id FROM transport_unit WHERE number LIKE %s",
            f"{is_remembered}-%",
        )
    )
    assert first | second == stored
    assert {number: second[number] for number in numbers[248:250]} == {
        number: first[number] for number in numbers[248:250]
    }
    assert len(set(stored.values())) == 400

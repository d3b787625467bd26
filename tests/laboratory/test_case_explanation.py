"""Stored decisions worked out again: as recorded, also after the law changed; and what changes bring."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from serai.app import Node, open_node
from serai.explanation.case_explanation import CaseReplays, Replay, compare, only_item
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.settings import DatabaseSettings, DataSettings, Settings
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.reading import Reach
from serai.foundation.vault.sealing import Kind
from serai.journey.assessment.store import Component, make_component
from serai.journey.consignments import store as consignment_store
from serai.journey.decision import store as decision_store
from serai.journey.documents.submission import Sender, Submission
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.law_in_force.service import derive_law, load_law
from serai.laboratory.invented.parcels import consignments
from serai.laboratory.what_if_case import ItemChange, TryRequest, try_change
from serai.model.errors import SeraiError
from tests.journey.cases.world import parcel
from tests.laid_out import charges_raised

POST = Sender(10, frozenset({"post"}))
JUNE = dt.datetime(2026, 6, 28, tzinfo=dt.UTC)


@pytest.fixture
async def node(database: str, tmp_path: Path) -> AsyncIterator[Node]:
    settings = Settings(data=DataSettings(folder=str(tmp_path)), database=DatabaseSettings(dsn=database))
    async with open_node(settings, database) as opened:
        yield opened
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "TRUNCATE log_pending, log_batch, log_integrated, log_tile, log_checkpoint, signing_key,"
            " node_secret CASCADE"
        )


async def clear(node: Node, *documents: dict[str, Any]) -> list[int]:
    lines = [msgspec.json.encode(one) for one in documents]
    (answers,) = await node.processor.clear([Submission(POST, "declaration", lines=lines)])
    return [answer.document_id for answer in answers if answer.status == "decided"]


async def replay_all(node: Node, consignment_ids: list[int]) -> list[Replay]:
    reach = Reach(node.administration_id, "explanation", "test", node.clock.now())
    async with node.database.read(node.administration_id) as connection:
        rows = await consignment_store.select_consignments(
            connection, consignment_ids, administration_id=node.administration_id
        )
        decisions = await decision_store.select_decisions(
            connection, consignment_ids, administration_id=node.administration_id
        )
        by_id = {row.consignment_id: row for row in rows}
        wanted = [(by_id[one.consignment_id], one.decision_id) for one in decisions]
        return await CaseReplays(node.services, KeptLaw()).replay_many(connection, wanted, reach)


def differences(replays: list[Replay]) -> dict[str, list[Any]]:
    return {one.row.document.reference: one.differences for one in replays if one.differences}


@pytest.mark.in_turn
async def test_every_stored_decision_is_replayed_as_recorded_also_after_the_law_changed(node: Node) -> None:
    documents = list(consignments(330, 7, at=node.clock.now(), first_acceptance=JUNE))
    for one in documents:
        # Numbered from the last to the first, as some declarants do.
        for number, item in enumerate(reversed(one["goods_items"]), 1):
            item["sequence_number"] = number
    ids = await clear(node, *documents)
    items_count = sum(len(one["goods_items"]) for one in documents)
    amended = {**documents[0], "amends_version": 1, "amendment_reason": "price"}
    amended["goods_items"] = [
        {**amended["goods_items"][0], "invoice_amount": "77.00"},
        *amended["goods_items"][1:],
    ]
    await clear(node, amended)

    before = await replay_all(node, ids)
    await _change_law(node)
    after = await replay_all(node, ids)

    assert items_count >= 500
    assert len(before) == len(after) >= 0.9 * len(documents)
    assert differences(before) == differences(after) == {}
    bases = {one.decision.basis_id for one in before}
    assert len(bases) > 3, "laws of both sides of the first of July and of several territories"
    assert {one.recorded.lane for one in before} > {"proceed"}
    assert any(len(one.recorded.goods_items) > 1 for one in before)


async def _change_law(node: Node) -> None:
    """Put a generation in force in which the Union's small parcels cost seven euros instead of three."""

    def change(present: list[Component]) -> list[Component]:
        return [
            make_component(one.kind, one.name, one.content.replace(b"value: 3.00 EUR", b"value: 7.00 EUR"))
            if one.name == "EU-2026/pack.yaml"
            else one
            for one in present
        ]

    await derive_law(node.database, node.administration_id, node.clock.now(), "dearer", change)
    known = node.processor.law
    node.processor.law = await load_law(node.database, node.administration_id, node.clock.now())
    assert node.processor.law.generation_id > known.generation_id
    changed = {one.component_hash for one in node.processor.law.components} - {
        one.component_hash for one in known.components
    }
    assert len(changed) == 1


async def test_a_record_that_was_tampered_with_does_not_agree(node: Node) -> None:
    (consignment_id,) = await clear(node, parcel("TAMPERED-1"))
    async with node.database.write() as connection:
        cursor = await connection.execute(
            "SELECT detail FROM consignment WHERE consignment_id = %s", [consignment_id]
        )
        ((detail,),) = await cursor.fetchall()
        await connection.execute(
            "UPDATE declared_consignment SET detail = %s WHERE consignment_id = %s",
            [charges_raised(detail), consignment_id],
        )

    (found,) = await replay_all(node, [consignment_id])

    assert any(one.path.endswith("/amount") for one in found.differences), found.differences


async def test_the_explanation_is_of_the_recorded_figures(node: Node) -> None:
    (consignment_id,) = await clear(node, parcel("EXPLAINED-1"))
    (found,) = await replay_all(node, [consignment_id])

    explanation = found.explain(shows_cumulative_allowances=True)

    tax = next(total for total in explanation.totals if total.name == "tax")
    assert found.recorded.totals is not None
    assert f"{tax.amount_minor / 100:.2f}" == found.recorded.totals.tax_amount
    assert explanation.reference == "EXPLAINED-1"
    assert [one.sequence_number for one in only_item(explanation, 1).items] == [1]
    with pytest.raises(SeraiError, match="no goods item 9"):
        only_item(explanation, 9)


async def test_an_erased_message_is_told_and_not_guessed(node: Node) -> None:
    (consignment_id,) = await clear(node, parcel("ERASED-1"))
    erasure = Erasure(Kind.MESSAGE, node.administration_id, consignment_id, "time-is-over", "test", JUNE)
    await erase(node.database.write, node.services.keyring, erasure)

    with pytest.raises(SeraiError, match="replay-impossible"):
        await replay_all(node, [consignment_id])


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (TryRequest(on=dt.date(2026, 7, 1)), "the first of July"),
        (TryRequest(items=[ItemChange(sequence_number=1, invoice_amount="250.00")]), "a dearer shirt"),
        (TryRequest(destination_country_code="GB", destination_postcode="SW1A 1AA"), "to London"),
    ],
)
async def test_a_change_is_decided_and_nothing_stored(node: Node, request_: TryRequest, name: str) -> None:
    (consignment_id,) = await clear(node, parcel(f"TRY-{name.replace(' ', '-')}"))
    (found,) = await replay_all(node, [consignment_id])
    before = await _counts(node)

    tried = try_change(
        found, request_, node.processor.law, node.clock.now(), "en", shows_cumulative_allowances=True
    )

    assert tried.side_by_side.changed_steps()
    assert (tried.decision.law, tried.decision.totals) != (found.recorded.law, found.recorded.totals)
    assert await _counts(node) == before


async def test_trying_nothing_gives_what_was_decided(node: Node) -> None:
    (consignment_id,) = await clear(node, parcel("TRY-NOTHING"))
    (found,) = await replay_all(node, [consignment_id])

    tried = try_change(
        found, TryRequest(), node.processor.law, node.clock.now(), "en", shows_cumulative_allowances=True
    )

    assert tried.side_by_side.changed_steps() == []
    assert tried.decision.totals == found.recorded.totals
    assert tried.decision.lane == found.recorded.lane


async def test_a_business_buyer_and_no_scheme_change_who_pays(node: Node) -> None:
    (consignment_id,) = await clear(node, parcel("TRY-BUYER"))
    (found,) = await replay_all(node, [consignment_id])

    wanted = TryRequest(is_business_buyer=True, vendor_number="")
    tried = try_change(
        found, wanted, node.processor.law, node.clock.now(), "en", shows_cumulative_allowances=True
    )

    assert tried.decision.law == found.recorded.law
    assert tried.in_short


async def test_every_fault_of_a_change_is_told_at_once(node: Node) -> None:
    (consignment_id,) = await clear(node, parcel("TRY-FAULTY"))
    (found,) = await replay_all(node, [consignment_id])
    wrong = TryRequest(
        destination_country_code="QQ",
        items=[ItemChange(sequence_number=1, invoice_amount="much", commodity_code="6")],
    )

    with pytest.raises(InputFaultyError) as caught:
        try_change(found, wrong, node.processor.law, node.clock.now(), "en", shows_cumulative_allowances=True)

    assert {fault.pointer for fault in caught.value.faults} >= {
        "/consignee/country_code",
        "/goods_items/0/invoice_amount",
        "/goods_items/0/commodity_code",
    }


async def _counts(node: Node) -> list[Any]:
    async with node.database.read(node.administration_id) as connection:
        return [
            await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchone()
            for table in ("decision", "consignment", "event", "document", "case_file", "basis")
        ]


def test_every_place_that_differs_is_named() -> None:
    recorded = {"a": 1, "b": [{"c": 1}, {"c": 2}], "d": ["x"]}
    replayed = {"a": 1, "b": [{"c": 1}, {"c": 3}], "d": ["x", "y"], "e": None}

    assert [(one.path, one.recorded, one.replayed) for one in compare(recorded, replayed)] == [
        ("/b/1/c", "2", "3"),
        ("/d", '["x"]', '["x","y"]'),
    ]

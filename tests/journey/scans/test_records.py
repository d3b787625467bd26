"""What is stored is held against the log: what somebody changed by SQL is found, and nothing else is."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from serai.app import Node
from serai.foundation.access.actor import Role
from serai.foundation.settings import ComparisonSettings
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.sealing import Kind
from serai.journey.acts.case_acts import mark_payment_status, reverse_act
from serai.journey.case_records.answers import CaseOut
from serai.journey.scans.records import Compared, compare_records
from serai.journey.visibility.table import Viewer
from serai.model.frames import STATUSES
from serai.web.case_files import build_readers
from serai.web.health import find_alarms
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    arrival,
    opened,
    order,
    parcel,
    select,
    send,
    statuses,
    transport,
)

CHANGES = {
    "lane": "lane = CASE lane WHEN 0 THEN 1 ELSE 0 END",
    "status": "status = CASE status WHEN 7 THEN 0 ELSE 7 END",
    "charge": "detail = (SELECT detail FROM declared_consignment WHERE reference = 'D-dear')",
    "detail": "detail = substr(detail, 1, 20)",
    "kind": "decision_kind = decision_kind + 1",
    "salt": "salt = sha256('invented')::bytea",
    "number": "mrn_ends = overlay(mrn_ends placing 'ZZ' from 3)",
    "reasons": "reasons = '\\xff'",
}


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """A database of one's own: rounds go over all that is stored."""
    return make_database()


async def compare(node: Node, **settings: int) -> Compared:
    return await compare_records(node.processor, ComparisonSettings(**settings), node.metrics)


async def marked(node: Node) -> list[str]:
    """References of the consignments whose cases are marked."""
    rows = await select(
        node,
        "SELECT declared.reference FROM act JOIN declared_consignment AS declared USING (case_id)"
        " WHERE act.kind = 'record-questioned' ORDER BY 1",
    )
    return [reference for (reference,) in rows]


async def read_case(node: Node, case_id: int) -> CaseOut:
    viewer = Viewer(DECLARANT.party_id, frozenset({Role.DECLARANT}))
    return await build_readers(node).case_files.read_case(viewer, case_id, "en")


async def pay(node: Node, name: str, case_id: int) -> int:
    await mark_payment_status(
        node.processor,
        OFFICER,
        case_id,
        reference=f"PAY-{name}",
        kind="paid",
        currency_code="EUR",
        amount="500.00",
    )
    ((act_id,),) = await select(node, "SELECT act_id FROM act WHERE reference = %s", f"PAY-{name}")
    return int(act_id)


@pytest.mark.in_turn
async def test_each_change_of_a_stored_row_is_found_and_nothing_else(database: str, tmp_path: Path) -> None:
    dear = parcel("dear")
    dear["goods_items"][0]["invoice_amount"] = "85.00"
    names = [*CHANGES, "clean"]
    async with opened(database, tmp_path) as node:
        filed = await send(node, DECLARANT, "declaration", dear, *(parcel(one) for one in names))
        act_id = await pay(node, "clean", filed[-1].case_id)
        await select(
            node,
            "UPDATE act SET parameters = jsonb_set(parameters, '{amount_minor}', '900000')"
            " WHERE act_id = %s RETURNING 1",
            act_id,
        )
        before = await compare(node)
        for name, change in CHANGES.items():
            await select(
                node,
                f"UPDATE declared_consignment SET {change} WHERE reference = %s RETURNING 1",
                f"D-{name}",
            )

        after = await compare(node, round_count_max=0, sample_count=1_000)

        assert before.changed == [act_id], "what somebody paid"
        assert before.read_count > len(names)
        assert await marked(node) == sorted(f"D-{name}" for name in names)
        assert len(after.changed) == len(CHANGES)
        (alarm,) = await find_alarms(node)
        assert (alarm.code, str(len(names)) in alarm.message) == ("record-changed", True)
        assert alarm.next_step
        assert f"serai_records_changed_total {len(names)}.0" in node.metrics.render().decode()


async def test_what_is_marked_is_not_released_until_an_officer_has_looked(
    database: str, tmp_path: Path
) -> None:
    async with opened(database, tmp_path) as node:
        (filed,) = await send(node, DECLARANT, "declaration", parcel("held"))
        await select(node, "UPDATE declared_consignment SET lane = 3 RETURNING 1")
        await compare(node)
        await pay(node, "held", filed.case_id)
        await send(node, OFFICER, "arrival", arrival("held"))
        held = await statuses(node, "D-held")
        shown = await read_case(node, filed.case_id)
        again = await compare(node, sample_count=10)
        ((act_id,),) = await select(node, "SELECT act_id FROM act WHERE kind = 'record-questioned'")

        await reverse_act(
            node.processor,
            OFFICER,
            filed.case_id,
            act_id=act_id,
            reference="LOOKED-1",
            reason_code="record-restored",
            reason="the row was restored from last night",
            expected_decision_id=None,
        )

        assert (held, shown.is_record_examined) == (["under-documentary-control"], True)
        assert not (await read_case(node, filed.case_id)).is_record_examined
        assert len(again.changed) == 1, "it is found again, and marked once"
        assert await statuses(node, "D-held") == ["released"]
        assert await find_alarms(node) == []
        await compare(node, sample_count=10)
        assert await find_alarms(node) == [], "about this content an officer has been asked"


@pytest.mark.in_turn
async def test_an_untouched_store_raises_nothing_whatever_was_done(database: str, tmp_path: Path) -> None:
    async with opened(database, tmp_path) as node:
        filed = await send(node, DECLARANT, "declaration", *(parcel(one) for one in "abcd"))
        amended = parcel("b", amends_version=1)
        amended["goods_items"][0]["invoice_amount"] = "85.00"
        await send(node, DECLARANT, "declaration", amended)
        await send(node, CARRIER, "transport-document", transport("a"))
        await send(node, CARRIER, "order", order("a"))
        await pay(node, "a", filed[0].case_id)
        await pay(node, "c", filed[2].case_id)
        for name in "ac":
            await send(node, OFFICER, "arrival", arrival(name))
        ((person_id,),) = await select(
            node, "SELECT first_person_id FROM declared_consignment WHERE reference = 'D-d'"
        )
        asked = Erasure(
            Kind.PERSON, node.administration_id, person_id, "subject-request", "test", node.clock.now()
        )
        await erase(node.database.write, node.services.keyring, asked)

        compared = await compare(node)

        assert (await statuses(node, "D-a", "D-c"))[0] == "released"
        assert compared.changed == []
        assert compared.read_count >= 8
        assert await find_alarms(node) == []


async def test_a_round_goes_over_all_one_process_at_a_time(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serai.journey.scans.records._ROUND_COUNT_MIN", 2)
    async with opened(database, tmp_path) as node, opened(database, tmp_path) as other:
        await send(node, DECLARANT, "declaration", *(parcel(f"{one}") for one in range(5)))

        both = await asyncio.gather(compare(node, sample_count=0), compare(other, sample_count=0))
        counts = [(await compare(node, sample_count=0)).read_count for _ in range(3)]

    assert sum(one.read_count for one in both) in (2, 4)
    assert sum(counts) + sum(one.read_count for one in both) == 5


def test_statuses_that_the_changes_name_are_as_they_are_stored() -> None:
    assert (STATUSES[7], STATUSES[0]) == ("released", "assessed")

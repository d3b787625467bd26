"""What a declarant's home says: by when one may appeal, what is owed, and what is held."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from serai.app import Node
from serai.journey.dashboard.statement import Statement, read_statement
from serai.journey.dashboard.waiting import WaitingParcel, read_waiting
from serai.journey.documents.submission import Answer
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.statistics.store import DashboardReader
from serai.journey.texts.notices import About, Served, insert_notice
from tests.journey.acts.test_appeals import appeal
from tests.journey.acts.test_hearings import CLOCK
from tests.journey.acts.test_human_review import refused
from tests.journey.acts.test_measures import declared, fault_of, owed, standing
from tests.journey.processing.support import DECLARANT, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")
PARTY = DECLARANT.party_id


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    """One for all tests here: each has a case of its own, and time only goes on."""
    async with opened(database, keys, clock=CLOCK) as running:
        yield running


async def waiting_of(node: Node, name: str) -> WaitingParcel | None:
    """What waits about one parcel."""
    async with node.database.read(node.administration_id) as connection:
        reader = DashboardReader(connection, node.administration_id)
        found = await read_waiting(reader, node.processor, connection, PARTY)
    return next((one for one in found.parcels if one.reference == name), None)


async def statement_of(node: Node) -> Statement:
    async with node.database.read(node.administration_id) as connection:
        return await read_statement(
            DashboardReader(connection, node.administration_id),
            connection,
            party_id=PARTY,
            administration_id=node.administration_id,
            language="en",
        )


async def serve(node: Node, case: Answer, name: str) -> None:
    """Prove that the declarant has been told the decision that stands."""
    async with node.database.write() as connection:
        await insert_notice(
            connection,
            Served([About(case.case_id, await standing(node, name))], (), "answer", "en"),
            notice_id=int(node.services.ids.take(1)[0]),
            party_id=PARTY,
            administration_id=node.administration_id,
            at=CLOCK.now(),
        )


async def test_the_last_day_for_an_appeal_stands_once_the_decision_is_known(
    node: Node,
) -> None:
    case, other = await refused(node, "known"), await refused(node, "appealed")
    before = await waiting_of(node, "D-known")
    await serve(node, case, "known")
    told = await waiting_of(node, "D-known")
    await appeal(node, other, "appealed", decision_id=other.decision_id)
    open_one = await waiting_of(node, "D-appealed")
    lodge_days = shipped_measure_rules().law_of("", CLOCK.now()).appeal.lodge_days
    await CLOCK.step(node, lodge_days + 40)
    late = await waiting_of(node, "D-known")

    assert before is not None
    assert (before.step, before.due_at) == ("appeal", None)
    assert told is not None
    assert told.step == "appeal"
    assert told.due_at is not None
    assert told.due_at > CLOCK.now() - timedelta(days=lodge_days + 40)
    assert told.href.endswith("/reply")
    assert open_one is not None
    assert open_one.step == "appealed"
    assert late is not None
    assert (late.step, late.due_at) == ("appeal-late", told.due_at)
    assert await fault_of(appeal(node, case, "late", decision_id=case.decision_id)) == "appeal-too-late"


async def test_the_statement_says_what_is_owed_by_whom_and_what_is_held(node: Node) -> None:
    before = await statement_of(node)
    case = await declared(node, "owing")
    held = await refused(node, "held")
    after = await statement_of(node)

    line = next(one for one in after.owing if one.reference == "D-owing")
    assert {one.currency_code for one in line.owed} == {"EUR"}
    assert sum(Decimal(one.amount) * 100 for one in line.owed) == await owed(node, case) > 0
    assert len(after.owing) == len(before.owing) + 1
    assert [one.reference for one in after.held] == ["D-held", *(one.reference for one in before.held)]
    assert held.decision_id is not None
    whole = sum(Decimal(sum_.amount) for one in after.owing for sum_ in one.owed)
    assert sum(Decimal(one.amount) for one in after.sums) == whole

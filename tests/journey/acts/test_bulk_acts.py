"""One measure on many cases: the same open reason, a sample opened first, each case an act of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from serai.app import Node
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import BulkActSettings
from serai.journey.acts.bulk.service import BulkLine, BulkOrder, confirm, draw, open_sample
from serai.journey.documents.submission import Answer, Sender
from serai.portal.bulk.form import results_of
from tests.journey.acts.test_measures import declared, fault_of, standing, take
from tests.journey.processing.support import DECLARANT, OFFICER, opened, parcel, select, statuses

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMITS = BulkActSettings(limits="officer:6", sample_percent=10, sample_min_count=2)
SECOND = Sender(OFFICER.party_id, OFFICER.roles, acting_user="page_session:77")
RULE = "screening-price-in-doubt"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(database, keys) as running:
        yield running


async def cheap(node: Node, name: str) -> Answer:
    """A parcel whose price lies below the floor of its mass."""
    goods = [item | {"gross_mass_kg": "100"} for item in parcel(name)["goods_items"]]
    return await declared(node, name, goods_items=goods)


async def bulk(node: Node, cases: dict[str, Answer], reference: str, **changes: Any) -> BulkOrder:
    lines = [BulkLine(case.case_id, await standing(node, name)) for name, case in cases.items()]
    given: dict[str, Any] = {"kind": "information-requested", "reason_code": "value-doubtful"}
    given |= {"reference": reference, "rule_id": RULE, "lines": tuple(lines), "reason": "What is it?"}
    return BulkOrder(**{**given, **changes})


async def test_a_sample_is_opened_first_and_each_case_has_its_own_act(node: Node) -> None:
    cases = {f"v{number}": await cheap(node, f"v{number}") for number in range(5)}
    order = await bulk(node, cases, "B-1")

    drawn = await draw(node.processor, OFFICER, order, LIMITS)
    again = await draw(node.processor, OFFICER, order, LIMITS)
    bulk_id = parse_id(drawn.bulk_id)
    unopened = await fault_of(confirm(node.processor, OFFICER, bulk_id, order))
    untouched = await select(node, "SELECT count(*) FROM act")
    seen = [await open_sample(node.processor, OFFICER, bulk_id, parse_id(one)) for one in drawn.sample]
    name, outside = next(one for one in cases.items() if format_id(one[1].case_id) not in drawn.sample)
    not_drawn = await fault_of(open_sample(node.processor, OFFICER, bulk_id, outside.case_id))
    other = await fault_of(confirm(node.processor, OFFICER, bulk_id, replace(order, reason="Else")))
    stranger = await fault_of(confirm(node.processor, SECOND, bulk_id, order))
    await take(node, outside, name, "hold", "control")  # by another officer meanwhile
    done = await confirm(node.processor, OFFICER, bulk_id, order)
    twice = await confirm(node.processor, OFFICER, bulk_id, order)

    assert (drawn, len(drawn.sample), drawn.cases_count) == (again, 2, 5)
    assert sorted(seen[-1].opened) == sorted(drawn.sample)
    assert (unopened, not_drawn, other, stranger) == (
        "bulk-sample-not-opened", "not-found", "reference-reused", "not-found",
    )  # fmt: skip
    assert untouched == [(0,)], "a draw does nothing"
    refused = [one for one in done.results if one.code is not None]
    assert [(one.case_id, one.code) for one in refused] == [
        (format_id(outside.case_id), "decision-not-current")
    ], "what another has changed is not overwritten"
    told = {one: results_of(done, [], one)[0].says for one in ("en", "fr")}
    assert told["en"] == f"{refused[0].message} {refused[0].next_step}"
    assert told["fr"] not in ("", told["en"]), "on the page it is said in the reader's language"
    assert done.done_count == 4
    assert [one.act_id for one in twice.results] == [one.act_id for one in done.results]
    acts = await select(
        node,
        "SELECT count(*), count(DISTINCT case_id), count(DISTINCT leaf_id) FROM act WHERE kind = %s",
        order.kind,
    )
    assert acts == [(4, 4, 4)]


async def test_other_reasons_too_many_and_facts_that_are_not_a_cases_own_are_refused(node: Node) -> None:
    cases = {f"w{number}": await cheap(node, f"w{number}") for number in range(2)}
    clear = {**cases, "clear": await declared(node, "clear")}
    order = await bulk(node, cases, "B-2")
    adverse = replace(order, kind="refusal", reason_code="prohibited")
    same = tuple(replace(one, reason="It is on the list") for one in order.lines)

    faults = [
        await fault_of(draw(node.processor, sender, wanted, limits))
        for sender, wanted, limits in (
            (DECLARANT, order, LIMITS),
            (OFFICER, await bulk(node, clear, "B-3"), LIMITS),
            (OFFICER, order, replace(LIMITS, limits="officer:1")),
            (OFFICER, order, replace(LIMITS, limits="")),
            (OFFICER, adverse, LIMITS),
            (OFFICER, replace(adverse, lines=same), LIMITS),
            (OFFICER, replace(order, kind="confiscation", reason_code="offence"), LIMITS),
            (OFFICER, replace(order, kind="value-determined"), LIMITS),
            (OFFICER, replace(order, lines=(order.lines[0], order.lines[0])), LIMITS),
            (OFFICER, replace(order, lines=(*order.lines, BulkLine(1, 2))), LIMITS),
        )
    ]
    own = tuple(replace(one, reason=f"Page {place} of the list") for place, one in enumerate(order.lines))
    unheard = replace(adverse, lines=own, reference="B-4")
    drawn = await draw(node.processor, OFFICER, unheard, LIMITS)
    for case_id in drawn.sample:
        await open_sample(node.processor, OFFICER, parse_id(drawn.bulk_id), parse_id(case_id))
    refused = await confirm(node.processor, OFFICER, parse_id(drawn.bulk_id), unheard)

    assert faults == [
        "not-found", "bulk-reason-differs", "bulk-too-many", "bulk-too-many", "bulk-facts-missing",
        "bulk-facts-missing", "bulk-not-allowed", "bulk-not-allowed", "measure-faulty",
        "decision-not-current",
    ]  # fmt: skip
    assert [one.code for one in refused.results] == ["hearing-needed"] * 2, "each is heard by itself first"
    assert await statuses(node, "D-w0", "D-w1") != ["not-released"] * 2

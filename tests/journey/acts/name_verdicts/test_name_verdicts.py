"""A listed name is closed by a coded verdict, which is kept for the same person and wording of the entry."""

import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.foundation.id_text import parse_id
from serai.journey.acts.name_verdicts.service import Said, decide_name, read_listed_names
from serai.journey.acts.service import Acts
from serai.journey.erasure.service import Asked, erase_person
from serai.journey.scans.service import scan_lists
from serai.model.errors import SeraiError
from tests.journey.acts.name_verdicts.listed_parcels import (
    HEAD,
    LIST,
    case_of,
    lanes,
    names_of,
    put_in_force,
    say,
    to,
)
from tests.journey.processing.support import DECLARANT, OFFICER, opened, select, send, words_of

AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)


class Listed:
    """A node with a list, and its clock."""

    def __init__(self, node: Node, clock: FixedClock) -> None:
        self.node, self.clock = node, clock

    async def new_version(self, text: str) -> None:
        """Put another version of the list in force, and hold what is in flight against it."""
        await put_in_force(self.node, text)
        self.clock.move(dt.timedelta(seconds=6))
        assert await scan_lists(self.node.processor)


@pytest.fixture
async def listed(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Listed]:
    clock = FixedClock(AT)
    async with opened(make_database(), tmp_path, clock=clock) as node:
        await put_in_force(node, LIST)
        yield Listed(node, clock)


async def test_another_person_goes_on_and_is_not_stopped_again(listed: Listed) -> None:
    node = listed.node
    await send(
        node,
        DECLARANT,
        "declaration",
        to("one", "Zebulon Quixwood"),
        to("two", "Quixwood, ZEBULON"),
        to("elsewhere", "Zebulon Quixwood", "1 Other Road"),
        to("nobody", "Somebody Else"),
    )
    (open_name,) = await names_of(node, "one")
    assert (open_name.role, open_name.entry_id, open_name.names) == ("consignee", "X-1", ["Zebulon Quixwood"])
    assert (open_name.is_open, open_name.verdict) == (True, None)

    (closed,) = await say(node, "one", "birth-year-differs")
    await say(node, "one", "birth-year-differs")  # the same again is harmless
    await send(node, DECLARANT, "declaration", to("three", "zebulon quixwood"))

    assert closed.verdict is not None
    assert (closed.is_open, closed.verdict.outcome) == (False, "other-person")
    assert await lanes(node) == {
        "one": "proceed",
        "two": "proceed",
        "three": "proceed",
        "elsewhere": "review",
        "nobody": "proceed",
    }, "the same person at the same address, and nobody else of that name"
    ((act_id, parameters),) = await select(
        node, "SELECT act_id, parameters FROM act WHERE kind = 'name-verdict'"
    )
    assert parameters["entry"] == "X-1"
    assert "Passport" not in json.dumps(parameters)
    assert await words_of(node, act_id) == "Passport seen."
    closing = await select(
        node,
        "SELECT verdict_id FROM party_hit JOIN declared_consignment USING (consignment_id, decision_id)"
        " WHERE reference IN ('D-one', 'D-two', 'D-three')",
    )
    assert closing == [(act_id,)] * 3, "the decisions that stand name the verdict they were made with"
    assert await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL") == [(1,)]


async def test_the_same_person_stays_under_control_and_is_refused_by_nothing(listed: Listed) -> None:
    node = listed.node
    await send(node, DECLARANT, "declaration", to("one", "Zebulon Quixwood"))

    for code, outcome in (("not-enough-known", "not-known"), ("same-person", "same-person")):
        (told,) = await say(node, "one", code)
        assert told.verdict is not None
        assert (told.is_open, told.verdict.outcome) == (True, outcome)
        assert await lanes(node) == {"one": "review"}
    (freed,) = await say(node, "one", "name-differs")
    assert not freed.is_open
    assert await lanes(node) == {"one": "proceed"}, "the newest word stands"
    await say(node, "one", "same-person")
    assert await lanes(node) == {"one": "review"}
    assert await select(node, "SELECT count(*) FROM act WHERE kind = 'name-verdict'") == [(4,)]


async def test_a_parcel_with_two_names_goes_on_when_both_are_closed(listed: Listed) -> None:
    node = listed.node
    seller = {"name": "Mirela Trask", "country_code": "CN", "street": "1 Export Road", "city": "Shenzhen"}
    await send(node, DECLARANT, "declaration", to("one", "Zebulon Quixwood", consignor=seller))

    await say(node, "one", "country-differs", "X-1")
    assert await lanes(node) == {"one": "review"}
    await say(node, "one", "other-kind", "X-2")
    assert await lanes(node) == {"one": "proceed"}


@pytest.mark.in_turn
async def test_a_new_version_asks_again_where_the_entry_reads_otherwise(listed: Listed) -> None:
    node = listed.node
    await send(node, DECLARANT, "declaration", to("one", "Zebulon Quixwood"))
    await say(node, "one", "country-differs")

    await listed.new_version(LIST + "X-3,Somebody New,person,SY\n")
    assert await lanes(node) == {"one": "proceed"}, "another entry has changed"
    await send(node, DECLARANT, "declaration", to("two", "Zebulon Quixwood"))
    assert await lanes(node) == {"one": "proceed", "two": "proceed"}

    await listed.new_version(LIST.replace("Quixwood,person,SY", "Quixwood,person,DE"))
    assert await lanes(node) == {"one": "review", "two": "review"}, "now the country is the same"
    (again,) = await names_of(node, "one")
    assert again.verdict is None

    await listed.new_version(HEAD + "X-2,Mirela Trask,person,SY\n")
    assert await lanes(node) == {"one": "proceed", "two": "proceed"}, "the entry is on no list any more"
    assert await names_of(node, "one") == []
    assert await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL") == [(0,)]


@pytest.mark.in_turn
async def test_delisting_frees_only_whom_no_other_entry_resembles(listed: Listed) -> None:
    node = listed.node
    await listed.new_version(LIST + "X-9,Zebulon Quixwud,person,SY\n")
    await send(
        node, DECLARANT, "declaration", to("one", "Zebulon Quixwood"), to("other", "Mirela Trask", "2 Road")
    )
    assert {one.entry_id for one in await names_of(node, "one")} == {"X-1", "X-9"}

    await listed.new_version(HEAD + "X-9,Zebulon Quixwud,person,SY\n")
    assert await lanes(node) == {"one": "review", "other": "proceed"}
    assert [one.entry_id for one in await names_of(node, "one")] == ["X-9"]


@pytest.mark.in_turn
async def test_an_amendment_to_another_name_is_looked_up_anew(listed: Listed) -> None:
    node = listed.node
    await send(node, DECLARANT, "declaration", to("one", "Zebulon Quixwood"))
    await say(node, "one", "name-differs")

    await send(node, DECLARANT, "declaration", to("one", "Mirela Trask", amends_version=1))
    assert [(one.entry_id, one.is_open) for one in await names_of(node, "one")] == [("X-2", True)]
    assert await lanes(node) == {"one": "review"}

    await send(node, DECLARANT, "declaration", to("one", "Somebody Else", amends_version=2))
    assert await names_of(node, "one") == []
    assert await lanes(node) == {"one": "proceed"}


async def test_who_says_it_is_an_officer_who_read_what_stands(listed: Listed) -> None:
    node = listed.node
    await send(node, DECLARANT, "declaration", to("one", "Zebulon Quixwood"))
    (hit,) = await names_of(node, "one")
    case_id = await case_of(node, "one")
    said = Said(
        parse_id(hit.consignment_id), hit.role, hit.list_code, "X-1", "0" * 32, "same-person", "Seen."
    )

    with pytest.raises(SeraiError, match="listed-name-gone"):
        await decide_name(node.processor, OFFICER, case_id, said)
    with pytest.raises(SeraiError, match="name-verdict-unknown"):
        await say(node, "one", "looks-fine")
    with pytest.raises(SeraiError, match="not-found"):
        await decide_name(node.processor, DECLARANT, case_id, said)
    with pytest.raises(SeraiError, match="not-found"):
        await read_listed_names(node.processor, DECLARANT, case_id)
    assert await select(node, "SELECT count(*) FROM name_verdict") == [(0,)]


@pytest.mark.in_turn
async def test_an_erasure_leaves_nothing_that_confirms_a_name(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    database = make_database()
    async with opened(database, tmp_path, clock=FixedClock(AT)) as node:
        await put_in_force(node, LIST)
        await send(node, DECLARANT, "declaration", to("one", "Zebulon Quixwood"))
        await say(node, "one", "birth-year-differs")
        await Acts(node.processor).withdraw(DECLARANT, "D-one", expected_version=1, reason="sold elsewhere")
        ((person_id,),) = await select(
            node, "SELECT first_person_id + 1 FROM declared_consignment WHERE reference = 'D-one'"
        )
    later = FixedClock(AT + dt.timedelta(days=6 * 365))
    async with opened(database, tmp_path, clock=later) as node:
        outcome = await erase_person(node.services, Asked(person_id, "asked", "test", later.now()))

        assert outcome.ground is None, outcome
        await _nothing_is_left(node)


async def _nothing_is_left(node: Node) -> None:
    assert await select(node, "SELECT count(*) FROM party_hit") == [(0,)]
    assert await select(node, "SELECT count(*) FROM name_verdict") == [(0,)]
    assert await select(node, "SELECT parameters, salt FROM act WHERE kind = 'name-verdict'") == [
        ({"verdict": "birth-year-differs"}, b"")
    ]

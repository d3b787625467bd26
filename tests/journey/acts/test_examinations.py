"""An examination is coded, weighed against what was declared, has photos, is made once more on request."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from PIL import Image

from serai.app import Node
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.examinations.photos import (
    NewPhoto,
    add_photo,
    add_unit_photo,
    read_photo,
    read_unit_photo,
)
from serai.journey.acts.examinations.second import answer_second, ask_for_second
from serai.journey.acts.examinations.seen import Examinations, read_examinations
from serai.journey.acts.units.service import UnitActOrder, act_on_unit
from serai.journey.documents.pictures import Picture, read_picture
from serai.journey.documents.submission import Answer, Sender
from serai.journey.tasks.rules import SECOND_EXAMINATION
from tests.journey.acts.test_measures import declared, fault_of, take
from tests.journey.processing import support
from tests.journey.processing.support import opened, select, send, transport

pytestmark = pytest.mark.asyncio(loop_scope="module")


CARRIER, DECLARANT, OFFICER, OTHER_DECLARANT, STRANGER = (
    replace(one, acting_user="K-1")
    for one in (
        support.CARRIER,
        support.DECLARANT,
        support.OFFICER,
        support.OTHER_DECLARANT,
        support.STRANGER,
    )
)
"""The vault is read by somebody with a name alone."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    """One for all tests here: each has a case of its own."""
    async with opened(database, keys) as running:
        yield running


def picture() -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(out, "PNG")
    return read_picture(out.getvalue())


async def examined(node: Node, name: str, **changes: Any) -> tuple[Answer, int]:
    answer = await declared(node, name)
    await take(node, answer, name, "examination-ordered", "control")
    given = {"result_code": "quantity-differs", "gross_mass_kg": "0.412", "reason": "Three pieces", **changes}
    done = await take(node, answer, name, "examination-recorded", "examined", **given)
    return answer, parse_id(done.act_id)


async def seen(node: Node, answer: Answer, sender: Sender = OFFICER) -> Examinations:
    return await read_examinations(node.processor, sender, answer.case_id)


async def ask(node: Node, answer: Answer, examination: int, sender: Sender = DECLARANT) -> int:
    done = await ask_for_second(
        node.processor,
        sender,
        answer.case_id,
        reference=f"SECOND-{examination}",
        examination_id=examination,
        reason="The scale was wrong",
    )
    return parse_id(done.act_id)


async def reply(node: Node, answer: Answer, request: int, said: Any, sender: Sender = OFFICER) -> None:
    await answer_second(
        node.processor,
        sender,
        answer.case_id,
        reference=f"ANSWER-{request}",
        request_id=request,
        answer=said,
        reason="On Monday, in the laboratory of Testland, Main Street 1",
    )


async def open_tasks(node: Node, act_id: int) -> list[int]:
    rows = await select(node, "SELECT kind FROM task WHERE document_id = %s AND closed_at IS NULL", act_id)
    return [row[0] for row in rows]


async def test_what_was_found_stands_beside_what_was_declared_in_grams(node: Node) -> None:
    answer, _ = await examined(node, "weigh")

    (one,) = (await seen(node, answer)).examinations

    assert (one.result_code, one.reason) == ("quantity-differs", "Three pieces")
    assert (one.declared_g, one.found_g) == (150, 412)
    assert one.counts is None


async def test_a_photo_is_seen_by_officers_and_by_whoever_declared_the_goods(node: Node) -> None:
    answer, examination = await examined(node, "photo")
    await send(node, CARRIER, "transport-document", transport("photo"))
    photo = NewPhoto("PHOTO-1", examination, picture())
    done = await add_photo(node.processor, OFFICER, answer.case_id, photo)
    again = await add_photo(node.processor, OFFICER, answer.case_id, photo)
    hidden = NewPhoto("PHOTO-2", examination, picture(), is_withheld=True)
    withheld = await add_photo(node.processor, OFFICER, answer.case_id, hidden)
    act_id, hidden_id = parse_id(done.act_id), parse_id(withheld.act_id)

    by_officer = await read_photo(node.processor, OFFICER, answer.case_id, act_id)
    by_declarant = await read_photo(node.processor, DECLARANT, answer.case_id, act_id)
    others = [
        await fault_of(read_photo(node.processor, who, answer.case_id, act_id))
        for who in (CARRIER, STRANGER, OTHER_DECLARANT)
    ]
    not_theirs = await fault_of(read_photo(node.processor, DECLARANT, answer.case_id, hidden_id))
    no_photo = await fault_of(read_photo(node.processor, OFFICER, answer.case_id, examination))
    officers = [await fault_of(add_photo(node.processor, DECLARANT, answer.case_id, photo))]
    elsewhere, _ = await examined(node, "photo-2")
    officers.append(await fault_of(add_photo(node.processor, OFFICER, elsewhere.case_id, photo)))

    assert done == again
    assert by_officer.media_type == "image/jpeg"
    assert by_officer.content == by_declarant.content == photo.picture.content
    assert [*others, not_theirs, no_photo] == ["not-found"] * 5
    assert officers[0] == "not-found"
    assert [len(one.photos) for one in (await seen(node, answer)).examinations] == [2]
    assert [len(one.photos) for one in (await seen(node, answer, DECLARANT)).examinations] == [1]
    assert await fault_of(seen(node, answer, CARRIER)) == "not-found"
    kept = await select(node, "SELECT has_words, parameters FROM act WHERE act_id = %s", act_id)
    assert kept[0][0], "the picture lies in the vault, and goes with the personal data of the case"
    assert "content" not in kept[0][1]


async def test_a_second_examination_is_asked_granted_and_says_which_result_counts(node: Node) -> None:
    answer, first = await examined(node, "second")
    strangers = [await fault_of(ask(node, answer, first, who)) for who in (CARRIER, STRANGER, OFFICER)]
    request = await ask(node, answer, first)
    again = await ask(node, answer, first)
    waits = await open_tasks(node, request)
    recorded: dict[str, Any] = {
        "second_of": format_id(request),
        "counting": "second",
        "result_code": "conforms",
    }

    async def record(**changes: Any) -> str:
        given = {**recorded, "reference": "SECOND-RESULT", **changes}
        return await fault_of(take(node, answer, "second", "examination-recorded", "examined", **given))

    ungranted, unclear = await record(), await record(counting=None)
    not_officer = await fault_of(reply(node, answer, request, "granted", DECLARANT))
    await reply(node, answer, request, "granted")
    otherwise = await fault_of(reply(node, answer, request, "refused"))
    given = {**recorded, "reference": "SECOND-RESULT", "gross_mass_kg": "0.150"}
    await take(node, answer, "second", "examination-recorded", "examined", **given)
    twice = await record(reference="THIRD-RESULT")

    shown = await seen(node, answer, DECLARANT)
    assert [(one.result_code, one.counts) for one in shown.examinations] == [
        ("quantity-differs", False),
        ("conforms", True),
    ]
    (asked,) = shown.requests
    assert (asked.reason, asked.answer, asked.has_result) == ("The scale was wrong", "granted", True)
    assert "laboratory" in asked.answer_reason
    assert request == again
    assert (waits, await open_tasks(node, request)) == ([SECOND_EXAMINATION], [])
    assert (ungranted, unclear) == ("second-examination-not-granted", "measure-faulty")
    assert (otherwise, twice) == ("request-answered-already", "second-examination-not-granted")
    assert [*strangers, not_officer] == ["not-found"] * 4
    laws = await select(node, "SELECT law_reference FROM act WHERE act_id = %s", request)
    assert "5.3" in laws[0][0]


async def test_a_refused_request_needs_nobody_and_is_not_asked_again(node: Node) -> None:
    answer, first = await examined(node, "refused")
    request = await ask(node, answer, first)
    await reply(node, answer, request, "refused")

    assert await open_tasks(node, request) == []
    assert (await seen(node, answer, DECLARANT)).may_ask == []
    anew = ask_for_second(
        node.processor, DECLARANT, answer.case_id, reference="ANEW", examination_id=first, reason="Again"
    )
    assert await fault_of(anew) == "second-examination-asked"


async def test_photos_of_a_bag_are_for_officers(node: Node) -> None:
    await declared(node, "bag")
    await send(node, CARRIER, "transport-document", transport("bag"))
    ((unit_id,),) = await select(
        node, "SELECT transport_unit_id FROM transport_unit WHERE number LIKE %s", "BAG-bag%"
    )
    held = UnitActOrder(reference="BAG-HOLD", kind="hold", reason_code="control")
    await act_on_unit(node.processor, OFFICER, unit_id, held)
    found = UnitActOrder(
        reference="BAG-EXAM", kind="examination-recorded", reason_code="examined", result_code="conforms"
    )
    done = await act_on_unit(node.processor, OFFICER, unit_id, found)
    photo = NewPhoto("BAG-PHOTO", parse_id(done.act_id), picture())
    added = await add_unit_photo(node.processor, OFFICER, unit_id, photo)

    act_id = parse_id(added.act_id)
    assert (await read_unit_photo(node.processor, OFFICER, unit_id, act_id)).content == photo.picture.content
    for who in (CARRIER, DECLARANT):
        assert await fault_of(read_unit_photo(node.processor, who, unit_id, act_id)) == "not-found"
        assert await fault_of(add_unit_photo(node.processor, who, unit_id, photo)) == "not-found"

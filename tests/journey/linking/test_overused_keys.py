"""A party that lists one number again and again slows nobody down, and loses nothing."""

import json
from typing import Any

import pytest

from serai.app import Node
from serai.journey.documents.submission import Answer
from serai.journey.lodgement.service import encode_answer
from serai.journey.matching import store as matching_store
from serai.journey.matching.rules import KEY_DOCUMENTS_COUNT_MAX
from tests.journey.processing.support import (
    DECLARANT,
    OTHER_DECLARANT,
    PLATFORM,
    PROVIDER,
    STRANGER,
    decision,
    order,
    parcel,
    payment,
    select,
    send,
)

MANY = KEY_DOCUMENTS_COUNT_MAX + 50


def payments(name: str, prefix: str, count: int = MANY, **changes: Any) -> list[dict[str, Any]]:
    return [payment(name, reference=f"{prefix}-{number}", **changes) for number in range(count)]


def codes(answer: Answer) -> list[str]:
    return [finding.code for finding in answer.findings]


async def carriers(node: Node, answers: list[Answer]) -> int:
    """How many of documents can be found by a number of theirs."""
    rows = await select(
        node,
        "SELECT count(DISTINCT document_id) FROM document_key WHERE document_id = ANY(%s)",
        [one.document_id for one in answers],
    )
    return int(rows[0][0])


class Loaded:
    """Counts the documents that meetings load."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        select_members = matching_store.select_members

        async def counted(*args: Any, **options: Any) -> Any:
            found = await select_members(*args, **options)
            self.count += len(found)
            return found

        monkeypatch.setattr(matching_store, "select_members", counted)


@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_beyond_so_many_documents_a_number_leads_to_no_more_of_them(
    node: Node, is_one_batch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"crowd-{is_one_batch}"
    records = payments(name, f"P-{name}")
    cut = MANY if is_one_batch else 60

    answers = await send(node, STRANGER, "payment", *records[:cut])
    for begin in range(cut, MANY, 45):
        answers += await send(node, STRANGER, "payment", *records[begin : begin + 45])

    assert {one.status for one in answers} == {"recorded"}
    assert all(one.receipt for one in answers), "nothing is lost"
    assert [bool(one.findings) for one in answers] == [False] * KEY_DOCUMENTS_COUNT_MAX + [True] * 50
    assert codes(answers[-1]) == ["number-in-many-documents"]
    status, said = encode_answer(answers[-1], "en")
    finding = json.loads(said)["findings"][0]
    assert status == 200
    assert finding["pointer"] == "/order_references"
    assert f"ORDER-{name}" in finding["sentence"]
    assert str(KEY_DOCUMENTS_COUNT_MAX) in finding["sentence"]
    assert finding["remedy"]
    assert await carriers(node, answers) == KEY_DOCUMENTS_COUNT_MAX

    loaded = Loaded(monkeypatch)
    (declared,) = await send(node, DECLARANT, "declaration", parcel(name))
    (ordered,) = await send(node, PLATFORM, "order", order(name))
    (paid,) = await send(node, PROVIDER, "payment", payment(name))

    assert ordered.case_id == paid.case_id == declared.case_id, "others meet as if it were not there"
    assert not ordered.findings
    assert loaded.count <= 3 * (KEY_DOCUMENTS_COUNT_MAX + 3)


async def test_what_another_number_leads_to_is_found_by_that(node: Node) -> None:
    await send(node, PROVIDER, "payment", *payments("filled", "P-filled"))
    (declared,) = await send(node, DECLARANT, "declaration", parcel("filled"))

    (told,) = await send(node, PROVIDER, "payment", payment("filled", reference="P-late", ucr="UCR-filled"))
    (alone,) = await send(node, PROVIDER, "payment", payment("filled", reference="P-later"))
    (amended,) = await send(
        node, PROVIDER, "payment", payment("filled", reference="P-later", ucr="UCR-filled", amends_version=1)
    )

    assert codes(told) == codes(alone) == codes(amended) == ["number-in-many-documents"]
    assert told.case_id == declared.case_id
    assert alone.case_id == 0
    assert amended.case_id == declared.case_id, "as the remedy says"


async def test_versions_of_one_document_are_one_document(node: Node) -> None:
    await send(node, PROVIDER, "payment", *payments("versions", "P-versions", KEY_DOCUMENTS_COUNT_MAX))
    (declared,) = await send(node, DECLARANT, "declaration", parcel("versions"))
    changed = payments("versions", "P-versions", 3, amount="24.00", amends_version=1)

    answers = await send(node, PROVIDER, "payment", *changed)

    assert [(one.status, codes(one), one.case_id) for one in answers] == [
        ("recorded", [], declared.case_id)
    ] * 3


async def test_declarations_that_all_name_one_order_are_decided_and_told(node: Node) -> None:
    def declarations(begin: int, end: int) -> list[dict[str, Any]]:
        return [
            parcel(f"lazy-{n}", order_references=["ORDER-lazy"], conveyance_reference="FLIGHT-lazy")
            for n in range(begin, end)
        ]

    answers = await send(node, OTHER_DECLARANT, "declaration", *declarations(0, MANY))
    (again,) = await send(node, OTHER_DECLARANT, "declaration", *declarations(MANY, MANY + 1))

    assert {one.status for one in (*answers, again)} == {"decided"}
    assert [codes(one) for one in answers] == [[]] * KEY_DOCUMENTS_COUNT_MAX + [
        ["number-in-many-documents"]
    ] * 50
    assert codes(again) == ["number-in-many-documents"]
    assert len({one.case_id for one in answers[:KEY_DOCUMENTS_COUNT_MAX]}) == 1
    assert again.case_id == again.document_id
    assert decision(again)["lane"] == decision(answers[0])["lane"]


@pytest.mark.in_turn
async def test_strangers_many_numbers_are_not_looked_at(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments of a stranger beside one number that others use list hundreds that these never heard of."""
    for number in range(20):
        references = ["ORDER-web", *(f"ORDER-web-{number}-{n}" for n in range(98))]
        await send(
            node,
            STRANGER,
            "payment",
            payment("web", reference=f"P-web-{number}", order_references=references),
        )
    asked: list[int] = []
    lock_keys = matching_store.lock_keys

    async def counted(connection: Any, keys: Any, **options: Any) -> Any:
        asked.append(len(keys))
        return await lock_keys(connection, keys, **options)

    monkeypatch.setattr(matching_store, "lock_keys", counted)

    (declared,) = await send(node, DECLARANT, "declaration", parcel("web"))
    (ordered,) = await send(node, PLATFORM, "order", order("web"))

    assert ordered.case_id == declared.case_id
    assert sum(asked) <= 10, asked

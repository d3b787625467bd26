"""Declarations that were read before their turn came: decided as if they had been read then."""

import json
from dataclasses import replace
from typing import Any

from serai.app import Node
from serai.journey.documents.submission import Submission
from tests.journey.processing.support import DECLARANT, parcel


def submission(*records: dict[str, Any]) -> Submission:
    return Submission(DECLARANT, "declaration", lines=[json.dumps(record).encode() for record in records])


async def test_what_was_read_ahead_is_decided_and_read_once(node: Node) -> None:
    first, second = submission(parcel("ahead-1")), submission(parcel("ahead-2"))
    await node.processor.prepare_ahead([second])
    ready = node.processor.ahead
    assert ready is not None
    assert not ready.is_of([first], node.processor.law)

    (before,) = await node.processor.clear([first])
    assert node.processor.ahead is ready, "it stays for its own turn"
    (after,) = await node.processor.clear([second])

    assert [one.status for one in (*before, *after)] == ["decided", "decided"]
    assert node.processor.ahead is None


async def test_what_was_read_under_a_law_no_longer_in_force_is_read_again(node: Node) -> None:
    one = submission(parcel("ahead-law"))
    await node.processor.prepare_ahead([one])
    ready = node.processor.ahead
    assert ready is not None
    assert ready.is_of([one], node.processor.law)

    node.processor.law = replace(node.processor.law)

    assert not ready.is_of([one], node.processor.law)
    (answers,) = await node.processor.clear([one])
    assert [one.status for one in answers] == ["decided"]


async def test_a_repeat_in_the_batch_read_ahead_is_known_as_one(node: Node) -> None:
    first, second = submission(parcel("ahead-twice")), submission(parcel("ahead-twice"))
    await node.processor.prepare_ahead([second])

    await node.processor.clear([first])
    (answers,) = await node.processor.clear([second])

    assert [one.status for one in answers] == ["repeated"]

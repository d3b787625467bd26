"""The basis of a decision is there before it is remembered."""

from typing import Any

import pytest

from serai.app import Node
from serai.journey.recording.write_decided import write_decided
from tests.journey.processing.support import DECLARANT, decision, parcel, select, send


async def test_a_basis_outlives_the_transaction_it_was_first_needed_in(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([True])

    async def fail_first(*args: Any) -> None:
        if next(failures, False):
            raise OSError("the disk is full, say")
        await write_decided(*args)

    monkeypatch.setattr("serai.journey.recording.record.write_decided", fail_first)

    with pytest.raises(OSError, match="full"):
        await send(node, DECLARANT, "declaration", parcel("BASIS-1"))
    (filed,) = await send(node, DECLARANT, "declaration", parcel("BASIS-2"))

    assert filed.status == "decided"
    ((known,),) = await select(
        node,
        "SELECT count(*) FROM decision JOIN basis USING (basis_id) WHERE decision_id = %s",
        filed.decision_id,
    )
    assert known == 1, decision(filed)

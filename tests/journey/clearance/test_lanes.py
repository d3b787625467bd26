"""What fails in one lane of a mixed batch leaves the others' answers as they are."""

from collections.abc import Sequence

from serai.formats.decoded import KINDS
from serai.journey.clearance.filing import KINDS_BY_TRANSACTION, Answer, Filing
from serai.journey.clearance.lanes import by_lane
from serai.model.errors import SeraiError
from tests.journey.clearance.support import DECLARANT


async def test_declarations_are_cleared_once_when_orders_of_their_batch_fail() -> None:
    cleared: list[str] = []

    async def clear(filings: Sequence[Filing]) -> list[list[Answer]]:
        if any(filing.kind == "order" for filing in filings):
            raise RuntimeError("nobody foresaw this")
        cleared.extend(filing.kind for filing in filings)
        return [[Answer("decided", "D-1")] for _ in filings]

    kinds = ("order", "consignment", "payment", "arrival")
    done = await by_lane(clear, lambda _: "incident")(
        [Filing(DECLARANT, kind, lines=[b"{}"]) for kind in kinds]
    )

    assert cleared == ["consignment", "payment", "arrival"]
    assert isinstance(done[0], SeraiError)
    assert done[0].code == "internal-error"
    assert all(isinstance(one, list) for one in done[1:])


def test_every_kind_of_document_is_in_one_lane() -> None:
    assert sorted(kind for kinds in KINDS_BY_TRANSACTION for kind in kinds) == sorted(KINDS)

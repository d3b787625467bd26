"""What fails in one lane of a mixed batch leaves the others' answers as they are."""

from collections.abc import Sequence

from serai.formats.decoded import KINDS
from serai.journey.documents.submission import KINDS_BY_TRANSACTION, Answer, Submission
from serai.journey.processing.batches import by_transaction_group
from serai.model.errors import SeraiError
from tests.journey.processing.support import DECLARANT


async def test_declarations_are_cleared_once_when_orders_of_their_batch_fail() -> None:
    processed: list[str] = []

    async def clear(submissions: Sequence[Submission]) -> list[list[Answer]]:
        if any(submission.kind == "order" for submission in submissions):
            raise RuntimeError("nobody foresaw this")
        processed.extend(submission.kind for submission in submissions)
        return [[Answer("decided", "D-1")] for _ in submissions]

    kinds = ("order", "declaration", "payment", "arrival")
    done = await by_transaction_group(clear, lambda _: "incident")(
        [Submission(DECLARANT, kind, lines=[b"{}"]) for kind in kinds]
    )

    assert processed == ["declaration", "payment", "arrival"]
    assert isinstance(done[0], SeraiError)
    assert done[0].code == "internal-error"
    assert all(isinstance(one, list) for one in done[1:])


def test_every_kind_of_document_is_in_one_lane() -> None:
    assert sorted(kind for kinds in KINDS_BY_TRANSACTION for kind in kinds) == sorted(KINDS)

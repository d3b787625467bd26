"""What a process remembers of references is a hint: only the table says what is claimed."""

from serai.app import Node
from serai.foundation.copying import COPIED_ROWS_COUNT_MIN
from serai.journey.documents.store import RecentReferences, claim_submissions
from tests.journey.processing.support import DECLARANT

COUNT = 2 * COPIED_ROWS_COUNT_MIN


class _UndoneError(Exception):
    """Makes a transaction come to nothing."""


async def claim(
    node: Node, recent: RecentReferences, references: list[str], *, is_undone: bool = False
) -> int:
    """Claim references in a transaction of their own; return how many were new."""
    count, ids = len(references), node.services.ids.take(len(references)).tolist()
    claimed: set[int] = set()
    try:
        async with node.database.write() as connection:
            claimed = await claim_submissions(
                connection,
                administration_id=node.administration_id,
                kind="declaration",
                party_ids=[DECLARANT.party_id] * count,
                references=references,
                document_ids=ids,
                recent=recent,
            )
            if is_undone:
                raise _UndoneError
    except _UndoneError:
        pass
    assert claimed <= set(ids)
    return len(claimed)


async def test_references_of_a_batch_that_came_to_nothing_are_new(node: Node) -> None:
    recent = RecentReferences()
    references = [f"claims-{number}" for number in range(COUNT)]

    assert await claim(node, recent, references, is_undone=True) == COUNT
    assert await claim(node, recent, references) == COUNT
    assert await claim(node, recent, references) == 0


async def test_known_references_are_found_whether_remembered_or_not(node: Node) -> None:
    recent = RecentReferences()
    first = [f"claims-first-{number}" for number in range(COUNT)]
    new = [f"claims-new-{number}" for number in range(COUNT)]
    await claim(node, recent, first)

    remembered = await claim(node, recent, [*new, first[0], first[-1], new[0]])
    forgotten = await claim(node, RecentReferences(), [*(f"{one}-2" for one in new), first[1], new[1]])

    assert (remembered, forgotten) == (COUNT, COUNT)


async def test_a_remembered_reference_that_is_not_there_is_claimed_beside_others(node: Node) -> None:
    recent = RecentReferences()
    undone = [f"claims-undone-{number}" for number in range(COUNT)]
    await claim(node, recent, undone, is_undone=True)

    assert await claim(node, recent, [*(f"claims-beside-{n}" for n in range(COUNT)), undone[0]]) == COUNT + 1

"""Documents come back from the vault whole."""

import pytest

from serai.app import Node
from serai.foundation.ids import IdSource
from serai.journey.linking.stored_documents import read_whole
from tests.journey.processing.support import DECLARANT, parcel, select, send

IN_A_MILLISECOND = 4_096
"""So many ids are made in a millisecond; the next one is not the number that follows."""
LAST = IN_A_MILLISECOND - 1
TRIES = 5


@pytest.mark.in_turn
async def test_people_whose_numbers_lie_in_two_milliseconds_are_read_with_their_declaration(
    node: Node,
) -> None:
    ids, taken_before_people = node.processor.services.ids, 0
    document_id = missed_by = 0
    for number in range(TRIES):
        run_ahead(ids)
        place = int(ids.take(1)[0]) % IN_A_MILLISECOND
        ids.take((LAST - 1 - place - taken_before_people) % IN_A_MILLISECOND)
        document_id, first_person_id = await file(node, f"two-milliseconds-{number}")
        missed_by = (first_person_id - LAST) % IN_A_MILLISECOND
        if not missed_by:
            break
        taken_before_people += missed_by
    assert not missed_by, "the first person's number is the last of a millisecond"

    whole = await read_whole(node.processor.services, document_id, "amend", node.clock.now())

    assert whole is not None
    assert (whole.consignor.name, whole.consignee.name) == ("Invented Seller Ltd", "Invented Person 1")


def run_ahead(ids: IdSource) -> None:
    """Be some seconds ahead of the clock, so that it passes over no id while a parcel is filed."""
    for _ in range(5):
        ids.take(1_000 * IN_A_MILLISECOND)


async def file(node: Node, name: str) -> tuple[int, int]:
    """File a parcel; return its document and the number of its first person."""
    (answer,) = await send(node, DECLARANT, "declaration", parcel(name))
    ((first_person_id,),) = await select(
        node, "SELECT first_person_id FROM document WHERE document_id = %s", answer.document_id
    )
    return answer.document_id, int(first_person_id)

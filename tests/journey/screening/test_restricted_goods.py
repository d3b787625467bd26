"""A parcel whose description names restricted goods waits for the document, whatever its code is."""

import pytest

from serai.model.documents import AdditionalDocument
from serai.model.frames import LANES
from tests.journey.batches import item, parcel, rule_ids, run


@pytest.mark.parametrize(
    ("description", "document", "lane"),
    [
        ("Carved ivory figurine", None, "await"),
        ("Carved ivory figurine", "N851", "await"),
        ("Carved ivory figurine", "C400", "proceed"),
        ("Ivory coloured figurine", None, "proceed"),
    ],
)
def test_ivory_under_the_code_of_plastics_waits_for_its_permit(
    description: str, document: str | None, lane: str
) -> None:
    documents = [AdditionalDocument(document)] if document else []
    goods = item(commodity_code="39264000", description=description, additional_documents=documents)

    processed = run(parcel("T-1", goods))

    assert LANES[int(processed.consignments.numbers("lane_number")[0])] == lane
    assert ("eu-cites" in rule_ids(processed, 0)) == (lane == "await")

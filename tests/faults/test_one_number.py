"""A small campaign: many documents on one number; `python -m tools.campaign one-number` is the large one."""

import pytest

from tests.faults.serving import Serving
from tools.campaign.one_number import RATIO_MAX, Way, processor_s, ratio_of, send_through, ways
from tools.campaign.server import children_of

SOME = ("declarations of one house_document", "orders of one declaration", "transport-documents that wait")


@pytest.mark.parametrize(
    "way", [way for way in ways() if way.name.startswith(SOME)], ids=lambda way: way.name.replace(" ", "-")
)
def test_the_work_grows_with_the_documents_on_one_number_and_no_faster(node: Serving, way: Way) -> None:
    _, key = node.add_party("Invented Crowd", "declarant", "carrier", "platform")
    database_id = node.database_process_id()

    def spent_s() -> float:
        return processor_s([*node.web_process_ids(), database_id, *children_of(database_id)])

    name = way.name.upper().replace(" ", "-").replace("_", "-")[:24]
    ratio = ratio_of(way, send_through(f"http://127.0.0.1:{node.port}", key), spent_s, name, 40)

    assert ratio <= RATIO_MAX

"""Bodies that would take memory or time by the square of their length, over HTTP: work grows as they do.

Each is made longer by four doublings; time of the processor and the peak of memory are ratios. Every reader
is tried with every such body by `tests/tools/test_campaign.py`.
"""

from collections.abc import Callable, Iterator
from typing import Final

import httpx2
import pytest

from serai.foundation.http.provided import provide
from serai.portal.message_check.service import CheckService
from tests.conformance.node import RunningNode, running_node
from tools.campaign.growing_bodies import bodies_of
from tools.campaign.growth import RATIO_MAX, Body, Growth, measure_growth
from tools.campaign.samples import samples_of

_SHORTEST_BYTES: Final = 4_096
"""And so 64 KiB at the longest: so little is sent by anybody, and thousand times over."""


def _beginning(name: str, begin: bytes) -> bytes:
    return next(one for one in samples_of(name) if one.startswith(begin))


_JSON: Final = dict(bodies_of("json", (_beginning("epcis", b"{"),)))
_XML: Final = dict(bodies_of("xml", (_beginning("epcis", b"<"),)))
_CDS: Final = dict(bodies_of("xml", samples_of("wco-dec")))
_CSV: Final = dict(bodies_of("lines", samples_of("csv")))
_CHECKED: Final = (
    ("json", _JSON, "lists in lists, never closed"),
    ("json", _JSON, "quotes released, never closed"),
    ("json", _JSON, "a long name over many entries"),
    ("json", _JSON, "unknown fields"),
    ("epcis", _JSON, "objects in objects"),
    ("epcis", _JSON, "prefixes of a context over many events"),
    ("epcis", _JSON, "prefixes over unknown fields"),
    ("epcis", _JSON, "leaves below long names"),
    ("epcis", _XML, "namespaces over many elements, at level 1"),
    ("epcis", _XML, "a long namespace over many elements, at level 3"),
    ("epcis", _XML, "a long name over many elements, at level 3"),
    ("cds", _CDS, "a long namespace over many elements, at level 3"),
    ("csv", _CSV, "columns"),
    ("csv", _CSV, "quotes that go on and on"),
)
_KNOWN_ATTACKS: Final = frozenset({"lists in lists, never closed", "prefixes of a context over many events"})
"""Each took the square of its length in a way of its own; three more did, and are among the slow ones."""


@pytest.fixture(scope="module")
def node(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(database, tmp_path_factory.mktemp("node")) as running:
        yield running


def _growth(send: Callable[[bytes], httpx2.Response], body: Body) -> Growth:
    def answered(content: bytes) -> None:
        answer = send(content)
        assert answer.status_code < 500, answer.text

    return measure_growth(answered, body, _SHORTEST_BYTES)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("standard", "body"),
    [
        pytest.param(
            standard,
            bodies[name],
            id=f"{standard}: {name}",
            marks=() if name in _KNOWN_ATTACKS else pytest.mark.slow,
        )
        for standard, bodies, name in _CHECKED
    ],
)
def test_checking_takes_work_as_the_body_is_long(node: RunningNode, standard: str, body: Body) -> None:
    with httpx2.Client(base_url=node.address, timeout=600) as client:

        def send(content: bytes) -> httpx2.Response:
            # Nobody may ask as often as this test does.
            provide(node.app, CheckService())
            headers = {"content-type": "text/plain"}
            return client.post(f"/v1/check/{standard}", content=content, headers=headers)

        growth = _growth(send, body)

    assert growth.is_straight, growth


@pytest.mark.slow
def test_the_page_that_checks_takes_work_as_the_body_is_long(node: RunningNode) -> None:
    with httpx2.Client(base_url=node.address, timeout=600) as client:

        def send(content: bytes) -> httpx2.Response:
            provide(node.app, CheckService())
            return client.post("/check", data={"standard": "json", "message": content.decode()})

        growth = _growth(send, _JSON["lists in lists, never closed"])

    assert growth.is_straight, growth


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [
        pytest.param("/v1/epcis/capture", "application/json", _JSON[_CHECKED[5][2]], id="capture JSON"),
        pytest.param("/v1/epcis/capture", "application/xml", _XML[_CHECKED[8][2]], id="capture XML"),
        pytest.param("/v1/epcis/events", "application/json", _JSON[_CHECKED[7][2]], id="event"),
        pytest.param("/v1/epcis/queries", "application/json", _JSON[_CHECKED[6][2]], id="query"),
        pytest.param("/v1/declarations", "application/json", _JSON["lists in lists"], id="declaration"),
        pytest.param("/v1/orders", "application/json", _JSON["unknown fields"], id="order"),
    ],
)
def test_sending_takes_work_as_the_body_is_long(
    node: RunningNode, path: str, media_type: str, body: Body
) -> None:
    with node.client() as client:
        growth = _growth(
            lambda content: client.post(path, content=content, headers={"content-type": media_type}), body
        )

    assert growth.is_straight, growth


@pytest.mark.slow
def test_a_square_is_told_from_a_straight_line() -> None:
    def squared(content: bytes) -> int:
        return sum(len(content[:end]) for end in range(0, len(content), 8))

    def copied(content: bytes) -> list[bytes]:
        return [content[:end] for end in range(0, len(content), 64)]

    assert measure_growth(sum, bytes).is_straight
    assert not measure_growth(squared, bytes, 16_384).is_straight
    assert measure_growth(copied, bytes, 1_024).memory_ratio > RATIO_MAX

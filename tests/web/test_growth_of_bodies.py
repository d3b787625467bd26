"""Bodies that would take memory or time by the square of their length, over HTTP: work grows as they do.

Each is made longer by four doublings; time of the processor and the peak of memory are ratios.
"""

from collections.abc import Callable, Iterator
from typing import Final

import httpx2
import pytest

from serai.laboratory.message_check.desk import CheckDesk
from tests.conformance.node import RunningNode, running_node
from tools.campaign.growing_bodies import bodies_of
from tools.campaign.growth import RATIO_MAX, Body, Growth, measure_growth
from tools.campaign.samples import samples_of

_SHORTEST_BYTES: Final = 4_096
"""And so 64 KiB at the longest: as much as anybody may send, thousand times over."""


def _beginning(name: str, begin: bytes) -> bytes:
    return next(one for one in samples_of(name) if one.startswith(begin))


_EPCIS_JSON: Final = dict(bodies_of("json", (_beginning("epcis", b"{"),)))
_EPCIS_XML: Final = dict(bodies_of("xml", (_beginning("epcis", b"<"),)))
_CSV: Final = dict(bodies_of("lines", samples_of("csv")))
_CDS: Final = dict(bodies_of("xml", samples_of("wco-dec")))
_CHECKED: Final[list[tuple[str, str, Body]]] = [
    *(
        (standard, name, _EPCIS_JSON[name])
        for standard in ("json", "epcis")
        for name in (
            *("lists in lists, never closed", "lists in lists", "objects in objects"),
            *("lists below a name", "quotes released, never closed", "a long name over many entries"),
            *("unknown fields", "entries with unknown fields"),
        )
    ),
    *(
        ("epcis", name, _EPCIS_JSON[name])
        for name in (
            *("prefixes of a context over many events", "prefixes over unknown fields"),
            *("leaves below long names", "codes unknown", "events without what they need"),
        )
    ),
    *(
        (standard, f"{name}, at level {level}", bodies[f"{name}, at level {level}"])
        for standard, bodies in (("epcis", _EPCIS_XML), ("cds", _CDS))
        for name in (
            *("namespaces over many elements", "a long namespace over many elements"),
            *("a long namespace over many attributes", "a long name over many elements"),
        )
        for level in (1, 3)
    ),
    *(
        ("csv", name, _CSV[name])
        for name in ("columns", "columns that nobody knows", "quotes that go on and on")
    ),
]
_CAPTURED: Final = [
    *(
        pytest.param("application/json", _EPCIS_JSON[name], id=name)
        for name in ("prefixes of a context over many events", "leaves below long names")
    ),
    *(
        pytest.param("application/xml", _EPCIS_XML[name], id=name)
        for name in (
            "namespaces over many elements, at level 3",
            "a long namespace over many elements, at level 3",
        )
    ),
]


@pytest.fixture(scope="module")
def node(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(database, tmp_path_factory.mktemp("node")) as running:
        yield running


def _growth(send: Callable[[bytes], httpx2.Response], body: Body) -> Growth:
    def answered(content: bytes) -> None:
        answer = send(content)
        assert answer.status_code < 500, answer.text

    return measure_growth(answered, body, _SHORTEST_BYTES)


@pytest.mark.parametrize(("standard", "body"), [pytest.param(s, b, id=f"{s}: {n}") for s, n, b in _CHECKED])
def test_checking_a_body_takes_work_as_it_is_long(node: RunningNode, standard: str, body: Body) -> None:
    with httpx2.Client(base_url=node.address, timeout=600) as client:

        def send(content: bytes) -> httpx2.Response:
            node.app.state["check_desk"] = CheckDesk()
            headers = {"content-type": "text/plain"}
            return client.post(f"/v1/check/{standard}", content=content, headers=headers)

        growth = _growth(send, body)

    assert growth.is_straight, growth


@pytest.mark.parametrize("name", ["lists in lists, never closed", "quotes released, never closed"])
def test_the_page_that_checks_takes_work_as_the_body_is_long(node: RunningNode, name: str) -> None:
    with httpx2.Client(base_url=node.address, timeout=600) as client:

        def send(content: bytes) -> httpx2.Response:
            node.app.state["check_desk"] = CheckDesk()
            return client.post("/check", files={"file": ("a.json", content)}, data={"standard": "json"})

        growth = _growth(send, _EPCIS_JSON[name])

    assert growth.is_straight, growth


@pytest.mark.parametrize(("media_type", "body"), _CAPTURED)
@pytest.mark.parametrize("path", ["/v1/epcis/capture", "/v1/epcis/events", "/v1/epcis/queries"])
def test_visibility_takes_work_as_the_body_is_long(
    node: RunningNode, path: str, media_type: str, body: Body
) -> None:
    with node.client() as client:
        growth = _growth(
            lambda content: client.post(path, content=content, headers={"content-type": media_type}), body
        )

    assert growth.is_straight, growth


@pytest.mark.parametrize("path", ["/v1/consignments", "/v1/orders", "/v1/payments"])
@pytest.mark.parametrize("name", ["lists in lists", "unknown fields", "a long name over many entries"])
def test_filing_takes_work_as_the_body_is_long(node: RunningNode, path: str, name: str) -> None:
    with node.client() as client:
        growth = _growth(
            lambda content: client.post(path, content=content, headers={"content-type": "application/json"}),
            _EPCIS_JSON[name],
        )

    assert growth.is_straight, growth


def test_a_square_is_told_from_a_straight_line() -> None:
    def squared(content: bytes) -> int:
        return sum(len(content[:end]) for end in range(0, len(content), 8))

    def straight(content: bytes) -> int:
        return sum(content)

    body = bytes
    assert measure_growth(straight, body).is_straight
    assert measure_growth(
        lambda content: [content[:end] for end in range(0, len(content), 64)], body, 1_024
    ) > (Growth(0, RATIO_MAX))
    assert not measure_growth(squared, body).is_straight

"""The access log: one line a request where it is set, of route and party alone."""

import io
from typing import Any

import msgspec

from serai.foundation.access.actor import Actor, Means, Role
from serai.foundation.http.request_edge import RequestEdge
from serai.foundation.metrics import Metrics

PARTY_ID = 7_000_000_001


async def _answer(scope: Any, _receive: Any, send: Any) -> None:
    """A route that knows who asks."""
    scope["path_template"] = "/v1/cases/{case_id}"
    scope["state"]["actor"] = Actor(PARTY_ID, 1, frozenset({Role.POST}), frozenset(), Means.API_KEY, "1")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _ask(*, tells_all: bool) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/cases/mallory",
        "raw_path": b"/v1/cases/mallory",
        "query_string": b"search=mallory",
        "headers": [(b"x-name", b"mallory")],
        "state": {},
    }

    async def nothing(*_: Any) -> Any:
        return None

    edge = RequestEdge(
        _answer,
        Metrics(),
        is_test=True,
        has_https=False,
        tells_all=tells_all,
        body_stall_s=60,
        authentic_language="en",
    )
    await edge(scope, nothing, nothing)  # type: ignore[arg-type]


async def test_each_request_has_a_line_of_route_and_party_without_path_and_query(told: io.StringIO) -> None:
    await _ask(tells_all=True)

    (line,) = map(msgspec.json.decode, told.getvalue().splitlines())
    assert (line["event"], line["route"], line["status"]) == (
        "request-answered",
        "GET /v1/cases/{case_id}",
        200,
    )
    assert line["party_id"] == PARTY_ID
    assert line["duration_ms"] >= 0
    assert len(line["request_id"]) == 16
    assert "mallory" not in told.getvalue()


async def test_unless_it_is_set_what_went_well_has_no_line(told: io.StringIO) -> None:
    await _ask(tells_all=False)

    assert told.getvalue() == ""

"""The client has a call for every machine route, and each asks what the route is for."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from serai.client import calls, exchanges
from serai.client.exchanges import Call
from serai.client.sync_client import Serai
from serai.foundation.settings import Settings
from serai.web.application import build_application
from tests.client.test_client import serai, world
from tests.journey.cases.world import parcel

__all__ = ["serai", "world"]

NOT_CALLED = {
    ("GET", "/v1/events/stream"),
    ("GET", "/v1/openapi/openapi.json"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("POST", "/oauth/token"),
}
"""The feed of server-sent events has `follow` beside it; the description is for makers of clients; tokens are
fetched by whatever library for OAuth 2.0 a machine has."""


def routes() -> set[tuple[str, str]]:
    """Machine routes by method and path; a value in braces."""
    app = build_application(Settings(), "")
    return {
        (method, route.path_format)
        for route in app.routes
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items()
        if method not in ("OPTIONS", "HEAD")
        and handler.include_in_schema is not False
        and not route.path_format.startswith(("/v1/openapi", "/schema"))
    }


def asked(function: Callable[..., Any]) -> Iterator[Call]:
    """Give what a function asks, with its parameters as values."""
    values: dict[str, Any] = {}
    parameters = inspect.signature(function).parameters
    for name, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty:
            kind = str(parameter.annotation)
            values[name] = (
                b"" if "bytes" in kind else {} if "Mapping" in kind else [] if "Sequence" in kind else "V"
            )
    alternatives = (
        calls.EPCIS_SETS if "of" in parameters else exchanges.ROUTES if "kind" in parameters else ("",)
    )
    for one in alternatives:
        given = values | ({"of": one} if "of" in parameters else {})
        if function is exchanges.submit_one:
            given["kind"] = one
        yield next(function(**given))


def called() -> set[tuple[str, str]]:
    """What all calls ask, values replaced."""
    functions = [
        one
        for module in (calls, exchanges)
        for name, one in vars(module).items()
        if inspect.isfunction(one)
        and one.__module__ == module.__name__
        and not name.startswith("_")
        and str(inspect.signature(one).return_annotation).startswith(
            ("collections.abc.Generator", "Exchange")
        )
        and name not in ("submit_batch", "submit_table")
    ]
    return {(call.method, unquote(call.path)) for one in functions for call in asked(one)}


def test_every_route_has_a_call() -> None:
    shapes = {(method, re.sub(r"\{[^}]*\}", "V", path)) for method, path in routes()}
    not_called = {(method, re.sub(r"\{[^}]*\}", "V", path)) for method, path in NOT_CALLED}

    assert shapes - called() - not_called == set()
    assert called() - shapes == set()


def test_a_call_reads_what_was_filed(serai: Serai) -> None:
    answer = serai.submit(parcel("CALLED-1"))

    case = serai.do(calls.read_case(answer.case_id or ""))
    listed = serai.do(calls.list_declarations(limit=5))

    assert answer.status == "decided"
    assert case["case_id"] == answer.case_id
    assert "CALLED-1" in [one["reference"] for one in listed["consignments"]]


@pytest.mark.parametrize("missing", ["nothing/there", "ÿ"])
def test_values_in_addresses_are_encoded(serai: Serai, missing: str) -> None:
    with pytest.raises(Exception, match=r".+") as raised:
        serai.do(calls.read_pre_loading(missing))

    assert getattr(raised.value, "code", "") == "not-found"

"""A parameter of a query that a machine route does not know is refused, at every route alike."""

import re

import pytest

from serai.foundation.http.guards import act_of
from serai.foundation.http.provided import find_provided
from serai.foundation.http.query_names import QueryNames
from serai.foundation.settings import Settings
from serai.web.application import build_application
from tests.journey.cases.world import World


def routes() -> list[tuple[str, str]]:
    """Machine routes but those that nobody of this world may call."""
    app = build_application(Settings(), "")
    names = find_provided(app, QueryNames)
    assert names is not None
    return sorted(
        (method, route.path_format)
        for route in app.routes
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items()
        if handler.fn in names.by_function
        and method not in ("OPTIONS", "HEAD")
        and act_of(handler) not in _OF_NOBODY
    )


_OF_NOBODY = {
    "law.activate",
    "permits.issue",
    "requirements.set",
    "agency-parcels.read",
    "agency-parcels.decide",
    "recordals.lodge",
    "rights-detentions.answer-as-holder",
}
"""Acts of roles that nobody of this world has."""


def party_for(path: str) -> str:
    """Somebody who may call the route: the guard asks that first."""
    if path.startswith(("/v1/parties", "/v1/lists", "/v1/law-", "/v1/administering", "/v1/pre-loading")):
        return "officer"
    if path.endswith("/take-down-answer"):
        return "platform"
    return "officer" if path in ("/v1/quotes/accounts",) else "post"


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_refuses_it_by_name(world: World, method: str, path: str) -> None:
    address = re.sub(r"\{[^}]*\}", "x", path)

    answers = []
    for party in (party_for(path), "officer", "payer", "seller", "post"):
        with world.client(party) as client:
            answers.append(client.request(method, address, params={"lmit": "5", "no_such": "1"}))
        if answers[-1].status_code != 403:
            break

    problem = answers[-1].json()
    assert (answers[-1].status_code, problem["code"]) == (400, "input-faulty"), problem
    assert [one["pointer"] for one in problem["errors"]] == ["query:lmit", "query:no_such"]


def test_the_name_that_was_meant_is_proposed(world: World) -> None:
    with world.client("post") as client:
        problem = client.get("/v1/declarations", params={"lmit": "5"}).json()

    assert problem["errors"][0]["remedy"] == "Did you mean limit?"


def test_every_fault_of_a_small_body_is_told_at_once_beside_an_unknown_field(world: World) -> None:
    body = {"expected_version": "one", "reason": "", "resaon": "typed twice"}

    with world.client("post") as client:
        answer = client.post("/v1/declarations/NONE/invalidation", json=body)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "body-faulty")
    assert {one["pointer"] for one in problem["errors"]} == {"/expected_version", "/reason", "/resaon"}
    assert all(one["sentence"] and one["severity"] == "fault" for one in problem["errors"])

"""The published description of the API, and answers held against it by schemathesis."""

from typing import Any

import pytest
import schemathesis

from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import Settings
from serai.web.application import build_application
from tests.journey.cases.world import World, file, parcel

READ_ROUTES = (
    "/v1/cases/{case_id}",
    "/v1/cases/{case_id}/decision",
    "/v1/cases/{case_id}/charges",
    "/v1/cases/{case_id}/history",
    "/v1/cases/{case_id}/explanation",
    "/v1/declarations",
    "/v1/events",
    "/v1/epcis/capture",
    "/v1/epcis/events",
    "/v1/epcis/epcs",
    "/v1/epcis/bizSteps/{value}",
    "/v1/epcis/events/{event_id}",
    "/healthz",
    "/readyz",
)


def description(world: World) -> dict[str, Any]:
    with world.client("") as client:
        found: dict[str, Any] = client.get("/v1/openapi/openapi.json").json()
    return found


def test_every_route_of_following_stands_in_the_description_with_a_summary(world: World) -> None:
    paths = description(world)["paths"]

    for path in READ_ROUTES:
        assert paths[path]["get"]["summary"].endswith((".", "?")), path
        assert "200" in paths[path]["get"]["responses"]
    assert "post" in paths["/v1/quotes"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
@pytest.mark.parametrize("path", READ_ROUTES)
def test_no_input_makes_a_route_fail_and_every_answer_is_as_described(world: World, path: str) -> None:
    with world.client("post") as client:
        case_id = file(client, parcel("SCHEMA-1"))[0]["case_id"]
    schema = schemathesis.openapi.from_dict(description(world))
    operation = schema[path]["GET"]
    headers = {"authorization": f"Bearer {world.keys['post']}"}

    for number in range(25):
        case = operation.as_strategy().example()
        if number % 2 and "case_id" in (case.path_parameters or {}):
            case.path_parameters["case_id"] = case_id
        response = case.call(base_url=world.address, headers=headers)
        assert response.status_code < 500, (case, response.text)
        if response.status_code == 200:
            operation.validate_response(response)


def test_forms_without_a_description_stand_in_the_matrix_all_the_same() -> None:
    rows = {(row.method, row.path) for row in route_matrix(build_application(Settings(), ""))}

    for form in ("receipt", "people", "try"):
        assert ("POST", f"/parcels/{{case_id}}/{form}") in rows

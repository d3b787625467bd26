"""What the API says of itself: whole, sound, and enough to file by."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import msgspec
import pytest
import schemathesis

from serai.foundation.http.guards import route_matrix
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, PROBLEMS
from serai.foundation.settings import Settings
from serai.model.fields import described_names
from serai.web.application import build_application, build_openapi
from serai.web.description.bodies import PATHS
from tests.journey.cases.world import World

ROOT = Path(__file__).parents[2]
SPECTRAL = ROOT / ".tools" / "node" / "node_modules" / ".bin" / "spectral"
METHODS = ("get", "post", "put", "delete")
SENDERS = {
    "declaration": "post",
    "order": "seller",
    "payment": "payer",
    "transport-document": "post",
    "arrival": "rival",
    "return": "post",
}
"""Which party of the world may send which kind."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(build_openapi()))
    return decoded


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def media_of(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for answer in operation["responses"].values():
        yield from answer.get("content", {}).items()


def test_every_machine_route_stands_in_the_description_and_no_page_does(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for method, path, _ in operations(document)}
    known = {(row.method, row.path) for row in route_matrix(build_application(Settings(), ""))}
    machine = {one for one in known if one[1].startswith("/v1/") and not one[1].startswith("/v1/openapi")}

    assert described <= known
    assert machine <= described
    assert not any("html" in media for _, _, one in operations(document) for media, _ in media_of(one))


def test_every_route_that_takes_a_body_describes_it_with_an_example(document: dict[str, Any]) -> None:
    without_body = {
        "/v1/accounts/{account}/password",
        "/v1/webhooks/{webhook}/secret",
        "/v1/webhooks/{webhook}/test",
        "/v1/mandates/{mandate_id}/revocation",
        "/v1/guarantees/{number}/revocation",
        "/v1/permits/{number}/revocation",
        "/v1/agencies/keys/{kid}/revocation",
        "/v1/agencies/remits/{rule_id}/end",
        "/v1/payment-accounts/{account_number}/closure",
        "/v1/refund-orders/{order}/withdrawal",
        "/v1/token-issuers/{issuer_key}/revocation",
        "/v1/recalls/{recall_id}/end",
        "/v1/recordals/{recordal_id}/end",
        "/v1/list-sources/{list_source}/end",
        "/v1/bulk-acts/{bulk}/sample/{case_id}",
    }

    posts = [(path, one) for method, path, one in operations(document) if method == "post"]

    assert {path for path, one in posts if "requestBody" not in one} == without_body
    assert [
        path
        for path, one in posts
        if path not in without_body
        and not any("example" in media for media in one["requestBody"]["content"].values())
    ] == []


def test_every_answer_has_a_body_and_problems_name_their_codes(document: dict[str, Any]) -> None:
    for method, path, one in operations(document):
        for status, answer in one["responses"].items():
            where = f"{method} {path} {status}"
            assert status == "204" or answer.get("content"), where
            if int(status) >= 400:
                assert list(answer["content"]) == [PROBLEM_MEDIA_TYPE], where
                assert answer["content"][PROBLEM_MEDIA_TYPE]["example"]["code"] in PROBLEMS, where


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = Counter(
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
        if isinstance(operation, dict)
    )

    assert [name for name, count in names.items() if count > 1] == []


def test_every_property_and_parameter_says_what_it_means(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, one in schema.get("properties", {}).items()
        if not one.get("description")
    ] == []
    assert [
        f"{path} {parameter['name']}"
        for _, path, one in operations(document)
        for parameter in one.get("parameters", ())
        if not parameter["description"]
    ] == []


_OPEN = {
    "CaseOut.state",  # a sentence
    "VerdictOut.verdict",  # a sentence
}
_CLOSED_ENDINGS = (
    "kind", "kinds", "status", "lane", "role", "roles", "outcome", "severity", "due", "debtor", "verdict",
    "state",
)  # fmt: skip


def test_ids_are_opaque_strings(document: dict[str, Any]) -> None:
    found = {
        f"{struct}.{name}": schema
        for struct, component in document["components"]["schemas"].items()
        for name, schema in component.get("properties", {}).items()
        if name.endswith(("_id", "_ids"))
    } | {
        f"{path} {one['name']}": one["schema"]
        for _, path, operation in operations(document)
        for one in operation.get("parameters", ())
        if one["name"].endswith("_id")
    }

    assert len(found) > 40
    assert [name for name, schema in found.items() if not _is_text(schema.get("items", schema))] == []


def test_what_is_named_as_a_closed_list_is_an_enumeration(document: dict[str, Any]) -> None:
    found = {
        f"{struct.rpartition('.')[2]}.{name}": schema
        for struct, component in document["components"]["schemas"].items()
        for name, schema in component.get("properties", {}).items()
        if name.split("_")[-1] in _CLOSED_ENDINGS and _is_text(schema.get("items", schema))
    }

    assert {name for name, schema in found.items() if not _is_closed(schema)} == _OPEN


def _is_text(schema: dict[str, Any]) -> bool:
    """Whether nothing but text may stand there."""
    kinds = schema.get("anyOf", [schema])
    return all(one.get("type", "string") in ("string", "null") and "$ref" not in one for one in kinds)


def _is_closed(schema: dict[str, Any]) -> bool:
    return any(
        "enum" in one or "const" in one for one in (schema, schema.get("items", {}), *schema.get("anyOf", ()))
    )


def test_every_name_of_the_catalogue_is_a_field_of_a_message(document: dict[str, Any]) -> None:
    fields = {
        name
        for struct, schema in document["components"]["schemas"].items()
        for field in schema.get("properties", {})
        for name in (field, f"{struct.rpartition('.')[2]}.{field}")
    } | {one["name"] for _, _, operation in operations(document) for one in operation.get("parameters", ())}

    assert described_names() - fields == set()


def test_every_example_is_as_its_schema_says(document: dict[str, Any]) -> None:
    media = {
        f"{method} {path} {place} {media_type}": media
        for method, path, one in operations(document)
        for place, (media_type, media) in enumerate(media_of(one))
        if "example" in media
    }
    # One schema of all: to read the components anew for each example takes twelve seconds.
    schemas = {name: one["schema"] for name, one in media.items()}
    check = jsonschema_rs.validator_for({"properties": schemas, "components": document["components"]})

    faults = check.iter_errors({name: one["example"] for name, one in media.items()})

    assert len(media) > 300
    assert [(fault.instance_path[0], fault.message) for fault in faults] == []


def test_who_may_call_is_said_by_a_key_or_a_session_or_nobody(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert {name: (one["type"], one.get("scheme", one.get("in"))) for name, one in schemes.items()} == {
        "ApiKey": ("http", "bearer"),
        "Session": ("apiKey", "cookie"),
    }
    assert document["paths"]["/v1/declarations"]["post"]["security"] == [{"ApiKey": []}, {"Session": []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []


def test_closed_lists_are_enumerations(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert schemas["DecisionOut"]["properties"]["lane"]["enum"] == [
        "proceed", "await", "review", "examine", "refuse",
    ]  # fmt: skip
    assert "arrival-expected" in schemas["DecisionOut"]["properties"]["status"]["enum"]
    assert "post" in schemas["Consignment"]["properties"]["logistics_channel_code"]["enum"]


def test_spectral_finds_no_error(document: dict[str, Any], tmp_path: Path) -> None:
    if not SPECTRAL.exists() or shutil.which("node") is None:
        pytest.skip("spectral is not installed: make spectral (needs node)")
    (tmp_path / "openapi.json").write_bytes(msgspec.json.encode(document))
    (tmp_path / "ruleset.yaml").write_text('extends: ["spectral:oas"]\n')

    done = subprocess.run(
        [SPECTRAL, "lint", "--ruleset", "ruleset.yaml", "--fail-severity", "warn", "openapi.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def release(world: World, reference: str, case_id: str) -> None:
    """Secure what is due, and present the goods."""
    mark = {"reference": "MARK-1", "kind": "on-account", "currency_code": "EUR", "amount": "999.00"}
    arrived = {"arrived_at": "2026-07-02T06:00:00Z"}
    with world.client("post") as client:
        client.post(f"/v1/cases/{case_id}/payment-records", json=mark).raise_for_status()
        shown = client.post(f"/v1/declarations/{reference}/presentation", json=arrived)
    assert shown.json()["decision"]["status"] == "released", shown.text


@pytest.mark.in_turn
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_schemathesis_files_every_kind_from_the_document_alone(world: World) -> None:
    with world.client("") as client:
        schema = schemathesis.openapi.from_dict(client.get("/v1/openapi/openapi.json").json())
    declared: dict[str, Any] = {}
    statuses: dict[str, list[int]] = {}
    for kind, path in PATHS.items():
        headers = {"authorization": f"Bearer {world.keys[SENDERS[kind]]}"}
        for strategy in schema[path]["POST"].get_strategies_from_examples():
            case = strategy.example()
            if case.media_type not in ("application/json", "application/xml", "text/csv"):
                continue  # schemathesis cannot write it; JSON of the same route says the same
            if kind == "return":
                release(world, declared["reference"], declared["case_id"])
                case.body = {
                    **cast("dict[str, Any]", case.body),
                    "mrn": declared["decision"]["mrn"],
                }  # no document can know it
            answer = case.call(base_url=world.address, headers=headers)
            statuses.setdefault(kind, []).append(answer.status_code)
            if kind == "declaration" and answer.headers["content-type"] == ["application/json"]:
                declared = answer.json()

    assert statuses.keys() == PATHS.keys()
    assert {kind for kind, found in statuses.items() if any(200 <= one < 300 for one in found)} == {*PATHS}

"""The OpenAPI document: what the framework knows of the routes, and what only the structs know of bodies."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from serai.foundation.access.table import ACTS, SCOPES
from serai.foundation.http.document_problems import DocumentProblem
from serai.foundation.http.guards import act_of
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, PROBLEMS, Problem
from serai.model.fields import describe_field
from serai.web.description.bodies import Form, Lines, answer_forms, read_example, request_forms
from serai.web.description.components import build_components, example_of
from serai.web.description.groups import GROUPS, group_of

_KEY, _SESSION = "ApiKey", "Session"
_INFO: Final = {
    "title": "Serai",
    "version": "1",
    "summary": "Parcels in; explained, durable, provable decisions out.",
    "description": (
        "Lodge declarations and submit orders, payments and transport documents; read decisions with their "
        "reasons, charges and receipts; follow what changes. Instants are RFC 3339, amounts decimal strings "
        "with a currency, ids opaque strings. What is not taken is a problem (RFC 9457) whose `code` is "
        "permanent. A repeated request is harmless."
    ),
    "contact": {"name": "The administration that runs this server"},
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_EVERY: Final = ("rate-limited", "internal-error", "database-busy", "database-unreachable")
_OF_KEYS: Final = (
    "sign-in-needed",
    "key-unknown",
    "key-expired",
    "key-revoked",
    "key-malformed",
    "role-not-allowed",
    "scope-missing",
)
_OF_PATHS: Final = ("not-found", "id-mistyped")
_OF_QUERIES: Final = ("input-faulty",)
_OF_BODIES: Final = (
    "input-faulty",
    "body-faulty",
    "body-not-readable",
    "body-cut-off",
    "body-too-large",
    "content-type-unsupported",
)
_OF_FILING: Final = (
    "document-faulty",
    "reference-reused",
    "version-not-current",
    "amends-nothing",
    "amendment-too-late",
    "withdrawn",
    "busy",
    "disk-full",
    "log-broken",
)


def describe(app: Litestar, framework: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document. framework: what the framework says of the same routes."""
    routes = list(_routes(app, framework))
    kinds = [kind for route in routes for kind in route.kinds()]
    unique = {repr(kind): kind for kind in (*kinds, Problem, DocumentProblem)}
    schemas, components = build_components(unique.values())
    writer = _Writer(dict(zip(unique, schemas, strict=True)), components)
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = writer.operation(route)
    used = {group_of(path) for path in paths}
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/", "description": "This server"}],
        "tags": [{"name": one.title, "description": one.says} for one in GROUPS if one in used],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(components.items())), "securitySchemes": _security_schemes()},
    }


class _Route(msgspec.Struct, frozen=True):
    """A route. operation: of the framework. body: struct of a body that the framework reads; success: of the
    answer, by status."""

    method: str
    path: str
    handler: Any
    operation: dict[str, Any]
    body: Any
    success: dict[int, Any]

    @property
    def problems(self) -> dict[int, ResponseSpec]:
        """What the route itself says of its problems, by status."""
        return {status: spec for status, spec in (self.handler.responses or {}).items() if status >= 400}

    def kinds(self) -> Iterator[Any]:
        """Give every type of its bodies."""
        if self.body is not None:
            yield self.body
        yield from (kind for kind in self.success.values() if _is_described(kind))
        yield from (spec.data_container for spec in self.problems.values())
        for forms in (request_forms(self.method, self.path), answer_forms(self.method, self.path)):
            for form in forms.values():
                if form.kind is not None:
                    yield form.kind.line if isinstance(form.kind, Lines) else form.kind


def _routes(app: Litestar, framework: Mapping[str, Any]) -> Iterator[_Route]:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or handler.include_in_schema is False:
                continue
            path = route.path_format
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                operation = framework.get("paths", {}).get(path, {}).get(method.lower())
                if operation is not None:
                    body = handler.parsed_data_field
                    yield _Route(
                        method,
                        path,
                        handler,
                        operation,
                        None if body is None else _plain(body.annotation),
                        _success(handler),
                    )


def _success(handler: HTTPRouteHandler) -> dict[int, Any]:
    """Return the types of answers of 2xx."""
    returned = handler.parsed_fn_signature.return_type.annotation
    if isinstance(get_origin(returned), type) and issubclass(get_origin(returned), Response):
        returned = get_args(returned)[0]
    named = {
        status: spec.data_container
        for status, spec in (handler.responses or {}).items()
        if 200 <= status < 300
    }
    return {handler.status_code: returned, **named}


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def _is_described(kind: Any) -> bool:
    return kind not in (Any, bytes, str, None, type(None), Stream) and not isinstance(kind, str)


class _Writer:
    """Writes operations with the schemas that are known."""

    def __init__(self, schemas: dict[str, Any], components: dict[str, Any]) -> None:
        self._schemas = schemas
        self._components = components

    def operation(self, route: _Route) -> dict[str, Any]:
        """Write one operation."""
        said = route.operation
        act = ACTS[act_of(route.handler)]
        out: dict[str, Any] = {
            "operationId": _operation_id(route),
            "summary": said.get("summary", ""),
            "description": (said.get("description") or said.get("summary", "")).strip(),
            "tags": [group_of(route.path).title],
        }
        if parameters := [self._parameter(one) for one in said.get("parameters", ())]:
            out["parameters"] = parameters
        if body := self._request_body(route):
            out["requestBody"] = body
        out["responses"] = {**self._answers(route), **self._problems(route)}
        out["security"] = [] if act.scope is None else [{_KEY: []}, {_SESSION: []}]
        if act.scope is not None:
            out["description"] += f"\n\nA key needs the scope `{act.scope}`: {SCOPES[act.scope]}"
        return out

    def _parameter(self, parameter: Mapping[str, Any]) -> dict[str, Any]:
        name = parameter["name"]
        text = describe_field("Parameter", name)
        schema = parameter["schema"]
        description = parameter.get("description") or (text.sentence if text else _PARAMETERS.get(name, ""))
        kept = {key: one for key, one in parameter.items() if key in ("name", "in", "required")}
        return {
            **kept,
            "description": description,
            "schema": {key: one for key, one in schema.items() if key not in ("description", "examples")},
        }

    def _request_body(self, route: _Route) -> dict[str, Any] | None:
        forms = request_forms(route.method, route.path)
        if forms:
            content = {name: self._media(form) for name, form in forms.items()}
            meaning = "; ".join(dict.fromkeys(form.meaning for form in forms.values())) + "."
            return {"required": True, "description": meaning, "content": content}
        if route.body is not None:
            return {"required": True, "content": {JSON: self._media(Form(meaning="", kind=route.body))}}
        return route.operation.get("requestBody")

    def _media(self, form: Form) -> dict[str, Any]:
        if form.kind is None:
            media: dict[str, Any] = {"schema": {"type": "string", "description": form.meaning}}
        elif isinstance(form.kind, Lines):
            line = self._schemas[repr(form.kind.line)]
            sample = msgspec.json.encode(example_of(line, self._components)).decode()
            schema = {"type": "string", "description": f"{form.meaning}. Each line: {line.get('$ref', '')}."}
            return {"schema": schema, "x-line-schema": line, "example": f"{sample}\n"}
        else:
            media = {"schema": self._schemas[repr(form.kind)]}
        if form.example is not None:
            media["example"] = read_example(form)
        elif form.kind is not None:
            media["example"] = example_of(media["schema"], self._components)
        return media

    def _answers(self, route: _Route) -> dict[str, Any]:
        said = route.operation["responses"]
        written = answer_forms(route.method, route.path)
        out = {}
        for status, kind in sorted(route.success.items()):
            of_framework = said.get(str(status), {})
            description = of_framework.get("description") or HTTPStatus(status).phrase
            answer: dict[str, Any] = {"description": description}
            if status == HTTPStatus.CREATED:
                answer["headers"] = {
                    "Location": {"description": "Address of what was made.", "schema": {"type": "string"}}
                }
            if written:
                answer["content"] = {name: self._media(form) for name, form in written.items()}
            elif _is_described(kind):
                answer["content"] = {JSON: self._media(Form(meaning="", kind=kind))}
            elif of_framework.get("content"):
                answer["content"] = {name: {"schema": {"type": "string"}} for name in of_framework["content"]}
            out[str(status)] = answer
        return out

    def _problems(self, route: _Route) -> dict[str, Any]:
        """Say what may go wrong: the codes by status, as problems of RFC 9457."""
        by_status: dict[int, list[str]] = {}
        for code in codes_of(route.path, route.handler, has_body=self._request_body(route) is not None):
            by_status.setdefault(PROBLEMS[code].status, []).append(code)
        # A standard's problems have a shape of their own at all its routes.
        own = next(
            (
                spec.data_container
                for spec in route.problems.values()
                if spec.data_container is not DocumentProblem
            ),
            Problem,
        )
        out = {}
        for status, codes in sorted(by_status.items()):
            spec = route.problems.get(status)
            is_of_document = spec is not None and spec.data_container is DocumentProblem
            kind = spec.data_container if spec is not None else own
            listed = ", ".join(f"`{code}`" for code in codes)
            meaning = f"{spec.description}. " if spec is not None else ""
            schema = self._schemas[repr(kind)]
            answer: dict[str, Any] = {
                "description": f"{meaning}Codes: {listed}.",
                "content": {
                    PROBLEM_MEDIA_TYPE: {
                        "schema": schema,
                        "example": _problem_example(codes[0], is_of_document=is_of_document),
                    }
                },
            }
            if any(PROBLEMS[code].retry_after_s is not None for code in codes):
                answer["headers"] = {
                    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
                }
            out[str(status)] = answer
        return out


_PARAMETERS: Final = {
    "standard": "Name of the standard.",
    "capture_id": "The capture.",
    "query_name": "Name of the query.",
    "act": "The act that is answered; opaque.",
    "assessment": "The assessment before loading; opaque.",
    "parcel": "The parcel, as `GET /v1/agency/parcels` names it; opaque.",
    "value": "The value, percent-encoded.",
    "wait_s": "Seconds to wait for the first event.",
    "task": "Why a person is asked: `two-carriers`, `two-declarants`, `buyer`, `request`, `possible-match`,"
    " `recall`, `custody` or `record-changed`. For officers.",
    "changed_since": "Only what changed since then; an instant of RFC 3339.",
}


def codes_of(path: str, handler: HTTPRouteHandler, *, has_body: bool) -> list[str]:
    """Return the codes of problems that a route can answer with."""
    codes = list(_EVERY)
    if ACTS[act_of(handler)].scope is not None:
        codes += _OF_KEYS
    if "{" in path:
        codes += _OF_PATHS
    if handler.parsed_fn_signature.parameters.keys() - {"request", "data"}:
        codes += _OF_QUERIES
    if has_body:
        codes += _OF_BODIES
    specs = handler.responses or {}
    if any(spec.data_container is DocumentProblem for spec in specs.values()):
        codes += _OF_FILING
    codes += handler.opt.get("problems", ())
    return list(dict.fromkeys(codes))


def _problem_example(code: str, *, is_of_document: bool) -> dict[str, Any]:
    kind = PROBLEMS[code]
    told: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": f"{kind.title}.",
        "code": code,
        "next_step": "Read the page that `type` names.",
    }
    if is_of_document:
        outcome = "rejected" if code == "document-faulty" else "failed" if kind.status == 500 else "refused"
        told |= {"outcome": outcome, "reference": "PARCEL-1"}
    return told


def _operation_id(route: _Route) -> str:
    if route.path.startswith("/v1/epcis/") and route.operation.get("operationId", "").startswith("epcis_"):
        return str(route.operation["operationId"])
    return str(route.handler.handler_name)


def _security_schemes() -> dict[str, Any]:
    return {
        _KEY: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "serai_<number>_<secret>",
            "description": "A key of a party; its scopes say what it may be used for.",
        },
        _SESSION: {
            "type": "apiKey",
            "in": "cookie",
            "name": "serai_session",
            "description": (
                "The session of somebody who signed in; over https its name has `__Host-` before. "
                "Requests that change something also send the form's token as `x-form-token`."
            ),
        },
    }

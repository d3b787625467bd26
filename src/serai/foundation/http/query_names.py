"""Unknown parameters of a query are refused with all their names: a mistyped filter must not read as none."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, get_args, get_origin

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.http.provided import provided
from serai.model.message_text import MessageText

ANY_QUERY: Final = {"takes_any_query": True}
"""For the `opt` of a route that reads its query by itself and tells what it does not know."""
_SHOWN_COUNT_MAX: Final = 20
_SHOWN_CHARACTERS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class QueryNames:
    """Which parameters of a query each machine route knows, by the route's function; pages are left out, as
    browsers and people add to their addresses."""

    by_function: Mapping[Any, frozenset[str]]

    @classmethod
    def of(cls, app: Litestar) -> Self:
        """Read them from an application's routes."""
        return cls(
            {
                handler.fn: frozenset(parameter.field_alias for parameter in model.expected_query_params)
                for route in app.routes
                for handler, model in getattr(route, "route_handler_map", {}).values()
                if handler.include_in_schema is not False and not handler.opt.get("takes_any_query")
            }
        )


def refuse_unknown(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raise InputFaultyError with every parameter of the query that the route does not know."""
    if not connection.scope["query_string"]:
        return
    known = provided(connection, QueryNames).by_function.get(handler.fn)
    if known is None:
        return
    unknown = sorted(set(connection.query_params) - known)
    if not unknown:
        return
    faults = tuple(
        InputFault(
            f"query:{name[:_SHOWN_CHARACTERS_MAX]}",
            "unknown-parameter",
            "This address knows no such parameter.",
            _did_you_mean(name, known),
        )
        for name in unknown[:_SHOWN_COUNT_MAX]
    )
    raise InputFaultyError(
        faults,
        MessageText.counted(
            "{count} parameter is not known at this address.",
            "{count} parameters are not known at this address.",
            count=len(unknown),
        ),
        "Correct what 'errors' names and send it again.",
    )


def values_of(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> list[str]:
    """Return the values that a parameter of the route may have; none where they are no list."""
    parameter = connection.scope["route_handler"].parsed_fn_signature.parameters.get(name)
    return [] if parameter is None else _literals(parameter.annotation)


def _literals(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return [value for part in get_args(annotation) for value in _literals(part)]


def _did_you_mean(name: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(name[:_SHOWN_CHARACTERS_MAX], sorted(known), n=1)
    if near:
        return MessageText("Did you mean {name}?", name=near[0])
    if known:
        return MessageText("Known are: {listed}.", listed=", ".join(sorted(known)))
    return translatable("Leave it out: none is known here.")

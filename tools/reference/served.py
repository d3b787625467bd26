"""The application and its description, built once for all pages that are written from them."""

from functools import cache
from typing import Any

from serai.foundation.http.guards import MatrixRow, route_matrix
from serai.foundation.settings import Settings
from serai.web import application


@cache
def read_matrix() -> tuple[MatrixRow, ...]:
    """Return the routes with who may ask them."""
    return tuple(route_matrix(application.build_application(Settings(), "")))


@cache
def read_description() -> dict[str, Any]:
    """Return the OpenAPI description; nobody changes it."""
    return application.build_openapi()

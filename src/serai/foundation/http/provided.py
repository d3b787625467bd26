"""Services by type: the application provides each once, whoever answers a request asks for it.

Litestar's own dependencies go by the names of handlers' arguments, which nothing checks. By type, mypy sees
what each asker gets, helpers far from a handler ask alike, and no service can be taken for a parameter
of the query.
"""

from typing import Any, Final, TypeVar

from litestar import Litestar
from litestar.connection import ASGIConnection

Service = TypeVar("Service")

_STATE: Final = "provided"


def provide(app: Litestar, *services: object) -> None:
    """Let requests find services by their own types; one of a type that is there already takes its place."""
    _services_of(app).update((type(one), one) for one in services)


def provided(connection: ASGIConnection[Any, Any, Any, Any], kind: type[Service]) -> Service:
    """Return the service of a type."""
    service = find_provided(connection.app, kind)
    assert service is not None, f"the application provides no {kind.__name__}"
    return service


def find_provided(app: Litestar, kind: type[Service]) -> Service | None:
    """Return the service of a type; None where it is not there yet: most come when the node opens."""
    service = _services_of(app).get(kind)
    return service if isinstance(service, kind) else None


def _services_of(app: Litestar) -> dict[type, object]:
    services: dict[type, object] = app.state.setdefault(_STATE, {})
    return services

"""Puts a Litestar application together: one guard, one error edge, one request edge, the kit's own routes."""

from collections.abc import Sequence

from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.types import ControllerRouterHandler, LifespanHook

from serai.foundation.http import language_choice, oidc, sign_in
from serai.foundation.http.careful_request import CarefulRequest
from serai.foundation.http.document_routes import DirectRoutes
from serai.foundation.http.error_edge import answer_error
from serai.foundation.http.guards import guard, route_matrix
from serai.foundation.http.kept_forms import pages as kept_form_pages
from serai.foundation.http.kit import Kit
from serai.foundation.http.problem_pages import list_problems, show_problem
from serai.foundation.http.provided import provide
from serai.foundation.http.query_names import QueryNames
from serai.foundation.http.request_edge import RequestEdge
from serai.foundation.http.static_files import static_route

# For what Litestar reads itself (forms, small JSON); bulk bodies have their own limit in `body.open_body`.
SMALL_BODY_BYTES_MAX = 1 << 20


def build_litestar(
    kit: Kit,
    route_handlers: Sequence[ControllerRouterHandler],
    *,
    openapi_config: OpenAPIConfig | None = None,
    on_startup: Sequence[LifespanHook] = (),
    on_shutdown: Sequence[LifespanHook] = (),
) -> Litestar:
    """Build the application. A route without an act in the table is an AssertionError here already."""
    app = Litestar(
        route_handlers=[
            *route_handlers,
            *sign_in.ROUTES,
            *oidc.ROUTES,
            *language_choice.ROUTES,
            *kept_form_pages.ROUTES,
            list_problems,
            show_problem,
            static_route(kit.pages.static_files),
        ],
        guards=[guard],
        request_class=CarefulRequest,
        exception_handlers={Exception: answer_error},
        openapi_config=openapi_config,
        on_startup=on_startup,
        on_shutdown=on_shutdown,
        request_max_body_size=SMALL_BODY_BYTES_MAX,
        logging_config=None,
        debug=False,
    )
    route_matrix(app)
    provide(app, kit, QueryNames.of(app))
    site = kit.pages.site
    app.asgi_handler = RequestEdge(
        DirectRoutes(app),
        kit.metrics,
        is_test=site.is_test,
        has_https=site.has_https,
        tells_all=kit.has_access_log,
        body_stall_s=kit.body_stall_s,
        authentic_language=site.authentic_language,
    )
    return app

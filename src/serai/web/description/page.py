"""The description over HTTP: as JSON for machines, and at `/docs` for people, by a viewer that we ship."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.openapi.plugins import JsonRenderPlugin

from serai.foundation.http.stylesheet import read_mark, read_reference_viewer
from serai.web.description.document import describe

ADDRESS: Final = "/v1/openapi/openapi.json"
# The viewer writes styles into its own shadow tree; scripts come from here alone, and nothing from elsewhere.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Serai API reference</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<script type="module" src="{viewer}"></script>
</head>
<body>
<rapi-doc spec-url="{address}" load-fonts="false" regular-font="system-ui, sans-serif" show-header="false"
 render-style="read" schema-style="table" allow-server-selection="false" allow-spec-url-load="false"
 allow-spec-file-load="false" persist-auth="false" sort-endpoints-by="path"></rapi-doc>
<noscript><p>Without scripts, read <a href="{address}">the description itself</a>.</p></noscript>
</body>
</html>
"""


class DescriptionPlugin(JsonRenderPlugin):
    """Answers with our description in place of the framework's, which is part of it."""

    _content: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the description; written once, as routes do not change."""
        if self._content is None:
            self._content = msgspec.json.encode(describe(request.app, openapi_schema))
        return self._content


@get("/docs", opt={"act": "public.read"}, include_in_schema=False)
async def show_reference() -> Response[str]:
    """The reference of the API, rendered by RapiDoc; no other host is asked for anything."""
    page = _PAGE.format(viewer=read_reference_viewer().path, icon=read_mark().path, address=ADDRESS)
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)

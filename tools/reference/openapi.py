"""The API's description for the documents, and the page that shows it with the server's own viewer."""

import msgspec

from tools.reference.layout import MARK
from tools.reference.served import read_description

_PAGE = """# API reference

What a running server shows at `/docs`, from [the description itself](openapi.json) (OpenAPI 3.1). The
viewer is [RapiDoc](https://rapidocweb.com), shipped with Serai: nothing is fetched from elsewhere.

<rapi-doc spec-url="../openapi.json" load-fonts="false" show-header="false" render-style="focused"
 allow-try="false" allow-authentication="false" allow-server-selection="false"></rapi-doc>
<script type="module" src="../rapidoc.min.js"></script>
"""


def build_pages() -> dict[str, str]:
    """Return the page and the description beside it."""
    description = msgspec.json.format(msgspec.json.encode(read_description()), indent=1).decode()
    return {"reference/api.md": f"{MARK}\n{_PAGE}", "reference/openapi.json": f"{description}\n"}

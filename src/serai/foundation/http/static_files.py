"""The stylesheet, the mark and scripts, from memory, packed for those who unpack.

Pages themselves go out as they are: a packed page's length would tell of the form token in it.
"""

import gzip
import re
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from serai.foundation.http.stylesheet import StaticFile
from serai.model.errors import SeraiError

_NEVER: Final = re.compile(r"q=0(\.0*)?")


def static_route(static_files: tuple[StaticFile, ...]) -> HTTPRouteHandler:
    """Serve these files; their address carries their hash, so a browser asks for each once."""
    by_path = {file.path: file for file in static_files}
    packed = {file.path: gzip.compress(file.content, mtime=0) for file in static_files}

    @get("/static/{name:str}", opt={"act": "public.read"}, include_in_schema=False)
    async def read_static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        file = by_path.get(f"/static/{name}")
        if file is None:
            raise SeraiError(
                "not-found", "There is no such file.", "Load the page again: it names the present one."
            )
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        if _unpacks(request.headers.get("accept-encoding", "")):
            headers["content-encoding"] = "gzip"
            return Response(packed[file.path], media_type=file.media_type, headers=headers)
        return Response(file.content, media_type=file.media_type, headers=headers)

    return read_static


def _unpacks(accepted: str) -> bool:
    """Say whether a client takes gzip. accepted: its Accept-Encoding."""
    weights = {
        name.strip(): weight
        for name, _, weight in (one.partition(";") for one in accepted.lower().split(","))
    }
    return "gzip" in weights and not _NEVER.fullmatch(weights["gzip"].strip())

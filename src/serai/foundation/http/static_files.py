"""The stylesheet, the mark and scripts, from memory, packed for those who unpack."""

import gzip
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from serai.foundation.http.packing import unpacks
from serai.foundation.http.stylesheet import StaticFile
from serai.model.errors import SeraiError


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
        if unpacks(request.headers.get("accept-encoding", "")):
            headers["content-encoding"] = "gzip"
            return Response(packed[file.path], media_type=file.media_type, headers=headers)
        return Response(file.content, media_type=file.media_type, headers=headers)

    return read_static

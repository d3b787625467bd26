"""The one stylesheet: GOV.UK Frontend's components, our tokens and pages; joined once, cached by its hash."""

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

# Order matters: GOV.UK's own custom properties come first, our tokens overrule them, our pages come last.
PARTS: Final = ("govuk.css", "tokens.css", "pages.css")
_COMMENT: Final = re.compile(rb"/\*.*?\*/\n?", re.DOTALL)


class StaticFile(msgspec.Struct, frozen=True):
    """A file held in memory with the address that changes when it changes."""

    path: str
    media_type: str
    content: bytes


def read_stylesheet() -> StaticFile:
    """Join the parts, without what they say to who reads them; the address carries the hash."""
    folder = files("serai").joinpath("web/static")
    content = b"\n".join(_COMMENT.sub(b"", folder.joinpath(part).read_bytes()) for part in PARTS)
    return StaticFile(f"/static/serai-{_short_hash(content)}.css", "text/css; charset=utf-8", content)


def read_tokens() -> str:
    """Return colours, spaces and sizes, for a page that has to open without a server."""
    return files("serai").joinpath("web/static/tokens.css").read_text(encoding="utf-8")


def read_mark() -> StaticFile:
    """The mark as the pages' icon; without the bar's colours around it."""
    content = files("serai").joinpath("web/static/mark.svg").read_bytes()
    return StaticFile(f"/static/mark-{_short_hash(content)}.svg", "image/svg+xml", content)


def read_script(name: str) -> StaticFile:
    """A script of pages that are quicker with one, by its name; each page is whole without it."""
    content = files("serai").joinpath(f"web/static/{name}.js").read_bytes()
    return StaticFile(f"/static/{name}-{_short_hash(content)}.js", "text/javascript; charset=utf-8", content)


@cache
def read_reference_viewer() -> StaticFile:
    """The viewer of the API's description (RapiDoc)."""
    content = files("serai").joinpath("web/static/rapidoc.min.js").read_bytes()
    return StaticFile(f"/static/rapidoc-{_short_hash(content)}.js", "text/javascript; charset=utf-8", content)


def _short_hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=6).hexdigest()

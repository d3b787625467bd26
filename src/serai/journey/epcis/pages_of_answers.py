"""Tokens and links from one page of an answer to the next; a token means nothing to a client."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from serai.foundation.http.problems import InputFault, InputFaultyError

PER_PAGE: Final = 30
PER_PAGE_MAX: Final = 1_000
_NOT_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_LETTERS_MAX: Final = 2_000


def write_token(listed: str, place: Any) -> str:
    """Return the place at which a list goes on as a client carries it. listed: of which list."""
    return urlsafe_b64encode(msgspec.json.encode([listed, place])).decode().rstrip("=")


def read_token(text: str | None, listed: str, kind: type) -> Any:
    """Read a token of a list; None for none. Raises InputFaultyError."""
    if not text:
        return None
    try:
        content = urlsafe_b64decode(text[:_LETTERS_MAX].encode() + b"=" * (-len(text) % 4))
        of_list, place = msgspec.json.decode(content, type=tuple[str, kind])  # type: ignore[valid-type]
    except (msgspec.MsgspecError, ValueError):
        of_list, place = "", None
    if of_list != listed or _NOT_TEXT.search(str(place)):
        fault = InputFault(
            "query:nextPageToken",
            "cursor-unknown",
            "This is no token of this list.",
            "Follow the Link header of the page before, with the same parameters; leave it out to begin.",
        )
        raise InputFaultyError((fault,), "The list cannot go on from there.", "Begin without nextPageToken.")
    return place


def link_to_next(address: str, parameters: Sequence[tuple[str, str]], token: str) -> str:
    """Return the Link header to the next page: the same question with another token."""
    kept = [(name, value) for name, value in parameters if name != "nextPageToken"]
    return f'<{address}?{urlencode([*kept, ("nextPageToken", token)])}>; rel="next"'

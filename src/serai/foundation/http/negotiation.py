"""Which form of answer a client wants (RFC 9110, 12.5.1): one rule for data, pages and problems."""

from collections.abc import Iterable
from typing import Final

HTML: Final = "text/html"
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
XML_MEDIA_TYPES: Final = ("application/xml", "text/xml")
"""In which XML may come; in the first we send it."""

# What counts as the same for choosing: a client that takes problem+json reads JSON.
_JSON_ALIASES: Final = frozenset({"application/problem+json", "text/json"})


def choose_media_type(accept: str, offered: Iterable[str]) -> str | None:
    """Return the best of `offered` for an Accept header, or None when none is acceptable.

    Higher quality wins; on a tie the order of `offered` decides, and so does `*/*` or an absent header.
    """
    ranges = list(_read_ranges(accept or "*/*"))
    best: tuple[float, str] | None = None
    for media_type in offered:
        quality = _quality(media_type, ranges)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, media_type)
    return best[1] if best else None


def choose_language(accept_language: str, offered: tuple[str, ...]) -> str:
    """Return the best of `offered` (first is the default) for an Accept-Language header."""
    wishes = sorted(_read_ranges(accept_language), key=lambda wish: -wish[1])
    for wish, quality in wishes:
        for language in offered:
            if quality > 0 and wish.partition("-")[0].lower() == language.partition("-")[0].lower():
                return language
    return offered[0]


def _read_ranges(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                quality = _read_quality(value)
        if media_range:
            name = media_range.lower()
            yield (JSON if name in _JSON_ALIASES else name), quality


def _read_quality(value: str) -> float:
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """Quality of the most specific range that fits: `text/html;q=0` forbids what `*/*` allows."""
    kind = media_type.partition("/")[0]
    for fitting in (media_type, f"{kind}/*", "*/*"):
        for media_range, quality in ranges:
            if media_range == fitting:
                return quality
    return 0.0

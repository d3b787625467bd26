"""Segments -> bytes of an interchange, counted and released."""

from collections.abc import Sequence

from serai.formats.edifact.interchange import codecs
from serai.formats.edifact.segment import Segment
from serai.formats.edifact.separators import Separators

_SIGNS = Separators()
_SPECIAL = (_SIGNS.release, _SIGNS.component, _SIGNS.element, _SIGNS.terminator)

Outgoing = tuple[tuple[str, ...], Sequence[Segment]]
"""A message: its identifier (UNH, S009) and the segments between UNH and UNT."""


def segment(tag: str, *elements: str | Sequence[str]) -> Segment:
    """Make a segment to be written. elements: each a text, or components."""
    rows = tuple((one,) if isinstance(one, str) else tuple(one) for one in elements)
    return Segment(tag, rows, "")


def write_interchange(header: Segment, messages: Sequence[Outgoing]) -> bytes:
    """Write an interchange. header: UNB; its repertoire says how it is encoded, and what that cannot hold is
    written as a question mark. Messages are numbered from 1."""
    reference = header.text(6) or ""
    codec = codecs().get(header.text(2) or "") or "ascii"
    parts = [_write(header, codec)]
    for number, (identifier, segments) in enumerate(messages, start=1):
        parts.append(_write(segment("UNH", str(number), identifier), codec))
        parts += [_write(one, codec) for one in segments]
        parts.append(_write(segment("UNT", str(len(segments) + 2), str(number)), codec))
    parts.append(_write(segment("UNZ", str(len(messages)), reference), codec))
    return ("\n".join(parts) + "\n").encode(codec)


def _write(one: Segment, codec: str) -> str:
    # A sign that the repertoire lacks becomes a question mark, which must be released like any other.
    rows = [
        _trimmed([_release(text.encode(codec, "replace").decode(codec)) for text in row])
        for row in one.elements
    ]
    elements = _trimmed([_SIGNS.component.join(row) for row in rows])
    return _SIGNS.element.join([one.tag, *elements]) + _SIGNS.terminator


def _trimmed(texts: list[str]) -> list[str]:
    """Leave out what is empty at the end."""
    count = len(texts)
    while count and not texts[count - 1]:
        count -= 1
    return texts[:count]


def _release(text: str) -> str:
    for sign in _SPECIAL:
        text = text.replace(sign, _SIGNS.release + sign)
    return text

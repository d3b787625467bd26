"""Segments of an interchange: text cut at its signs, each value with its place."""

from collections.abc import Iterator

import msgspec

from serai.formats.edifact.separators import Separators
from serai.formats.placed import PlacedText


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One segment. elements: behind the tag, each a list of components. place: where it stands.

    Elements are numbered as CONTRL does: the tag is 1, the first element behind it 2; components from 1.
    """

    tag: str
    elements: tuple[tuple[str, ...], ...]
    place: str

    def text(self, element: int, component: int = 1) -> PlacedText | None:
        """Return a value without blanks around it; None: absent or blank."""
        components = self.elements[element - 2] if element - 2 < len(self.elements) else ()
        value = components[component - 1].strip() if component <= len(components) else ""
        return PlacedText(value, f"{self.place}/{element}/{component}") if value else None

    def texts(self, element: int) -> list[PlacedText]:
        """Return the components of an element that hold something, in order."""
        count = len(self.elements[element - 2]) if element - 2 < len(self.elements) else 0
        found = (self.text(element, component) for component in range(1, count + 1))
        return [one for one in found if one is not None]


def cut_segments(text: str, signs: Separators) -> tuple[list[str], str]:
    """Cut a text into segments, still as written. Returns them, and what stands behind the last terminator.

    Line ends between segments are nobody's fault. Time and space grow with the text.
    """
    *pieces, rest = _cut(text, signs.terminator, signs)
    return [piece.lstrip("\r\n\t ") for piece in pieces], rest.strip("\r\n\t \x1a")


def read_segment(piece: str, place: str, signs: Separators) -> Segment:
    """Read one segment. place: of it, without its tag."""
    first, *rest = _cut(piece, signs.element, signs)
    # Behind the tag may stand numbers of nesting (ISO 9735, explicit indication), which say nothing new.
    tag = first.partition(signs.component)[0].strip()
    elements = tuple(
        tuple(_released(component, signs) for component in _cut(one, signs.component, signs)) for one in rest
    )
    return Segment(tag, elements, f"{place}/{tag[:3]}")


def _cut(text: str, sign: str, signs: Separators) -> list[str]:
    """Cut at a sign, but not where it is released; release signs stay."""
    pieces = text.split(sign)
    if not signs.has_release or signs.release not in text:
        return pieces
    return list(_rejoined(pieces, sign, signs.release))


def _rejoined(pieces: list[str], sign: str, release: str) -> Iterator[str]:
    open_pieces: list[str] = []
    for piece in pieces:
        open_pieces.append(piece)
        # An even number of release signs releases one another, an odd one the sign we cut at.
        if (len(piece) - len(piece.rstrip(release))) % 2 == 0:
            yield sign.join(open_pieces)
            open_pieces = []
    if open_pieces:
        yield sign.join(open_pieces)


def _released(text: str, signs: Separators) -> str:
    if not signs.has_release or signs.release not in text:
        return text
    halves = text.split(signs.release * 2)
    return signs.release.join(half.replace(signs.release, "") for half in halves)

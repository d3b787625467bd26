"""The segments of a message as the tree that its segment table makes of them."""

import msgspec

from serai.formats.edifact.directory import find_in_segment
from serai.formats.edifact.interchange import Message
from serai.formats.edifact.segment import Segment
from serai.formats.found import Found
from serai.formats.placed import PlacedText
from serai.model.findings import Finding, Severity


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a segment table. of: the rows of the group that the segment begins.

    verified: a published table or a real message has it so; else too many or too few are advice.
    """

    segment: str
    least: int = 0
    most: int = 9_999
    of: list["Row"] = []
    verified: bool = False


class Node(msgspec.Struct):
    """A segment with what stands below it in its group, in order. segment: None at the top."""

    segment: Segment | None
    below: list["Node"]

    def all(self, tag: str) -> list["Node"]:
        """Return the nodes of a tag right below."""
        return [one for one in self.below if one.segment is not None and one.segment.tag == tag]

    def deep(self, tag: str) -> list["Node"]:
        """Return the nodes of a tag below, however deep, in order."""
        found: list[Node] = []
        for one in self.below:
            if one.segment is not None and one.segment.tag == tag:
                found.append(one)
            found += one.deep(tag)
        return found

    def text(self, element: int, component: int = 1) -> PlacedText | None:
        """Return a value of the segment."""
        return self.segment.text(element, component) if self.segment is not None else None

    @property
    def place(self) -> str:
        """Say where the segment stands."""
        return self.segment.place if self.segment is not None else ""


class _Open(msgspec.Struct):
    """A group being filled. index: of the row reached. counts: by row."""

    rows: list[Row]
    node: Node
    counts: list[int]
    index: int = 0


def plant(message: Message, rows: list[Row], found: Found) -> tuple[Node, list[Segment]]:
    """Make a tree of a message. Returns it and the segments that have no place in the table, in order.

    A segment goes to the innermost open group that has a row for it, at or behind the one reached.
    """
    top = Node(None, [])
    groups = [_Open(rows, top, [0] * len(rows))]
    left_over: list[Segment] = []
    for segment in message.segments:
        if not segment.tag:
            continue
        find_in_segment(segment, found)
        if not _put(segment, groups, found):
            left_over.append(segment)
            parameters = {"element": segment.tag}
            found.add(Finding("unread-element", segment.place, "advice", parameters))
    while groups:
        _close(groups, found, f"/{message.number}")
    return top, left_over


def _put(segment: Segment, groups: list[_Open], found: Found) -> bool:
    for depth in range(len(groups) - 1, -1, -1):
        group = groups[depth]
        for index in range(group.index, len(group.rows)):
            row = group.rows[index]
            if row.segment == segment.tag:
                while len(groups) > depth + 1:
                    _close(groups, found, segment.place)
                _count(group, index, segment, found)
                node = Node(segment, [])
                group.node.below.append(node)
                if row.of:
                    groups.append(_Open(row.of, node, [0] * len(row.of)))
                return True
    return False


def _count(group: _Open, index: int, segment: Segment, found: Found) -> None:
    group.index = index
    group.counts[index] += 1
    row = group.rows[index]
    if group.counts[index] == row.most + 1:
        parameters = {"segment": segment.tag, "count_max": str(row.most)}
        found.add(Finding("edifact-too-often", segment.place, _severity(row), parameters))


def _close(groups: list[_Open], found: Found, place: str) -> None:
    group = groups.pop()
    for row, count in zip(group.rows, group.counts, strict=True):
        if count < row.least:
            above = group.node.place or place
            parameters = {"segment": row.segment}
            found.add(Finding("edifact-segment-missing", above, _severity(row), parameters))


def _severity(row: Row) -> Severity:
    """Return what follows where a row is not kept: nothing is refused over one we are not sure of."""
    return "fault" if row.verified else "advice"

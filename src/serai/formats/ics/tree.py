"""A message as a tree of places: each knows its parent, its children by name, and where it stands."""

from typing import Any

import msgspec

from serai.formats.xml_document import local_name


class Place(msgspec.Struct, eq=False):
    """One element. number: its place among siblings of its name, from 1.

    text: as sent. attributes: names of those that hold data. names: of its children, in order. Locations are
    written as the standard's error responses do, each step numbered.
    """

    name: str
    number: int
    parent: "Place | None"
    text: str
    attributes: list[str] = []
    names: list[str] = []
    children: dict[str, list["Place"]] = {}

    def location(self) -> str:
        """Say where it stands: `/ie:CC315A[1]/GOOITEGDS[2]`."""
        if self.parent is None:
            return f"/ie:{self.name}[1]"
        return f"{self.parent.location()}/{self.name}[{self.number}]"

    def collapsed(self) -> str:
        """Give its text with white space as xs:token has it: none at the ends, single blanks within."""
        text = self.text
        return " ".join(text.split()) if text and (not text.isalnum()) else text


_OF_SCHEMAS = {
    "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation",
}
"""Attributes that any message may have: they say where its schema lies, which we never fetch."""


def plant(root: Any) -> Place:
    """Turn an XML element into a place with all below it. Namespaces of children are written out."""
    top = Place(local_name(root), 1, None, root.text or "", _attributes(root))
    # A list of what is left to do, since a hostile message may be as deep as the reader lets it.
    waiting = [(root, top)]
    while waiting:
        element, place = waiting.pop()
        for child in element:
            name = child.tag
            same = place.children.setdefault(name, [])
            planted = Place(name, len(same) + 1, place, child.text or "", _attributes(child))
            same.append(planted)
            place.names.append(name)
            if len(child):
                waiting.append((child, planted))
    return top


def _attributes(element: Any) -> list[str]:
    return [name for name in element.attrib if name not in _OF_SCHEMAS]

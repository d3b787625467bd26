"""Where in a message the field of a document stands: faults of a document point to elements."""

from serai.formats.ceb.mapping import Mapping, mappings


def element_at(name: str, document: str, pointer: str) -> str:
    """Return the XPath of an element of a message `name` by the JSON pointer of the field it fills.

    document: XPath of the document. Where no element fills the field: that of the record it would stand in;
    what points into the document already stays.
    """
    if pointer.startswith(document):
        return pointer
    return element_of(mappings()[name], document, pointer)


def element_of(mapping: Mapping, document: str, pointer: str) -> str:
    """Do the same with the mapping of the message."""
    steps = pointer.strip("/").split("/")
    if mapping.rows and len(steps) > 1 and steps[0] == mapping.rows_to and steps[1].isdigit():
        tree = mapping.row_tree
        name = tree.by_path.get(".".join(steps[2:]), "") if tree else ""
        place = f"{document}/{row_name(mapping, int(steps[1]))}"
    else:
        name = mapping.head_tree.by_path.get(".".join(steps), "")
        place = f"{document}/{mapping.head}" if mapping.head else document
    return f"{place}/{name}" if name else place


def row_name(mapping: Mapping, row: int) -> str:
    """Return how a row is named below its document. row: counted from 0."""
    return f"{mapping.rows}[{row + 1}]"

"""XML of a list, read safely: no DOCTYPE, no entities, no network, bounded."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from serai.journey.screening.list_entry import unfit

LIST_BYTES_MAX: Final = 200_000_000


def read_root(content: bytes) -> etree._Element:
    """Read a list's XML. Raises ListFileError."""
    if len(content) > LIST_BYTES_MAX:
        raise unfit(f"it has {len(content)} bytes, more than {LIST_BYTES_MAX}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise unfit(f"it is not well-formed XML ({fault.msg})") from fault
    if root.getroottree().docinfo.doctype:
        raise unfit("it has a DOCTYPE, which is never read")
    return root


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace, which publishers change."""
    return str(etree.QName(element).localname)


def children(element: etree._Element | None, *path: str) -> Iterator[etree._Element]:
    """Yield descendants by a path of local names."""
    if element is None:
        return
    if not path:
        yield element
        return
    for child in element.iterchildren(tag=etree.Element):
        if local(child) == path[0]:
            yield from children(child, *path[1:])


def texts(element: etree._Element | None, *path: str) -> list[str]:
    """Return the texts of descendants by a path of local names, blanks joined, empty ones left out."""
    found = (" ".join((one.text or "").split()) for one in children(element, *path))
    return [text for text in found if text]


def text(element: etree._Element | None, *path: str) -> str:
    """Return the first text by a path of local names; empty where there is none."""
    return next(iter(texts(element, *path)), "")

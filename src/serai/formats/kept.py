"""What nothing reads of a message of a standard: kept as it was sent, with its way from the document."""

import msgspec


class Kept(msgspec.Struct, frozen=True):
    """An element nothing reads. way: from the document, such as OrderHead/extra. is_xml: text is an element
    with all below it.
    """

    way: str
    text: str
    is_xml: bool = False

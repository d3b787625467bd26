"""Events as one document, and in either syntax: what stands in one can be written in the other."""

from collections.abc import Sequence

from serai.formats.convertible import Circumstances, Part, act_not_carried
from serai.formats.epcis.event import Message
from serai.formats.epcis.read import read_message
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml

EVENTS = "visibility-events"
"""All events of a message are one document: what stands around them belongs to all."""


def read_epcis(content: bytes, _: Circumstances) -> list[Part]:
    """Read a message in either syntax; a query asks for events and holds none."""
    message, findings = read_message(content)
    if message is None or isinstance(message, Message):
        return [Part(EVENTS, message, findings)]
    return [Part(EVENTS, None, [*findings, act_not_carried("query", "", is_document=False)])]


def write_epcis_json(documents: Sequence[Message], _: Circumstances) -> bytes:
    """Write events as JSON-LD."""
    (message,) = documents
    return write_json(message).content


def write_epcis_xml(documents: Sequence[Message], _: Circumstances) -> bytes:
    """Write events as XML."""
    (message,) = documents
    return write_xml(message).content

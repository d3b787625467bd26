"""What EPCIS clients and servers tell each other in headers: versions, and how identifiers are written."""

from collections.abc import Mapping
from typing import Final, Literal

from serai.foundation.http.negotiation import JSON, choose_media_type
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

VERSION: Final = "2.0"
JSON_LD: Final = "application/ld+json"
XML: Final = "application/xml"
TEXT_XML: Final = "text/xml"
MEDIA_TYPES: Final = (JSON, JSON_LD, XML, TEXT_XML)

Written = Literal["Never_Translates", "Always_GS1_Digital_Link"]
"""As they were sent, or as GS1 Digital Link. A link does not say where its company prefix ends: never URN."""

_AS_SENT: Final = ("No_Preference", "Never_Translates")
_VERSIONS: Final = ("1.0", "1.1", "1.2", "2.0", "2.0.0", "2.0.1")
_ASKED: Final = {
    "GS1-EPC-Format": (*_AS_SENT, "Always_GS1_Digital_Link"),
    "GS1-CBV-XML-Format": ("No_Preference", "Always_Web_URI"),
    "GS1-EPCIS-Version": _VERSIONS,
    "GS1-CBV-Version": _VERSIONS,
}


def check_headers(headers: Mapping[str, str]) -> Written:
    """Return how identifiers are to be written. Raises SeraiError `not-acceptable`."""
    for name, allowed in _ASKED.items():
        value = headers.get(name.lower())
        if value is not None and value.strip() not in allowed:
            raise SeraiError(
                "not-acceptable",
                MessageText("{name} names a form that is not written here.", name=name),
                MessageText("Send one of: {listed}; or leave the header out.", listed=", ".join(allowed)),
            )
    written = headers.get("gs1-epc-format", "").strip()
    return "Always_GS1_Digital_Link" if written == "Always_GS1_Digital_Link" else "Never_Translates"


def choose_form(accept: str) -> str:
    """Return the media type to answer events in. Raises SeraiError `not-acceptable`."""
    chosen = choose_media_type(accept, MEDIA_TYPES)
    if chosen is None:
        raise SeraiError(
            "not-acceptable",
            "None of the formats you accept is offered here.",
            MessageText("Accept one of: {listed}.", listed=", ".join(MEDIA_TYPES)),
        )
    return chosen


def answer_headers(written: Written = "Never_Translates") -> dict[str, str]:
    """Return the headers of every answer."""
    return {
        "GS1-EPCIS-Version": VERSION,
        "GS1-CBV-Version": VERSION,
        "GS1-EPC-Format": written,
        "GS1-CBV-XML-Format": "Always_Web_URI",
        "vary": "accept, gs1-epc-format",
    }


def discovery_headers(allow: str) -> dict[str, str]:
    """Return what OPTIONS tells of an address."""
    return {
        "Allow": allow,
        "GS1-EPCIS-Version": VERSION,
        "GS1-EPCIS-Min": "1.0",
        "GS1-EPCIS-Max": VERSION,
        "GS1-CBV-Version": VERSION,
        "GS1-CBV-Min": "1.2",
        "GS1-CBV-Max": VERSION,
        "GS1-EPC-Format": "Never_Translates",
        "GS1-CBV-XML-Format": "Always_Web_URI",
        "GS1-Vendor-Version": "Serai",
    }

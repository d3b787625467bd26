"""The message exchanges of `/v1/messages/{standard}`, one for each standard that names a family of them."""

from collections.abc import Callable
from typing import Final

from serai.formats.standard import Standard
from serai.formats.standards import STANDARDS
from serai.journey.messaging import cds, ceb, edifact, ics, upu
from serai.journey.messaging.message_exchange import Conversation
from serai.model.errors import SeraiError

_FAMILIES: Final[dict[str, Callable[[Standard], Conversation]]] = {
    "cds": cds.exchange_of,
    "ceb": ceb.exchange_of,
    "ics": ics.exchange_of,
    "upu": upu.exchange_of,
    "edifact": edifact.exchange_of,
}
CONVERSATIONS: Final[dict[str, Conversation]] = {
    one.name: _FAMILIES[one.exchange.family](one) for one in STANDARDS if one.exchange is not None
}


def conversation_named(standard: str) -> Conversation:
    """Return the message exchange of a standard. Raises SeraiError `standard-unknown`."""
    conversation = CONVERSATIONS.get(standard)
    if conversation is None:
        raise SeraiError(
            "standard-unknown",
            "This standard is not spoken here.",
            f"Standards are: {', '.join(CONVERSATIONS)}. Forms of our own go to the routes of the documents.",
        )
    return conversation

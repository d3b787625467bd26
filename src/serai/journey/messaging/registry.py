"""The message exchanges of `/v1/messages/{standard}`, one for each standard that names a family of them."""

from collections.abc import Callable
from typing import Final

from serai.formats.standard import Standard
from serai.formats.standards import STANDARDS
from serai.journey.messaging import cds, ceb, edifact, ics, upu
from serai.journey.messaging.message_exchange import MessageExchange
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_FAMILIES: Final[dict[str, Callable[[Standard], MessageExchange]]] = {
    "cds": cds.exchange_of,
    "ceb": ceb.exchange_of,
    "ics": ics.exchange_of,
    "upu": upu.exchange_of,
    "edifact": edifact.exchange_of,
}
MESSAGE_EXCHANGES: Final[dict[str, MessageExchange]] = {
    one.name: _FAMILIES[one.exchange.family](one) for one in STANDARDS if one.exchange is not None
}


def message_exchange_named(standard: str) -> MessageExchange:
    """Return the message exchange of a standard. Raises SeraiError `standard-unknown`."""
    exchange = MESSAGE_EXCHANGES.get(standard)
    if exchange is None:
        raise SeraiError(
            "standard-unknown",
            "This standard is not supported here.",
            MessageText(
                "Standards are: {listed}. Forms of our own go to the routes of the documents.",
                listed=", ".join(MESSAGE_EXCHANGES),
            ),
        )
    return exchange

"""Which standards can be spoken over HTTP: `/v1/messages/{standard}`."""

from serai.journey.clearance.conversations import cds, ceb, edifact, ics, upu
from serai.journey.clearance.conversations.conversation import Conversation
from serai.model.errors import SeraiError

CONVERSATIONS: dict[str, Conversation] = {
    "cds": cds.CONVERSATION,
    "ceb": ceb.CONVERSATION,
    "ics": ics.CONVERSATION,
    "itmatt": upu.ITMATT,
    "cusitm": upu.CUSITM,
    "cuscar": edifact.CUSCAR,
    "cardit": edifact.CARDIT,
}


def conversation_named(standard: str) -> Conversation:
    """Return the conversation of a standard. Raises SeraiError `standard-unknown`."""
    conversation = CONVERSATIONS.get(standard)
    if conversation is None:
        raise SeraiError(
            "standard-unknown",
            "This standard is not spoken here.",
            f"Standards are: {', '.join(CONVERSATIONS)}. Forms of our own go to the routes of the documents.",
        )
    return conversation

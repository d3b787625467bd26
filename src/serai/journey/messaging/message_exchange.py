"""What the message exchange of a standard is: another form of the acts that JSON asks for, no other way."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from serai.foundation.access.actor import Actor
from serai.journey.acts.preloading import PreloadingActs
from serai.journey.acts.service import Acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered
from serai.journey.documents.submission import Answer
from serai.journey.lodgement.service import LodgementService
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.processing.rendered_decision import AskedTexts
from serai.journey.texts.catalogue import Text


class MessageSender(msgspec.Struct, frozen=True):
    """Who sends a message, and how the answer is to come.

    wants_json: the Accept header asks for JSON before the standard's own form. language: of sentences, a tag
    such as en; languages: the whole Accept-Language header, for standards whose messages come in others.
    texts: that are asked for in an answer in JSON.
    """

    actor: Actor
    wants_json: bool
    language: str
    languages: str = ""
    texts: AskedTexts | None = None


class Service(msgspec.Struct, frozen=True):
    """What a message may start: lodgement of documents, and the acts that come later.

    time_zone: of the administration, for standards that state local time; its tz database name.
    """

    lodgement: LodgementService
    acts: Acts
    preloading_acts: PreloadingActs
    time_zone: str


class Reply(msgspec.Struct, frozen=True):
    """The answer to one message. status: of HTTP; content in media_type. decided: the answers to documents
    whose decisions it puts into words."""

    status: int
    media_type: str
    content: bytes
    decided: Sequence[Answer] = ()


class Notification(msgspec.Struct, frozen=True):
    """An event of a party's feed with what it is about. kind: as in GET /v1/events.

    consignment: the party's own declaration, as it stands now; None where the party has none in the case.
    decision: the one of the event, or for an event without one the newest; None where there is none.
    filed_at: when the declaration was decided first. is_amended: the event's decision is the first on a new
    version of it. is_presented: it is the first made since the goods are there. loading: what was assessed
    before loading, of an event about that; preloading_number: the registration number of what was filed.
    rendered: its public reasons in words, strictest first.
    """

    event_id: int
    kind: str
    at: datetime
    case_id: int
    consignment: ConsignmentRow | None
    decision: DecisionOut | None
    loading: PreloadingAssessment | None = None
    preloading_number: str | None = None
    rendered: tuple[Rendered, ...] = ()
    filed_at: datetime | None = None
    is_amended: bool = False
    is_presented: bool = False


Receive = Callable[[Service, MessageSender, bytes], Awaitable[Reply]]
"""Do what a message asks and answer it. Raises SeraiError where nothing of the message was taken."""

Render = Callable[[Sequence[Notification], str], list[list[bytes]]]
"""Write notifications as messages of the standard: for each, those it gives, in order; none where the
standard has nothing to say. The text: the reader's Accept-Language header."""


TextsAbout = Callable[[DecisionOut, Sequence[Rendered], str], list[Text]]
"""Return the texts in which messages of the standard speak of a decision with its reasons in words; none
where it has codes alone. The text: the reader's Accept-Language header."""


def no_texts(_decision: DecisionOut, _rendered: Sequence[Rendered], _languages: str) -> list[Text]:
    """TextsAbout of a decision what a standard without words does."""
    return []


class MessageExchange(msgspec.Struct, frozen=True):
    """How messages of one standard are exchanged. media_types: in which they come; we answer in the first.

    receive: answers a message. render: writes later notifications. texts_about: which texts are in both.
    """

    media_types: tuple[str, ...]
    receive: Receive
    render: Render
    texts_about: TextsAbout = no_texts

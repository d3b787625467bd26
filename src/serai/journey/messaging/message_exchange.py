"""What the conversation of a standard is: another voice for the acts that JSON asks for, no other way."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from serai.foundation.access.actor import Actor
from serai.journey.acts.preloading import PreloadingActs
from serai.journey.acts.service import Acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered
from serai.journey.lodgement.service import LodgementService
from serai.journey.preloading.store import PreloadingAssessment


class Speaker(msgspec.Struct, frozen=True):
    """Who sends a message, and how the answer is to come.

    wants_json: the Accept header asks for JSON before the standard's own form. language: of sentences, a tag
    such as en; languages: the whole Accept-Language header, for standards that are spoken in others.
    """

    actor: Actor
    wants_json: bool
    language: str
    languages: str = ""


class Service(msgspec.Struct, frozen=True):
    """What a conversation may start: filing by kind of document, and the acts that come later.

    time_zone: of the administration, for standards that state local time; its tz database name.
    """

    lodgements: dict[str, LodgementService]
    acts: Acts
    preloading_acts: PreloadingActs
    time_zone: str


class Reply(msgspec.Struct, frozen=True):
    """The answer to one message. status: of HTTP; content in media_type."""

    status: int
    media_type: str
    content: bytes


class Happening(msgspec.Struct, frozen=True):
    """An event of a party's feed with what it is about. kind: one of follow's EVENT_KINDS.

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


Converse = Callable[[Service, Speaker, bytes], Awaitable[Reply]]
"""Do what a message asks and answer it. Raises SeraiError where nothing of the message was taken."""

Tell = Callable[[Sequence[Happening], str], list[list[bytes]]]
"""Write happenings as messages of the standard: for each, those it gives, in order; none where the standard
has nothing to say. The text: the reader's Accept-Language header."""


class Conversation(msgspec.Struct, frozen=True):
    """How one standard is spoken. media_types: in which it comes, and in the first of which we answer."""

    media_types: tuple[str, ...]
    converse: Converse
    tell: Tell

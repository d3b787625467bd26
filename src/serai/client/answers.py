"""What a server answers. Fields that a newer server adds are passed over."""

import datetime as dt
from typing import Any

import msgspec


class ProblemIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something was not done. retry_after_s: when to come again, where waiting helps."""

    code: str
    detail: str = ""
    next_step: str = ""
    retry_after_s: int | None = None


class FindingIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """A remark on a document: where, what, and what to do."""

    code: str
    pointer: str
    severity: str
    sentence: str = ""
    remedy: str = ""
    parameters: dict[str, str] = {}
    law_reference: str | None = None
    appeal: str | None = None


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one document.

    status: decided, recorded, repeated (known content: the stored answer), rejected (findings say why),
    refused, failed or not-accepted (problem says why). decision: as the server's reference describes it.
    receipt: byte for byte as issued; keep it. Empty where there is none.
    """

    status: str
    reference: str = ""
    case_id: str | None = None
    document_id: str | None = None
    version: int | None = None
    decision: dict[str, Any] | None = None
    receipt: msgspec.Raw = msgspec.Raw()
    findings: list[FindingIn] = []
    problem: ProblemIn | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the document counts now, and durably."""
        return self.status in {"decided", "recorded", "repeated"}


class Event(msgspec.Struct, frozen=True):
    """Something that changed. The same event may come twice: event_id tells."""

    event_id: str
    kind: str
    case_id: str
    at: dt.datetime
    decision_id: str | None = None


class EventPage(msgspec.Struct, frozen=True):
    """Events in order. next_after: keep it, and go on from there."""

    events: list[Event]
    next_after: str

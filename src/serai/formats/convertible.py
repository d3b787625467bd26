"""What a form or standard has to say of itself so that its messages can be converted."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from serai.model.findings import Finding


class Circumstances(msgspec.Struct, frozen=True):
    """What a conversion needs and the messages do not say.

    at: now, for messages that say when they were written. zone: the clock of local times that name no zone.
    kind: of document, for forms that do not say it themselves.
    """

    at: dt.datetime
    zone: dt.tzinfo = dt.UTC
    kind: str = "declaration"


class Part(msgspec.Struct, frozen=True):
    """One document of a message, or None and why. kind: empty for the message as such, which has no document.

    place: where it stands, empty where the message is it.
    """

    kind: str
    document: msgspec.Struct | None
    findings: list[Finding] = []
    place: str = ""


class Convertible(msgspec.Struct, frozen=True):
    """A form or standard. reads, writes: kinds of document, as `decoded.KINDS` names them, or its own.

    read: bytes of one message to its documents and all that is read into no field; never raises.
    write: documents of one kind to one message. It leaves out what it cannot hold: who converts reads it back
    and reports the difference. Raises SeraiError where nothing can be written. documents_max: of one message.
    writer_needs: names of what a message needs and no document holds.
    """

    suffix: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    read: Callable[[bytes, Circumstances], list[Part]]
    write: Callable[[Sequence[Any], Circumstances], bytes] | None = None
    documents_max: int = 1
    writer_needs: tuple[str, ...] = ()


def act_not_carried(act: str, place: str, *, is_document: bool) -> Finding:
    """Say that what a message asks for is lost: a fault where there is no document without it."""
    return Finding("act-not-carried", place, "advice" if is_document else "fault", {"act": act})

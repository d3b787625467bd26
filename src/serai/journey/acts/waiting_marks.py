"""Marks of officers that may wait for a second person: what each needs to be done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response

from serai.journey.acts.appeals import Outcome
from serai.journey.acts.measures import MeasureOrder, Reversal
from serai.journey.documents.submission import Sender

Propose = Callable[[Request[Any, Any, Any], msgspec.Struct, str, str], Awaitable[Response[Any]]]
"""Writes a mark down that waits: request, what to do, subject, detail."""


class PaymentToRecord(msgspec.Struct, frozen=True):
    """Money that an officer says was paid, put on account or secured."""

    sender: Sender
    case_id: int
    reference: str
    kind: str
    currency_code: str
    amount: str
    account: str | None
    expected_decision_id: int | None


class StatementToImport(msgspec.Struct, frozen=True):
    """A message of a bank that an officer says it has sent."""

    sender: Sender
    content: bytes


class ActToReverse(msgspec.Struct, frozen=True):
    """An act that an officer takes back."""

    sender: Sender
    case_id: int
    back: Reversal


class MeasureToTake(msgspec.Struct, frozen=True):
    """A measure that an officer takes."""

    sender: Sender
    case_id: int
    order: MeasureOrder


class AppealToDecide(msgspec.Struct, frozen=True):
    """The outcome of an appeal that an officer decides."""

    sender: Sender
    case_id: int
    appeal_id: int
    outcome: Outcome
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfficersMarks:
    """How marks of officers are taken. propose: writes one down that waits; None: they are done at once.
    always: writes one down that waits whatever the settings say."""

    always: Propose
    propose: Propose | None = None

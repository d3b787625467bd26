"""Marks of officers that may wait for a second person: what each needs to be done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response

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


class ActToReverse(msgspec.Struct, frozen=True):
    """An act that an officer takes back."""

    sender: Sender
    case_id: int
    act_id: int
    reference: str
    reason_code: str
    reason: str
    expected_decision_id: int | None


@dataclass(frozen=True, slots=True)
class OfficersMarks:
    """How marks of officers are taken. propose: writes one down that waits; None: they are done at once."""

    propose: Propose | None = None

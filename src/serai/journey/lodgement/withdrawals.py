"""Withdrawing a document of any kind over HTTP: the same body and the same answer everywhere."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, answer_document
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import sender_of
from serai.journey.lodgement.service import encode_answer


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document is withdrawn, and which version of it the sender has in mind."""

    expected_version: Annotated[int, Meta(ge=1, le=32_000)]
    reason: Annotated[str, Meta(min_length=1, max_length=512)]


async def answer_withdrawal(
    request: Request[Any, Any, Any], kind: str, reference: str, asked: Withdrawal
) -> Response[bytes]:
    """Withdraw the actor's document of a kind and say what became of it."""
    acts, sender = provided(request, Acts), sender_of(actor_of(request))
    if kind == "declaration":
        answer = await acts.withdraw(
            sender, reference, expected_version=asked.expected_version, reason=asked.reason
        )
    else:
        answer = await acts.withdraw_document(
            sender, kind, reference, expected_version=asked.expected_version, reason=asked.reason
        )
    return answer_document(*encode_answer(answer))

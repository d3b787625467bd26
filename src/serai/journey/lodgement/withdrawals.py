"""Over HTTP the same everywhere: texts that are asked for, and withdrawing a document of any kind."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, answer_document, language_of, texts_in
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import Answer, sender_of
from serai.journey.lodgement.service import encode_answer
from serai.journey.processing.rendered_decision import AskedTexts, texts_of


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a document is withdrawn, and which version of it the sender has in mind."""

    expected_version: Annotated[int, Meta(ge=1, le=32_000)]
    reason: Annotated[str, Meta(min_length=1, max_length=512)]


def asked_texts(request: Request[Any, Any, Any], include: str | None) -> AskedTexts | None:
    """Return the texts that a request asks for; None: none, and nothing is looked up."""
    language = texts_in(request, include)
    if language is None:
        return None
    processor = provided(request, Acts).processor
    sender = sender_of(actor_of(request))
    return AskedTexts(processor.services, sender.party_id, texts_of(processor.law, language), language)


async def answer_withdrawal(
    request: Request[Any, Any, Any], kind: str, reference: str, asked: Withdrawal, include: str | None
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
    return await answer_act(request, answer, include)


async def answer_act(request: Request[Any, Any, Any], answer: Answer, include: str | None) -> Response[bytes]:
    """Answer an act on a document, with the texts that are asked for."""
    texts = asked_texts(request, include)
    if texts is None:
        return answer_document(*encode_answer(answer, None, language_of(request)))
    (filled,) = await texts.fill([answer])
    return answer_document(*encode_answer(filled, texts.language, language_of(request)))

"""The answer as JSON, the same as on the routes of the documents themselves."""

from collections.abc import Sequence

import msgspec

from serai.foundation.http.negotiation import JSON
from serai.foundation.http.respond import media_type_of_answer
from serai.journey.documents.submission import Answer
from serai.journey.lodgement.service import AnswerOut, answer_out, encode_answer
from serai.journey.messaging.message_exchange import MessageSender, Reply


class AnswersOut(msgspec.Struct, frozen=True):
    """An answer for each document of a message, in its order; `line` counts them from 1."""

    answers: list[AnswerOut]


async def reply_in_json(answer: Answer, message_sender: MessageSender) -> Reply:
    """Write the answer to one document, with the texts that are asked for: 200, or a problem."""
    texts = message_sender.texts
    if texts is not None:
        (answer,) = await texts.fill([answer])
    status, content = encode_answer(
        answer, None if texts is None else texts.language, message_sender.language
    )
    return Reply(status, media_type_of_answer(status), content)


async def reply_to_each_in_json(
    answers: Sequence[Answer], message_sender: MessageSender, *, status: int = 200
) -> Reply:
    """Write the answers to the documents of one message, with the texts that are asked for."""
    texts = message_sender.texts
    if texts is not None:
        answers = await texts.fill(answers)
    language = None if texts is None else texts.language
    written = [
        answer_out(one, line=line, language=language, problems_in=message_sender.language)
        for line, one in enumerate(answers, start=1)
    ]
    return Reply(status, JSON, msgspec.json.encode(AnswersOut(written)))

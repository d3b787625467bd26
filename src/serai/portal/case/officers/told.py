"""Who was told of what was done, as officers see it on the page of a case."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request

from serai.foundation.access.table import may
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.journey.acts.notification.seen import ToldSeen, read_told
from serai.journey.cases.service import CaseFiles
from serai.portal.case.act_form import LABELS

TOLD_LABELS: Final[Mapping[str, str]] = {**LABELS, "hearing-opened": translatable("Hearing before a measure")}
"""What was told, by the kind of its act."""
PROOF_LABELS: Final[Mapping[str, str]] = {
    "email": translatable("reported as delivered by the server of the mailbox"),
    "webhook": translatable("taken by the webhook"),
    "page": translatable("read on its page"),
    "answer": translatable("read in an answer of the interface"),
    "message": translatable("sent in answer to its message"),
    "receipt": translatable("confirmed by itself"),
}
MAIL_LABELS: Final[Mapping[str, str]] = {
    "queued": translatable("waits to be sent"),
    "handing-over": translatable("is being sent"),
    "sent": translatable("sent; not proven to have arrived"),
    "delivered": translatable("delivered"),
    "read": translatable("read"),
    "bounced": translatable("came back"),
    "refused": translatable("refused by the mail server"),
    "unsure": translatable("not known whether it was sent"),
    "expired": translatable("could not be sent in time"),
}


async def told_of_case(request: Request[Any, Any, Any], case_id: int) -> list[ToldSeen]:
    """Return who was told of what in a case; nothing for whoever takes no measures."""
    if not may(actor_of(request), "measures.take"):
        return []
    files = provided(request, CaseFiles)
    # Notices by e-mail are closed to readers: what is sealed lies beside them.
    async with files.database.write() as connection:
        return await read_told(
            connection, case_id, administration_id=files.administration_id, at=files.clock.now()
        )

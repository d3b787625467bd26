"""Documents that parties of a case have sent because an officer asked for them, for officers to open."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request

from serai.foundation.access.table import may
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.act_records import select_standing_acts

_ANSWER: Final = "information-given"


class SentDocument(msgspec.Struct, frozen=True):
    """One document. href: where it is read; each reading is recorded."""

    href: str
    media_type: str
    size_bytes: int
    at: datetime


async def read_given_documents(request: Request[Any, Any, Any], case_id: int) -> list[SentDocument]:
    """Return what was sent in a case, oldest first; nothing for whoever may not open it."""
    if not may(actor_of(request), "buyers.answer"):
        return []
    files = provided(request, CaseFiles)
    async with files.database.read(files.administration_id) as connection:
        found = await select_standing_acts(
            connection, [case_id], [_ANSWER], administration_id=files.administration_id
        )
    return [
        SentDocument(
            f"/v1/cases/{format_id(case_id)}/proofs/{format_id(act.act_id)}",
            str(act.parameters["media_type"]),
            int(act.parameters["size_bytes"]),
            act.at,
        )
        for _, act in found
        if "media_type" in act.parameters
    ]

"""Words of assessments before loading: an officer's, and the part of a description that says too little. They
may name people, so the vault alone holds them, under the assessment's number.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.vault.reading import Reach, open_messages
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.writing import write_messages
from serai.journey.preloading.store import PreloadingAssessment
from serai.journey.services import Services
from serai.model.findings import Finding

PURPOSE = "loading"


class _Words(msgspec.Struct, frozen=True):
    """What is sealed of an assessment; `words` is also what a case's history shows of the act."""

    reasons: list[Finding]
    words: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Words)


async def seal_words(
    services: Services,
    connection: AsyncConnection[Any],
    assessments: Sequence[PreloadingAssessment],
    at: datetime,
) -> list[PreloadingAssessment]:
    """Seal the words of new assessments; returns them as their table holds them."""
    rendered = [one for one in assessments if one.words or any(reason.parameters for reason in one.reasons)]
    if not rendered:
        return list(assessments)
    await write_messages(
        connection,
        {one.assessment_id: _ENCODER.encode(_Words(one.reasons, one.words)) for one in rendered},
        write=services.database.write,
        epochs=services.epochs,
        codec=services.codec,
        retention_class=RetentionClass.DOCUMENT,
        at=at,
    )
    bare = {one.assessment_id: _without_words(one) for one in rendered}
    return [bare.get(one.assessment_id, one) for one in assessments]


async def open_words(
    services: Services, assessments: Sequence[PreloadingAssessment], actor: str, at: datetime
) -> list[PreloadingAssessment]:
    """Return stored assessments with their words, those erased without; the vault's ledger tells of it."""
    wanted = [one.assessment_id for one in assessments if one.has_words]
    if not wanted:
        return list(assessments)
    reach = Reach(services.administration_id, PURPOSE, actor, at)
    opened = await open_messages(services.database.write, services.keyring, services.codec, wanted, reach)
    found = {number: _DECODER.decode(one.value) for number, one in opened.items()}
    return [
        one
        if one.assessment_id not in found
        else msgspec.structs.replace(
            one, reasons=found[one.assessment_id].reasons, words=found[one.assessment_id].words
        )
        for one in assessments
    ]


def _without_words(one: PreloadingAssessment) -> PreloadingAssessment:
    reasons = [msgspec.structs.replace(reason, parameters={}) for reason in one.reasons]
    return msgspec.structs.replace(one, reasons=reasons, words="", has_words=True)

"""A picture of the goods, sent by whoever declared them without being asked: an officer may see by it what
an examination would find. Kept as the words of an act are: sealed, erased with them, committed to."""

from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import ActDone, done_of, find_case, reference_reused
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_standing_acts
from serai.journey.documents.not_found import not_found
from serai.journey.documents.pictures import Picture
from serai.journey.documents.proofs import Proof, words_of_proof
from serai.journey.documents.submission import Sender
from serai.journey.processing.transaction import Processor
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN

PICTURED: Final = "goods-pictured"
PICTURES_COUNT_MAX: Final = 5
"""Of one consignment."""


async def add_picture(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    picture: Picture,
    consignment: str | None = None,
) -> ActDone:
    """Add a picture to what a sender declared, or a party in whose name it acts. consignment: its number;
    None: the first of the case's. The same reference again is harmless.

    Raises SeraiError `not-found`, `pictures-too-many`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    wanted = None if consignment is None else parse_id(consignment)
    words = words_of_proof(Proof("image/jpeg", picture.content))

    async def work(connection: AsyncConnection[Any]) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        rows = await consignment_store.select_consignments_of_cases(connection, [case.root], **key)
        own = next(
            (
                one
                for one in rows
                if one.party_id in (sender.party_id, case.on_behalf_of)
                and wanted in (None, one.consignment_id)
                and one.status != WITHDRAWN
            ),
            None,
        )
        if own is None:
            raise not_found()
        standing = [act for _, act in await select_standing_acts(connection, [case.root], [PICTURED], **key)]
        before = [one for one in standing if one.subject_id == own.consignment_id]
        for one in before:
            if (one.party_id, one.reference) == (sender.party_id, reference):
                return done_of(one, case.root)
        if len(before) >= PICTURES_COUNT_MAX:
            raise SeraiError(
                "pictures-too-many",
                "There are as many pictures of these goods as there can be.",
                "Send what else is needed when an officer asks for it.",
            )
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind=PICTURED,
            subject_id=own.consignment_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=case.on_behalf_of,
            at=at,
            leaf_id=act_id,
            version=own.version,
            parameters={"media_type": "image/jpeg", "size_bytes": len(picture.content)},
            reference=reference,
        )
        if await record_act(services, connection, act, words) is None:
            raise reference_reused()
        return done_of(act, case.root)

    done: ActDone = await processor.write(work)
    return done

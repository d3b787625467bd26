"""Photos of an examination: kept in the vault with the act that adds each, erased as that is.

What is kept was read and written anew (`documents/pictures.py`). Officers see all; whoever declared the goods
sees those that are not withheld, as part of the file on which a decision rests.
"""

from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach
from serai.journey.acts.case_acts import ActDone, done_of, find_case, reference_reused
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import (
    record_act,
    select_act_by_reference,
    select_acts,
    select_standing_acts,
)
from serai.journey.consignments.act_words import read_act_words
from serai.journey.documents.not_found import not_found
from serai.journey.documents.pictures import Picture
from serai.journey.documents.proofs import Proof, proof_in_words, words_of_proof
from serai.journey.documents.submission import Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.measure_rules.measure_law import faulty
from serai.journey.processing import unit_orders
from serai.journey.processing.transaction import Processor
from serai.model.acts import Act
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]

PHOTO: Final = "examination-photo"
UNIT_PHOTO: Final = "unit-examination-photo"
RECORDED: Final = "examination-recorded"
PHOTOS_COUNT_MAX: Final = 20
"""Of one examination."""


class NewPhoto(msgspec.Struct, frozen=True):
    """A photo to be added. examination_id: the act that recorded what was found. is_withheld: it is for
    officers alone, as where an enquiry goes on."""

    reference: str
    examination_id: int
    picture: Picture
    is_withheld: bool = False


async def add_photo(processor: Processor, sender: Sender, case_id: int, photo: NewPhoto) -> ActDone:
    """Add a photo to an examination in a case. For officers; the same again is harmless. Raises SeraiError
    `not-found`, `measure-faulty`, `reference-reused`."""
    key = {"administration_id": processor.services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        case = await find_case(processor, connection, sender, case_id)
        before = await _before(processor, connection, sender, photo, PHOTO)
        if before is not None:
            await require_of_case(connection, before, case.root)
            return done_of(before, case.root)
        standing = await select_standing_acts(connection, [case.root], [RECORDED, PHOTO], **key)
        examination = _examination([act for _, act in standing], RECORDED, photo)
        act = _act(processor, sender, photo, examination, kind=PHOTO, root=case.root)
        return await _record(processor, connection, act, photo, case.root)

    done: ActDone = await processor.write(work)
    return done


async def add_unit_photo(processor: Processor, sender: Sender, unit_id: int, photo: NewPhoto) -> ActDone:
    """Add a photo to an examination of a transport unit, as `add_photo`."""
    key = {"administration_id": processor.services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles or await unit_orders.lock_unit(connection, unit_id, **key) is None:
            raise not_found()
        before = await _before(processor, connection, sender, photo, UNIT_PHOTO)
        if before is not None:
            if before.case_id != unit_id:
                raise reference_reused()
            return done_of(before, unit_id)
        acts = [one.act for one in await select_acts(connection, [unit_id], **key)]
        examination = _examination(acts, f"unit-{RECORDED}", photo)
        act = _act(processor, sender, photo, examination, kind=UNIT_PHOTO, root=unit_id)
        return await _record(processor, connection, act, photo, unit_id)

    done: ActDone = await processor.write(work)
    return done


async def read_photo(processor: Processor, sender: Sender, case_id: int, act_id: int) -> Proof:
    """Return a photo of a case; the vault's ledger tells of it. For officers, and for whoever declared the
    goods where it is not withheld. Raises SeraiError `not-found`."""
    key = {"administration_id": processor.services.administration_id}

    async def work(connection: Connection) -> bool:
        case = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(connection, [case.root], [PHOTO], **key)
        photo = next((act for _, act in standing if act.act_id == act_id), None)
        if photo is None:
            return False
        return "officer" in sender.roles or (
            not photo.parameters["is_withheld"]
            and await is_declarant(processor, connection, sender, photo.subject_id, case.on_behalf_of)
        )

    return await _open(processor, sender, act_id, is_allowed=await processor.write(work))


async def read_unit_photo(processor: Processor, sender: Sender, unit_id: int, act_id: int) -> Proof:
    """Return a photo of a transport unit. For officers: what else lies in it is others'. Raises SeraiError
    `not-found`."""
    key = {"administration_id": processor.services.administration_id}
    async with processor.services.database.read(processor.services.administration_id) as connection:
        acts = [one.act for one in await select_acts(connection, [unit_id], **key)]
    is_there = any(act.act_id == act_id and act.kind == UNIT_PHOTO for act in acts)
    return await _open(processor, sender, act_id, is_allowed=is_there and "officer" in sender.roles)


async def require_of_case(connection: Connection, before: Act, root: int) -> None:
    """Raise SeraiError `reference-reused` unless an act that was done before under a reference is of a case,
    which is locked."""
    if (await lock_roots(connection, [before.case_id]))[before.case_id] != root:
        raise reference_reused()


async def is_declarant(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    consignment_id: int,
    on_behalf_of: int | None,
) -> bool:
    """Say whether a sender declared a consignment, or acts for whoever did."""
    rows = await consignment_store.select_consignments(
        connection, [consignment_id], administration_id=processor.services.administration_id
    )
    return any(row.party_id in (sender.party_id, on_behalf_of) for row in rows)


async def _before(
    processor: Processor, connection: Connection, sender: Sender, photo: NewPhoto, kind: str
) -> Act | None:
    before = await select_act_by_reference(
        connection,
        sender.party_id,
        photo.reference,
        administration_id=processor.services.administration_id,
    )
    same = format_id(photo.examination_id)
    if before is not None and (before.kind, before.parameters.get("examination")) != (kind, same):
        raise reference_reused()
    return before


def _examination(acts: list[Act], kind: str, photo: NewPhoto) -> Act:
    found = [one for one in acts if one.kind == kind and one.act_id == photo.examination_id]
    if not found:
        raise not_found()
    name = format_id(photo.examination_id)
    if sum(one.parameters.get("examination") == name for one in acts) >= PHOTOS_COUNT_MAX:
        raise faulty(
            MessageText(
                "See to it that an examination has at most {count_max} photos.", count_max=PHOTOS_COUNT_MAX
            )
        )
    return found[0]


def _act(
    processor: Processor, sender: Sender, photo: NewPhoto, examination: Act, *, kind: str, root: int
) -> Act:
    act_id = int(processor.services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=root,
        kind=kind,
        subject_id=examination.subject_id,
        version=examination.version,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        law_reference=examination.law_reference,
        parameters={
            "examination": format_id(examination.act_id),
            "media_type": "image/jpeg",
            "size_bytes": len(photo.picture.content),
            "width_px": photo.picture.width_px,
            "height_px": photo.picture.height_px,
            "is_withheld": photo.is_withheld,
        },
        reference=photo.reference,
    )


async def _record(
    processor: Processor, connection: Connection, act: Act, photo: NewPhoto, root: int
) -> ActDone:
    words = words_of_proof(Proof("image/jpeg", photo.picture.content))
    if await record_act(processor.services, connection, act, words) is None:
        raise reference_reused()
    return done_of(act, root)


async def _open(processor: Processor, sender: Sender, act_id: int, *, is_allowed: bool) -> Proof:
    services = processor.services
    if not is_allowed:
        raise not_found()
    reach = Reach(services.administration_id, "examination", sender.acting_user, services.clock.now())
    words = await read_act_words(services.database.write, services.keyring, services.codec, [act_id], reach)
    if act_id not in words:
        raise not_found()
    return proof_in_words(words[act_id])

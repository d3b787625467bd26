"""Documents as they were kept, read from the vault."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from serai.formats.decoded import KINDS, Document
from serai.foundation.ids import following
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.journey.advise.store import DOCUMENT_KINDS
from serai.journey.clearance.equipment import Equipment
from serai.journey.match.document_frames import Matchable
from serai.journey.match.store import CountingRow
from serai.model.documents import PERSON_ROLES, Consignment, Order, Payment, Person, TransportDocument

PAPERS = tuple(DOCUMENT_KINDS.index(kind) + 1 for kind in ("order", "payment", "transport-document"))
"""Numbers of the kinds of document that others than declarants send."""

_COMPARED_ROLES = frozenset({"buyer", "payer", "consignee"})
_PERSON = msgspec.json.Decoder(Person)
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}


async def read_documents(
    equipment: Equipment,
    kinds: Mapping[int, str],
    purpose: str,
    at: datetime,
    at_hand: Mapping[int, Document],
) -> dict[int, Document]:
    """Return stored documents by id, without their people. kinds: the kind of each.

    at_hand: those that need not be read, as they are.
    """
    wanted = [document_id for document_id in kinds if document_id not in at_hand]
    reach = Reach(equipment.administration_id, purpose, "serai", at)
    found = {document_id: at_hand[document_id] for document_id in kinds if document_id in at_hand}
    if not wanted:
        return found
    opened = await open_messages(equipment.database.write, equipment.keyring, wanted, reach)
    for document_id, one in opened.items():
        content = equipment.codec.decompress(one.value)
        found[document_id] = _DECODERS[kinds[document_id]].decode(content)
    return found


async def read_compared(
    equipment: Equipment, counting: Sequence[CountingRow], at: datetime, at_hand: Mapping[int, Document]
) -> dict[int, Matchable]:
    """Return documents with those of their people that are compared, which the vault's ledger tells of."""
    kinds = {one.document_id: DOCUMENT_KINDS[one.kind - 1] for one in counting}
    found = await read_documents(equipment, kinds, "match", at, at_hand)
    wanted = {
        (person_id, one.document_id): role
        for one in counting
        if one.document_id not in at_hand
        for person_id, role in _people_of(one)
        if role in _COMPARED_ROLES
    }
    people: dict[int, dict[str, Person]] = defaultdict(dict)
    if wanted:
        reach = Reach(equipment.administration_id, "match", "serai", at)
        opened = await open_people(equipment.database.write, equipment.keyring, list(wanted), reach)
        for record, one in opened.items():
            people[record[1]][wanted[record]] = _PERSON.decode(one.value)
    return {
        document_id: msgspec.structs.replace(document, **people[document_id])
        if document_id in people
        else document
        for document_id, document in found.items()
        if isinstance(document, Consignment | Order | Payment | TransportDocument)
    }


def _people_of(one: CountingRow) -> list[tuple[int, str]]:
    roles = [role for place, role in enumerate(PERSON_ROLES) if one.person_roles >> place & 1]
    return list(zip(following(one.first_person_id, len(roles)), roles, strict=True)) if roles else []

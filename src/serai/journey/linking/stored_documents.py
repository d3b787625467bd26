"""Documents as they were kept, read from the vault."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from serai.formats.decoded import KINDS, Document
from serai.foundation.ids import following
from serai.foundation.vault.reading import Reach, open_messages, open_people
from serai.journey.documents import store as document_store
from serai.journey.documents.personal_data import put_numbers, put_people
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.matching.document_frames import Matchable
from serai.journey.matching.store import CountingRow
from serai.journey.services import Services
from serai.model.documents import (
    IDENTIFIERS,
    Consignment,
    Order,
    Payment,
    Person,
    TransportDocument,
    roles_of,
)

SUPPORTING_DOCUMENTS = tuple(
    DOCUMENT_KINDS.index(kind) + 1 for kind in ("order", "payment", "transport-document")
)
"""Numbers of the kinds of document that others than declarants send."""

_COMPARED_ROLES = frozenset({"buyer", "payer", "consignee"})
_PERSON = msgspec.json.Decoder(Person)
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}


async def read_documents(
    services: Services,
    kinds: Mapping[int, str],
    purpose: str,
    at: datetime,
    at_hand: Mapping[int, Document],
) -> dict[int, Document]:
    """Return stored documents by id, without their people. kinds: the kind of each.

    at_hand: those that need not be read, as they are.
    """
    wanted = [document_id for document_id in kinds if document_id not in at_hand]
    reach = Reach(services.administration_id, purpose, "serai", at)
    found = {document_id: at_hand[document_id] for document_id in kinds if document_id in at_hand}
    if not wanted:
        return found
    opened = await open_messages(services.database.write, services.keyring, services.codec, wanted, reach)
    for document_id, one in opened.items():
        found[document_id] = _DECODERS[kinds[document_id]].decode(one.value)
    return found


async def read_compared(
    services: Services,
    counting: Sequence[CountingRow],
    at: datetime,
    at_hand: Mapping[int, Document],
    *,
    opened: Mapping[int, Document] = MappingProxyType({}),
) -> dict[int, Matchable]:
    """Return documents with those of their people that are compared, which the vault's ledger tells of.

    at_hand: those that need not be read, as they are. opened: those of which the people alone are read.
    """
    kinds = {one.document_id: DOCUMENT_KINDS[one.kind - 1] for one in counting}
    found = await read_documents(services, kinds, "match", at, {**opened, **at_hand})
    wanted = {
        (person_id, one.document_id): role
        for one in counting
        if one.document_id not in at_hand
        for person_id, role in _people_of(one.person_roles, one.first_person_id)
        if role in _COMPARED_ROLES
    }
    people: dict[int, dict[str, Person]] = defaultdict(dict)
    if wanted:
        reach = Reach(services.administration_id, "match", "serai", at)
        read = await open_people(services.database.write, services.keyring, list(wanted), reach)
        for record, one in read.items():
            people[record[1]][wanted[record]] = _PERSON.decode(one.value)
    return {
        document_id: msgspec.structs.replace(document, **people[document_id])
        if document_id in people
        else document
        for document_id, document in found.items()
        if isinstance(document, Consignment | Order | Payment | TransportDocument)
    }


async def read_whole(
    services: Services, document_id: int, purpose: str, at: datetime, *, actor: str = "serai"
) -> Consignment | None:
    """Return a stored declaration with its people; None: it was erased. actor: who reads them, as the vault's
    ledger tells."""
    found = await read_documents(services, {document_id: "declaration"}, purpose, at, {})
    document = found.get(document_id)
    async with services.database.write() as connection:
        stored = await document_store.select_people_of_document(
            connection, document_id, administration_id=services.administration_id
        )
    if not isinstance(document, Consignment) or stored is None:
        return None
    roles = {(person_id, document_id): role for person_id, role in _people_of(*stored)}
    reach = Reach(services.administration_id, purpose, actor, at)
    opened = await open_people(services.database.write, services.keyring, list(roles), reach)
    contents = {roles[key]: one.value for key, one in opened.items()}
    numbers = contents.pop(IDENTIFIERS, None)
    whole = put_people(document, {role: _PERSON.decode(content) for role, content in contents.items()})
    return whole if numbers is None else put_numbers(whole, numbers)


def _people_of(person_roles: int, first_person_id: int) -> list[tuple[int, str]]:
    roles = roles_of(person_roles)
    return list(zip(following(first_person_id, len(roles)), roles, strict=True)) if roles else []

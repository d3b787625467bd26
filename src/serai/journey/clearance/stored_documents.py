"""Documents as they were kept, read from the vault."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from serai.formats.decoded import KINDS, Document
from serai.foundation.vault.reading import Reach, open_messages
from serai.journey.clearance.equipment import Equipment

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

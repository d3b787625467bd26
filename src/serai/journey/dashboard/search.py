"""Finding a parcel by whatever number somebody has: reference, house or master document, MRN, case number."""

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

from serai.foundation.id_text import parse_id
from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.consignments.store import UNIT_KINDS
from serai.journey.matching.match_keys import Key, hash_keys
from serai.journey.matching.rules import keys_of
from serai.journey.statistics.store import DashboardReader
from serai.model.documents import Payment, TransportDocument
from serai.model.errors import SeraiError
from serai.model.registration_number import is_registration_number

FOUND_MAX = 50
TEXT_LENGTH_MAX = 70
_CONSIGNMENT = 1
_MASTER, _MOVEMENT = UNIT_KINDS.index("master-document") + 1, UNIT_KINDS.index("movement") + 1


class Found(NamedTuple):
    """What a number stands for. unit_id: a flight or master document; else cases or consignments."""

    case_ids: list[int]
    consignment_ids: list[int]
    unit_id: int | None = None
    unit_kind: str | None = None


async def find(
    reader: DashboardReader, text: str, pseudonymiser: Pseudonymiser, *, party_id: int | None
) -> Found:
    """Look a number up in every sense it may have, each by an index. party_id: only what this party filed:
    what is another's is found no more than what is not there, and by the same questions.
    """
    word = text.strip()[:TEXT_LENGTH_MAX]
    if not word:
        return Found([], [])
    case_ids: list[int] = []
    with contextlib.suppress(SeraiError):
        case_ids += await reader.roots([parse_id(word)], party_id=party_id)
    registered = _id_of_registration(word.upper().replace(" ", ""))
    case_ids += await reader.case_ids(
        "find_cases_by_reference", kinds=[_CONSIGNMENT], text=word, party_id=party_id, count_max=FOUND_MAX
    )
    keys = _keys_of(word, pseudonymiser)
    if keys:
        _, key_hashes, check_hashes = (list(column) for column in zip(*keys, strict=True))
        case_ids += await reader.case_ids(
            "find_cases_by_key", key_hashes=key_hashes, check_hashes=check_hashes, party_id=party_id
        )
    if case_ids or registered is not None:
        return Found(list(dict.fromkeys(case_ids)), [] if registered is None else [registered])
    unit = await reader.unit([_MOVEMENT, _MASTER], word, party_id=party_id)
    if unit is None:
        return Found([], [])
    return Found([], [], unit[0], UNIT_KINDS[unit[1] - 1])


def _keys_of(text: str, pseudonymiser: Pseudonymiser) -> Sequence[Key]:
    """Return the match keys that a number could be: of a UCR, a house document, an order."""
    named = TransportDocument(reference=text, house_document=text, logistics_channel_code="", ucr=text)
    paid = Payment(reference=text, amount="0", currency_code="", paid_at="", order_references=[text])
    return hash_keys([*keys_of(named), *keys_of(paid)], pseudonymiser.key_hashes)


def _id_of_registration(text: str) -> int | None:
    """Return the consignment that a registration number of ours holds: thirteen digits of base 32."""
    if not is_registration_number(text):
        return None
    try:
        return int(text[4:17], 32)
    except ValueError:
        return None

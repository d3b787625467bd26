"""Finding a parcel by whatever number somebody has: reference, house or master document, MRN, case number.

However it is written: with spaces, in small letters or in capitals. Officers find flights, documents
and bags by how their numbers begin, too.
"""

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
BEGINNING_LENGTH_MIN, UNITS_FOUND_MAX = 3, 25
_CONSIGNMENT = 1
_MASTER, _MOVEMENT = UNIT_KINDS.index("master-document") + 1, UNIT_KINDS.index("movement") + 1
_KINDS = range(1, len(UNIT_KINDS) + 1)


class Found(NamedTuple):
    """What a number stands for. unit_id: a flight or another transport unit; else cases or consignments.
    units: id, kind and number of several that begin so."""

    case_ids: list[int]
    consignment_ids: list[int]
    unit_id: int | None = None
    unit_kind: str | None = None
    units: Sequence[tuple[int, str, str]] = ()


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
    texts = ways_to_write(word)
    case_ids += await reader.case_ids(
        "find_cases_by_reference", kinds=[_CONSIGNMENT], texts=texts, party_id=party_id, count_max=FOUND_MAX
    )
    keys = [key for text in texts for key in _keys_of(text, pseudonymiser)]
    if keys:
        _, key_hashes, check_hashes = (list(column) for column in zip(*keys, strict=True))
        case_ids += await reader.case_ids(
            "find_cases_by_key", key_hashes=key_hashes, check_hashes=check_hashes, party_id=party_id
        )
    if case_ids or registered is not None:
        return Found(list(dict.fromkeys(case_ids)), [] if registered is None else [registered])
    if party_id is None:
        return await _find_beginning(reader, texts)
    unit = await reader.unit([_MOVEMENT, _MASTER], word, party_id=party_id)
    if unit is None:
        return Found([], [])
    return Found([], [], unit[0], UNIT_KINDS[unit[1] - 1])


async def _find_beginning(reader: DashboardReader, texts: Sequence[str]) -> Found:
    """Return the transport units whose number begins so: one, if it is the whole number or there is no other.

    For the administration alone: to others a beginning would tell that there is a flight.
    """
    begins = [text for text in texts if len(text) >= BEGINNING_LENGTH_MIN]
    units = await reader.units_beginning(_KINDS, begins, UNITS_FOUND_MAX) if begins else []
    if not units:
        return Found([], [])
    if len(units) == 1 or units[0][2] in texts:
        return Found([], [], units[0][0], UNIT_KINDS[units[0][1] - 1])
    named = [(unit_id, UNIT_KINDS[kind - 1], number) for unit_id, kind, number in units]
    return Found([], [], units=named)


def ways_to_write(word: str) -> list[str]:
    """Return a number as it stands, in capitals and in small letters, with and without the spaces that people
    put into it."""
    whole = "".join(word.split())
    return list(dict.fromkeys([word, word.upper(), whole.upper(), word.lower(), whole.lower()]))


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

"""Whether a document that comes again says the same: held against what the vault holds of the first."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.vault.comparing import Asked, find_equal
from serai.journey.documents.erased_words import is_same_message
from serai.journey.documents.personal_data import Cut
from serai.journey.services import Services


async def find_repeats(
    services: Services,
    connection: AsyncConnection[Any],
    asked: Sequence[tuple[int, Cut | None]],
    at_hand: Mapping[int, Cut],
) -> list[bool]:
    """Say of each document that comes whether it says the same as the one it is held against; None: no
    document, which says nothing.

    at_hand: what this transaction is yet to give the vault. Raises VaultError `vault-row-changed`.
    """
    held = [
        Asked(document_id, cut.message, [content for _, content in cut.people])
        for document_id, cut in asked
        if cut is not None and document_id not in at_hand
    ]
    found = iter(
        await find_equal(
            connection,
            services.keyring,
            services.codec,
            held,
            administration_id=services.administration_id,
            is_equal=is_same_message,
        )
        if held
        else []
    )
    return [
        cut is not None and (at_hand[document_id] == cut if document_id in at_hand else next(found))
        for document_id, cut in asked
    ]

"""Locks on match keys and cases, taken in one order everywhere: keys first, then cases, each sorted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.journey.matching import store as matching_store
from serai.journey.matching.match_keys import Claims, match_keys
from serai.journey.services import Services
from serai.model.documents import Declaration, Order, Payment, TransportDocument

Connection = AsyncConnection[Any]


async def lock_roots(connection: Connection, case_ids: Sequence[int]) -> dict[int, int]:
    """Lock cases and the survivors of those that were merged; returns the survivor of each."""
    roots: dict[int, int] = {}
    wanted = set(case_ids)
    while wanted:
        found = await matching_store.lock_cases(connection, sorted(wanted))
        roots |= {case_id: found.get(case_id, case_id) for case_id in wanted}
        wanted = set(roots.values()) - roots.keys()
    return roots


async def hold_keys_and_cases(
    services: Services,
    connection: Connection,
    documents: Sequence[tuple[Declaration | Order | Payment | TransportDocument, int]],
    case_ids: Sequence[int],
    at: datetime,
) -> Claims:
    """Claim and lock the match keys of documents, then lock cases, each sorted.

    For a batch that would come to cases one by one, in the order of its file, and wait in a circle with one
    that has another order.

    documents: each with its case. Returns the keys that were free, for `link_documents`.
    """
    keys = match_keys([document for document, _ in documents], services.pseudonymiser.key_hashes)
    claims: Claims = set()
    if len(keys):
        case_of = np.array([case_id for _, case_id in documents], dtype=np.int64)[keys.places]
        is_free = await matching_store.claim_keys(
            connection, keys, case_of, administration_id=services.administration_id, at=at
        )
        claims = {
            (*key, case_id)
            for key, case_id, is_own in zip(keys.keys(), case_of.tolist(), is_free.tolist(), strict=True)
            if is_own
        }
        await matching_store.lock_keys(
            connection, list(set(keys.keys())), administration_id=services.administration_id
        )
    await lock_roots(connection, case_ids)
    return claims


async def resolve_cases(connection: Connection, case_ids: Sequence[int]) -> dict[int, int]:
    """Return the case that each id stands for, of cases that are locked already."""
    return await lock_roots(connection, case_ids)

"""What must be known of a case before somebody in it is erased, and what names them outside the vault."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, texts
from serai.foundation.queries import load_queries
from serai.journey.allowances.store import CumulativeAllowanceKey, hash_keys
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.tracking.store import HashedKey, key_parameters
from serai.model.frames import FINAL_STATUSES

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Standing(NamedTuple):
    """How a case stands. last_at: the last event of each kind of document."""

    is_open: bool
    has_task: bool
    last_at: dict[str, datetime]


class ActText(NamedTuple):
    """What of an act may name somebody in the open."""

    act_id: int
    reference: str | None
    parameters: dict[str, Any]


async def select_family(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int
) -> list[int]:
    """Return the cases of documents: as they are called today, and those they took in."""
    rows = await _rows(
        connection, "select_family", document_ids=bigints(document_ids), administration_id=administration_id
    )
    return [case_id for (case_id,) in rows]


async def select_standing(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> Standing:
    """Return how a case stands. case_ids: of its family."""
    named = {"case_ids": bigints(case_ids), "administration_id": administration_id}
    events = await _rows(connection, "select_events", **named)
    last_at = {DOCUMENT_KINDS[kind - 1]: at for kind, at in events}
    ((changed_at, is_open, has_task),) = await _rows(
        connection, "select_standing", final_statuses=list(FINAL_STATUSES), **named
    )
    if changed_at is not None:
        last_at["declaration"] = max(last_at.get("declaration", changed_at), changed_at)
    return Standing(is_open, has_task, last_at)


async def select_messages(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, str | None]:
    """Return the messages of a case, and which kind of document each is; None: none, but words."""
    rows = await _rows(
        connection, "select_messages", case_ids=bigints(case_ids), administration_id=administration_id
    )
    return {message_id: DOCUMENT_KINDS[kind - 1] if kind else None for message_id, kind in rows}


async def select_sealed_events(
    connection: Connection, keys: Sequence[HashedKey], *, administration_id: int
) -> list[int]:
    """Return the visibility events of things that hold fields of others, which the vault keeps."""
    if not keys:
        return []
    rows = await _rows(
        connection, "select_sealed_events", administration_id=administration_id, **key_parameters(keys)
    )
    return [event_id for (event_id,) in rows]


async def forget_events(connection: Connection, event_ids: Sequence[int], *, administration_id: int) -> None:
    """Take away what confirms the content of events from which words were erased."""
    await connection.execute(
        QUERIES["forget_events"], {"event_ids": bigints(event_ids), "administration_id": administration_id}
    )


async def forget_beneficiaries(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> None:
    """Take away by whom the allowances of a case were drawn."""
    rows = await _rows(
        connection, "forget_beneficiary", case_ids=bigints(case_ids), administration_id=administration_id
    )
    keys = {CumulativeAllowanceKey(name, bytes(holder), period_on) for holder, period_on, name in rows}
    if keys:
        hashes = hash_keys(list(keys), administration_id)
        await connection.execute(
            QUERIES["delete_allowances"],
            {"key_hashes": bigints(hashes[:, 0]), "check_hashes": bigints(hashes[:, 1])},
        )


async def forget_permit_holders(
    connection: Connection, case_ids: Sequence[int], hashes: Sequence[bytes], *, administration_id: int
) -> None:
    """Take away whose permits are that goods of a case drew on, and those of persons by their keyed
    hashes."""
    await connection.execute(
        QUERIES["forget_permit_holders"],
        {"case_ids": bigints(case_ids), "hashes": list(hashes), "administration_id": administration_id},
    )


async def forget_listed_names(
    connection: Connection, case_ids: Sequence[int], roles: Sequence[str], *, administration_id: int
) -> None:
    """Take away which entries of lists people of some roles resembled, and what was said of that."""
    await connection.execute(
        QUERIES["forget_listed_names"],
        {"case_ids": bigints(case_ids), "roles": list(roles), "administration_id": administration_id},
    )


async def select_act_texts(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[ActText]:
    """Return what acts of a case say in the open in their senders' own words, references and accounts, and
    which entry of a list somebody resembled."""
    rows = await _rows(
        connection, "select_act_texts", case_ids=bigints(case_ids), administration_id=administration_id
    )
    return [ActText(*row) for row in rows]


async def erase_act_texts(connection: Connection, left: Sequence[ActText], *, administration_id: int) -> None:
    """Put what is left of such words in their place."""
    await connection.execute(
        QUERIES["erase_act_texts"],
        {
            "act_ids": bigints([one.act_id for one in left]),
            "references": texts([one.reference or "" for one in left]),
            "parameters": texts([msgspec.json.encode(one.parameters).decode() for one in left]),
            "administration_id": administration_id,
        },
    )


async def _rows(connection: Connection, query: str, **parameters: Any) -> list[Any]:
    cursor = await connection.execute(QUERIES[query], parameters)
    return await cursor.fetchall()

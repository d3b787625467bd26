"""Acts of administering and sign-ins in the log: who has the database alone cannot change them unseen."""

from collections.abc import Callable
from datetime import UTC
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.evidence.leaf import Opening
from serai.evidence.promise import LogSigner, commit_and_promise
from serai.evidence.store import insert_promised_batch
from serai.foundation.access import store
from serai.foundation.clock import Clock
from serai.foundation.id_text import format_id
from serai.foundation.ids import Ids

FIELD: Final = "administering-act"
"""Under which name a leaf commits to an act of administering."""
_TOGETHER_MAX: Final = 1_000

Connection = AsyncConnection[Any]


class _Committed(msgspec.Struct, frozen=True):
    act_id: str
    kind: str
    actor: str
    subject: str
    detail: str
    at: str


def committed_bytes(act: store.ActRow) -> bytes:
    """Return an act as the log commits to it: JSON whose bytes depend on the act alone."""
    at = act.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = _Committed(format_id(act.act_id), act.kind, act.actor, act.subject, act.detail, at)
    return msgspec.json.encode(fields, order="deterministic")


def opening_of(act: store.ActRow) -> Opening | None:
    """Return what opens the leaf of an act; None while it has none."""
    return None if act.salt is None else Opening(FIELD, act.salt, committed_bytes(act))


async def log_acts(
    connection: Connection, log: LogSigner, clock: Clock, take_ids: Callable[[int], Ids]
) -> int:
    """Promise leaves for acts that have none yet, in the caller's transaction; return how many.

    take_ids: gives new ids.
    """
    own = {"administration_id": log.administration_id}
    wanted = own | {"limit": _TOGETHER_MAX}
    acts = await store.select_all(connection, "select_unlogged_acts", wanted, store.ActRow)
    if not acts:
        return 0
    leaf_ids = take_ids(len(acts)).tolist()
    fields = {FIELD: [committed_bytes(act) for act in acts]}
    commitments, promise = commit_and_promise(log, clock.now(), leaf_ids=leaf_ids, fields=fields)
    noted = {
        "act_ids": [act.act_id for act in acts],
        "leaf_ids": leaf_ids,
        "salts": commitments.salts[FIELD],
    }
    await store.execute(connection, "note_logged_acts", noted)
    await insert_promised_batch(connection, promise, leaf_ids=leaf_ids, **own)
    return len(acts)

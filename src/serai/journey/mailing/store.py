"""Rows of notices by e-mail."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.binary_arrays import bigints
from serai.foundation.queries import load_queries
from serai.journey.mailing.states import PROVEN, State, before

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
Row = TypeVar("Row", bound=msgspec.Struct)


class HeldNotice(msgspec.Struct, frozen=True):
    """A notice that this run hands over. sealed: to whom, and with which parameters."""

    notice_id: int
    kind: str
    means: str
    language: str
    sealed: bytes
    check_text: str
    return_token: str
    queued_at: dt.datetime
    send_by: dt.datetime
    tries_count: int
    holder: int


class Delivery(msgspec.Struct, frozen=True):
    """What became of a notice. detail: a status code (RFC 3463), "": none. notified_at: when it is proven to
    have reached whom it is for; None: not proven, and no clock begins."""

    notice_id: int
    state: State
    state_at: dt.datetime
    detail: str
    queued_at: dt.datetime
    notified_at: dt.datetime | None


async def claim(
    connection: Connection,
    query: str,
    *,
    administration_id: int,
    at: dt.datetime,
    lease: dt.timedelta,
    holder: int,
    limit: int,
) -> list[HeldNotice]:
    """Take notices for one run. query: claim_notices or claim_left."""
    values = {
        "administration_id": administration_id,
        "at": at,
        "until": at + lease,
        "beyond": at + 2 * lease,
        "holder": holder,
        "limit": limit,
    }
    return await _select(connection, query, values, HeldNotice)


async def move_held(
    connection: Connection,
    notice: HeldNotice,
    state: State,
    *,
    administration_id: int,
    at: dt.datetime,
    lease: dt.timedelta,
    detail: str = "",
    next_try_at: dt.datetime | None = None,
    is_try: bool = False,
) -> bool:
    """Bring a notice into another state; False: it is not ours any more. lease: of one that is handed
    over."""
    is_open = state in {"queued", "handing-over"}
    values = {
        "notice_id": notice.notice_id,
        "holder": notice.holder,
        "administration_id": administration_id,
        "state": state,
        "before": before(state) + (["queued"] if state == "queued" else []),
        "at": at,
        "detail": detail,
        "forgets": not is_open,
        "keeps": state == "handing-over",
        "tried_count": int(is_try),
        "next_try_at": next_try_at or at,
        "until": at + lease,
    }
    return bool(await execute(connection, "move_held", values))


async def settle(
    connection: Connection,
    state: State,
    *,
    administration_id: int,
    at: dt.datetime,
    return_token: str = "",
    notice_id: int = 0,
    detail: str = "",
) -> bool:
    """Say what became of a notice that was sent: by the token of what came back, or by its id."""
    values = {
        "return_token": return_token,
        "notice_id": notice_id,
        "administration_id": administration_id,
        "state": state,
        "before": before(state),
        "at": at,
        "detail": detail,
        "notified_at": at if state in PROVEN else None,
    }
    return bool(await execute(connection, "settle_notice", values))


async def select_deliveries(
    connection: Connection, notice_ids: Sequence[int], *, administration_id: int
) -> dict[int, Delivery]:
    """Return what became of notices, by id."""
    values = {"notice_ids": bigints(notice_ids), "administration_id": administration_id}
    found = await _select(connection, "select_deliveries", values, Delivery)
    return {one.notice_id: one for one in found}


async def select_notices_of_cases(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[Delivery]:
    """Return what was sent about cases, the oldest first."""
    values = {"case_ids": bigints(case_ids), "administration_id": administration_id}
    return await _select(connection, "select_notices_of_cases", values, Delivery)


class Followed(msgspec.Struct, frozen=True):
    """A notice of an act whose state the case has not taken into account yet."""

    notice_id: int
    act_id: int
    party_id: int
    case_id: int
    state: State
    state_at: dt.datetime


async def select_to_follow(connection: Connection, *, administration_id: int, limit: int) -> list[Followed]:
    """Return notices of acts whose state has changed since their cases took it into account."""
    values = {"administration_id": administration_id, "limit": limit}
    return await _select(connection, "select_to_follow", values, Followed)


async def set_followed(connection: Connection, notice: Followed, *, administration_id: int) -> None:
    """Say that a case has taken the state of a notice into account."""
    values = {
        "notice_id": notice.notice_id,
        "state": notice.state,
        "administration_id": administration_id,
    }
    await execute(connection, "set_followed", values)


class OfAct(msgspec.Struct, frozen=True):
    """A notice that tells of an act."""

    act_id: int
    party_id: int
    delivery: Delivery


async def select_notices_of_acts(
    connection: Connection, act_ids: Sequence[int], *, administration_id: int
) -> list[OfAct]:
    """Return what was sent about acts, the oldest first."""
    values = {"act_ids": bigints(act_ids), "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_notices_of_acts"].encode(), values)
    return [OfAct(act_id, party_id, Delivery(*more)) for act_id, party_id, *more in await cursor.fetchall()]


async def is_ours(connection: Connection, notice_id: int, check_text: str, *, administration_id: int) -> bool:
    """Say whether a notice of this number with these check characters went out."""
    values = {"notice_id": notice_id, "check_text": check_text, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["is_ours"].encode(), values)
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def execute(connection: Connection, query: str, parameters: Mapping[str, object]) -> int:
    """Run a named query; return how many rows it touched."""
    cursor = await connection.execute(QUERIES[query].encode(), parameters)
    return cursor.rowcount


async def _select(
    connection: Connection, query: str, parameters: Mapping[str, object], row: type[Row]
) -> list[Row]:
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(QUERIES[query].encode(), parameters)
        return await cursor.fetchall()

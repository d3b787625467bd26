"""The table of tasks, which this room alone writes: opened, closed and moved in the transaction of what
makes it so."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import Rows, bigints, smallints
from serai.foundation.copying import Target, change
from serai.foundation.queries import load_queries
from serai.journey.tasks.rules import NOTICE, POSSIBLE_MATCH, queue_of
from serai.model.frames import FINAL_STATUSES

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
TOP: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The landing of a task that stands before all others, since its period has ended."""


async def open_tasks(target: Target, batch: Rows, *, administration_id: int, at: datetime) -> None:
    """Open a task for each row, or say on the one that is open already what holds now.

    batch: rows with task_id, consignment_id (once each, or once for each document_id), party_id,
    transport_unit_id, movement_id, value_minor, document_id, score_ppm, basis_id, kind, lane, currency_code,
    consignee_country_code and rules, as the table has them, and expected_at, when the declaration expects the
    landing. The caller holds the cases' locks.
    """
    if batch.count:
        columns = batch.arrays()
        await change(
            target, QUERIES["open_tasks"], {"administration_id": administration_id, "at": at, **columns}
        )


class Offer(NamedTuple):
    """A document that waits and may belong to the declaration of a case. score_ppm: how likely."""

    case_id: int
    document_id: int
    score_ppm: int


async def open_possible_matches(
    connection: AsyncConnection[Any],
    offers: Sequence[Offer],
    task_ids: Sequence[int],
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Open a task for each offer to a stored declaration; one that is there, or was closed, stays as it is.
    task_ids: one an offer."""
    if offers:
        await connection.execute(
            QUERIES["open_possible_matches"],
            {
                "task_ids": bigints(task_ids),
                "case_ids": bigints([one.case_id for one in offers]),
                "document_ids": bigints([one.document_id for one in offers]),
                "scores_ppm": bigints([one.score_ppm for one in offers]),
                "kind": POSSIBLE_MATCH,
                "final_statuses": list(FINAL_STATUSES),
                "administration_id": administration_id,
                "at": at,
            },
        )


class OpenTask(NamedTuple):
    """A task that waits for a person. kind: place in TASK_KINDS. owner_id: the account that has it."""

    kind: int
    opened_at: datetime
    due_at: datetime | None
    owner_id: int | None


async def select_open(
    connection: AsyncConnection[Any], consignment_ids: Sequence[int], *, administration_id: int
) -> list[OpenTask]:
    """Return what waits for a person on consignments, the soonest due first."""
    cursor = await connection.execute(
        QUERIES["select_open"],
        {"consignment_ids": bigints(consignment_ids), "administration_id": administration_id},
    )
    return [OpenTask(*row) for row in await cursor.fetchall()]


async def select_consignments_of(
    connection: AsyncConnection[Any], task_ids: Sequence[int], *, administration_id: int
) -> dict[int, int]:
    """Return by task the consignments of those of some that are open, the soonest landing first."""
    cursor = await connection.execute(
        QUERIES["select_consignments_of"],
        {"task_ids": bigints(task_ids), "administration_id": administration_id},
    )
    return dict(await cursor.fetchall())


class CaseTask(NamedTuple):
    """Something that a person must look at in a case. about_id: of the event or decision that it is about."""

    case_id: int
    about_id: int


async def open_case_tasks(
    connection: AsyncConnection[Any],
    tasks: Sequence[CaseTask],
    task_ids: Sequence[int],
    kind: int,
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Open a task of a kind on each case, on its first consignment; one of that kind that is open serves the
    next, too, and what was closed about the same thing stays closed. task_ids: one a task."""
    if tasks:
        await connection.execute(
            QUERIES["open_case_tasks"],
            {
                "task_ids": bigints(task_ids),
                "case_ids": bigints([one.case_id for one in tasks]),
                "about_ids": bigints([one.about_id for one in tasks]),
                "kind": kind,
                "administration_id": administration_id,
                "at": at,
            },
        )


async def open_act_task(
    connection: AsyncConnection[Any],
    consignment_id: int,
    act_id: int,
    kind: int,
    *,
    task_id: int,
    administration_id: int,
    at: datetime,
    due_at: datetime | None,
) -> None:
    """Open a task of a kind about an act on a consignment. due_at: by when it must be done."""
    await connection.execute(
        QUERIES["open_act_task"],
        {
            "task_id": task_id,
            "consignment_id": consignment_id,
            "act_id": act_id,
            "kind": kind,
            "administration_id": administration_id,
            "at": at,
            "due_at": due_at,
        },
    )


async def set_due(
    connection: AsyncConnection[Any], act_id: int, *, due_at: datetime, administration_id: int
) -> None:
    """Say by when the open task about an act must be done."""
    await connection.execute(
        QUERIES["set_due"],
        {"act_id": act_id, "due_at": due_at, "administration_id": administration_id, "top": TOP},
    )


async def close_notice_task(
    connection: AsyncConnection[Any], act_id: int, *, administration_id: int, at: datetime
) -> None:
    """Close what asks officers to tell an act in another way; nothing open is harmless."""
    values = {"act_id": act_id, "kind": NOTICE, "administration_id": administration_id, "at": at}
    await connection.execute(QUERIES["close_notice_task"], values)


async def put_ended_on_top(
    connection: AsyncConnection[Any], *, administration_id: int, at: datetime, limit: int
) -> int:
    """Put open tasks whose period has ended before all others; return how many that were. Nothing is decided,
    released or closed by it, and whoever has a task keeps it."""
    values = {"administration_id": administration_id, "at": at, "limit": limit, "top": TOP}
    return (await connection.execute(QUERIES["put_ended_on_top"], values)).rowcount


async def count_open(connection: AsyncConnection[Any], kind: str, *, administration_id: int) -> int:
    """Return how many tasks of a kind that is in no lane are open."""
    cursor = await connection.execute(
        QUERIES["count_open"], {"queue": queue_of(kind), "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def close_kind(
    connection: AsyncConnection[Any], case_id: int, kind: int, *, administration_id: int, at: datetime
) -> bool:
    """Close the tasks of a kind on a case; says whether any was open."""
    cursor = await connection.execute(
        QUERIES["close_kind"],
        {"case_id": case_id, "kind": kind, "administration_id": administration_id, "at": at},
    )
    return await cursor.fetchone() is not None


async def close_tasks_of(
    connection: AsyncConnection[Any],
    document_id: int,
    kind: int,
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Close all tasks of a kind that are open about a recall."""
    await connection.execute(
        QUERIES["close_tasks_of"],
        {"document_id": document_id, "kind": kind, "administration_id": administration_id, "at": at},
    )


async def close_task_about(
    connection: AsyncConnection[Any],
    document_id: int,
    consignment_ids: Sequence[int],
    *,
    administration_id: int,
    at: datetime,
) -> bool:
    """Close what is open about a document, or a recall, and some consignments; says whether anything was."""
    cursor = await connection.execute(
        QUERIES["close_task_about"],
        {
            "document_id": document_id,
            "consignment_ids": bigints(consignment_ids),
            "administration_id": administration_id,
            "at": at,
        },
    )
    return await cursor.fetchone() is not None


async def close_possible_matches(
    connection: AsyncConnection[Any], document_ids: Sequence[int], *, administration_id: int, at: datetime
) -> None:
    """Close what is open of documents that wait no more: they count, were replaced or taken back."""
    if document_ids:
        await connection.execute(
            QUERIES["close_possible_matches"],
            {"document_ids": bigints(document_ids), "administration_id": administration_id, "at": at},
        )


async def close_tasks(
    target: Target,
    consignment_ids: Sequence[int],
    are_final: Sequence[bool],
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Close what is open of consignments that need nobody any more; nothing open is harmless.

    are_final: one a consignment: released or invalidated, so that nothing can belong to it any more.
    """
    if consignment_ids:
        await change(
            target,
            QUERIES["close_tasks"],
            {
                "consignment_ids": bigints(consignment_ids),
                "are_final": smallints(are_final),
                "administration_id": administration_id,
                "at": at,
            },
        )


async def place_tasks(
    connection: AsyncConnection[Any],
    consignment_ids: Sequence[int],
    unit_ids: Sequence[int],
    *,
    administration_id: int,
) -> None:
    """Say of open tasks on which transport units their consignments lie now. unit_ids: one a consignment.

    The movement is read off the consignments: it is counted on them before this.
    """
    if consignment_ids:
        await connection.execute(
            QUERIES["place_tasks"],
            {
                "consignment_ids": bigints(consignment_ids),
                "unit_ids": bigints(unit_ids),
                "administration_id": administration_id,
            },
        )


async def put_in_hands(
    connection: AsyncConnection[Any], consignment_id: int, account_id: int | None, *, administration_id: int
) -> None:
    """Put the open tasks of a consignment into the hands of an account; None: into nobody's. The caller holds
    the case's lock, and records the act."""
    await connection.execute(
        QUERIES["put_in_hands"],
        {
            "consignment_id": consignment_id,
            "account_id": account_id,
            "administration_id": administration_id,
        },
    )


class InHands(NamedTuple):
    """Open tasks that an account has. soon_count: that land soon or have landed; overdue_count: whose period
    has ended. next_landing_at: None: not known."""

    account_id: int
    tasks_count: int
    soon_count: int
    overdue_count: int
    next_landing_at: datetime | None


async def count_in_hands(
    connection: AsyncConnection[Any], *, administration_id: int, at: datetime, soon: datetime
) -> list[InHands]:
    """Count open tasks by who has them. soon: until when a landing is soon."""
    values = {"administration_id": administration_id, "at": at, "soon": soon}
    cursor = await connection.execute(QUERIES["count_in_hands"], values)
    return [InHands(*row) for row in await cursor.fetchall()]

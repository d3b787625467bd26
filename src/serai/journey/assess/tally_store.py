"""Tallies: what laws count over several consignments, and what each decision added."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import array_of, bigints, blobs, texts
from serai.foundation.copying import Target, change, copy_table
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("tally_store.sql"))

Connection = AsyncConnection[Any]


class TallyKey(NamedTuple):
    """One tally. holder: a pseudonym. period_on: the first day of the period."""

    tally: str
    holder: bytes
    period_on: dt.date


class Draw(msgspec.Struct, frozen=True):
    """What a decision found on a tally and added to it. word: place in COUNTED_WORDS."""

    consignment_id: int
    decision_id: int
    word: int
    key: TallyKey
    before_amount: int
    drawn_amount: int
    is_reversal: bool = False


async def hold_tallies(
    connection: Connection, keys: Sequence[TallyKey], *, administration_id: int
) -> dict[TallyKey, int]:
    """Return what was added to tallies in all, and hold them until the transaction ends. keys: distinct."""
    cursor = await connection.execute(
        QUERIES["hold_tallies"],
        {"administration_id": administration_id, **_columns(keys)},
        binary=True,
    )
    return {
        TallyKey(tally, bytes(holder), period_on): amount
        for tally, holder, period_on, amount in await cursor.fetchall()
    }


async def add_to_tallies(target: Target, added: Mapping[TallyKey, int], *, administration_id: int) -> None:
    """Add to tallies that are held."""
    await change(
        target,
        QUERIES["add_to_tallies"],
        {
            "administration_id": administration_id,
            **_columns(list(added)),
            "amounts": bigints(list(added.values())),
        },
    )


async def select_draws(
    connection: Connection,
    consignment_ids: Sequence[int],
    decision_ids: Sequence[int],
    *,
    administration_id: int,
) -> list[Draw]:
    """Return what decisions added to tallies. decision_ids: one for each consignment."""
    cursor = await connection.execute(
        QUERIES["select_draws"],
        {
            "consignment_ids": bigints(consignment_ids),
            "decision_ids": bigints(decision_ids),
            "administration_id": administration_id,
        },
    )
    return [
        Draw(consignment_id, decision_id, word, TallyKey(tally, bytes(holder), period_on), before, drawn)
        for (
            consignment_id,
            decision_id,
            word,
            tally,
            holder,
            period_on,
            before,
            drawn,
        ) in await cursor.fetchall()
    ]


async def select_counted(
    connection: Connection, keys: Sequence[TallyKey], *, administration_id: int
) -> list[int]:
    """Return the consignments that ever added to one of the tallies."""
    cursor = await connection.execute(
        QUERIES["select_counted"], {"administration_id": administration_id, **_columns(keys)}
    )
    return [row[0] for row in await cursor.fetchall()]


async def insert_draws(target: Target, draws: Sequence[Draw], *, administration_id: int) -> None:
    """Append what decisions found and added."""
    await copy_table(
        target,
        "tally_draw",
        arrow.table(
            consignment_id=arrow.int64([one.consignment_id for one in draws]),
            administration_id=arrow.int16(np.full(len(draws), administration_id)),
            decision_id=arrow.int64([one.decision_id for one in draws]),
            word=arrow.int16(np.array([one.word for one in draws])),
            tally=arrow.texts([one.key.tally for one in draws]),
            holder=arrow.blobs([one.key.holder for one in draws]),
            period_on=arrow.days(_days([one.key.period_on for one in draws])),
            before_amount=arrow.int64([one.before_amount for one in draws]),
            drawn_amount=arrow.int64([one.drawn_amount for one in draws]),
            is_reversal=arrow.flags(np.array([one.is_reversal for one in draws], dtype=np.bool_)),
        ),
    )


def _columns(keys: Sequence[TallyKey]) -> dict[str, Any]:
    return {
        "tallies": texts([one.tally for one in keys]),
        "holders": blobs([one.holder for one in keys]),
        "periods": array_of(arrow.days(_days([one.period_on for one in keys]))),
    }


def _days(dates: Sequence[dt.date]) -> Any:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)

"""Cumulative allowances: what laws count over several consignments, and what each decision added."""

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import bigints, blobs, texts
from serai.foundation.copying import Target, change, copy_table
from serai.foundation.queries import load_queries
from serai.model.columns import Int64s

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class CumulativeAllowanceKey(NamedTuple):
    """One cumulative allowance. holder: a pseudonym. period_on: the first day of the period."""

    cumulative_allowance: str
    holder: bytes
    period_on: dt.date


class Draw(msgspec.Struct, frozen=True):
    """What a decision found on a cumulative allowance and added to it. word: place in COUNTED_WORDS."""

    consignment_id: int
    decision_id: int
    word: int
    key: CumulativeAllowanceKey
    before_amount: int
    drawn_amount: int
    is_reversal: bool = False


async def hold_cumulative_allowances(
    connection: Connection, keys: Sequence[CumulativeAllowanceKey], *, administration_id: int
) -> dict[CumulativeAllowanceKey, int]:
    """Return what was added to cumulative allowances in all, and hold them until the transaction ends. keys:
    distinct."""
    hashes = hash_keys(keys, administration_id)
    cursor = await connection.execute(
        QUERIES["hold_cumulative_allowances"],
        {"administration_id": administration_id, **_halves(hashes)},
        binary=True,
    )
    held = {(key_hash, check_hash): amount for key_hash, check_hash, amount in await cursor.fetchall()}
    return {key: held[pair] for key, pair in zip(keys, map(tuple, hashes.tolist()), strict=True)}


async def add_to_cumulative_allowances(
    target: Target, added: Mapping[CumulativeAllowanceKey, int], *, administration_id: int
) -> None:
    """Add to cumulative allowances that are held."""
    await change(
        target,
        QUERIES["add_to_cumulative_allowances"],
        {
            "administration_id": administration_id,
            **_halves(hash_keys(list(added), administration_id)),
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
    """Return what decisions added to cumulative allowances. decision_ids: one for each consignment."""
    cursor = await connection.execute(
        QUERIES["select_draws"],
        {
            "consignment_ids": bigints(consignment_ids),
            "decision_ids": bigints(decision_ids),
            "administration_id": administration_id,
        },
    )
    return [
        Draw(
            consignment_id,
            decision_id,
            word,
            CumulativeAllowanceKey(cumulative_allowance, bytes(holder), period_on),
            before,
            drawn,
        )
        for (
            consignment_id,
            decision_id,
            word,
            cumulative_allowance,
            holder,
            period_on,
            before,
            drawn,
        ) in await cursor.fetchall()
    ]


class DrawnInAll(NamedTuple):
    """What a consignment has drawn of a cumulative allowance as it is decided, and what returns gave back of
    that."""

    word: int
    key: CumulativeAllowanceKey
    drawn_amount: int
    given_back_amount: int


async def select_drawn_in_all(
    connection: Connection, consignment_id: int, *, administration_id: int
) -> list[DrawnInAll]:
    """Return what a consignment has drawn of which cumulative allowance."""
    cursor = await connection.execute(
        QUERIES["select_drawn_in_all"],
        {"consignment_id": consignment_id, "administration_id": administration_id},
    )
    return [
        DrawnInAll(word, CumulativeAllowanceKey(name, bytes(holder), period_on), drawn or 0, given_back)
        for word, name, holder, period_on, drawn, given_back in await cursor.fetchall()
    ]


async def select_counted(
    connection: Connection, keys: Sequence[CumulativeAllowanceKey], *, administration_id: int
) -> list[int]:
    """Return the consignments that ever added to one of the cumulative allowances."""
    cursor = await connection.execute(
        QUERIES["select_counted"], {"administration_id": administration_id, **_columns(keys)}
    )
    return [row[0] for row in await cursor.fetchall()]


async def insert_draws(target: Target, draws: Sequence[Draw], *, administration_id: int) -> None:
    """Append what decisions found and added."""
    await copy_table(
        target,
        "cumulative_allowance_draw",
        arrow.table(
            consignment_id=arrow.int64([one.consignment_id for one in draws]),
            administration_id=arrow.int16(np.full(len(draws), administration_id)),
            decision_id=arrow.int64([one.decision_id for one in draws]),
            word=arrow.int16(np.array([one.word for one in draws])),
            cumulative_allowance=arrow.texts([one.key.cumulative_allowance for one in draws]),
            holder=arrow.blobs([one.key.holder for one in draws]),
            period_on=arrow.days(_days([one.key.period_on for one in draws])),
            before_amount=arrow.int64([one.before_amount for one in draws]),
            drawn_amount=arrow.int64([one.drawn_amount for one in draws]),
            is_reversal=arrow.flags(np.array([one.is_reversal for one in draws], dtype=np.bool_)),
        ),
    )


def hash_keys(keys: Sequence[CumulativeAllowanceKey], administration_id: int) -> Int64s:
    """Return a row of two numbers a key: a hash of all it says. Holders are keyed hashes themselves."""
    texts = [f"{administration_id}|{key.period_on}|{key.cumulative_allowance}|".encode() for key in keys]
    digests = [
        blake2b(text + key.holder, digest_size=16).digest() for text, key in zip(texts, keys, strict=True)
    ]
    return np.frombuffer(b"".join(digests), dtype=">i8").astype(np.int64).reshape(-1, 2)


def _halves(hashes: Int64s) -> dict[str, Any]:
    return {"key_hashes": bigints(hashes[:, 0]), "check_hashes": bigints(hashes[:, 1])}


def _columns(keys: Sequence[CumulativeAllowanceKey]) -> dict[str, Any]:
    return {
        "cumulative_allowances": texts([one.cumulative_allowance for one in keys]),
        "holders": blobs([one.holder for one in keys]),
        "periods": arrow.days(_days([one.period_on for one in keys])).array(),
    }


def _days(dates: Sequence[dt.date]) -> Any:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)

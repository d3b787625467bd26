"""The tables of some decisions as Parquet: read some thousand at a time, written as they come."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
from psycopg import AsyncConnection

from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.history import store
from serai.journey.history.rules import SCHEMAS, LawOfDecision, build_tables, enter

CHUNK_COUNT: Final = 5_000
"""Decisions read at once."""


async def read_tables(
    connection: AsyncConnection[Any], from_id: int, to_id: int, *, administration_id: int
) -> tuple[dict[str, Any], int]:
    """Return the tables (pyarrow, by name) of the next decisions of a half-open range of ids, none at the
    end, and the id from which to go on."""
    decided = await store.select_decided(
        connection, from_id, to_id, CHUNK_COUNT, administration_id=administration_id
    )
    if not decided:
        return {}, from_id
    replaced = await store.select_replaced(
        connection,
        [one.supersedes for one in decided if one.supersedes is not None],
        administration_id=administration_id,
    )
    basis_ids = {one.basis_id for one in (*decided, *replaced.values())}
    bases = await assessment_store.select_basis(connection, sorted(basis_ids))
    laws = {basis_id: _law_of(basis) for basis_id, basis in bases.items()}
    return build_tables(enter(decided, replaced), laws), decided[-1].decision_id + 1


async def write_tables(folder: Path, chunks: AsyncIterator[dict[str, Any]]) -> dict[str, int]:
    """Write a file for each table into a folder; return how many rows each has."""
    rows = dict.fromkeys(SCHEMAS, 0)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(pq.ParquetWriter(table_path(folder, name), schema, compression="zstd"))
            for name, schema in SCHEMAS.items()
        }
        async for tables in chunks:
            for name, table in tables.items():
                writers[name].write_table(table)
                rows[name] += table.num_rows
    return rows


def table_path(folder: Path, name: str) -> Path:
    """Return where a table lies in the folder of an hour."""
    return folder / f"{name}.parquet"


def _law_of(basis: Basis) -> LawOfDecision:
    return LawOfDecision(
        basis.program_code,
        basis.basis_hash.hex(),
        basis.currency_code,
        basis.reason_set,
        basis.charge_set,
    )

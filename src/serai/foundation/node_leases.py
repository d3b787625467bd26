"""Leasing a node number from the database, for a process that makes ids."""

from datetime import datetime, timedelta
from pathlib import Path

from psycopg import AsyncConnection

from serai.foundation.ids import NodeLease
from serai.foundation.queries import load_queries
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_name("ids.sql"))

# Renew each third of it.
LEASE = timedelta(seconds=60)


async def lease_node(connection: AsyncConnection, holder: str, at: datetime) -> NodeLease:
    """Lease a node number that nobody holds, for a minute from `at`.

    holder: a word that no other process has, for renewing and for an operator to read. Raises SeraiError
    `no-node-free` when all 1,024 are held.
    """
    cursor = await connection.execute(
        _QUERIES["lease_node"], {"holder": holder, "at": at, "leased_until": at + LEASE}
    )
    row = await cursor.fetchone()
    if row is None:
        raise SeraiError(
            "no-node-free",
            "All 1,024 node numbers are leased.",
            "Run fewer processes; numbers of killed ones are free again after a minute.",
        )
    return NodeLease(*row)


async def renew_node(connection: AsyncConnection, lease: NodeLease, holder: str, at: datetime) -> NodeLease:
    """Lengthen a lease to a minute from `at`. Raises SeraiError `node-lease-ended` when it came too late."""
    cursor = await connection.execute(
        _QUERIES["renew_node"],
        {"node_id": lease.node_id, "holder": holder, "at": at, "leased_until": at + LEASE},
    )
    row = await cursor.fetchone()
    if row is None:
        raise SeraiError(
            "node-lease-ended",
            f"The lease of node {lease.node_id} was not renewed in time.",
            "Lease another number.",
        )
    return NodeLease(*row)


async def end_lease(connection: AsyncConnection, lease: NodeLease, holder: str, used_until: datetime) -> None:
    """Give a number back; the next holder begins at `used_until` (from the IdSource)."""
    await connection.execute(
        _QUERIES["end_lease"], {"node_id": lease.node_id, "holder": holder, "leased_until": used_until}
    )

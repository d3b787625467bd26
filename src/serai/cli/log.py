"""`serai log`: verify the whole log, publish it as files, go on after a restore that lost some of it."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from psycopg import AsyncConnection

from serai.app import published_checkpoint
from serai.cli.node import Node, acting_user_of_operator, open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.evidence.audit import Audit, audit_database, publish_to_folder
from serai.foundation.access.administering import record_act
from serai.foundation.database import begin_era
from serai.foundation.keys import KeyFolder, SigningKey
from serai.foundation.signing_keys import open_signing_key
from serai.model.errors import SeraiError


def verify(*, output: OutputOption = None) -> int:
    """Recompute the log from its leaves, compare every tile, checkpoint and promise. Exit code 1: faults."""
    audit = asyncio.run(_verify())
    faults = [{"code": code, "place": place} for code, place in audit.faults]
    facts = {"leaves": audit.tree_size, "checkpoints": audit.checkpoints_count, "faults": faults}
    print_facts(facts, choose_output(output))
    return 1 if faults else 0


def publish(folder: Path, /, *, output: OutputOption = None) -> int:
    """Write the log as static files (C2SP tlog-tiles), for a mirror, a web server or an auditor's disk.

    Parameters
    ----------
    folder
        Where the files are written.
    """
    asyncio.run(_publish(folder))
    print_facts({"folder": str(folder)}, choose_output(output))
    return 0


def recover(
    *,
    reason: Annotated[str, Parameter(help="Which backup was restored, and why.")],
    output: OutputOption = None,
) -> int:
    """Let the log go on from what a restored database holds; it is recorded how much was lost."""
    signed_count, stored_count = asyncio.run(recover_log(reason))
    lost_count = max(0, signed_count - stored_count)
    facts = {"leaves_signed": signed_count, "leaves_there": stored_count, "leaves_lost": lost_count}
    print_facts(facts, choose_output(output))
    return 0


async def _verify() -> Audit:
    async with open_node() as node, node.database.write_as_owner() as connection:
        key = await _signing_key(node, connection)
        return await audit_database(connection, origin=node.settings.log.origin, public_key=key.public_key)


async def _publish(folder: Path) -> None:
    async with open_node() as node, node.database.write_as_owner() as connection:
        await publish_to_folder(connection, folder)


async def recover_log(reason: str) -> tuple[int, int]:
    """Let the log go on; return how many leaves were signed, and how many are there."""
    if not reason.strip():
        raise SeraiError("reason-missing", "There is no reason.", "Say which backup was restored, and why.")
    async with open_node() as node, node.database.write_as_owner() as connection:
        key = await _signing_key(node, connection)
        published = published_checkpoint(node.settings, key.public_key)
        signed_count, stored_count = await published.give_up(connection)
        await begin_era(connection, node.clock.now())
        await record_act(
            connection,
            acting_user_of_operator(node),
            "log-recovered",
            f"log {node.settings.log.origin}",
            f"leaves {stored_count} to {signed_count} lost: {reason.strip()}",
        )
        return signed_count, stored_count


async def _signing_key(node: Node, connection: AsyncConnection) -> SigningKey:
    folder = KeyFolder(node.settings.data.keys_folder)
    return await open_signing_key(connection, folder, node.settings.log.origin, node.clock.now())

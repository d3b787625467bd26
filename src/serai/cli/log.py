"""`serai log`: verify and audit it, publish it as files, prove that it grew, go on after a restore that lost
some of it."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from psycopg import AsyncConnection

from serai.app import published_checkpoint
from serai.cli.node import Node, acting_user_of_operator, open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.cli.verify import read_line
from serai.evidence.audit import Audit, audit_address, audit_database, audit_folder
from serai.evidence.notes import encode_bytes, read_verifier_key, write_verifier_key
from serai.evidence.static_files import publish_to_folder
from serai.evidence.store import prove_consistency
from serai.foundation.access.administering import record_act
from serai.foundation.database import begin_era
from serai.foundation.keys import KeyFolder, SigningKey
from serai.foundation.signing_keys import open_signing_key
from serai.model.errors import SeraiError


def verify(*, output: OutputOption = None) -> int:
    """Recompute the log from its leaves, compare every tile, checkpoint and promise. Exit code 1: faults."""
    return _print_audit(asyncio.run(_verify()), output)


def publish(folder: Path, /, *, output: OutputOption = None) -> int:
    """Write the log as static files (C2SP tlog-tiles), for a mirror, a web server or an auditor's disk.

    Parameters
    ----------
    folder
        Where the files are written.
    """
    count = asyncio.run(_publish(folder))
    print_facts({"folder": str(folder), "files_written": count}, choose_output(output))
    return 0


def audit(
    source: str,
    /,
    *,
    public_key: Annotated[
        str, Parameter(help="The log's public key, `name+id+key`, or a file that holds this line.")
    ],
    output: OutputOption = None,
) -> int:
    """Audit somebody's log without trusting them: recompute it from its leaves. Exit code 1: faults.

    Parameters
    ----------
    source
        A folder of static files, or the address below which the log serves `checkpoint` and `tile/...`.
    """
    origin, key = read_verifier_key(read_line(public_key))
    if source.startswith(("https://", "http://")):
        found = asyncio.run(audit_address(source, origin=origin, public_key=key))
    else:
        found = asyncio.run(audit_folder(Path(source), origin=origin, public_key=key))
    return _print_audit(found, output)


def prove(old_size: int, new_size: int, /, *, output: OutputOption = None) -> int:
    """Prove that the log of one size begins with the log of a smaller one (RFC 9162, 2.1.4).

    Parameters
    ----------
    old_size
        Leaves of the smaller log, at least 1.
    new_size
        Leaves of the larger log.
    """
    proof = [encode_bytes(one) for one in asyncio.run(_prove(old_size, new_size))]
    print_facts({"old_size": old_size, "new_size": new_size, "proof": proof}, choose_output(output))
    return 0


def key(*, output: OutputOption = None) -> int:
    """Print the log's public key as one line, for those who verify receipts, audit, or witness."""
    print_facts({"key": asyncio.run(_read_key())}, choose_output(output))
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
        key = await open_log_key(node, connection)
        return await audit_database(connection, origin=node.settings.log.origin, public_key=key.public_key)


async def _publish(folder: Path) -> int:
    async with open_node() as node, node.database.write_as_owner() as connection:
        is_witnessed = node.settings.log.quorum_count > 0
        return await publish_to_folder(connection, folder, is_witnessed=is_witnessed)


async def _prove(old_size: int, new_size: int) -> list[bytes]:
    async with open_node() as node, node.database.write_as_owner() as connection:
        return await prove_consistency(connection, old_size, new_size)


async def _read_key() -> str:
    async with open_node() as node, node.database.write_as_owner() as connection:
        own = await open_log_key(node, connection)
        return write_verifier_key(node.settings.log.origin, own.public_key)


def _print_audit(found: Audit, output: OutputOption) -> int:
    faults = [{"code": code, "place": place} for code, place in found.faults]
    facts = {"leaves": found.tree_size, "checkpoints": found.checkpoints_count, "faults": faults}
    print_facts(facts, choose_output(output))
    return 1 if faults else 0


async def recover_log(reason: str) -> tuple[int, int]:
    """Let the log go on; return how many leaves were signed, and how many are there."""
    if not reason.strip():
        raise SeraiError("reason-missing", "There is no reason.", "Say which backup was restored, and why.")
    async with open_node() as node, node.database.write_as_owner() as connection:
        key = await open_log_key(node, connection)
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


async def open_log_key(node: Node, connection: AsyncConnection) -> SigningKey:
    """Open the key that this node's log is signed with."""
    folder = KeyFolder(node.settings.data.keys_folder)
    return await open_signing_key(connection, folder, node.settings.log.origin, node.clock.now())

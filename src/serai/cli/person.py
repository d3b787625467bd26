"""`serai person`: who is in a case, who read a person's fields, erasing a person, mending after a restore."""

import asyncio
import getpass
from typing import Annotated

from cyclopts import Parameter

from serai.cli.node import Node, open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.ids import following
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Read, list_reads, select_records
from serai.foundation.vault.restored import repair_after_restore
from serai.foundation.vault.sealing import Kind
from serai.journey.documents import store as document_store
from serai.model.documents import roles_of
from serai.model.errors import SeraiError

Persons = list[dict[str, str]]


def list_persons(case: str, /, *, output: OutputOption = None) -> int:
    """List the persons of a case by role and number; no name is opened.

    Parameters
    ----------
    case
        The case's number, as in its answer.
    """
    print_rows(asyncio.run(_list(parse_id(case))), choose_output(output))
    return 0


def ledger(person: str, /, *, output: OutputOption = None) -> int:
    """List who opened a person's fields, when and why. It outlives an erasure.

    Parameters
    ----------
    person
        The person's number, as `serai person list` prints it.
    """
    rows = [
        {"read_at": one.read_at.isoformat(timespec="seconds"), "actor": one.actor, "purpose": one.purpose}
        for one in asyncio.run(_ledger(parse_id(person)))
    ]
    print_rows(rows, choose_output(output), ("read_at", "actor", "purpose"))
    return 0


def erase_person(
    person: str,
    /,
    *,
    ground: Annotated[str, Parameter(help="Why, in a word, such as subject-request or time-is-over.")],
    output: OutputOption = None,
) -> int:
    """Erase a person's fields for good: no backup of the database brings them back. Receipts stay valid.

    Parameters
    ----------
    person
        The person's number, as `serai person list` prints it.
    """
    done = asyncio.run(_erase(parse_id(person), ground))
    facts = {"person": person, "was_there": bool(done.epoch_ids), "keys_rotated": len(done.epoch_ids)}
    print_facts(facts, choose_output(output))
    return 0


def mend(*, output: OutputOption = None) -> int:
    """Bring a restored database up to date with the key folder: what was erased since is erased again."""
    print_facts({"erased_again": asyncio.run(mend_persons())}, choose_output(output))
    return 0


async def _list(case_id: int) -> Persons:
    # The reading role sees no row of the vault, not even that there is one.
    async with open_node() as node, node.database.write() as connection:
        documents = await document_store.select_documents_of_cases(
            connection, administration_id=node.administration_id, case_ids=[case_id]
        )
        found: Persons = []
        for document in documents:
            roles = roles_of(document.person_roles)
            person_ids = following(document.first_person_id, len(roles)) if roles else []
            for person_id, role in zip(person_ids, roles, strict=True):
                records = await select_records(
                    connection, person_id, administration_id=node.administration_id
                )
                found.append(
                    {
                        "person": format_id(person_id),
                        "role": role,
                        "document": format_id(document.document_id),
                        "state": "kept" if records else "erased",
                    }
                )
    if not documents:
        raise SeraiError(
            "case-unknown",
            "There is no such case, or it has no documents.",
            "Check the number; a merged case is listed under the number that survived.",
        )
    return found


async def _ledger(person_id: int) -> list[Read]:
    async with open_node() as node, node.database.read(node.administration_id) as connection:
        return await list_reads(connection, person_id, administration_id=node.administration_id)


async def _erase(person_id: int, ground: str) -> Erasure:
    async with open_node() as node:
        erasure = Erasure(
            Kind.PERSON,
            node.administration_id,
            person_id,
            ground,
            f"operator:{getpass.getuser()}",
            node.clock.now(),
        )
        return await erase(node.database.write, _keyring(node), erasure)


async def mend_persons() -> int:
    """Erase again what came back with a backup; return how many persons and blocks of messages."""
    async with open_node() as node:
        return await repair_after_restore(node.database.write_as_owner, _keyring(node))


def _keyring(node: Node) -> Keyring:
    return Keyring(node.settings.data.epochs_folder)

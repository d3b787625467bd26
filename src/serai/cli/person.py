"""`serai person`: who is in a case, who read a person's fields, erasing or restricting a person, mending."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from serai.app import build_services
from serai.cli.node import Node, open_node, operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.ids import following
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Read, list_reads, select_records
from serai.foundation.vault.restored import repair_after_restore
from serai.foundation.vault.restriction import Restriction, select_restrictions
from serai.journey.documents import store as document_store
from serai.journey.erasure.grounds import WORDS, Ground
from serai.journey.erasure.service import Asked, Outcome
from serai.journey.erasure.service import erase_person as request_erasure
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
    """Erase a person for good, in all documents of the case: no backup of the database brings them back.

    Words of documents that name the person go, too. Receipts stay valid. While the law keeps the case, an
    appeal or enquiry holds it or something is owed, nothing is erased: the person is restricted, the answer
    says why and until when (exit code 1), and a running node erases when the ground has ended.

    Parameters
    ----------
    person
        The person's number, as `serai person list` prints it.
    """
    outcome = asyncio.run(_erase(parse_id(person), ground))
    facts = {
        "person": person,
        "was_there": bool(outcome.person_ids),
        "state": "erased" if outcome.ground is None else "restricted",
        "records": [format_id(one) for one in outcome.person_ids],
        "messages_changed": outcome.messages_count,
        "keys_rotated": outcome.keys_rotated,
    }
    if outcome.ground is not None:
        facts |= {"code": "erasure-refused", **_told(outcome.ground)}
    print_facts(facts, choose_output(output))
    return 0 if outcome.ground is None else 1


def list_restricted(*, output: OutputOption = None) -> int:
    """List who is restricted: whose erasure was asked for, what forbids it, until when."""
    rows = [
        {
            "person": format_id(one.person_id),
            "asked_for": one.asked_for,
            "restricted_at": one.restricted_at.isoformat(timespec="seconds"),
            **_told(Ground(one.ground, one.until)),
        }
        for one in asyncio.run(_restricted())
    ]
    print_rows(
        rows, choose_output(output), ("person", "asked_for", "restricted_at", "ground", "until", "why")
    )
    return 0


def _told(ground: Ground) -> dict[str, str]:
    return {
        "ground": ground.code,
        "until": "" if ground.until is None else ground.until.date().isoformat(),
        "why": WORDS[ground.code] + (f" ({ground.source})" if ground.source else ""),
    }


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


async def _erase(person_id: int, ground: str) -> Outcome:
    async with open_node() as node:
        services = await build_services(
            node.settings, node.database, node.ids, node.clock, node.administration_id
        )
        asked = Asked(person_id, ground, operator_name(), node.clock.now())
        return await request_erasure(services, asked)


async def _restricted() -> list[Restriction]:
    async with open_node() as node, node.database.read(node.administration_id) as connection:
        found = await select_restrictions(connection, administration_id=node.administration_id)
    return list(found.values())


async def mend_persons() -> int:
    """Erase again what came back with a backup; return how many persons and blocks of messages."""
    async with open_node() as node:
        return await repair_after_restore(node.database.write_as_owner, _keyring(node))


def _keyring(node: Node) -> Keyring:
    return Keyring(node.settings.data.epochs_folder)

"""`serai proposal`: what waits for a second person. Commands that need one propose here instead of acting."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from psycopg import AsyncConnection

from serai.cli.node import Node, acting_user_of_operator, open_node
from serai.cli.output import Output, OutputOption, choose_output, print_facts, print_rows
from serai.foundation.access.administering import NEWEST, ActingUser
from serai.foundation.access.proposals import count_persons, list_proposals
from serai.foundation.access.store import ProposalRow
from serai.foundation.id_text import format_id
from serai.foundation.keys import KeyFolder
from serai.foundation.node_secrets import open_secret
from serai.web.access_to_approve import anything_waits, waits

Result = TypeVar("Result")

_COLUMNS = ("proposal", "kind", "subject", "person", "state", "proposed", "waits_until")
_SHOWN_COUNT = 200
_PERSONS_COUNT_MIN = 2


def list_waiting(*, output: OutputOption = None) -> int:
    """List what was proposed, the newest first.

    It is approved or rejected on the page /proposals, by a person who is signed in.
    """
    rows = [
        {
            "proposal": format_id(one.proposal_id),
            "kind": one.kind,
            "subject": one.subject,
            "person": one.person,
            "state": one.state,
            "proposed": one.proposed_at.isoformat(timespec="seconds"),
            "waits_until": one.expires_at.isoformat(timespec="seconds"),
        }
        for one in asyncio.run(_list())
    ]
    print_rows(rows, choose_output(output), _COLUMNS)
    return 0


async def propose_or_write(
    node: Node,
    content: msgspec.Struct | None,
    write: Callable[[AsyncConnection, ActingUser], Awaitable[Result]],
    *,
    subject: str,
    detail: str = "",
) -> Result | ProposalRow:
    """Propose what a command was told to do as `propose_instead`, or else write it, in one transaction.

    content: what needs a second person; None: this does not.
    """
    if content is not None:
        waiting = await propose_instead(node, content, subject=subject, detail=detail)
        if waiting is not None:
            return waiting
    async with node.database.write() as connection:
        return await write(connection, acting_user_of_operator(node))


async def propose_instead(
    node: Node, content: msgspec.Struct, *, subject: str, detail: str = ""
) -> ProposalRow | None:
    """Write down what a command was told to do, where the settings ask for a second person.

    None: it is to be done at once, also where no two people have accounts that could approve it: the first of
    them are made so.
    """
    if not anything_waits(node.settings):
        return None
    # The whole service, which is three seconds of loading: only where there is something to propose.
    from serai.web.approved_actions import action_of, propose  # noqa: PLC0415

    action = action_of(content)
    if not waits(node.settings, action.kind):
        return None
    async with node.database.write_as_owner() as connection:
        folder = KeyFolder(node.settings.data.keys_folder)
        await open_secret(connection, folder, "proposal", node.clock.now())
    async with node.database.write() as connection:
        if await count_persons(connection, node.administration_id, action.roles) < _PERSONS_COUNT_MIN:
            return None
        return await propose(
            connection, node.settings, acting_user_of_operator(node), content, subject=subject, detail=detail
        )


def print_waiting(row: ProposalRow, output: Output) -> None:
    """Say that something waits for a second person, and until when."""
    waits_until = row.expires_at.isoformat(timespec="seconds")
    print_facts({"proposal": format_id(row.proposal_id), "waits_until": waits_until}, output)


async def _list() -> list[ProposalRow]:
    async with open_node() as node, node.database.write() as connection:
        return await list_proposals(connection, node.administration_id, before_id=NEWEST, limit=_SHOWN_COUNT)

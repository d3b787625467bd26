"""`serai law load` and `serai law generations`: which packs are in force, and since when."""

import asyncio
from pathlib import Path

from serai.cli.node import Node, acting_user_of_operator, open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.cli.proposal import print_waiting, propose_instead
from serai.foundation.access.store import ProposalRow
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.assessment.store import Generation, select_generations
from serai.journey.law_in_force.service import Activated, activate_packs, check_packs, load_law
from serai.web.access_to_approve import counted, waits
from serai.web.approved_actions import LawToActivate

_COLUMNS = ("generation", "in_force", "activated_at", "packs", "lists", "note")


def load(folder: Path | None = None, /, *, output: OutputOption = None) -> int:
    """Put the packs of a folder in force: they replace all packs that were; lists stay as they are.

    Everything is compiled first: faulty law never replaces the law in force. The same bytes again change
    nothing. Decisions made before keep the law they were made under.

    Parameters
    ----------
    folder
        Folder of law packs; without it those that came with Serai.
    """
    contents = read_law_files(folder or find_shipped("laws"))
    note = f"packs of {folder.resolve()}" if folder else "packs that came with Serai"
    activated = asyncio.run(_load(contents, note))
    if isinstance(activated, ProposalRow):
        print_waiting(activated, choose_output(output))
        return 0
    facts = {
        "packs": activated.packs_count,
        "files": activated.files_count,
        "generation": activated.generation_id,
        "changed": activated.is_changed,
    }
    print_facts(facts, choose_output(output))
    return 0


def generations(*, output: OutputOption = None) -> int:
    """List the generations of law, the newest first: what was put in force, and when."""
    found = asyncio.run(_generations())
    rows = [
        {
            "generation": one.generation_id,
            "in_force": place == 0,
            "activated_at": one.activated_at.isoformat(timespec="seconds"),
            "packs": one.packs_count,
            "lists": [f"{kind} {name}" for kind, name in one.lists],
            "note": one.note,
        }
        for place, one in enumerate(found)
    ]
    print_rows(rows, choose_output(output), _COLUMNS)
    return 0


async def _load(contents: dict[str, bytes], note: str) -> Activated | ProposalRow:
    async with open_node() as node:
        # The first of all generations is the packs that came with Serai.
        await load_law(node.database, node.administration_id, node.clock.now())
        return await put_in_force(node, contents, note)


async def put_in_force(node: Node, contents: dict[str, bytes], note: str) -> Activated | ProposalRow:
    """Put packs in force, or propose it where the settings ask for a second person. Raises LawFaultyError."""
    if waits(node.settings, "law"):
        await check_packs(contents)
    wanted, detail = LawToActivate(contents, note), f"{note}, {counted(len(contents), 'file', 'files')}"
    waiting = await propose_instead(node, wanted, subject="law packs", detail=detail)
    return waiting or await activate_packs(node.database, acting_user_of_operator(node), contents, note)


async def _generations() -> list[Generation]:
    async with open_node() as node, node.database.read(node.administration_id) as connection:
        return await select_generations(connection, administration_id=node.administration_id)

"""`serai law load` and `serai law generations`: which packs are in force, and since when."""

import asyncio
from pathlib import Path

from serai.cli.law_check import find_law_faults
from serai.cli.list_import import change_law
from serai.cli.node import open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.assess.store import Component, Generation, make_component, select_generations

_LAW_FILE = "law-file"
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
    _, _, faults = find_law_faults(contents)
    if faults:
        # A generation is compiled as it is used; what is never compiled here could fail in mid-decision.
        raise faults[0]
    files = [make_component(_LAW_FILE, name, content) for name, content in contents.items()]
    note = f"packs of {folder.resolve()}" if folder else "packs that came with Serai"
    generation_id, is_new = asyncio.run(_load(files, note))
    facts = {
        "packs": _packs_count(files),
        "files": len(files),
        "generation": generation_id,
        "changed": is_new,
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
            "packs": sum(kind == _LAW_FILE and name.endswith("/pack.yaml") for kind, name in one.components),
            "lists": [f"{kind} {name}" for kind, name in one.components if kind != _LAW_FILE],
            "note": one.note,
        }
        for place, one in enumerate(found)
    ]
    print_rows(rows, choose_output(output), _COLUMNS)
    return 0


async def _load(files: list[Component], note: str) -> tuple[int, bool]:
    async with open_node() as node:
        return await change_law(
            node, note, lambda present: [*files, *(one for one in present if one.kind != _LAW_FILE)]
        )


async def _generations() -> list[Generation]:
    async with open_node() as node, node.database.read(node.administration_id) as connection:
        return await select_generations(connection, administration_id=node.administration_id)


def _packs_count(files: list[Component]) -> int:
    return sum(one.name.endswith("/pack.yaml") for one in files)

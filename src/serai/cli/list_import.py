"""`serai list import`: a list becomes part of the law in force, as a new generation."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from serai.app import change_components, load_law
from serai.cli.input_file import InputPath, read_input
from serai.cli.lists import ListKind, read_list
from serai.cli.node import Node, open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.foundation.database import Database
from serai.journey.assess.store import Component, make_component, select_components, select_generation


def import_list(kind: ListKind, file: InputPath, /, *, output: OutputOption = None) -> int:
    """Put a list in force: it takes the place of the one of the same kind and file name, within a second.

    A faulty file is refused whole and changes nothing; the same bytes again change nothing either. Decisions
    made before keep the list they were made with.

    Parameters
    ----------
    kind
        What the file holds.
    file
        CSV; for denied parties also the UN's consolidated list as XML.
    """
    content = read_input(file)
    entries = read_list(kind, file.name, content)
    generation_id, is_new = asyncio.run(_import(make_component(kind, file.name, content)))
    facts = {
        "kind": kind,
        "file": file.name,
        "entries": len(entries),
        "generation": generation_id,
        "changed": is_new,
    }
    print_facts(facts, choose_output(output))
    return 0


async def _import(component: Component) -> tuple[int, bool]:
    async with open_node() as node:
        return await change_law(
            node, f"{component.kind} {component.name}", lambda present: with_lists(present, [component])
        )


async def change_law(
    node: Node, note: str, change: Callable[[list[Component]], list[Component]]
) -> tuple[int, bool]:
    """Put a change in force; returns the generation and whether it is a new one."""
    return await change_law_in(node.database, node.administration_id, node.clock.now(), note, change)


async def change_law_in(
    database: Database,
    administration_id: int,
    at: datetime,
    note: str,
    change: Callable[[list[Component]], list[Component]],
) -> tuple[int, bool]:
    """Put a change of the components in force unless it changes nothing.

    A database without law gets the packs that came with Serai first, or the change would be all of its law.
    """
    await load_law(database, administration_id, at)
    async with database.write() as connection:
        found = await select_generation(connection, administration_id=administration_id)
        assert found is not None
        wanted = change(await select_components(connection, found[1]))
        if {one.component_hash for one in wanted} == set(found[1]):
            return found[0], False
    return await change_components(database, administration_id, at, note, change), True


def with_lists(present: Sequence[Component], lists: Iterable[Component]) -> list[Component]:
    """Return the components with these lists; each takes the place of the one of its kind and name."""
    by_name = {(one.kind, one.name): one for one in (*present, *lists)}
    return list(by_name.values())

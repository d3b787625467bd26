"""`serai list import`: a list becomes part of the law in force, as a new generation."""

import asyncio

from serai.cli.input_file import InputPath, read_input
from serai.cli.node import acting_user_of_operator, open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.cli.proposal import print_waiting, propose_instead
from serai.foundation.access.store import ProposalRow
from serai.journey.law_in_force.list_files import ListKind, ListToImport, read_list
from serai.journey.law_in_force.service import Imported, import_list, load_law
from serai.journey.law_in_force.shrinking import find_shrunk
from serai.web.access_to_approve import counted


def import_file(kind: ListKind, file: InputPath, /, *, output: OutputOption = None) -> int:
    """Put a list in force: it takes the place of the one of the same kind and file name, within a second.

    A faulty file is refused whole and changes nothing; the same bytes again change nothing either. Decisions
    made before keep the list they were made with. One with far fewer entries than the list in force is
    kept back: send it over the page, where a second person accepts it.

    Parameters
    ----------
    kind
        What the file holds.
    file
        CSV; for denied parties also the UN's consolidated list as XML.
    """
    content = read_input(file)
    entries = read_list(kind, file.name, content)  # before a database is started for it
    detail = counted(len(entries), "entry", "entries")
    imported = asyncio.run(_import(ListToImport(kind, file.name, content), len(entries), detail))
    if isinstance(imported, ProposalRow):
        print_waiting(imported, choose_output(output))
        return 0
    facts = {
        "kind": kind,
        "file": file.name,
        "entries": imported.entries_count,
        "generation": imported.generation_id,
        "changed": imported.is_changed,
    }
    print_facts(facts, choose_output(output))
    return 0


async def _import(wanted: ListToImport, entries_count: int, detail: str) -> Imported | ProposalRow:
    async with open_node() as node:
        # A new database gets the packs that came with Serai first, or the list would be all of its law.
        await load_law(node.database, node.administration_id, node.clock.now())
        kind, name = wanted.kind, wanted.name
        shrunk = await find_shrunk(
            node.database,
            node.administration_id,
            kind,
            name,
            entries_count=entries_count,
            settings=node.settings.lists,
        )
        if shrunk is not None:
            raise shrunk.refuse(name)
        waiting = await propose_instead(node, wanted, subject=f"{kind} {name}", detail=detail)
        return waiting or await import_list(
            node.database, acting_user_of_operator(node), kind, name, wanted.content
        )

"""`serai law publish`: packs and worked examples as signed files that other nodes can fetch."""

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.log import open_log_key
from serai.cli.node import open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.evidence.notes import write_verifier_key
from serai.foundation.vault.files import write_durably
from serai.journey.law_in_force.publication import NOTE_FILE, PARTS, write_publication
from serai.model.errors import SeraiError


def publish(
    folder: Path,
    codes: Annotated[list[str] | None, Parameter(help="Packs; without one all.")] = None,
    /,
    *,
    cases_only: Annotated[
        bool, Parameter(negative=(), help="Only the worked examples: a test suite.")
    ] = False,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Write packs with their tariffs and worked examples into a folder, with a note that names each file's
    hash and is signed by the key of this node's log. Any static web server can hand the folder out.

    Parameters
    ----------
    folder
        Where to write; what is there of the same name is replaced, the note last.
    """
    files = read_chosen_laws(laws)
    parts = ("cases.yaml",) if cases_only else PARTS
    chosen = {
        f"{code}/{part}": files[f"{code}/{part}"]
        for code in choose_codes(files, codes)
        for part in parts
        if f"{code}/{part}" in files
    }
    if not chosen:
        raise SeraiError(
            "law-untested", "The packs named have no worked examples.", "Write a cases.yaml first."
        )
    note, key = asyncio.run(_sign(chosen))
    for path, content in chosen.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_durably(folder / path, content)
    write_durably(folder / NOTE_FILE, note.encode())
    print_facts({"folder": str(folder), "files": len(chosen), "key": key}, choose_output(output))
    return 0


async def _sign(files: dict[str, bytes]) -> tuple[str, str]:
    async with open_node() as node, node.database.write_as_owner() as connection:
        key = await open_log_key(node, connection)
        origin = node.settings.log.origin
        note = write_publication(files, node.clock.now(), origin, key)
        return note, write_verifier_key(origin, key.public_key)

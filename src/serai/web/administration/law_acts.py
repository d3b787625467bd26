"""Putting law packs and lists in force, the same by page and over HTTP; or proposing it."""

import asyncio
from collections.abc import Mapping

import msgspec

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.store import ProposalRow
from serai.foundation.archive import read_archive
from serai.journey.law_in_force.list_files import ListKind, ListToImport, read_list
from serai.journey.law_in_force.service import (
    Activated,
    Imported,
    activate_packs,
    check_packs,
    import_list,
    require_own_signature,
)
from serai.journey.law_in_force.shrinking import find_shrunk, note_kept_back
from serai.law.library import TERRITORIES
from serai.web.access_to_approve import counted, waits
from serai.web.approved_actions import LawToActivate, propose


async def put_packs_in_force(
    node: Node, by: ActingUser, contents: Mapping[str, bytes], note: str
) -> tuple[Activated | None, ProposalRow | None]:
    """Put packs in force, or propose it: one of the two is returned. Errors: LawFaultyError with every
    fault, `person-needed`."""
    if not waits(node.settings, "law"):
        return await activate_packs(node.database, by, contents, note), None
    await check_packs(contents)
    detail = f"{note}, {counted(len(contents), 'file', 'files')}"
    return None, await _propose(node, by, LawToActivate(dict(contents), note), "law packs", detail)


async def put_list_in_force(
    node: Node, by: ActingUser, kind: ListKind, name: str, content: bytes
) -> tuple[Imported | None, ProposalRow | None]:
    """Put a list in force, or propose it: one of the two is returned. A list with far fewer entries than the
    one in force is always proposed. Errors: `list-file`, `list-file-empty`, `person-needed`."""
    await require_own_signature(node.database, kind, content)
    entries = await asyncio.to_thread(read_list, kind, name, content)
    shrunk = await find_shrunk(
        node.database,
        by.administration_id,
        kind,
        name,
        entries_count=len(entries),
        settings=node.settings.lists,
    )
    if shrunk is None and not waits(node.settings, "lists"):
        return await import_list(node.database, by, kind, name, content), None
    detail = counted(len(entries), "entry", "entries") if shrunk is None else shrunk.detail
    async with node.database.write() as connection:
        wanted, subject = ListToImport(kind, name, content), f"{kind} {name}"
        proposal = await propose(connection, node.settings, by, wanted, subject=subject, detail=detail)
        if shrunk is not None:
            await note_kept_back(
                connection,
                proposal.proposal_id,
                kind,
                name,
                shrunk,
                at=by.at,
                administration_id=by.administration_id,
            )
    return None, proposal


async def read_packs(content: bytes) -> dict[str, bytes]:
    """Return the files of an archive of packs, by path inside the folder of packs. Errors as `read_archive`
    says."""
    files = await asyncio.to_thread(read_archive, content)
    top = next((path.removesuffix(TERRITORIES) for path in files if path.endswith(f"/{TERRITORIES}")), "")
    if not top or not all(path.startswith(top) for path in files):
        return files
    # Archives often hold that folder itself.
    return {path.removeprefix(top): one for path, one in files.items()}


async def _propose(
    node: Node, by: ActingUser, content: msgspec.Struct, subject: str, detail: str
) -> ProposalRow:
    async with node.database.write() as connection:
        return await propose(connection, node.settings, by, content, subject=subject, detail=detail)

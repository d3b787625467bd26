"""`serai law fetch`: law that another node published, verified, tested and put in force in one command."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from serai.cli.law_load import put_in_force
from serai.cli.law_test import run_one
from serai.cli.node import Node, open_node
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.cli.proposal import print_waiting
from serai.evidence.notes import read_verifier_key
from serai.foundation.access.store import ProposalRow
from serai.journey.assessment.store import LAW_FILE, select_generations
from serai.journey.law_in_force.publication import (
    NOTE_BYTES_MAX,
    NOTE_FILE,
    Publication,
    PublishedFile,
    open_publication,
)
from serai.journey.law_in_force.service import Activated, check_packs, load_law
from serai.journey.notifications.addresses import Reach
from serai.journey.notifications.fetching import NotFetchedError, fetch_file
from serai.laboratory.worked_examples.case_file import CASES, read_cases
from serai.law.nearest import did_you_mean
from serai.model.errors import SeraiError


def fetch(
    address: str,
    codes: Annotated[list[str] | None, Parameter(help="Packs; without one all that are published.")] = None,
    /,
    *,
    key: Annotated[str, Parameter(help="The publisher's key: the line that `serai log key` prints there.")],
    allow_private: Annotated[
        bool, Parameter(negative=(), help="Reach this machine and networks behind no public address too.")
    ] = False,
    check_only: Annotated[
        bool, Parameter(negative=(), help="Verify and test; put nothing in force.")
    ] = False,
    output: OutputOption = None,
) -> int:
    """Fetch law that another node published, and put it in force beside the packs that are here.

    Nothing is put in force unless the signature of the publication holds, every file has the hash that was
    signed, the packs compile with those that are here, and every worked example that came with them passes.

    Parameters
    ----------
    address
        The address below which the publisher's folder is handed out, by https.
    """
    origin, public_key = read_verifier_key(key)
    reach = Reach(allows_loopback=allow_private, allows_private=allow_private)
    source = _Source(address.rstrip("/"), origin, public_key, reach)
    done = asyncio.run(_fetch(source, codes or [], is_put_in_force=not check_only))
    chosen = choose_output(output)
    if isinstance(done, ProposalRow):
        print_waiting(done, chosen)
        return 0
    print_facts(done, chosen)
    return 0


class _Source(NamedTuple):
    """Who publishes, and where. origin, public_key: of the publisher's log."""

    address: str
    origin: str
    public_key: bytes
    reach: Reach


async def _fetch(
    source: _Source, codes: Sequence[str], *, is_put_in_force: bool
) -> dict[str, object] | ProposalRow:
    note = await _get(f"{source.address}/{NOTE_FILE}", source.reach, NOTE_BYTES_MAX)
    publication = open_publication(note, source.origin, source.public_key)
    fetched: dict[str, bytes] = {}
    for file in _chosen(publication, codes):
        content = await _get(f"{source.address}/{file.path}", source.reach, file.size_bytes)
        file.check(content)
        fetched[file.path] = content
    async with open_node() as node:
        law = await load_law(node.database, node.administration_id, node.clock.now())
        await _require_newest(node, publication)
        present = {one.name: one.content for one in law.components if one.kind == LAW_FILE}
        together = {**present, **fetched}
        await check_packs(together)
        passed_count = await asyncio.to_thread(_test, fetched, together)
        facts: dict[str, object] = {
            "publisher": source.origin,
            "published_at": publication.published_at.isoformat(),
            "files": len(fetched),
            "examples_passed": passed_count,
        }
        if not is_put_in_force:
            return facts
        activated = await put_in_force(node, together, _note_of(publication))
    if not isinstance(activated, Activated):
        return activated
    return {**facts, "generation": activated.generation_id, "changed": activated.is_changed}


def _note_of(publication: Publication) -> str:
    return f"packs published by {publication.origin} at {publication.published_at.isoformat()}"


async def _require_newest(node: Node, publication: Publication) -> None:
    """Refuse a publication older than one of the same publisher that was put in force here: whoever hands out
    files cannot take the law back.
    """
    async with node.database.read(node.administration_id) as connection:
        notes = {
            one.note for one in await select_generations(connection, administration_id=node.administration_id)
        }
    prefix = f"packs published by {publication.origin} at "
    if any(note.startswith(prefix) and note > _note_of(publication) for note in notes):
        raise SeraiError(
            "law-publication-older",
            f"A later publication of {publication.origin} was put in force here than this one of "
            f"{publication.published_at.isoformat()}.",
            "Nothing was loaded. To go back on purpose, put an earlier generation in force.",
        )


def _chosen(publication: Publication, codes: Sequence[str]) -> list[PublishedFile]:
    published = {one.code for one in publication.files}
    for code in codes:
        if code not in published:
            raise SeraiError(
                "law-unknown",
                f"{publication.origin} does not publish {code}.",
                f"It publishes {', '.join(sorted(published)[:20])}.{did_you_mean(code, published)}",
            )
    return [one for one in publication.files if not codes or one.code in codes]


def _test(fetched: Mapping[str, bytes], together: Mapping[str, bytes]) -> int:
    """Run the examples that came; returns how many passed."""
    results = [
        run_one(case, together)
        for path, content in fetched.items()
        if path.endswith(CASES)
        for case in read_cases(content)
    ]
    failed = [one for one in results if one.result == "failed"]
    if failed:
        first = "; ".join(failed[0].differences)[:300]
        raise SeraiError(
            "law-tests-failed",
            f"{len(failed)} of {len(results)} worked examples fail, the first {failed[0].id}: {first}",
            "Nothing was loaded. Send the publisher the examples that fail, with your version of the packs.",
        )
    passed_count = sum(one.result == "passed" for one in results)
    packs = {path.partition("/")[0] for path in fetched if path.endswith("/pack.yaml")}
    untested = packs - {path.partition("/")[0] for path in fetched if path.endswith(CASES)}
    if untested or not passed_count:
        raise SeraiError(
            "law-untested",
            f"No worked example came with {', '.join(sorted(untested)) or 'these packs'}.",
            "Ask the publisher for a cases.yaml, or read the pack and put it in force with `serai law load`.",
        )
    return passed_count


async def _get(url: str, reach: Reach, bytes_max: int) -> bytes:
    """Get a file of at most so many bytes from where a request may go; no redirect is followed."""
    try:
        return await fetch_file(url, reach, bytes_max, user_agent="Serai-Law/1")
    except NotFetchedError as fault:
        raise _unreachable(url, fault.why) from fault
    except SeraiError as fault:
        raise SeraiError(
            "law-source-unfit",
            f"{url[:200]} is not where law is fetched from: {fault.message}",
            "Law is fetched by https from the public network; --allow-private opens this machine and others.",
        ) from fault


def _unreachable(url: str, why: str) -> SeraiError:
    return SeraiError(
        "law-source-unreachable",
        f"{url[:200]}: {why}.",
        "Nothing was loaded. Check the address, and try again later.",
    )

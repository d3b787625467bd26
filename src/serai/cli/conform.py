"""`serai conform URL|FILE`: the public suite against a server, or anybody's messages."""

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import (
    Output,
    OutputOption,
    choose_output,
    print_json,
    print_rows,
    print_table,
    write_text,
)
from serai.formats.standards import BY_NAME
from serai.foundation.clock import SystemClock
from serai.foundation.shipped import find_shipped
from serai.laboratory.conform.files import check_message, choose_standard, find_messages
from serai.laboratory.conform.outcomes import Outcome, Report, gather
from serai.laboratory.conform.report_html import write_html
from serai.laboratory.conform.report_junit import write_junit
from serai.laboratory.conform.running import Target, run_suite
from serai.laboratory.conform.suite import ACTORS, Standard, read_suite
from serai.laboratory.sandbox import PARTIES
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.errors import SeraiError

_KEY_VARIABLE = "SERAI_KEY"
_COLUMNS = ("state", "rule", "says")


def conform(
    target: str,
    /,
    *,
    standard: Annotated[
        list[str] | None, Parameter(help="Only this one; again for another. Of files: what they are.")
    ] = None,
    key: Annotated[
        list[str] | None, Parameter(help="ACTOR=KEY of a party of the suite; again for another one.")
    ] = None,
    sandbox: Annotated[
        bool, Parameter(help="The server is a sandbox: its published keys are used.", negative="")
    ] = False,
    run: Annotated[
        str | None, Parameter(help="A word in all references; without it one made of the time.")
    ] = None,
    suite: Annotated[Path | None, Parameter(help="Another suite than the one that came with Serai.")] = None,
    laws: LawsOption = None,
    html: Annotated[Path | None, Parameter(help="A report as one page that opens anywhere.")] = None,
    junit: Annotated[Path | None, Parameter(help="A report as JUnit XML.")] = None,
    output: OutputOption = None,
) -> int:
    """Run the public suite against a server, or check messages, and report by standard and rule.

    Against a server: cases speak as declarant, platform, payer, post, stranger and reader; those whose key is
    not given are left out and said to be. The declarant's key may stand in the variable SERAI_KEY. Exit code
    1 if anything fails.

    Parameters
    ----------
    target
        Address of a server (http:// or https://), a message, or a folder of messages.
    """
    at = SystemClock().now()
    if target.startswith(("http://", "https://")):
        word = run or f"C{int(at.timestamp()):x}"
        aim = Target(target, _keys(key or [], sandbox=sandbox), word)
        outcomes = run_suite(aim, _standards(suite, standard))
    else:
        outcomes = _check_files(Path(target), standard, laws, at)
    told = []
    for outcome in outcomes:
        told.append(outcome)
        if outcome.state == "failed":
            sys.stderr.write(f"failed: {outcome.standard} {outcome.rule} {outcome.case}\n")
    report = gather(told, subject=target, at=at.isoformat(timespec="seconds"), version=version("serai"))
    if html is not None:
        write_text(html, write_html(report).decode())
    if junit is not None:
        write_text(junit, write_junit(report).decode())
    _print(report, choose_output(output))
    return 0 if report.is_conforming else 1


def _keys(words: list[str], *, sandbox: bool) -> Mapping[str, str]:
    keys = {party.name: party.key for party in PARTIES} if sandbox else {}
    if os.environ.get(_KEY_VARIABLE):
        keys["filer"] = os.environ[_KEY_VARIABLE]
    for word in words:
        actor, _, key = word.partition("=")
        if actor not in ACTORS or not key:
            raise SeraiError(
                "actor-unknown",
                f"There is no actor {actor} in the suite, or its key is missing.",
                f"Say ACTOR=KEY; actors are: {', '.join(ACTORS)}.",
            )
        keys[actor] = key
    if not keys:
        raise SeraiError(
            "key-missing",
            "Nobody could speak to the server: no key was given.",
            "Say --key filer=KEY, or --sandbox for a server that was started with it.",
        )
    return keys


def _standards(folder: Path | None, wanted: list[str] | None) -> list[Standard]:
    standards = read_suite(folder or find_shipped("conformance"))
    _refuse_unknown(wanted, [one.name for one in standards])
    return [one for one in standards if wanted is None or one.name in wanted]


def _refuse_unknown(wanted: list[str] | None, known: list[str]) -> None:
    if unknown := set(wanted or ()) - set(known):
        raise SeraiError(
            "standard-unknown",
            f"The suite has no standard {min(unknown)}.",
            f"Standards are: {', '.join(known)}.",
        )


def _check_files(path: Path, wanted: list[str] | None, laws: Path | None, at: datetime) -> Iterator[Outcome]:
    if not path.exists():
        raise SeraiError("input-unreadable", f"{path} is not there.", "Name a file, a folder or an address.")
    law_files = read_chosen_laws(laws)
    book, vague_words = load_book(law_files), read_vague_words(law_files.get(VAGUE_WORDS, b""))
    at_ms = int(at.timestamp() * 1000)
    _refuse_unknown(wanted, list(BY_NAME))
    for message in find_messages(path):
        content = message.read_bytes()
        name = message.name if path == message else message.relative_to(path).as_posix()
        place = Path(name) if path == message else Path(path.name, name)
        chosen = choose_standard(place, content, wanted[0] if wanted else None)
        yield from check_message(name, content, chosen, book=book, vague_words=vague_words, at_ms=at_ms)


def _print(report: Report, output: Output) -> None:
    if output == "json":
        print_json(report)
        return
    rules = [(standard.standard, rule) for standard in report.standards for rule in standard.rules]
    if output == "ndjson":
        print_rows([{"standard": name, "rule": one.rule, "state": one.state} for name, one in rules], output)
        return
    for standard in report.standards:
        sys.stdout.write(f"\n{standard.standard}\n")
        print_table(
            [{"state": one.state, "rule": one.rule, "says": one.says} for one in standard.rules], _COLUMNS
        )
        for rule in standard.rules:
            for case in rule.cases:
                for why in case.why:
                    sys.stdout.write(f"    {case.case}: {why}\n")
    sys.stdout.write(
        f"\n{report.passed_count} passed, {report.failed_count} failed, {report.skipped_count} left out.\n"
    )

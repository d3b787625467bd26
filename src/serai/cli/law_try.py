"""`serai law try`: a draft law on parcels, beside the law they are decided by."""

import asyncio
import datetime as dt
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from serai.app import build_services
from serai.cli.decide import read_lists_folder
from serai.cli.input_file import choose_format, open_input
from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.node import Node, open_node, operator_name
from serai.cli.output import (
    OutputOption,
    choose_output,
    console,
    print_json,
    print_rows,
    print_table,
    write_text,
)
from serai.formats.registry import FormatName
from serai.foundation.clock import SystemClock
from serai.foundation.shipped import read_law_files
from serai.foundation.vault.reading import Reach
from serai.journey.assessment import store as assessment_store
from serai.journey.consignments.store import select_consignments_after
from serai.laboratory.compare.parcel_file import PARQUET, open_parcels
from serai.laboratory.decide_file import load_lists, read_laws_lists
from serai.laboratory.parquet_output import ParquetOutput
from serai.laboratory.what_if import documents
from serai.laboratory.what_if.compared import Compared
from serai.laboratory.what_if.documents import Documents
from serai.laboratory.what_if.examples import Examples
from serai.laboratory.what_if.laws import (
    LawLists,
    TriedLaw,
    assumed_lists,
    check_together,
    home_of,
    law_as_decided,
    law_of_day,
    law_of_folder,
    law_of_own_day,
    law_of_pack,
)
from serai.laboratory.what_if.parcel_rows import SCHEMA, parcel_rows
from serai.laboratory.what_if.report import write_report
from serai.laboratory.what_if.result import WhatIf
from serai.laboratory.what_if.sections import Section, sections_of
from serai.laboratory.what_if.stored import ASSUMED_OF_STORED, PURPOSE, StoredCases
from serai.laboratory.what_if.trial import Trial
from serai.law.book import LawBook
from serai.law.library import PackFiles
from serai.model.errors import SeraiError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def try_law(
    draft: Annotated[
        str,
        Parameter(
            help="What is tried: code of a pack, folder of changed packs, or a day, whose law is tried."
        ),
    ],
    /,
    *,
    against: Annotated[
        str | None,
        Parameter(
            help="What it is held against, said likewise; without it the law each parcel was decided by."
        ),
    ] = None,
    input_: Annotated[
        Path | None, Parameter(name="--input", help="Parcels of a file instead of the stored cases.")
    ] = None,
    format_: Annotated[
        FormatName | None, Parameter(name="--format", help="Of that file; else told by its name.")
    ] = None,
    invented: Annotated[int | None, Parameter(help="Invented parcels instead, how many.")] = None,
    lists: Annotated[
        Path | None,
        Parameter(help="Folder of lists for these, as for `serai decide`; without it rates are invented."),
    ] = None,
    laws: LawsOption = None,
    examples: Annotated[int, Parameter(help="Parcels told that pay more, and as many that pay less.")] = 3,
    parquet: Annotated[
        Path | None, Parameter(help="Write every parcel under both laws (Parquet) to this file.")
    ] = None,
    report: Annotated[
        Path | None, Parameter(help="Write what a table shows (Markdown) to this file.")
    ] = None,
    output: OutputOption = None,
) -> int:
    """Try a law on parcels: what changes in revenue, lanes and for whom, against the law they have now.

    Tried on the stored cases of this installation, unless a file or invented parcels are named; nothing is
    changed. A pack is tried as if in force on its days: a parcel of another day is taken to the nearest of
    them. Exit code 1 if recorded decisions differ from what they give when worked out again, or nothing
    could be compared.
    """
    begun = time.perf_counter()
    wanted = _Wanted(draft, against, input_, format_, invented, lists, laws, examples)
    with closing(ParquetOutput(parquet, SCHEMA)) if parquet else nullcontext() as rows:

        def see(found: Compared) -> None:
            if rows is not None:
                rows.add(parcel_rows(found))

        if input_ is None and invented is None:
            result = asyncio.run(_try_stored(wanted, see))
        else:
            result = _try_documents(wanted, see)
    if report is not None:
        write_text(report, write_report(result))
    chosen = choose_output(output)
    if chosen == "table":
        for section in sections_of(result):
            _print(section)
    elif chosen == "json":
        print_json(msgspec.to_builtins(result))
    else:
        print_rows([msgspec.to_builtins(result)], chosen)
    seconds = time.perf_counter() - begun
    sys.stderr.write(f"{result.counts.read:,} parcels under two laws in {seconds:.1f} s.\n")
    is_as_recorded = result.stored is None or not result.stored.differing
    return 0 if is_as_recorded and result.counts.compared else 1


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was typed."""

    draft: str
    against: str | None
    input: Path | None
    format: FormatName | None
    invented: int | None
    lists: Path | None
    laws: Path | None
    examples: int


See = Callable[[Compared], object]


def _choose_law(text: str, files: PackFiles) -> TriedLaw:
    """Return the law that was asked for: a day's, a folder's or a pack's. Raises SeraiError `law-unknown`."""
    if _DAY.fullmatch(text):
        return law_of_day(_read_day(text), files)
    if f"{text}/pack.yaml" not in files and Path(text).is_dir():
        changes = read_law_files(Path(text))
        if "pack.yaml" in changes:
            # The folder of one pack, named as it is.
            changes = {f"{Path(text).resolve().name}/{name}": content for name, content in changes.items()}
        return law_of_folder(text, changes, files)
    choose_codes(files, [text])
    return law_of_pack(text, files)


def _read_day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as fault:
        raise SeraiError("at-unreadable", f"{text} is no day.", "Write it as 2026-07-01.") from fault


# ---- parcels of a file, or invented ones ----


def _try_documents(wanted: _Wanted, see: See) -> WhatIf:
    if (wanted.input is None) == (wanted.invented is None):
        raise SeraiError(
            "command-misused",
            "Parcels come from one place.",
            "Say --input FILE or --invented 1000, or neither for the stored cases.",
        )
    now = SystemClock().now()
    files = read_chosen_laws(wanted.laws)
    draft = _choose_law(wanted.draft, files)
    current = law_of_own_day(files) if wanted.against is None else _choose_law(wanted.against, files)
    check_together(draft, current)
    list_files = {} if wanted.lists is None else read_lists_folder(wanted.lists)
    is_assumed = wanted.lists is None
    trial = Trial(draft, current, Examples(wanted.examples), see, is_assumed=is_assumed)
    asked = documents.Asked(
        trial,
        _open(current, wanted, list_files, now.date()),
        _open(draft, wanted, list_files, now.date()),
        load_lists(files, list_files),
        int(now.timestamp() * 1000),
    )
    if wanted.input is not None and wanted.input.suffix == PARQUET:
        documents.try_chunks(asked, open_parcels(wanted.input))
    else:
        with _open_parts(wanted, draft, now) as parts:
            documents.try_documents(asked, parts)
    return trial.result(*_describe(wanted, draft))


def _open(law: TriedLaw, wanted: _Wanted, list_files: Mapping[str, bytes], on: dt.date) -> LawBook:
    """Build a law's book with the lists named or, where none is, invented ones."""
    if wanted.lists is not None:
        rows = read_laws_lists(list_files)
        return law.open(LawLists(tuple(rows.lines), tuple(rows.rates), tuple(rows.scheme_entries)))
    entries = documents.invented_register(wanted.invented) if wanted.invented else ()
    return law.open(replace(assumed_lists(law, on), scheme_entries=entries))


@contextmanager
def _open_parts(
    wanted: _Wanted, draft: TriedLaw, now: dt.datetime
) -> Iterator[Iterator[tuple[int, Documents]]]:
    if wanted.input is None:
        yield documents.invent_documents(wanted.invented or 0, now, home_of(draft))
        return
    form = choose_format(wanted.input, wanted.format, "declaration")
    with open_input(wanted.input) as source:
        yield documents.read_documents(source, form.name)


def _describe(wanted: _Wanted, draft: TriedLaw) -> tuple[str, list[str]]:
    """Return what the parcels are, and what is assumed of them."""
    assumed = [*documents.ASSUMED]
    if wanted.lists is None:
        assumed.append(documents.ASSUMED_RATES)
    if wanted.input is not None:
        if wanted.input.suffix == PARQUET:
            assumed.append(documents.ASSUMED_OF_COLUMNS)
        elif wanted.lists is None:
            assumed.append("Scheme numbers are in no register: none counts as valid.")
        return f"the parcels of {wanted.input.name}", assumed
    home = home_of(draft)
    if home is not None:
        assumed.append(f"Parcels to places where another law holds are sent to {home.address.country_code}.")
    return f"{wanted.invented:,} invented parcels", assumed


# ---- stored cases ----


async def _try_stored(wanted: _Wanted, see: See) -> WhatIf:
    if wanted.lists is not None or wanted.format is not None:
        raise SeraiError(
            "command-misused",
            "Stored cases keep the lists they were decided by, and are in no file.",
            "Leave --lists and --format out, or say --input FILE.",
        )
    async with open_node() as node:
        if not await _has_cases(node):
            raise SeraiError(
                "no-parcels",
                "Nothing is stored yet, so there is no parcel to try a law on.",
                "Send parcels first, or say --input FILE or --invented 1000.",
            )
        files = await _files_in_force(node)
        if wanted.laws is not None:
            files = read_chosen_laws(wanted.laws)
        draft = _choose_law(wanted.draft, files)
        as_decided = wanted.against is None
        current = law_as_decided(files) if wanted.against is None else _choose_law(wanted.against, files)
        check_together(draft, current)
        trial = Trial(draft, current, Examples(wanted.examples), see)
        services = await build_services(
            node.settings, node.database, node.ids, node.clock, node.administration_id
        )
        cases = StoredCases(services, trial, as_decided=as_decided)
        await cases.try_all(Reach(node.administration_id, PURPOSE, operator_name(), node.clock.now()))
        return trial.result("the stored cases of this installation", [*ASSUMED_OF_STORED])


async def _files_in_force(node: Node) -> dict[str, bytes]:
    """Return the packs and tables of the generation in force; where cases are, there is one."""
    async with node.database.read(node.administration_id) as connection:
        found = await assessment_store.select_generation(connection, administration_id=node.administration_id)
        components = [] if found is None else await assessment_store.select_components(connection, found[1])
    return {one.name: one.content for one in components if one.kind == assessment_store.LAW_FILE}


async def _has_cases(node: Node) -> bool:
    async with node.database.read(node.administration_id) as connection:
        return bool(
            await select_consignments_after(connection, 0, administration_id=node.administration_id, limit=1)
        )


# ---- what is shown ----


def _print(section: Section) -> None:
    out = console()
    out.print(section.title, style="bold")
    for sentence in section.sentences:
        # What is set in belongs to the sentence above it.
        out.print(sentence if sentence.startswith(" ") else f"- {sentence}")
    if section.rows:
        print_table(section.rows, list(section.rows[0]))
    out.print()

"""`serai law check`: every pack decoded, every composition of packs that can be in force compiled."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows, print_table
from serai.journey.law_in_force.faults import find_law_faults
from serai.laboratory.law_bench.remarks import find_remarks
from serai.law.library import PackFiles, read_packs
from serai.law.pack import Pack
from serai.law.program import LawPackError

Row = dict[str, Any]
_COLUMNS = ("code", "where", "message", "next_step")


def check(
    codes: Annotated[list[str] | None, Parameter(help="Packs to remark upon; without one all.")] = None,
    /,
    *,
    strict: Annotated[
        bool, Parameter(negative=(), help="List every remark and count it as a fault.")
    ] = False,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Load and compile every pack, also planned ones and drafts; say what is wrong, with file and line.

    Faults keep packs from being in force: always of all packs, for they are composed with each other. Remarks
    do not: a source nobody cites, a parameter without source, a name nobody reads, a rule that can never act.
    A table lists the remarks on the packs that are named, of all packs with `--strict`; JSON has them always.
    Exit code 1 for faults, and with `--strict` for remarks.
    """
    files = read_chosen_laws(laws)
    wanted = choose_codes(files, codes)
    found = find_law_faults(files)
    packs = _sound_packs(files)
    faults = [{**msgspec.to_builtins(fault), "where": fault.where} for fault in found.faults]
    remarks = [_remark(msgspec.to_builtins(one)) for one in find_remarks(packs, files, _known(wanted, packs))]
    chosen = choose_output(output)
    if chosen == "ndjson":
        print_rows([{**row, "severity": "fault"} for row in faults], chosen)
        print_rows([{**row, "severity": "remark"} for row in remarks], chosen)
    elif chosen == "json":
        print_facts(
            {
                "packs": found.packs_count,
                "compositions": found.compositions_count,
                "faults": faults,
                "remarks": remarks,
            },
            chosen,
        )
    else:
        if faults:
            print_table(faults, _COLUMNS)
        else:
            facts = {"packs": found.packs_count, "compositions": found.compositions_count, "faults": "none"}
            print_facts({**facts, "remarks": len(remarks) or "none"}, chosen)
        if remarks and (codes or strict):
            print_table([{}, *remarks], _COLUMNS)
    return 1 if faults or (strict and remarks) else 0


def _known(codes: Sequence[str], packs: dict[str, Pack]) -> list[str]:
    return [code for code in codes if code in packs]


def _sound_packs(files: PackFiles) -> dict[str, Pack]:
    """Return the packs that can be decoded, by code; what is wrong with the others is among the faults."""
    packs: dict[str, Pack] = {}
    for path in files:
        code, _, name = path.partition("/")
        if name == "pack.yaml":
            try:
                packs.update({one.pack.code: one.pack for one in read_packs({path: files[path]}, [code])})
            except LawPackError:
                continue
    return packs


def _remark(row: Row) -> Row:
    return {**row, "where": _where(row["file"], row["line"])}


def _where(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file

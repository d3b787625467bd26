"""`serai law test`: worked examples against the packs, every figure exact."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_json, print_rows, print_table
from serai.laboratory.worked_examples.case_file import CaseFileError, own_cases, read_cases
from serai.laboratory.worked_examples.running import CaseResult, report, run_case
from serai.law.book import NOT_LAW
from serai.model.errors import SeraiError


def run_cases(
    *,
    cases: Annotated[
        list[Path] | None,
        Parameter(consume_multiple=True, help="Case files; without one the packs' own cases.yaml."),
    ] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Run worked examples and compare every figure; a case of a law we have no pack of is `no_law`.

    A case names its law, so that planned law and drafts are tested too, and marked; no date picks them.
    Differences in words are listed beside and fail nothing. Exit code 1 if a case failed.
    """
    files = read_chosen_laws(laws)
    contents = own_cases(files) if cases is None else [_read(path) for path in cases]
    results = [run_one(case, files) for content in contents for case in read_cases(content)]
    chosen = choose_output(output)
    if chosen == "json":
        print_json(report(results))
    elif chosen == "ndjson":
        print_rows([msgspec.to_builtins(result) for result in results], chosen)
    else:
        _print_table(results)
    return 1 if any(result.result == "failed" for result in results) else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise CaseFileError(
            "case-file", f"{path} cannot be read: {fault.strerror}.", "Name a case file."
        ) from fault


def run_one(case: Mapping[str, Any], files: Mapping[str, bytes]) -> CaseResult:
    """Run one case; a law that cannot take it fails this case and not the ones after it."""
    try:
        return run_case(case, files)
    except SeraiError as fault:
        return CaseResult(str(case["id"]), "failed", [f"{fault.code}: {fault.message}"])
    except (KeyError, TypeError, ValueError) as fault:
        # A case is read without a schema: what is missing or of another kind shows itself here.
        return CaseResult(str(case.get("id", "?")), "failed", [f"the case cannot be read: {fault!r}"])


def _print_table(results: Sequence[CaseResult]) -> None:
    counts = report(results)
    print_table([counts], ("passed", "failed", "no_law"))
    rows = [
        {
            "id": result.id,
            "result": result.result,
            "law": result.law_status,
            "what": result.differences,
        }
        for result in results
        if result.differences or result.law_status in NOT_LAW
    ]
    if rows:
        print_table([{}, *rows], ("id", "result", "law", "what"))

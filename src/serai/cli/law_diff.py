"""`serai law diff`: what two packs, or two versions of one, differ in."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, console, print_json, print_rows, print_table
from serai.laboratory.law_bench.diff import Difference, diff_packs, diff_tariffs
from serai.laboratory.law_bench.diff_words import meanings_of, render_difference
from serai.law.library import PackFiles
from serai.law.load import decode_pack, decode_table
from serai.law.pack import Pack
from serai.law.tariff import TariffLine


def diff(
    before: Annotated[str, Parameter(help="Code of a pack, as `serai law list` shows it.")],
    after: Annotated[str | None, Parameter(help="Code of the other pack; without it the same.")] = None,
    /,
    *,
    laws: LawsOption = None,
    against: Annotated[
        Path | None, Parameter(help="Folder of the other pack; without it the same folder.")
    ] = None,
    output: OutputOption = None,
) -> int:
    """Say in words, and as data, what the second pack says otherwise than the first.

    Values by day, reliefs, charges with their conditions and who owes them, reasons, requirements,
    exclusions, the tariff. A value of the first pack that is no longer law is that of its last day. Exit code
    1 if the packs differ.
    """
    old_files = read_chosen_laws(laws)
    new_files = old_files if against is None else read_chosen_laws(against)
    old, new = _read(old_files, before), _read(new_files, after or before)
    found = diff_packs(old, new) + diff_tariffs(_tariff(old_files, old.code), _tariff(new_files, new.code))
    chosen = choose_output(output)
    meanings = meanings_of(found, (old, new))
    if chosen == "json":
        rows = [_row(one) for one in found]
        print_json({"before": old.code, "after": new.code, "differences": rows, "meanings": meanings})
    elif chosen == "ndjson":
        print_rows([_row(one) for one in found], chosen)
    else:
        _print_words(old, new, found, meanings)
    return 1 if found else 0


def _read(files: PackFiles, code: str) -> Pack:
    choose_codes(files, [code])
    path = f"{code}/pack.yaml"
    return decode_pack(files[path], path)


def _tariff(files: PackFiles, code: str) -> list[TariffLine]:
    path = f"{code}/tariff.csv"
    return list(decode_table(files[path], TariffLine, path)) if path in files else []


def _row(one: Difference) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(one)
    return {**facts, "sentence": render_difference(one)}


def _print_words(old: Pack, new: Pack, found: list[Difference], meanings: dict[str, str]) -> None:
    out = console()
    for heading in dict.fromkeys(f"{pack.code}: {pack.title}" for pack in (old, new)):
        out.print(heading, soft_wrap=True)
    if not found:
        out.print("\nThe two say the same.")
    for part in dict.fromkeys(one.part for one in found):
        sentences = dict.fromkeys(render_difference(one) for one in found if one.part == part)
        out.print(f"\n{part.capitalize()}", style="bold")
        for sentence in sentences:
            out.print(f"- {sentence}", soft_wrap=True)
    if meanings:
        out.print("\nWords", style="bold")
        print_table([{"name": name, "means": text} for name, text in meanings.items()], ("name", "means"))

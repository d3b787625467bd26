"""`serai law diff`: what two packs, two versions of one, or two days of a place's law differ in."""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, console, print_json, print_rows, print_table
from serai.laboratory.law_bench.day_diff import PackPair, diff_days, tariff_of
from serai.laboratory.law_bench.diff import Difference, diff_packs, diff_tariffs
from serai.laboratory.law_bench.diff_words import FOLDED, meanings_of, render_difference, render_sides
from serai.law.library import PackFiles, load_book
from serai.law.load import decode_pack
from serai.law.pack import Pack
from serai.model.errors import SeraiError
from serai.portal.law.places import find_place

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def diff(
    before: Annotated[str, Parameter(help="Code of a pack, or of a place such as EU or DE and two days.")],
    after: Annotated[str | None, Parameter(help="Code of the other pack, or the first day.")] = None,
    second: Annotated[str | None, Parameter(help="The second day, with a place.")] = None,
    /,
    *,
    laws: LawsOption = None,
    against: Annotated[
        Path | None, Parameter(help="Folder of the other pack; without it the same folder.")
    ] = None,
    expressions: Annotated[
        bool, Parameter(negative=(), help="Show conditions and amounts that changed, and their words.")
    ] = False,
    output: OutputOption = None,
) -> int:
    """Say in sentences, and as data, what the second pack or day says otherwise than the first.

    Values, reliefs, charges and who owes them, reasons, requirements, exclusions, the tariff. Of two packs a
    value of the first that is no longer law is that of its last day. Exit code 1 if the two differ.
    """
    files = read_chosen_laws(laws)
    if second is not None:
        if against is not None or after is None or not all(map(_DAY.fullmatch, (after, second))):
            raise SeraiError(
                "command-misused",
                "A place goes with two days.",
                "Say `serai law diff EU 2026-06-30 2026-07-01`.",
            )
        book = load_book(files)
        days = _read_day(after), _read_day(second)
        packs = [one.pack for one in find_place(book, before.upper(), days[1]).packs]
        heads = [f"{before.upper()} on {day.isoformat()}" for day in days]
        pairs = diff_days(packs, files, *days)
    else:
        new_files = files if against is None else read_chosen_laws(against)
        old, new = _read(files, before), _read(new_files, after or before)
        found = diff_packs(old, new) + diff_tariffs(tariff_of(files, old), tariff_of(new_files, new))
        heads = list(dict.fromkeys(f"{pack.code}: {pack.title}" for pack in (old, new)))
        pairs = [PackPair(old, new, found)] if found else []
    _print(pairs, heads, choose_output(output), expressions)
    return 1 if pairs else 0


def _read(files: PackFiles, code: str) -> Pack:
    choose_codes(files, [code])
    path = f"{code}/pack.yaml"
    return decode_pack(files[path], path)


def _read_day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as fault:
        raise SeraiError("at-unreadable", f"{text} is no day.", "Write it as 2026-07-01.") from fault


def _print(pairs: list[PackPair], heads: list[str], chosen: str, expressions: bool) -> None:
    if chosen == "ndjson":
        print_rows([_row(one, pair) for pair in pairs for one in pair.differences], "ndjson")
    elif chosen == "json":
        laws = [
            {
                "before": pair.before and pair.before.code,
                "after": pair.after and pair.after.code,
                "differences": [_row(one, pair) for one in pair.differences],
                "meanings": meanings_of(pair.differences, [pack for pack in pair[:2] if pack is not None]),
            }
            for pair in pairs
        ]
        print_json({"compared": heads, "laws": laws})
    else:
        _print_words(pairs, heads, expressions)


def _row(one: Difference, pair: PackPair) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(one)
    codes = {"law_before": pair.before and pair.before.code, "law_after": pair.after and pair.after.code}
    return {**codes, **facts, "sentence": render_difference(one)}


def _print_words(pairs: list[PackPair], heads: list[str], expressions: bool) -> None:
    out = console()
    for heading in heads:
        out.print(heading, soft_wrap=True)
    if not pairs:
        out.print("\nThe two say the same.")
    for before, after, found in pairs:
        if before is None or after is None:
            known = after or before
            assert known is not None
            out.print(
                f"\n{known.code} is {'new' if before is None else 'gone'}: {known.title}", soft_wrap=True
            )
            continue
        if len(pairs) > 1 or not heads[0].startswith(before.code):
            codes = " and ".join(dict.fromkeys((before.code, after.code)))
            out.print(f"\n{codes}", style="bold", soft_wrap=True)
        for part in dict.fromkeys(one.part for one in found):
            out.print(f"\n{part.capitalize()}", style="bold")
            for sentence, sides in _sentences(found, part, expressions):
                out.print(f"- {sentence}", soft_wrap=True)
                for side in sides:
                    out.print(f"    {side}", soft_wrap=True)
        meanings = meanings_of(found, (before, after)) if expressions else {}
        if meanings:
            out.print("\nWords", style="bold")
            print_table([{"name": name, "means": text} for name, text in meanings.items()], ("name", "means"))


def _sentences(found: list[Difference], part: str, expressions: bool) -> list[tuple[str, list[str]]]:
    """Return the sentences of a part, each once, and with expressions what was and what is."""
    told: dict[str, list[str]] = {}
    for one in found:
        if one.part == part:
            is_folded = one.field in FOLDED and one.part != "parameter"
            sides = render_sides(one) if expressions and (is_folded or one.field is None) else ("", "")
            told[render_difference(one)] = [
                f"{word}: {side}" for word, side in zip(("was", "is"), sides, strict=True) if side
            ]
    return list(told.items())

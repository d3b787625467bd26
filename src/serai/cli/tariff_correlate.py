"""`serai tariff correlate`: tariff and lists of a pack moved to the next edition of the Harmonized System."""

from collections import Counter
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TextIO

from cyclopts import Parameter

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_facts, print_table
from serai.cli.tariff_import import replacing
from serai.formats.tariff_files.tariff_csv import TariffCsvWriter
from serai.law.correlation import Correlation, Move, MovedLine, move_lines, move_list
from serai.law.load import decode_pack, decode_table
from serai.law.nomenclature import (
    FOLDER,
    CorrelationRow,
    Nomenclature,
    find_correlation_faults,
    read_editions,
    read_nomenclature,
)
from serai.law.pack import Pack
from serai.law.pack_lines import PackLines
from serai.law.pack_shape import Path as WayInPack
from serai.law.tariff_line import TariffLine
from serai.model.errors import SeraiError

_COLUMNS = ("where", "kind", "prefix", "title", "new_prefixes", "why")


class _Listed(NamedTuple):
    """A list of commodity prefixes in a pack: its name and the way to it."""

    name: str
    way: WayInPack
    prefixes: list[str]


def correlate(
    code: Annotated[str, Parameter(help="Code of the pack.")],
    /,
    *,
    to: Annotated[str, Parameter(help="Edition to move to; the one before it is moved from.")] = "2028",
    table: Annotated[
        Path | None, Parameter(help="CSV of the correlation, instead of the one next to the packs.")
    ] = None,
    tariff: Annotated[Path | None, Parameter(help="File for the moved tariff.csv.")] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Say for every tariff line and every list of commodity codes of a pack what becomes of it in an edition.

    kept, renamed (one code for one), split (several for one), merged (several to one, same terms), assumed
    (no row of a table that is not whole names it), person (the table does not decide). Nothing is changed in
    the pack; a moved tariff ends each line where the edition begins and goes on under the new codes. Exit
    code 1 if something needs a person.
    """
    files = read_chosen_laws(laws)
    if f"{code}/pack.yaml" not in files:
        raise SeraiError(
            "law-unknown", f"There is no pack {code}.", "`serai law list` names those there are."
        )
    correlation, old = _read_correlation(files, to, table)
    pack = decode_pack(files[f"{code}/pack.yaml"], f"{code}/pack.yaml")
    moved = move_lines(correlation, _lines_of(files, code))
    rows = [
        {**row, "title": old.title_of(row["prefix"])}
        for row in (*_tell_lists(pack, files, correlation), *_tell_lines(moved, code))
    ]
    counts = Counter(row["kind"] for row in rows)
    if tariff is not None:
        with replacing(tariff) as target:
            _write(moved, target)
    facts = {
        "pack": code,
        "edition": to,
        "valid_from": correlation.edition.valid_from,
        "table_is_whole": correlation.edition.is_correlation_whole,
        "confidence": correlation.edition.confidence,
        **{kind: counts[kind] for kind in ("kept", "assumed", "renamed", "split", "merged", "person")},
    }
    chosen = choose_output(output)
    told = [row for row in rows if row["kind"] not in ("kept", "assumed")]
    if chosen == "table":
        print_facts(facts, chosen)
        if told:
            print_table([{}, *told], _COLUMNS)
    else:
        print_facts(facts | {"moves": rows}, chosen)
    return 1 if counts["person"] else 0


def _read_correlation(
    files: Mapping[str, bytes], to: str, table: Path | None
) -> tuple[Correlation, Nomenclature]:
    """Return the correlation, and the codes of the edition before."""
    editions = read_editions(files)
    edition = editions.get(to)
    before = [year for year in editions if year < to]
    if edition is None or not before:
        raise SeraiError(
            "edition-unknown",
            f"There is no edition {to} with one before it.",
            f"Editions are {', '.join(sorted(editions)) or 'none'}: {FOLDER}/editions.csv.",
        )
    old = read_nomenclature(files, max(before))
    new: Nomenclature | None = read_nomenclature(files, to) if edition.is_whole else None
    path = f"{FOLDER}/hs-{max(before)}-{to}.csv" if table is None else table.name
    content = files.get(path) if table is None else table.read_bytes()
    if content is None:
        raise SeraiError("edition-unknown", f"There is no {path}.", "Give the table by --table.")
    for fault in find_correlation_faults(content, path, old, new):
        raise fault
    return Correlation(decode_table(content, CorrelationRow, path), old, edition), old


def _lines_of(files: Mapping[str, bytes], code: str) -> list[TariffLine]:
    path = f"{code}/tariff.csv"
    return list(decode_table(files[path], TariffLine, path)) if path in files else []


def _tell_lists(pack: Pack, files: Mapping[str, bytes], correlation: Correlation) -> Iterator[dict[str, Any]]:
    path = f"{pack.code}/pack.yaml"
    lines = PackLines(files[path])
    for listed in _lists_of(pack):
        for move in move_list(correlation, listed.prefixes):
            yield _tell(f"{path}:{lines.line(listed.way)}", listed.name, move)


def _lists_of(pack: Pack) -> Iterator[_Listed]:
    """Yield the lists of commodity prefixes: of parameters, keys of parameters, and exclusions."""
    for place, parameter in enumerate(pack.parameters):
        way: WayInPack = ("parameters", place)
        for value in parameter.values:
            if isinstance(value.value, list) and value.value and all(map(_is_prefix, value.value)):
                yield _Listed(f"parameter {parameter.name} from {value.valid_from}", way, value.value)
        if "commodity_code" in (parameter.by, parameter.by_prefix):
            keys = sorted({value.key for value in parameter.values if value.key})
            yield _Listed(f"keys of parameter {parameter.name}", way, keys)
    for place, exclusion in enumerate(pack.exclusions):
        yield _Listed(f"exclusion {exclusion.rule_id}", ("exclusions", place), exclusion.prefixes)


def _is_prefix(text: str) -> bool:
    return text.isascii() and text.isdigit() and 2 <= len(text) <= 14


def _tell_lines(moved: list[MovedLine], code: str) -> Iterator[dict[str, Any]]:
    for one in moved:
        yield _tell(f"{code}/tariff.csv:{one.number}", f"tariff, {one.line.measure}", one.move)


def _tell(where: str, what: str, move: Move) -> dict[str, Any]:
    return {
        "where": where,
        "what": what,
        "prefix": move.prefix,
        "kind": move.kind,
        "new_prefixes": list(move.new_prefixes),
        "why": move.why,
    }


def _write(moved: list[MovedLine], target: TextIO) -> None:
    rows = StringIO(newline="")
    writer = TariffCsvWriter(rows)
    # Two old lines of the same terms may come to one new code; it stands once.
    for line in dict.fromkeys(line for one in moved for line in one.lines):
        writer.add(line)
    rows.seek(0)
    writer.shorten(rows, target)

"""`serai tariff import`: a file of a tariff becomes a pack's `tariff.csv`, and each row is told for."""

import datetime as dt
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO, cast

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import InputPath, read_input
from serai.cli.law_folder import LawsOption
from serai.cli.output import OutputOption, choose_output, print_facts, print_table
from serai.formats.tariff_files.outcome import Outcome
from serai.formats.tariff_files.reading import Form, TariffFile, read_groups, read_tariff
from serai.formats.tariff_files.tariff_csv import TariffCsvWriter
from serai.foundation.shipped import find_shipped
from serai.laboratory.output_file import writing_to
from serai.law.load import decode_pack, decode_table
from serai.law.pack import Pack
from serai.law.tariff_line import TariffLine
from serai.law.tariff_measures import measures_read
from serai.model.errors import SeraiError

_SHOWN_MAX = 20


def import_tariff(
    file: InputPath,
    /,
    *,
    form: Annotated[Form, Parameter(name=["--form", "--format"], help="How the file is written.")],
    into: Annotated[str, Parameter(help="Code of the pack.")],
    take_what_is_sound: Annotated[
        bool, Parameter(negative="", help="Take the other rows though some are refused.")
    ] = False,
    add: Annotated[
        bool, Parameter(negative="", help="Keep the lines that are there, and add to them.")
    ] = False,
    valid_from: Annotated[
        dt.date | None, Parameter(help="First day of the edition; an export of the HTS has no days.")
    ] = None,
    origin_groups: Annotated[
        Path | None, Parameter(help="CSV of the members of origin groups: group, country.")
    ] = None,
    currency: Annotated[
        str | None, Parameter(help="Of the amounts, where the pack leaves it to the country's law.")
    ] = None,
    report: Annotated[Path | None, Parameter(help="File for what became of each row, as JSON.")] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Read a tariff file into a pack: each row is taken, set aside (it holds no charge) or refused.

    A refused row is told with line, reason and what to do, and until all is accepted the pack's tariff stays
    as it was. Exit code 1 if rows were refused.

    Parameters
    ----------
    file
        The file; UTF-8, not packed.
    """
    folder = (laws or find_shipped("laws")) / into
    pack = _read_pack(folder, into)
    groups = {} if origin_groups is None else read_groups(read_input(origin_groups), origin_groups.name)
    read = TariffFile(read_input(file), file.name, form, groups, valid_from)
    # Nothing of a row is kept: a tariff may have a million.
    with _spool() as rows, _spool() as told:
        written = TariffCsvWriter(rows)
        told_of = _Told(told)
        present = _present_lines(folder, into) if add else ()
        for outcome in read_tariff(read, pack.currency or currency, _both(present, written)):
            told_of.add(outcome)
            for line in outcome.lines:
                written.add(line)
        counts = told_of.counts
        is_written = bool(counts["taken"]) and (take_what_is_sound or not counts["refused"])
        facts: dict[str, object] = {
            "file": file.name,
            "pack": into,
            "rows": told_of.rows_count,
            "taken": counts["taken"],
            "set_aside": counts["set_aside"],
            "refused": counts["refused"],
            "lines": written.lines_count,
            "written": is_written,
            "understood": dict(sorted(told_of.understood.items())),
            "not_understood": dict(sorted(told_of.not_understood.items())),
            "remarks": _remarks(told_of, written, pack, folder.parent),
        }
        if report is not None:
            with replacing(report) as target:
                told_of.write_report(facts, target)
        if is_written:
            rows.seek(0)
            with replacing(folder / "tariff.csv") as target:
                written.shorten(rows, target)
    _print(facts, told_of, file.name, output)
    return 1 if counts["refused"] else 0


def _both(lines: Iterable[TariffLine], written: TariffCsvWriter) -> Iterator[TariffLine]:
    """Write lines as they are read on."""
    for line in lines:
        written.add(line)
        yield line


class _Told:
    """What became of the rows: figures, the first that were refused, and a line of JSON for each.

    understood: lines by measure. not_understood: rows by code of refusal, and those taken of which something
    was not looked at.
    """

    def __init__(self, spool: TextIO) -> None:
        self._spool = spool
        self._last_place = (0, 0)
        self.rows_count = 0
        self.remarked_count = 0
        self.counts: Counter[str] = Counter()
        self.understood: Counter[str] = Counter()
        self.not_understood: Counter[str] = Counter()
        self.first_refused: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        """Count an outcome and keep it in the spool."""
        # The columns of a row come one after the other.
        self.rows_count += (outcome.line, outcome.column) != self._last_place
        self._last_place = (outcome.line, outcome.column)
        self.counts[outcome.outcome] += 1
        self.remarked_count += bool(outcome.remark)
        for line in outcome.lines:
            self.understood[line.measure] += 1
        if outcome.outcome == "refused":
            self.not_understood[outcome.code] += 1
            if len(self.first_refused) < _SHOWN_MAX:
                self.first_refused.append(outcome)
        elif outcome.has_conditions:
            self.not_understood["conditions-not-looked-at"] += 1
        self._spool.write(msgspec.json.encode(_told(outcome)).decode() + "\n")

    def write_report(self, facts: dict[str, object], target: TextIO) -> None:
        """Write the facts and every outcome as one JSON object."""
        target.write(msgspec.json.format(msgspec.json.encode(facts), indent=1).decode().rstrip("}\n"))
        target.write(',\n "outcomes": [')
        self._spool.seek(0)
        for number, line in enumerate(self._spool):
            target.write(f"{',' if number else ''}\n  {line.rstrip()}")
        target.write("\n ]\n}\n")


def _told(outcome: Outcome) -> dict[str, object]:
    """Return an outcome with what its lines say, short of what they leave open."""
    facts: dict[str, object] = msgspec.to_builtins(outcome)
    lines = [
        {
            field.name: getattr(line, field.name)
            for field in msgspec.structs.fields(TariffLine)
            if getattr(line, field.name) != field.default
        }
        for line in outcome.lines
    ]
    return facts | {"lines": lines}


def _read_pack(folder: Path, code: str) -> Pack:
    if not (folder / "pack.yaml").is_file() or Path(code).name != code:
        raise SeraiError(
            "law-unknown", f"There is no pack {code}.", "`serai law list` names those there are."
        )
    return decode_pack((folder / "pack.yaml").read_bytes(), f"{code}/pack.yaml")


def _present_lines(folder: Path, code: str) -> Iterator[TariffLine]:
    table = folder / "tariff.csv"
    if table.is_file():
        yield from decode_table(table.read_bytes(), TariffLine, f"{code}/tariff.csv")


def _remarks(told: _Told, written: TariffCsvWriter, pack: Pack, laws: Path) -> list[str]:
    """Say what a reader of the figures alone would miss."""
    said = []
    if told.remarked_count:
        said.append(
            f"{told.remarked_count} rows were taken with something not looked at; the report names it."
        )
    unread = sorted(written.measures - measures_read(_packs(laws)))
    if unread:
        said.append(f"No pack reads the measures {', '.join(unread)}: add them to its tariff_rates.")
    if pack.tariff_extent == "partial":
        said.append("The pack says tariff_extent: partial; say whole if this is all of its tariff.")
    return said


def _packs(laws: Path) -> list[Pack]:
    return [
        decode_pack(path.read_bytes(), f"{path.parent.name}/pack.yaml") for path in laws.glob("*/pack.yaml")
    ]


def _spool() -> TextIO:
    return cast("TextIO", tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Write all or nothing: another process reads the old file or the new one. Raises `output-unwritable`."""
    with writing_to(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as target:
                yield target
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _print(facts: dict[str, object], told: _Told, name: str, output: OutputOption) -> None:
    faults = [
        {
            "place": f"{name}:{one.line}" + (f":{one.column}" if one.column else ""),
            "row": one.subject,
            "code": one.code,
            "reason": one.reason,
            "next_step": one.next_step,
        }
        for one in told.first_refused
    ]
    more = told.counts["refused"] - len(faults)
    chosen = choose_output(output)
    if chosen != "table":
        print_facts(facts | {"faults": faults, "faults_not_shown": more}, chosen)
        return
    print_facts(facts | {name: _figures(facts[name]) for name in ("understood", "not_understood")}, chosen)
    if faults:
        reasons = [one | {"reason": f"{one['reason']} {one['next_step']}"} for one in faults]
        print_table([{}, *reasons], ("place", "code", "reason"))
    if more:
        print_table([{"more": f"{more} more are refused; --report names them all."}], ("more",))


def _figures(counts: object) -> list[str]:
    return [f"{name}: {count}" for name, count in counts.items()] if isinstance(counts, dict) else []

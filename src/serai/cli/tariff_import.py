"""`serai tariff import`: a file of a tariff becomes a pack's `tariff.csv`, and each row is told for."""

import datetime as dt
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import InputPath, read_input
from serai.cli.law_folder import LawsOption
from serai.cli.output import OutputOption, choose_output, print_facts, print_table
from serai.formats.tariff_files.outcome import Outcome
from serai.formats.tariff_files.reading import Form, TariffFile, read_groups, read_tariff
from serai.formats.tariff_files.tariff_csv import write_tariff_csv
from serai.foundation.shipped import find_shipped
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
    pack, present = _read_pack(folder, into, is_kept=add)
    groups = {} if origin_groups is None else read_groups(read_input(origin_groups), origin_groups.name)
    read = TariffFile(read_input(file), file.name, form, groups, valid_from)
    outcomes = read_tariff(read, pack.currency or currency, present)
    counts = Counter(outcome.outcome for outcome in outcomes)
    lines = [*present, *(line for outcome in outcomes for line in outcome.lines)]
    is_written = bool(counts["taken"]) and (take_what_is_sound or not counts["refused"])
    facts: dict[str, object] = {
        "file": file.name,
        "pack": into,
        "rows": len({outcome.line for outcome in outcomes}),
        "taken": counts["taken"],
        "set_aside": counts["set_aside"],
        "refused": counts["refused"],
        "lines": len(lines),
        "written": is_written,
        "remarks": _remarks(outcomes, lines, pack, folder.parent),
    }
    if report is not None:
        _write(
            report,
            msgspec.json.format(msgspec.json.encode(facts | {"outcomes": [*map(_told, outcomes)]}), indent=1),
        )
    if is_written:
        _write(folder / "tariff.csv", write_tariff_csv(lines))
    _print(facts, outcomes, file.name, output)
    return 1 if counts["refused"] else 0


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


def _read_pack(folder: Path, code: str, *, is_kept: bool) -> tuple[Pack, list[TariffLine]]:
    if not (folder / "pack.yaml").is_file() or Path(code).name != code:
        raise SeraiError(
            "law-unknown", f"There is no pack {code}.", "`serai law list` names those there are."
        )
    pack = decode_pack((folder / "pack.yaml").read_bytes(), f"{code}/pack.yaml")
    table = folder / "tariff.csv"
    if not is_kept or not table.is_file():
        return pack, []
    return pack, list(decode_table(table.read_bytes(), TariffLine, f"{code}/tariff.csv"))


def _remarks(outcomes: Sequence[Outcome], lines: Sequence[TariffLine], pack: Pack, laws: Path) -> list[str]:
    """Say what a reader of the figures alone would miss."""
    said = []
    remarked = sum(1 for outcome in outcomes if outcome.remark)
    if remarked:
        said.append(f"{remarked} rows were taken with something not looked at; the report names it.")
    unread = sorted({line.measure for line in lines} - measures_read(_packs(laws)))
    if unread:
        said.append(f"No pack reads the measures {', '.join(unread)}: add them to its tariff_rates.")
    if pack.tariff_extent == "partial":
        said.append("The pack says tariff_extent: partial; say whole if this is all of its tariff.")
    return said


def _packs(laws: Path) -> list[Pack]:
    return [
        decode_pack(path.read_bytes(), f"{path.parent.name}/pack.yaml") for path in laws.glob("*/pack.yaml")
    ]


def _write(path: Path, content: bytes) -> None:
    """Write all or nothing: another process reads the old file or the new one. Raises `output-unwritable`."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as target:
                target.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise SeraiError(
            "output-unwritable",
            f"{path} cannot be written: {fault.strerror}.",
            "Name a folder you may write to.",
        ) from fault


def _print(facts: dict[str, object], outcomes: Sequence[Outcome], name: str, output: OutputOption) -> None:
    faults = [
        {
            "place": f"{name}:{one.line}",
            "row": one.subject,
            "code": one.code,
            "reason": one.reason,
            "next_step": one.next_step,
        }
        for one in outcomes
        if one.outcome == "refused"
    ]
    shown, more = faults[:_SHOWN_MAX], len(faults) - _SHOWN_MAX
    chosen = choose_output(output)
    if chosen != "table":
        print_facts(facts | {"faults": shown, "faults_not_shown": max(more, 0)}, chosen)
        return
    print_facts(facts, chosen)
    if shown:
        told = [one | {"reason": f"{one['reason']} {one['next_step']}"} for one in shown]
        print_table([{}, *told], ("place", "code", "reason"))
    if more > 0:
        print_table([{"more": f"{more} more are refused; --report names them all."}], ("more",))

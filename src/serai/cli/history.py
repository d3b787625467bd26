"""`serai history`: closed hours as Parquet, and statistics over them."""

import asyncio
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from serai.cli.instant import parse_instant
from serai.cli.node import open_node
from serai.cli.output import OutputOption, choose_output, print_json, print_rows, print_table
from serai.journey.history.service import History, WrittenHour
from serai.journey.history.statistics import Statistics, read_statistics
from serai.laboratory.output_file import writing_to
from serai.model.errors import SeraiError

_HOUR_COLUMNS = ("hour_at", "decisions", "goods_items", "charges", "findings")


def history(
    *,
    to: Annotated[Path, Parameter(help="Folder of the history, a folder in it for each hour.")],
    from_: Annotated[
        str | None, Parameter(name="--from", help="Only hours from this instant or day (UTC) on.")
    ] = None,
    until: Annotated[str | None, Parameter(help="Only hours that end by this instant or day (UTC).")] = None,
    statistics: Annotated[
        bool, Parameter(negative="", help="Write nothing; sum what the folder holds, without a database.")
    ] = False,
    output: OutputOption = None,
) -> int:
    """Write each closed hour that is not written yet to Parquet: decisions, goods items, charges, findings.

    Nobody's name, no description and no other text of a message is written. A decision that replaces one
    of an earlier hour comes with the reversal of that one, so that sums over all files are what stands. An
    hour is closed ten minutes after its end; one that is there is left as it is.
    """
    chosen = choose_output(output)
    if statistics:
        found = read_statistics(to)
        if chosen == "table":
            _print_tables(found)
        elif chosen == "json":
            print_json(msgspec.to_builtins(found))
        else:
            print_rows([msgspec.to_builtins(found)], chosen)
        return 0
    begin, end = _read_instant("--from", from_), _read_instant("--until", until)
    with writing_to(to):
        written = asyncio.run(_write(to, begin, end))
    print_rows([_row_of(one) for one in written], chosen, _HOUR_COLUMNS)
    return 0


async def _write(folder: Path, begin: datetime | None, end: datetime | None) -> list[WrittenHour]:
    async with open_node() as node:
        hours = History(node.database, node.administration_id, folder)
        return [one async for one in hours.write(at=node.clock.now(), begin=begin, end=end)]


def _row_of(one: WrittenHour) -> dict[str, object]:
    counts = {f"{name}s": note.rows_count for name, note in one.files.items()}
    return {"hour_at": msgspec.to_builtins(one.hour_at), "schema_version": one.schema_version, **counts}


def _print_tables(found: Statistics) -> None:
    for rows in (found.lanes, found.destinations, found.hours, found.charges, [found.release_times]):
        if rows:
            fields = [msgspec.to_builtins(one) for one in rows]
            print_table(fields, list(fields[0]))


def _read_instant(option: str, text: str | None) -> datetime | None:
    """Return an instant, of a day its beginning in UTC. Raises SeraiError `at-unreadable`."""
    if text is None:
        return None
    instant = parse_instant(text, of_day=time())
    if instant is None:
        raise SeraiError(
            "at-unreadable",
            f"{option} {text}: invalid day or instant.",
            "Write 2026-07-01 or 2026-07-01T08:00:00Z.",
        )
    return instant.astimezone(UTC)

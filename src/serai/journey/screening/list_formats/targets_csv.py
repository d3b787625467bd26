"""OpenSanctions' simple table of targets (targets.simple.csv): one row an entity, `;` between values."""

import csv
import io
from typing import Final

from serai.journey.screening.list_entry import ListEntry, unfit
from serai.journey.screening.list_formats.follow_the_money import KINDS
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of

HEADINGS: Final = ("id", "schema", "name", "aliases", "birth_date", "countries", "identifiers", "sanctions")


def decode_targets_csv(content: bytes, name: str = "") -> list[ListEntry]:
    """Decode the table. name: of the file; its stem is the list's code. Raises ListFileError with the row."""
    list_code = name.rpartition("/")[2].partition(".")[0] or "TARGETS"
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise unfit(f"it is not CSV in UTF-8 ({fault})") from fault
    missing = [one for one in HEADINGS if one not in (reader.fieldnames or ())]
    if missing:
        raise unfit(f"it has no column {missing[0]}")
    entries = []
    for number, row in enumerate(rows, start=2):
        cells = {key: value or "" for key, value in row.items() if isinstance(key, str)}
        if not cells["id"] or not cells["name"].strip() or None in row:
            raise unfit(f"row {number} needs id and name, and no more fields than headings")
        if cells["schema"] not in KINDS:
            continue
        entries.append(
            ListEntry(
                list_code=list_code,
                entry_id=cells["id"],
                kind_code=KINDS[cells["schema"]],
                names=distinct([cells["name"], *cells["aliases"].split(";")]),
                birth_years=years_of(cells["birth_date"].split(";")),
                country_codes=countries_of(cells["countries"].split(";")),
                identity_numbers=numbers_of(cells["identifiers"].split(";")),
                programmes=distinct(
                    (cells.get("program_ids") or cells["sanctions"] or cells.get("dataset", "")).split(";")
                ),
                published_on=cells.get("last_change", "")[:10],
            )
        )
    if not entries:
        raise unfit("it has no entries")
    return entries

"""A list of one's own: CSV with a row an entry."""

import csv
import io
from pathlib import PurePath
from typing import Final, get_args

from serai.journey.screening.list_entry import EntryKind, ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct, numbers_of, years_of

_KINDS: Final[tuple[EntryKind, ...]] = get_args(EntryKind)


def decode_csv_list(content: bytes, name: str) -> list[ListEntry]:
    """Decode a plain list: CSV with columns entry_id, name, kind_code and, if wanted, aliases, weak_aliases,
    birth_dates, country_codes, identity_numbers, programmes (`;` between).

    name: of the file; without its ending it is the list's code. Raises ListFileError `list-file` naming the
    row.
    """
    list_code = PurePath(name).name.removesuffix(".csv")
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise unfit(f"it is not CSV in UTF-8 ({fault})") from fault
    entries = []
    for number, row in enumerate(rows, start=2):
        entry_id, said, kind_code = (row.get(column) for column in ("entry_id", "name", "kind_code"))
        kind = next((one for one in _KINDS if one == kind_code), None)
        if not entry_id or not said or kind is None:
            raise unfit(f"row {number} needs entry_id, name, and kind_code: {', '.join(_KINDS)}")
        many = {
            column: (row.get(column) or "").split(";")
            for column in (
                "aliases",
                "weak_aliases",
                "birth_dates",
                "country_codes",
                "identity_numbers",
                "programmes",
            )
        }
        entries.append(
            ListEntry(
                list_code=list_code,
                entry_id=entry_id,
                kind_code=kind,
                names=distinct([said, *many["aliases"]]),
                weak_names=distinct(many["weak_aliases"]),
                birth_years=years_of(many["birth_dates"]),
                country_codes=countries_of(many["country_codes"]),
                identity_numbers=numbers_of(many["identity_numbers"]),
                programmes=distinct(many["programmes"]),
            )
        )
    return entries

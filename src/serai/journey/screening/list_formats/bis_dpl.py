"""The list of denied persons of the US Bureau of Industry and Security: one row a denial, tabs between.

It names neither kind nor number: a row is a person when no company form is in its name, and is known by what
it says. A denial that has expired stays on the list; the programme says until when.
"""

import csv
import hashlib
import io
from typing import Final

from rigour._core import extract_org_types

from serai.journey.screening.list_entry import ListEntry, unfit
from serai.journey.screening.list_formats.particulars import countries_of, distinct

_HEADINGS: Final = ("Name", "Country", "Effective_Date", "Expiration_Date", "FR_Citation")
_CASEFOLD: Final = 4
_OF_FIRMS: Final = frozenset(
    [
        "company",
        "corporation",
        "trading",
        "international",
        "industries",
        "group",
        "systems",
        "airlines",
        "aviation",
        "services",
    ]
)


def decode_bis_dpl(content: bytes) -> list[ListEntry]:
    """Decode the list. Raises ListFileError with the row."""
    try:
        rows = list(
            csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""), delimiter="\t")
        )
    except csv.Error as fault:
        raise unfit(f"it is no table with tabs ({fault})") from fault
    entries: dict[str, ListEntry] = {}
    for number, row in enumerate(rows, start=2):
        said = {key: (row.get(key) or "").strip() for key in _HEADINGS}
        names = distinct([said["Name"]])
        if not names or None in row:
            raise unfit(f"row {number} has no name, or more fields than headings")
        digest = hashlib.blake2b("|".join(said.values()).encode(), digest_size=6).hexdigest()
        until = said["Expiration_Date"]
        entries[digest] = ListEntry(
            list_code="BIS-DPL",
            entry_id=digest,
            kind_code="organisation" if _is_firm(names[0]) else "person",
            names=names,
            country_codes=countries_of([said["Country"]]),
            programmes=(
                f"denied persons, from {said['Effective_Date']}" + (f" until {until}" if until else ""),
            ),
        )
    if not entries:
        raise unfit("it has no entries")
    return list(entries.values())


def _is_firm(name: str) -> bool:
    folded = name.casefold()
    return bool(extract_org_types(folded, _CASEFOLD, 0, True)) or not _OF_FIRMS.isdisjoint(folded.split())

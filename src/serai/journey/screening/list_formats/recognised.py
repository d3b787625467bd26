"""Which published form a list of denied parties is in: its first bytes say it, never its name."""

import re
from collections.abc import Callable
from typing import Final, Literal, get_args

from serai.journey.screening.list_entry import ListEntry, ListFileError
from serai.journey.screening.list_formats.bis_dpl import decode_bis_dpl
from serai.journey.screening.list_formats.eu_xml import decode_eu_xml
from serai.journey.screening.list_formats.follow_the_money import decode_follow_the_money
from serai.journey.screening.list_formats.ofac_advanced import decode_ofac_advanced
from serai.journey.screening.list_formats.ofac_csv import decode_ofac_csv
from serai.journey.screening.list_formats.ofac_xml import decode_ofac_xml
from serai.journey.screening.list_formats.plain_csv import decode_csv_list
from serai.journey.screening.list_formats.targets_csv import decode_targets_csv
from serai.journey.screening.list_formats.uk import decode_uk_csv, decode_uk_xml
from serai.journey.screening.list_formats.un_xml import decode_un_list
from serai.model.message_text import MessageText

ListFormat = Literal[
    "un-xml", "ofac-csv", "ofac-xml", "ofac-advanced", "eu-xml", "uk-csv", "uk-xml", "bis-dpl", "ftm",
    "targets-csv", "plain-csv",
]  # fmt: skip
LIST_FORMATS: Final[tuple[ListFormat, ...]] = get_args(ListFormat)
_READERS: Final[dict[ListFormat, Callable[[bytes], list[ListEntry]]]] = {
    "un-xml": decode_un_list,
    "ofac-csv": decode_ofac_csv,
    "ofac-xml": decode_ofac_xml,
    "ofac-advanced": decode_ofac_advanced,
    "eu-xml": decode_eu_xml,
    "uk-csv": decode_uk_csv,
    "uk-xml": decode_uk_xml,
    "bis-dpl": decode_bis_dpl,
}
# Forms that do not say which list they are: the file's name does.
_NAMED_READERS: Final[dict[ListFormat, Callable[[bytes, str], list[ListEntry]]]] = {
    "ftm": decode_follow_the_money,
    "targets-csv": decode_targets_csv,
    "plain-csv": decode_csv_list,
}
_ROOTS: Final[dict[str, ListFormat]] = {
    "CONSOLIDATED_LIST": "un-xml",
    "sdnList": "ofac-xml",
    "Sanctions": "ofac-advanced",
    "export": "eu-xml",
    "ArrayOfFinancialSanctionsTarget": "uk-xml",
    "Designations": "uk-xml",
}
_LOOKED_AT: Final = 8_192
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s>/]")
_SDN_ROW = re.compile(r'\s*\d+\s*,\s*"')


def decode_list(content: bytes, name: str, form: ListFormat | None = None) -> list[ListEntry]:
    """Read a list of denied parties. form: as given; None: as recognised.

    Raises ListFileError `list-file`, `list-format-unknown`.
    """
    found = form or recognise(content)
    if found in _READERS:
        return _READERS[found](content)
    return _NAMED_READERS[found](content, name)


def recognise(content: bytes) -> ListFormat:
    """Return the form that a list's first bytes say. Raises ListFileError `list-format-unknown`."""
    start = content[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")
    found: ListFormat | None
    if start[:2] == b"PK":
        found = "ofac-csv"
    elif start[:1] == b"<":
        # What comes before the root, such as a DOCTYPE, is refused by whoever reads it.
        root = _ROOT.search(start)
        found = _ROOTS.get(root[1].decode(), "un-xml") if root else "un-xml"
    elif start[:1] == b"{":
        found = "ftm"
    else:
        found = _recognise_table(start.decode("utf-8", "replace"))
    if found is None:
        raise ListFileError(
            "list-format-unknown",
            "Nothing in the file says which list it is.",
            MessageText("Say its format, one of: {listed}.", listed=", ".join(LIST_FORMATS)),
        )
    return found


def _recognise_table(text: str) -> ListFormat | None:
    lines = text.split("\n")
    heading = lines[0].replace('"', "").strip().lower()
    if "\t" in heading and "fr_citation" in heading:
        return "bis-dpl"
    columns = {one.strip() for one in heading.split(",")}
    if {"id", "schema", "name", "aliases"} <= columns:
        return "targets-csv"
    if {"entry_id", "name", "kind_code"} <= columns:
        return "plain-csv"
    if any("name 6" in line.lower() for line in lines[:4]):
        return "uk-csv"
    return "ofac-csv" if _SDN_ROW.match(text) else None

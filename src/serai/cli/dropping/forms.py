"""What a dropped file is: told by the folder it was put in, by how it begins, and by its name."""

import re
from typing import Final, Literal, get_args

import msgspec

from serai.client.exchanges import Kind
from serai.formats.csv_columns import CSV_KINDS
from serai.formats.packed import packing_of
from serai.formats.registry import FORMATS
from serai.formats.standard import detect_standard, read_head
from serai.formats.standards import BY_NAME
from serai.journey.messaging.registry import MESSAGE_EXCHANGES

Form = Literal["json", "ndjson", "csv", "xml", "edifact", "zip"]

KIND_FOLDERS: Final[dict[str, Kind]] = {f"{kind}s": kind for kind in get_args(Kind)}
"""Folders in `in/` for documents; what lies in `in/` itself is declarations."""

FOLDERS: Final = (*KIND_FOLDERS, *MESSAGE_EXCHANGES)
"""Every folder in `in/`."""

HEAD_BYTES: Final = 4_096
_SUFFIXES: Final[dict[str, Form]] = {
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".tsv": "csv",
    ".xml": "xml",
    ".zip": "zip",
}
_ANSWERED: Final = (*FORMATS.values(), *(BY_NAME[name] for name in MESSAGE_EXCHANGES))
"""What a file may say it is. What a form of ours reads goes to the route of the documents."""


class Dropped(msgspec.Struct, frozen=True):
    """What a file is. kind: of documents, in one of our forms; standard: else, by its name."""

    form: Form
    kind: Kind | None
    standard: str | None = None


def detect_form(folder: str, name: str, head: bytes) -> Dropped | None:
    """Return what a file is; None where nothing here takes it. folder: below `in/`; "" for `in/` itself."""
    if folder in MESSAGE_EXCHANGES:
        return Dropped("zip" if packing_of(head) == "zip" else "xml", None, folder)
    kind = KIND_FOLDERS.get(folder) if folder else "declaration"
    if kind is None:
        return None
    form = _form_of(name, head)
    if form == "zip":
        return Dropped(form, kind)
    if form in ("xml", "edifact") and kind == "declaration":
        told = detect_standard(read_head(head), _ANSWERED)
        if told is not None and told.exchange is not None:
            return Dropped(form, None, told.name)
        return Dropped(form, kind) if form == "xml" else None
    is_readable = form not in ("xml", "edifact") and (form != "csv" or kind in CSV_KINDS)
    return Dropped(form, kind) if is_readable else None


def _form_of(name: str, head: bytes) -> Form:
    # What it begins with counts first: an archive, XML or EDIFACT is one under any name.
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if packing_of(start) == "zip":
        return "zip"
    if start.startswith(b"<"):
        return "xml"
    if start.startswith((b"UNA", b"UNB")):
        return "edifact"
    known = next((form for suffix, form in _SUFFIXES.items() if name.lower().endswith(suffix)), None)
    if known is not None:
        return known
    if start.startswith(b"{"):
        return "ndjson" if re.search(rb"\}\s*\n\s*\{", start) else "json"
    return "csv"

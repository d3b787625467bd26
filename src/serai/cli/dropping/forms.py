"""What a dropped file is: told by the folder it was put in, by how it begins, and by its name."""

import re
from typing import Final, Literal, get_args

import msgspec

from serai.client.exchanges import Kind
from serai.formats.csv_rows import CSV_KINDS
from serai.formats.packed import packing_of
from serai.journey.clearance.conversations.registry import CONVERSATIONS

Form = Literal["json", "ndjson", "csv", "xml", "edifact", "zip"]

KIND_FOLDERS: Final[dict[str, Kind]] = {f"{kind}s": kind for kind in get_args(Kind)}
"""Folders in `in/` for documents; what lies in `in/` itself is consignments."""

FOLDERS: Final = (*KIND_FOLDERS, *CONVERSATIONS)
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
_ROOT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_EDIFACT: Final = re.compile(rb"UNH.[^+']*.(CUSCAR|IFCSUM)\b")
_STANDARD_OF_MESSAGE: Final = {b"CUSCAR": "cuscar", b"IFCSUM": "cardit"}
"""CARDIT is IFCSUM as posts use it; nobody else sends us one."""
_STANDARD_OF_ROOT: Final = (
    (re.compile(r"CEB\d{3}Message"), "ceb"),
    (re.compile(r"(CC3\d\d[A-Z]|IE3\w+)"), "ics"),
    (re.compile(r"ITMATT"), "itmatt"),
    (re.compile(r"CUSITM"), "cusitm"),
)


class Dropped(msgspec.Struct, frozen=True):
    """What a file is. kind: of documents, in one of our forms; standard: else, spoken by its name."""

    form: Form
    kind: Kind | None
    standard: str | None = None


def tell_form(folder: str, name: str, head: bytes) -> Dropped | None:
    """Return what a file is; None where nothing here takes it. folder: below `in/`; "" for `in/` itself."""
    if folder in CONVERSATIONS:
        return Dropped("zip" if packing_of(head) == "zip" else "xml", None, folder)
    kind = KIND_FOLDERS.get(folder) if folder else "consignment"
    if kind is None:
        return None
    form = _form_of(name, head)
    if form == "zip":
        return Dropped(form, kind)
    if form == "edifact":
        found = _EDIFACT.search(head)
        return (
            Dropped(form, None, _STANDARD_OF_MESSAGE[found[1]]) if found and kind == "consignment" else None
        )
    if form == "xml":
        standard = _standard_of(head)
        return Dropped(form, None if standard else kind, standard) if kind == "consignment" else None
    return None if form == "csv" and kind not in CSV_KINDS else Dropped(form, kind)


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


def _standard_of(head: bytes) -> str | None:
    found = _ROOT.search(head)
    root = found[1].decode() if found else ""
    return next((name for pattern, name in _STANDARD_OF_ROOT if pattern.fullmatch(root)), None)

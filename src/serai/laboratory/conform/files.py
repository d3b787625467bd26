"""Anybody's messages, checked by the standard they follow: what is valid, and which rule each fault is of."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from serai.formats.checkers import CHECKERS, StandardName
from serai.formats.epcis.tables import EVENT_CLASSES
from serai.formats.registry import FORMATS, FormatName
from serai.formats.xml_document import local_name, read_xml
from serai.laboratory.conform.outcomes import Outcome
from serai.laboratory.message_check.checked import check_content
from serai.law.book import LawBook
from serai.law.vague_words import VagueWords

VALID: Final = "valid"
_ROOTS: Final[dict[str, StandardName]] = {
    "Declaration": "cds",
    "MetaData": "cds",
    "EPCISDocument": "epcis",
    "EPCISQueryDocument": "epcis",
    **dict.fromkeys(EVENT_CLASSES, "epcis"),
    "CC313A": "ics",
    "CC315A": "ics",
}
_CEB_ROOT: Final = "CEB"
_POSTAL_ROOT: Final = "ArrayOfCDSView"
"""Of items that a post declares, and of the answers to them."""
_WIRE_NAMES: Final[dict[str, StandardName]] = {"IFCSUM": "cardit"}
"""Messages of UN/EDIFACT that a standard uses under a name of its own."""
_EPCIS_JSON: Final = re.compile(rb'"epcisBody"|"@context".{1,500}?/standards/epcis/', re.DOTALL)
_EDIFACT: Final = re.compile(rb"UNH.[^:+]*.([A-Z]{6})")
_LOOKED_AT_BYTES: Final = 1 << 16


def find_messages(path: Path) -> list[Path]:
    """Return the file, or every file below the folder by name; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    return [
        one
        for one in sorted(path.rglob("*"))
        if one.is_file() and not any(part.startswith(".") for part in one.relative_to(path).parts)
    ]


def choose_standard(path: Path, content: bytes, wanted: str | None) -> StandardName | FormatName | None:
    """Say by what a message is checked: what is wanted, a folder of that name, its name, what it says.

    path: from the folder that was named on.
    """
    if wanted is not None:
        return _known(wanted)
    named = (_known(part.name) for part in path.parents)
    begins = (name for name in CHECKERS if path.stem.lower().partition("-")[0] == name)
    said = _said(content)
    ends = (
        form.name for form in FORMATS.values() if form.suffix != ".xml" and path.name.endswith(form.suffix)
    )
    return next((one for one in (*named, *begins, said, *ends) if one is not None), None)


def _known(word: str) -> StandardName | FormatName | None:
    known: StandardName | FormatName
    for known in (*CHECKERS, *FORMATS):
        if known == word:
            return known
    return None


def _said(content: bytes) -> StandardName | FormatName | None:
    """Say what a message says it is: by its root, the type of its first EDIFACT message, what EPCIS's has."""
    begin = content[:_LOOKED_AT_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begin.startswith(b"<"):
        root, _ = read_xml(content)
        name = "" if root is None else local_name(root)
        if root is not None and name == _POSTAL_ROOT:
            return "cusitm" if root.find("{*}CDSView/{*}Response") is None else "cusrsp"
        return "ceb" if name.startswith(_CEB_ROOT) else _ROOTS.get(name) or _known(name.lower())
    edifact = _EDIFACT.search(begin) if begin.startswith((b"UNA", b"UNB")) else None
    if edifact is not None:
        name = edifact[1].decode()
        return _WIRE_NAMES.get(name) or _known(name.lower())
    return "epcis" if _EPCIS_JSON.search(begin) else None


def check_message(
    name: str,
    content: bytes,
    standard: StandardName | FormatName | None,
    *,
    book: LawBook,
    vague_words: VagueWords,
    at_ms: int,
) -> Iterator[Outcome]:
    """Check one file; give an outcome for each rule that it breaks, or one that says it is valid.

    name: of the file, as the report shows it. book: knows the territories. at_ms: now.
    """
    if standard is None:
        untold = "Neither its name nor its root says what it is: say --standard."
        yield Outcome("unknown", "standard", "Every message says what it is.", name, name, "failed", [untold])
        return
    faults: dict[str, list[str]] = {}
    sentences: dict[str, str] = {}
    for one in check_content(
        content, standard, kind=_kind(name, standard), book=book, vague_words=vague_words, at_ms=at_ms
    ).findings:
        if one.severity == "fault":
            where = f"line {one.line}, {one.pointer}" if one.line else one.pointer
            sentences.setdefault(one.code, one.message)
            faults.setdefault(one.code, []).append(f"{where}: {one.message} {one.remedy}")
    if not faults:
        yield Outcome(standard, VALID, "The message is valid.", name, name, "passed")
    for code, why in faults.items():
        yield Outcome(standard, code, sentences[code], name, name, "failed", why)


def _kind(name: str, standard: str) -> str:
    """Say what document of ours a file holds, by its name: JSON itself does not."""
    kinds = next((form.kinds for form in FORMATS.values() if form.name == standard), ())
    return next((kind for kind in kinds if kind in name.lower()), "consignment")

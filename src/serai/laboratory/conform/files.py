"""Anybody's messages, checked by the standard they follow: what is valid, and which rule each fault is of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from serai.formats.registry import FORMATS
from serai.formats.standard import detect_standard, read_head
from serai.formats.standards import BY_NAME, CHECKS
from serai.laboratory.conform.outcomes import Outcome
from serai.laboratory.message_check.checked import check_content
from serai.law.book import LawBook
from serai.law.vague_words import VagueWords

VALID: Final = "valid"


def find_messages(path: Path) -> list[Path]:
    """Return the file, or every file below the folder by name; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    return [
        one
        for one in sorted(path.rglob("*"))
        if one.is_file() and not any(part.startswith(".") for part in one.relative_to(path).parts)
    ]


def choose_standard(path: Path, content: bytes, wanted: str | None) -> str | None:
    """Say by what a message is checked: what is wanted, a folder of that name, its name, what it says.

    path: from the folder that was named on. None: nothing tells.
    """
    if wanted is not None:
        return wanted if wanted in BY_NAME else None
    named = (part.name for part in path.parents if part.name in BY_NAME)
    begins = (name for name in CHECKS if path.stem.lower().partition("-")[0] == name)
    told = detect_standard(read_head(content), (BY_NAME[name] for name in CHECKS))
    said = () if told is None else (told.name,)
    ends = (
        form.name for form in FORMATS.values() if form.suffix != ".xml" and path.name.endswith(form.suffix)
    )
    return next((name for names in (named, begins, said, ends) for name in names), None)


def check_message(
    name: str,
    content: bytes,
    standard: str | None,
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
            sentences.setdefault(one.code, one.sentence)
            faults.setdefault(one.code, []).append(f"{where}: {one.sentence} {one.remedy}")
    if not faults:
        yield Outcome(standard, VALID, "The message is valid.", name, name, "passed")
    for code, why in faults.items():
        yield Outcome(standard, code, sentences[code], name, name, "failed", why)


def _kind(name: str, standard: str) -> str:
    """Say what document of ours a file holds, by its name: JSON itself does not."""
    kinds = BY_NAME[standard].kinds if standard in BY_NAME else ()
    return next((kind for kind in kinds if kind in name.lower()), "declaration")

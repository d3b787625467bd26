"""Everything wrong with one message, said in words, with the line of the message it stands on."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import msgspec

from serai.formats.registry import FORMATS, FormatName
from serai.formats.rendered import Rendered
from serai.formats.standards import CHECKS
from serai.journey.finding_messages import RenderedFinding, sentence_of
from serai.journey.screening.lists import Lists
from serai.laboratory.check_file import check_file
from serai.laboratory.message_check.lines import line_finder
from serai.law.book import LawBook
from serai.law.vague_words import VagueWords
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

NAMES: Final = (*FORMATS, *CHECKS)
"""By what a message can be checked: forms of ours, then standards."""


class CheckedFinding(msgspec.Struct, frozen=True):
    """One finding, as everywhere, with its line: of the message as sent, from 1; 0 where nobody can say."""

    code: str
    pointer: str
    line: int
    severity: str
    sentence: str
    remedy: str
    parameters: dict[str, str] = {}
    law_reference: str | None = None


class CheckedMessage(msgspec.Struct, frozen=True):
    """What was found. valid: nothing keeps the message out."""

    standard: str
    valid: bool
    findings: list[CheckedFinding]


def check_content(
    content: bytes,
    name: str,
    *,
    kind: str,
    book: LawBook,
    vague_words: VagueWords,
    at_ms: int,
    edition: str | None = None,
    lists: Lists | None = None,
) -> CheckedMessage:
    """Check a message. name: of NAMES. kind: of document, for forms of ours. edition: of ics. lists: with
    them what may not be sent is told, too.

    Raises SeraiError `standard-unknown`, `kind-unknown`, `standard-edition-unknown`.
    """
    if (form := next((one for one in FORMATS if one == name), None)) is not None:
        found = list(_of_form(content, form, kind, (book, vague_words, lists), at_ms))
    else:
        found = list(_of_standard(content, name, edition))
    line_of = line_finder(content, name, [finding for _, finding, _ in found])
    findings = [
        CheckedFinding(
            finding.code,
            finding.pointer,
            first_line or line_of(finding),
            finding.severity,
            said.sentence,
            said.remedy,
            finding.parameters,
            finding.law_ref,
        )
        for first_line, finding, said in found
    ]
    return CheckedMessage(name, all(one.severity != "fault" for one in findings), findings)


_Found = Iterator[tuple[int, Finding, RenderedFinding | Rendered]]
"""Findings with the line where the form itself tells it, and what is said of them."""


def _of_standard(content: bytes, name: str, edition: str | None) -> _Found:
    check = CHECKS.get(name)
    if check is None:
        raise SeraiError(
            "standard-unknown",
            "Messages are not checked by this here.",
            MessageText("Say one of: {listed}.", listed=", ".join(NAMES)),
        )
    if edition is not None and edition not in check.editions:
        known = ", ".join(check.editions) or "none"
        raise SeraiError(
            "standard-edition-unknown",
            MessageText("There is no edition {edition} of {name}.", edition=edition, name=name),
            MessageText("Editions: {known}.", known=known),
        )
    for finding in check.find(content, **({"edition": edition} if edition else {})):
        yield 0, finding, sentence_of(finding)


def _of_form(
    content: bytes, form: FormatName, kind: str, law: tuple[LawBook, VagueWords, Lists | None], at_ms: int
) -> _Found:
    if kind not in FORMATS[form].kinds:
        known = ", ".join(FORMATS[form].kinds)
        raise SeraiError(
            "kind-unknown",
            MessageText("{form} carries no {kind}.", form=form, kind=kind),
            MessageText("Kinds are: {known}.", known=known),
        )
    book, vague_words, lists = law
    for batch in check_file(
        BytesIO(content), form, kind, book=book, vague_words=vague_words, at_ms=at_ms, lists=lists
    ):
        for checked in batch:
            for finding in checked.findings:
                yield checked.line if form == "ndjson" else 0, finding, sentence_of(finding)

"""A file of consignments explained as if each were accepted on a given day: nothing is stored, nothing else
is known of them.
"""

import datetime as dt
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from serai.explanation.consignment import explain_consignment
from serai.explanation.steps import Explanation
from serai.formats.decoded import Decoded
from serai.formats.json_lines import decode_lines
from serai.formats.registry import FormatName
from serai.journey.pipeline import Context, run_pipeline
from serai.journey.screening.lists import Lists
from serai.laboratory.decide_file import Block, read_blocks
from serai.laboratory.file_chunks import DECLARANT
from serai.law.book import LawBook
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding

_NOON = dt.time(12)
_NO_LISTS = Lists.empty()


def explain_file(
    file: BinaryIO,
    form: FormatName,
    *,
    accepted_on: dt.date,
    book: LawBook,
    lists: Lists = _NO_LISTS,
    reference: str | None = None,
    language: str = "en",
) -> Iterator[Explanation]:
    """Explain the consignments of a file, in order.

    accepted_on: the day (noon UTC) that takes the place of the document's acceptance. lists: those that
    parties and descriptions are looked for in. reference: only this
    one. Raises SeraiError: `document-faulty` (a consignment asked for cannot be accepted),
    `reference-unknown`, `language-unknown`.
    """
    is_found = reference is None
    for block in read_blocks(file, form):
        decoded = _decode(block)
        for document, findings in zip(decoded.documents, decoded.findings, strict=True):
            if document is None:
                if reference is None:
                    raise _faulty("", findings)
            elif reference in (None, document.reference):
                is_found = True
                yield explain_document(
                    document, accepted_on=accepted_on, book=book, lists=lists, language=language
                )
    if not is_found:
        raise SeraiError(
            "reference-unknown",
            f"No readable consignment has reference {reference}.",
            "Look at the file's references.",
        )


def explain_document(
    document: Consignment,
    *,
    accepted_on: dt.date,
    book: LawBook,
    lists: Lists = _NO_LISTS,
    language: str = "en",
) -> Explanation:
    """Explain one consignment as if it were accepted on a day, at noon UTC.

    Raises SeraiError `document-faulty`.
    """
    at = dt.datetime.combine(accepted_on, _NOON, dt.UTC)
    dated = msgspec.structs.replace(document, accepted_at=at.isoformat())
    at_ms = int(at.timestamp() * 1000)
    processed = run_pipeline([dated], [DECLARANT], at_ms, book, lists, context=Context.empty(1))
    if not len(processed.accepted_rows):
        raise _faulty(document.reference, processed.faults[0])
    explanation = explain_consignment(processed, 0, language=language)
    return msgspec.structs.replace(explanation, reference=document.reference)


def _decode(block: Block) -> Decoded[Consignment]:
    if block.decoded is not None:
        return block.decoded
    return decode_lines(block.content.splitlines(), Consignment)


def _faulty(reference: str, findings: list[Finding]) -> SeraiError:
    said = ", ".join(f"{finding.code} at {finding.pointer or '/'}" for finding in findings[:5])
    name = f"Consignment {reference}" if reference else "A consignment of the file"
    return SeraiError(
        "document-faulty",
        f"{name} cannot be accepted: {said}.",
        "Run `serai check` on the file for remedies.",
    )

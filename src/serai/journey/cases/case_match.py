"""What the documents of a case come to, in words."""

from collections.abc import Sequence
from typing import Any

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.case_records import store as case_store
from serai.journey.case_records.answers import MatchOut, PossibleMatchOut
from serai.journey.case_records.documents import is_readable
from serai.journey.case_records.message_catalogue import read_words
from serai.journey.differences.findings import without_figures
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.finding_messages import sentence_of
from serai.journey.visibility.open_case import OpenCase
from serai.model.findings import Finding
from serai.model.frames import MATCH_VERDICTS

_SAID = msgspec.json.Decoder(list[Finding])
_PPM = 1_000_000
_SUPPORTING_DOCUMENTS = ("order", "payment", "transport-document")
_COMPARED = ("declaration", *_SUPPORTING_DOCUMENTS)


def may_compare(case: OpenCase, documents: Sequence[case_store.CaseDocumentRow]) -> bool:
    """Say whether a viewer may read every document that was compared, and so may know the figures."""
    return all(
        is_readable(case, row)
        for row in documents
        if row.is_confirmed and row.stands and DOCUMENT_KINDS[row.kind - 1] in _COMPARED
    )


def match_out(row: case_store.CaseMatchRow, language: str, *, shows_figures: bool) -> MatchOut:
    """Return verdict, score and differences as a viewer reads them."""
    said = _SAID.decode(row.said)
    verdict = MATCH_VERDICTS[row.verdict]
    return MatchOut(
        verdict=verdict,
        says=read_words(language).verdicts[verdict],
        score=_score(row.score_ppm),
        matched_at=row.matched_at,
        differences=[_render(one, language) for one in (said if shows_figures else without_figures(said))],
        awaited=[_render(Finding(code, ""), language) for code in row.awaited],
    )


def _render(finding: Finding, language: str) -> dict[str, Any]:
    """Return what is said about a difference: code, pointer, sentence, remedy."""
    said = sentence_of(finding, language)
    return {
        "code": finding.code,
        "pointer": finding.pointer,
        "sentence": said.sentence,
        "remedy": said.remedy,
        "language": said.language,
    }


def has_supporting_documents(documents: Sequence[case_store.CaseDocumentRow]) -> bool:
    """Say whether anything counts beside declarations: what was taken back is matched with nothing."""
    return any(
        row.is_confirmed and DOCUMENT_KINDS[row.kind - 1] in _SUPPORTING_DOCUMENTS for row in documents
    )


def possible_match_out(row: case_store.PossibleMatchRow) -> PossibleMatchOut:
    """Return another case that may be the same."""
    return PossibleMatchOut(
        case_id=format_id(row.case_id),
        document_id=format_id(row.document_id),
        score=_score(row.score_ppm),
        found_at=row.found_at,
    )


def _score(score_ppm: int) -> str:
    return f"{score_ppm // _PPM}.{score_ppm % _PPM:06d}"

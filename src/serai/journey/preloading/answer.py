"""What is answered before loading, in words of the wire."""

import msgspec

from serai.model.findings import FindingOut


class PreloadingOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is answered before loading. kind: pre-loading. outcome: one of `screen.preloading_rules.OUTCOMES`.

    answer_by: until when an answer is awaited; then the goods are not to be loaded without a word from us.
    words: an officer's. is_by_officer: made by a person, not by the system.
    """

    decision_id: str
    kind: str
    outcome: str
    reference: str
    house_document: str
    decided_at: str
    reasons: list[FindingOut] = []
    words: str = ""
    answer_by: str | None = None
    is_by_officer: bool = False
    supersedes: str | None = None


class PreloadingForOfficer(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment with what is for officers alone: entries of lists whose name somebody bears."""

    assessment: PreloadingOut
    hits: list[str]


class PreloadingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Assessments that wait for somebody, oldest first. next_after: there are more behind it."""

    assessments: list[PreloadingForOfficer]
    next_after: str | None = None

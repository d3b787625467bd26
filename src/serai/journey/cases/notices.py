"""Notices as they are read again: each decision's own texts, in the words in which they were served."""

from collections.abc import Iterable, Mapping, Sequence

from serai.foundation.id_text import format_id
from serai.journey.case_records.answers import NoticeOut, NoticeTextOut
from serai.journey.decision.answer import DecisionOut
from serai.journey.finding_messages import fill_text
from serai.journey.texts.catalogue import Text, format_version
from serai.journey.texts.notices import Notice
from serai.model.findings import Finding, FindingOut


def notices_of(
    notices: Sequence[Notice],
    texts: Mapping[int, Sequence[Text]],
    decisions: Mapping[int, DecisionOut],
    *,
    names_parties: bool,
) -> list[NoticeOut]:
    """Return notices, one for each decision of a case that they speak of, oldest first.

    texts: by version. decisions: of the case, by id; what a notice says of another case is left out.
    """
    return [
        NoticeOut(
            notice_id=format_id(one.notice_id),
            decision_id=format_id(decision_id),
            at=one.served_at,
            means=one.means,
            audience=one.audience,
            language=one.language,
            texts=_texts_about(
                decisions[decision_id],
                [text for version in one.text_versions for text in texts.get(version, ())],
            ),
            standard=one.standard,
            event_kind=one.event_kind,
            party_id=format_id(one.party_id) if names_parties else None,
        )
        for one in notices
        for decision_id in one.decision_ids
        if decision_id in decisions
    ]


def _texts_about(decision: DecisionOut, texts: Sequence[Text]) -> list[NoticeTextOut]:
    """Return those of a notice's texts that are about one decision: its status, its reasons, its findings."""
    of_items = (reason for item in decision.goods_items for reason in item.reasons)
    named = {one.code for one in (*decision.reasons, *of_items)}
    shown: list[NoticeTextOut] = []
    for text in texts:
        findings = [one for one in decision.findings if one.code == text.code]
        if text.code in named or text.code.endswith(f"/{decision.status}"):
            shown.append(_text_out(text, text.sentence, text.remedy, None))
        shown += _filled(text, findings)
    return sorted(shown, key=lambda one: (one.code, one.pointer or ""))


def _filled(text: Text, findings: Iterable[FindingOut]) -> list[NoticeTextOut]:
    made = []
    for one in findings:
        said = fill_text(text, Finding(one.code, one.pointer, "advice", one.parameters))
        made.append(_text_out(text, said.sentence, said.remedy, one.pointer))
    return made


def _text_out(text: Text, sentence: str, remedy: str, pointer: str | None) -> NoticeTextOut:
    return NoticeTextOut(
        code=text.code,
        version=format_version(text.version),
        language=text.language,
        sentence=sentence,
        remedy=remedy,
        appeal=text.appeal,
        pointer=pointer,
    )

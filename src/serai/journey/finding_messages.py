"""Sentences for findings, from the `messages/` of the rooms: looked up when somebody reads, never before."""

from functools import cache
from importlib.resources import files

import msgspec

from serai.formats.standards import CHECKS
from serai.journey.decision.message_catalogue import Sentence, decode_sentences
from serai.journey.differences.findings import PART_MARK
from serai.model.findings import Finding, FindingOut

_ROOMS = ("validation", "differences", "screening", "decision", "revenue", "release", "revenue.returns")


class RenderedFinding(msgspec.Struct, frozen=True):
    """What is wrong, what to do, and where to appeal, if anywhere."""

    sentence: str
    remedy: str
    appeal: str | None = None


def sentence_of(finding: Finding, language: str = "en") -> RenderedFinding:
    """Return the sentence and remedy of a finding, its parameters in their places.

    In English where a room has no catalogue of that language or the code does not stand in it. Codes of a
    standard are said as the standard says them.
    """
    text = _texts(language).get(finding.code)
    if text is None:
        return _said_by_standard(finding) or RenderedFinding(
            f"Finding {finding.code}.", "See the reference of findings."
        )
    parameters = _Parameters(finding.parameters)
    if "{has}" in text.sentence:
        parts = parameters.get("value", "").split(PART_MARK)
        parameters |= zip(("value", "has", "expected"), parts, strict=False)
    # A hint is shown only where the finding has what it speaks of.
    hint = _filled(text.hint, finding.parameters) if text.hint else ""
    grace = " ".join(words.format_map(parameters) for name, words in _GRACE.items() if name in parameters)
    sentence = " ".join(filter(None, (text.sentence.format_map(parameters), hint, grace)))
    return RenderedFinding(sentence, text.remedy.format_map(parameters), text.appeal)


def finding_out(finding: Finding, language: str = "en") -> FindingOut:
    """Return a finding in words."""
    said = sentence_of(finding, language)
    return FindingOut(
        finding.code,
        finding.pointer,
        finding.severity,
        finding.parameters,
        finding.law_ref,
        sentence=said.sentence,
        remedy=said.remedy,
        appeal=said.appeal,
    )


def _said_by_standard(finding: Finding) -> RenderedFinding | None:
    for check in CHECKS.values():
        rendered = check.render(finding) if check.render else None
        if rendered is not None:
            return RenderedFinding(rendered.sentence, rendered.remedy)
    return None


_GRACE = {
    "fault_from": "From {fault_from} on it keeps a message out.",
    "fault_since": "Since {fault_since} it keeps a message out.",
}
"""What is added where a rule of messages gets stricter by a day (`advise/message_rules.yaml`)."""


class _Parameters(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"({name.replace('_', ' ')} not stated)"


def _filled(hint: str, parameters: dict[str, str]) -> str:
    try:
        return hint.format_map(parameters)
    except KeyError:
        return ""


@cache
def _texts(language: str) -> dict[str, Sentence]:
    texts: dict[str, Sentence] = {} if language == "en" else dict(_texts("en"))
    for room in _ROOMS:
        file = files(f"serai.journey.{room}") / "messages" / f"{language}.yaml"
        if file.is_file():
            texts |= decode_sentences(file.read_bytes())
    return texts

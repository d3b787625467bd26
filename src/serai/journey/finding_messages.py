"""Sentences for findings, from the `messages/` of the rooms: looked up when somebody reads, never before."""

import msgspec

from serai.formats.standards import CHECKS
from serai.journey.differences.findings import PART_MARK
from serai.journey.texts.catalogue import Text, find_text
from serai.model.findings import Finding, FindingOut
from serai.model.languages import DEFAULT_LANGUAGE, isolate


class RenderedFinding(msgspec.Struct, frozen=True):
    """What is wrong, what to do, and where to appeal, if anywhere; language: in which that is said."""

    sentence: str
    remedy: str
    appeal: str | None = None
    language: str = DEFAULT_LANGUAGE


def sentence_of(finding: Finding, language: str = DEFAULT_LANGUAGE) -> RenderedFinding:
    """Return the sentence and remedy of a finding, its parameters in their places.

    In English where a room has no catalogue of that language or the code does not stand in it. Codes of a
    standard are said as the standard says them.
    """
    text = _catalogued(finding, language)
    if text is None:
        return _say_standard(finding) or RenderedFinding(
            f"Finding {finding.code}.", "See the reference of findings."
        )
    return fill_text(text, finding)


def fill_text(text: Text, finding: Finding) -> RenderedFinding:
    """Return a text about a finding, its parameters in their places."""
    parameters = _Parameters(finding.parameters)
    if "{has}" in text.sentence:
        parts = parameters.get("value", "").split(PART_MARK)
        parameters |= zip(("value", "has", "expected"), parts, strict=False)
    for name, value in parameters.items():
        parameters[name] = isolate(value, text.language)
    # A hint is shown only where the finding has what it speaks of.
    hint = _filled(text.hint, finding.parameters) if text.hint else ""
    grace = text.grace.format_map(parameters) if text.grace else ""
    sentence = " ".join(filter(None, (text.sentence.format_map(parameters), hint, grace)))
    return RenderedFinding(sentence, text.remedy.format_map(parameters), text.appeal, text.language)


def finding_out(finding: Finding, language: str | None) -> FindingOut:
    """Return a finding as it is answered. language: of sentence, remedy and appeal; None: without, and
    nothing is looked up."""
    plain = FindingOut(finding.code, finding.pointer, finding.severity, finding.parameters, finding.law_ref)
    if language is None:
        return plain
    said = sentence_of(finding, language)
    return msgspec.structs.replace(
        plain, sentence=said.sentence, remedy=said.remedy, appeal=said.appeal, language=said.language
    )


def text_of_finding(finding: Finding, language: str) -> Text:
    """Return the text in which a finding is said: of the catalogue; of a standard's own code what the
    standard says of this finding."""
    text = _catalogued(finding, language)
    if text is not None:
        return text
    said = sentence_of(finding, language)
    return Text(finding.code, "public", DEFAULT_LANGUAGE, _literal(said.sentence), _literal(said.remedy))


def _catalogued(finding: Finding, language: str) -> Text | None:
    text = find_text(finding.code, language)
    if text is not None and text.without_figures and not finding.parameters:
        text = msgspec.structs.replace(text, sentence=text.without_figures)
    grace = " ".join(words for name, words in _GRACE.items() if name in finding.parameters)
    return msgspec.structs.replace(text, grace=grace) if text is not None and grace else text


def _literal(words: str) -> str:
    """Return words as a text in which nothing stands for a parameter."""
    return words.replace("{", "{{").replace("}", "}}")


def _say_standard(finding: Finding) -> RenderedFinding | None:
    """Return what a standard says of a code of its own; None: the code is nobody's."""
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

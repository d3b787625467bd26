"""`ceb_words.yaml`: status and words of an outcome in CEB answers; findings in their reader's language."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec

from serai.foundation.http.negotiation import choose_language
from serai.journey.decision.rendered_reasons import Rendered
from serai.journey.documents.submission import REFUSALS, Answer
from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding

LANGUAGES = ("zh", "en")
"""The first one is that of the systems which read these answers."""

INFO_CHARACTERS_MAX = 1_000
"""Of returnInfo."""


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Status and words of an outcome."""

    status: str
    zh: str
    en: str

    def words(self, language: str) -> str:
        """Return the words in one of LANGUAGES."""
        return self.zh if language == "zh" else self.en


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    valid_from: dt.date
    outcomes: dict[str, Outcome]
    problems: dict[str, str]


def outcome(name: str) -> Outcome:
    """Return an outcome by its name in the file."""
    return _words().outcomes[name]


def language_of(accept_language: str) -> str:
    """Return the language of answers for an Accept-Language header."""
    return choose_language(accept_language, LANGUAGES)


def info_of(one: Outcome, answer: Answer, reasons: Sequence[Rendered], language: str) -> str:
    """Return the text of an answer: what became of the document and why, then each fault or remark."""
    parts = [with_reasons(one, reasons, language)]
    if answer.problem_code:
        parts.append(_problem(answer, language))
    parts += [_said(finding, language) for finding in answer.findings]
    return cut(" ".join(parts))


def with_reasons(one: Outcome, reasons: Sequence[Rendered], language: str) -> str:
    """Return the words of an outcome and the reasons of the decision, in the words of the law pack."""
    return cut(" ".join([one.words(language), *(_reason(reason) for reason in reasons)]))


def faults_of(one: Outcome, findings: Sequence[Finding], language: str) -> str:
    """Return the text of an answer to a message that could not be read."""
    return " ".join([one.words(language), *(_said(finding, language) for finding in findings)])


def cut(text: str) -> str:
    """Shorten a text to what returnInfo holds."""
    return text if len(text) <= INFO_CHARACTERS_MAX else f"{text[: INFO_CHARACTERS_MAX - 1]}…"


def _reason(reason: Rendered) -> str:
    remedy = f" {reason.remedy}" if reason.remedy else ""
    return f"[{reason.code}] {reason.sentence}{remedy}"


def _problem(answer: Answer, language: str) -> str:
    chinese = _words().problems.get(answer.problem_code)
    if language == "zh" and chinese is not None:
        return f"[{answer.problem_code}] {chinese}"
    if answer.problem is not None:
        return f"[{answer.problem_code}] {answer.problem.message} {answer.problem.next_step}"
    return f"[{answer.problem_code}] {' '.join(REFUSALS[answer.problem_code])}"


def _said(finding: Finding, language: str) -> str:
    said = sentence_of(finding, language)
    place = f" ({finding.pointer})" if finding.pointer else ""
    return f"[{finding.code}]{place} {said.sentence} {said.remedy}"


@cache
def _words() -> _Words:
    content = files("serai.journey.messaging").joinpath("ceb_words.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=_Words)

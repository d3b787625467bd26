"""The form of one measure on many cases: what is chosen, what each case states, the order that it sends."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from serai.foundation.http.problem_texts import text_in
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.bulk.api import BulkAct
from serai.journey.acts.bulk.service import BulkDone, BulkDrawn, is_taken_in_bulk
from serai.journey.measure_rules.measure_law import PARAMETERS, shipped_measure_rules
from serai.journey.texts.catalogue import find_text
from serai.model.acts import LESSENING, MEASURE_REASON, MEASURES, SECURING

KINDS: Final = tuple(
    one
    for one in MEASURES
    if is_taken_in_bulk(one) and not PARAMETERS.get(one) and one not in SECURING | LESSENING
)
"""Measures that many cases may get at once: those that need nothing beside a reason."""
FACT, HEARD = "fact-", "heard-"
"""What the names of fields of one case begin with; its number follows."""
_FIELDS: Final = {"hearing": "hearing", "exception": "exception_code"}


class CaseRow(msgspec.Struct, frozen=True):
    """A case of the form. fact: what was found in it, in words. heard: `hearing NUMBER`, `exception CODE` or
    "". hearings: numbers of its hearings about the measure."""

    case_id: str
    decision_id: str
    reference: str
    fact: str
    heard: str
    hearings: list[str]


class SampleRow(msgspec.Struct, frozen=True):
    """A case of the sample, and whether it was opened."""

    case_id: str
    reference: str
    is_opened: bool


class ResultRow(msgspec.Struct, frozen=True):
    """What became of a case. says: why it was not done, and what to do; "": it was done."""

    case_id: str
    reference: str
    says: str


class BulkPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. rule: id of the open reason; reason: its words. back: the queue's query.
    limit: on how many cases the reader may act at once; found_count: how many the filter lets through, None
    where cases were selected one by one; left_out: references of those that were chosen and do not count,
    changed: of those that were changed since. choices: measures, each with codes and words of its reasons.
    given: by field. needs_facts: each case states its own. drawn: the sample, once it is drawn. results: once
    it was confirmed."""

    rule: str
    reason: str
    back: str
    limit: int
    found_count: int | None = None
    cases: list[CaseRow]
    left_out: list[str] = []
    changed: list[str] = []
    choices: dict[str, list[tuple[str, str]]]
    exceptions: list[str] = []
    given: dict[str, str]
    needs_facts: bool = False
    drawn: BulkDrawn | None = None
    sample: list[SampleRow] = []
    results: list[ResultRow] | None = None
    faults: list[dict[str, str]] = []

    @property
    def lines(self) -> str:
        """What the form carries of its cases: number, and decision that was read."""
        return " ".join(f"{one.case_id}:{one.decision_id}" for one in self.cases)


def read_lines(text: str) -> list[tuple[int, int]]:
    """Read what `BulkPage.lines` wrote. Raises SeraiError `not-found`."""
    pairs = [one.partition(":")[::2] for one in text.split()]
    return [(parse_id(case), parse_id(decision)) for case, decision in pairs]


def choices_in(language: str) -> dict[str, list[tuple[str, str]]]:
    """Return the measures that may be chosen, each with the code and words of its reasons."""
    rules, found = shipped_measure_rules(), {}
    for kind in KINDS:
        codes = rules.measure(kind).reasons
        texts = [(code, find_text(f"{MEASURE_REASON}{code}", language)) for code in codes]
        found[kind] = [(code, code if text is None else text.sentence) for code, text in texts]
    return found


def kind_of(given: Mapping[str, str]) -> str:
    """Return the measure that is chosen; "": none of those that may be."""
    kind = given.get("what", "").partition(" ")[0]
    return kind if kind in KINDS else ""


def is_adverse(kind: str) -> bool:
    """Say whether each case states its own facts."""
    return bool(kind) and shipped_measure_rules().measure(kind).is_adverse


def rows_of(
    lines: Sequence[tuple[int, int]],
    references: Mapping[int, str],
    given: Mapping[str, str],
    hearings: Mapping[int, Sequence[str]],
) -> list[CaseRow]:
    """Return the cases of the form with what was stated of each. lines: case, and decision that was read."""
    found = []
    for case, decision in lines:
        case_id = format_id(case)
        fact, heard = given.get(f"{FACT}{case_id}", ""), given.get(f"{HEARD}{case_id}", "")
        reference, own = references.get(case, case_id), list(hearings.get(case, ()))
        found.append(CaseRow(case_id, format_id(decision), reference, fact, heard, own))
    return found


def read_bulk(page: BulkPage) -> BulkAct:
    """Return what the form orders. Raises msgspec.ValidationError where the API would refuse its fields."""
    kind, _, code = page.given.get("what", "").partition(" ")
    cases = []
    for one in page.cases:
        stated = {"case_id": one.case_id, "expected_decision_id": one.decision_id}
        if page.needs_facts:
            how, _, which = one.heard.partition(" ")
            stated["reason"] = one.fact
            if how in _FIELDS:
                stated[_FIELDS[how]] = which
        cases.append(stated)
    once = {name: page.given.get(name, "") for name in ("reference", "reason")}
    return msgspec.convert(
        {**once, "kind": kind, "reason_code": code, "rule_id": page.rule, "cases": cases}, BulkAct
    )


def unfit_fact(cases: Sequence[CaseRow]) -> str:
    """Return the field of the first case whose facts are not stated, or are another's, too."""
    seen: set[str] = set()
    for one in cases:
        fact = one.fact.strip()
        if not fact or fact in seen:
            return f"{FACT}{one.case_id}"
        seen.add(fact)
    return "bulk"


def results_of(done: BulkDone, cases: Sequence[CaseRow], language: str) -> list[ResultRow]:
    """Return what became of each case, those that were not done first."""
    references = {one.case_id: one.reference for one in cases}
    rows = [
        ResultRow(
            one.case_id,
            references.get(one.case_id, one.case_id),
            f"{text_in(one.message or '', language)} {text_in(one.next_step or '', language)}".strip(),
        )
        for one in done.results
    ]
    return sorted(rows, key=lambda one: not one.says)

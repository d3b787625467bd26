"""For each regime: what a case's goods are quoted at is what they are then charged, and the quote binds."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from serai.foundation.clock import FixedClock
from serai.foundation.metrics import Metrics
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.consignments.rows import Row
from serai.journey.documents.submission import Sender
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Context, run_pipeline
from serai.journey.quotes.promises import terms_of
from serai.journey.quotes.question import Answered, Question
from serai.journey.quotes.request import DECODER, complete
from serai.journey.quotes.service import QuoteService
from serai.journey.recording.decision_json import build_decisions
from serai.journey.recording.quote_facts import assessed_sums, surroundings_of
from serai.journey.revenue.quote_agreement import hold_against
from serai.journey.revenue.quote_difference import quoted_sums
from serai.journey.screening.lists import build_lists
from serai.laboratory.worked_examples.case_file import Case, own_cases, read_cases
from serai.laboratory.worked_examples.documents import document_of_case
from serai.laboratory.worked_examples.laws import book_of_law, law_of_case
from serai.law.goods_kinds import no_goods_kinds
from serai.law.vague_words import no_vague_words

NOT_KNOWN = frozenset({"IN-2026"})
"""Regimes with a figure that nobody found, so that none of their cases can be quoted in full."""
FILES = read_law_files(find_shipped("laws"))


@cache
def cases_by_regime() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for content in own_cases(FILES):
        for case in read_cases(content):
            found.setdefault(case["regime"], []).append(case)
    return found


@pytest.mark.parametrize("regime", sorted(cases_by_regime()))
def test_what_is_quoted_is_what_is_charged_and_the_quote_binds(regime: str) -> None:
    """The first case of the regime whose goods can be quoted and declared in full."""
    tried = []
    for case in cases_by_regime()[regime]:
        found = _quote_and_declare(case)
        if isinstance(found, str):
            tried.append(f"{case['id']}: {found}")
            continue
        quoted, declared, agreement, sums = found
        assert quoted == declared, case["id"]
        assert agreement.binds, (case["id"], agreement.failed)
        assert sums[0] == sums[1], case["id"]
        return
    assert regime in NOT_KNOWN, tried
    pytest.skip(f"no case of {regime} can be quoted: {tried[0]}")


def _quote_and_declare(case: Case) -> Any:
    """Quote a case's goods, then declare them; a text where that cannot be compared."""
    law = law_of_case(case, FILES)
    if law is None:
        return "no law"
    book = book_of_law(law)
    document = document_of_case(case, law.time_zone)
    at = dt.datetime.fromisoformat(document.accepted_at or "").astimezone(dt.UTC)
    state = LawState(0, (), book, build_lists([], no_vague_words(), no_goods_kinds()))
    service = QuoteService(lambda: state, FixedClock(at), Metrics())
    request = DECODER.decode(msgspec.json.encode(document))
    (answer,) = service.answer_all([Question(*complete(request, at, "en"), "en")], at)
    if not isinstance(answer, Answered):
        return ", ".join(f"{one.code} {one.pointer}" for one in getattr(answer, "faults", ()))
    if not answer.quote.is_complete:
        return ", ".join(one.code for one in answer.quote.missing)
    nothing = np.zeros(1, dtype=np.int64)
    context = replace(Context.empty(1), allowance_used=nothing, same_day_value=nothing)
    processed = run_pipeline(
        [document], ["filer"], int(at.timestamp() * 1000), book, state.lists, context=context
    )
    if not len(processed.accepted_rows):
        return "not accepted"
    (decision,) = build_decisions(
        [Row(document, Sender(1, frozenset()), 1, 1, 1, 1)],
        processed,
        state,
        [""],
        kind="pre-arrival",
        decided_at="",
    )
    terms = terms_of(answer, 0, 0)
    left = {line.sequence_number: Fraction(line.quantity) for line in terms.lines}
    agreement = hold_against(terms, left, document, surroundings_of(processed, 0, document))
    quoted = [answer.quote.charges, *(one.charges for one in answer.quote.goods_items)]
    declared = [decision.charges, *(one.charges for one in decision.goods_items)]
    return quoted, declared, agreement, (quoted_sums(terms, {}, left), assessed_sums(processed, 0))

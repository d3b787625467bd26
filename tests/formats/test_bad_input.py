"""The issue's list of bad input for each form and standard: a clear finding each, never silence."""

from typing import Any

import pytest

from serai.formats.decoded import limit_findings
from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding
from tools.campaign.bad_input import TAKEN, Case, Form, cases_of, first_code, forms

FORMS = list(forms())
SMALL = [(form, case) for form in FORMS for case in cases_of(form.kind) if not case.is_large]
LARGE = [(form, case) for form in FORMS for case in cases_of(form.kind) if case.is_large]


def _name(one: Any) -> str:
    return one.name if isinstance(one, Form | Case) else str(one)


@pytest.mark.parametrize("form", FORMS, ids=_name)
def test_the_sample_that_is_spoilt_is_sound(form: Form) -> None:
    assert [one for one in form.find(form.sample) if one.severity == "fault"] == []


@pytest.mark.parametrize(("form", "case"), SMALL, ids=_name)
def test_a_bad_message_is_told_and_one_that_is_only_odd_is_taken(form: Form, case: Case) -> None:
    code = first_code(form, case)

    assert case.is_harmless or code != TAKEN
    found = form.find(case.spoil(form.sample))
    assert len(found) <= 201
    assert all(not sentence_of(one).sentence.startswith("Finding ") for one in found)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "case"), LARGE, ids=_name)
def test_a_million_of_nothing_is_answered(form: Form, case: Case) -> None:
    assert case.is_harmless or first_code(form, case) != TAKEN


def test_much_advice_is_no_fault() -> None:
    advice = [Finding("unread-element", f"/{number}", "advice") for number in range(300)]

    assert limit_findings(advice)[-1].severity == "advice"
    assert limit_findings([*advice, Finding("missing-field", "")])[-1].severity == "fault"

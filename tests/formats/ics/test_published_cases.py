"""The published cases of the standard, each of them; and the page that tells of them."""

from functools import cache
from pathlib import Path

import pytest

from tests.beside import needs
from tools.ics_report import REFERENCE, Case, build_page, is_as_expected, read_cases

pytestmark = needs(REFERENCE)
PAGE = Path(__file__).parents[3] / "docs/reference/formats/ics.md"


@cache
def _cases() -> list[Case]:
    return list(read_cases(REFERENCE))


@pytest.mark.in_turn
@pytest.mark.parametrize("kind", ["rule", "schema"])
def test_every_case_gets_the_expected_numbers_at_the_expected_places(kind: str) -> None:
    cases = [case for case in _cases() if case.kind == kind]

    unequal = [case.id for case in cases if not is_as_expected(case)]

    assert len(cases) == {"rule": 3674, "schema": 158}[kind]
    assert unequal == []


def test_the_editions_differ_so_the_wrong_one_is_noticed() -> None:
    case = next(case for case in _cases() if {one.get("number") for one in case.expect} == {"8117"})
    assert case.edition == "old"

    from_the_other = Case(case.id, case.message, "new", case.kind, case.expect, case.xml)

    assert is_as_expected(case)
    assert not is_as_expected(from_the_other)


@pytest.mark.slow
def test_the_page_tells_what_the_checker_says_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == build_page(REFERENCE)

"""Why somebody may not be erased yet, and until when."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.erasure.grounds import WORDS, Facts, find_ground
from serai.journey.retention.lawful_periods import lawful_end, may_go_before, shipped_periods
from serai.model.code_lists import COUNTRY_CODES

AT = datetime(2026, 7, 3, tzinfo=UTC)


def facts(**changes: Any) -> Facts:
    usual: dict[str, Any] = {
        "holds": [],
        "is_open": False,
        "owes": False,
        "has_task": False,
        "last_at": {"declaration": AT},
    }
    return Facts(**{**usual, **changes})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"holds": ["appeal"], "is_open": True}, "held"),
        ({"is_open": True, "owes": True}, "open-case"),
        ({"owes": True, "has_task": True}, "open-debt"),
        ({"has_task": True}, "open-enquiry"),
        ({}, "lawful-retention"),
    ],
)
def test_grounds_are_told_in_their_order(change: dict[str, Any], code: str) -> None:
    found = find_ground(facts(**change), shipped_periods(), "IE", AT)

    assert found is not None
    assert found.code == code
    assert found.code in WORDS
    assert (found.until is not None) == (code == "lawful-retention"), "nobody can date the others"


@pytest.mark.parametrize(
    ("country_code", "end"),
    [
        ("IE", datetime(2030, 1, 1, tzinfo=UTC)),
        ("GB", datetime(2030, 7, 3, tzinfo=UTC)),
        ("US", datetime(2031, 7, 3, tzinfo=UTC)),
    ],
)
def test_nothing_forbids_it_from_the_instant_at_which_the_law_ends(country_code: str, end: datetime) -> None:
    found = find_ground(facts(), shipped_periods(), country_code, AT)

    assert found is not None
    assert found.until == end
    assert found.source
    assert find_ground(facts(), shipped_periods(), country_code, end) is None
    assert find_ground(facts(), shipped_periods(), "XX", AT) is None, "no law is known"


@pytest.mark.parametrize("country_code", ["IE", "GB", "US"])
def test_cases_go_and_people_may_be_erased_at_the_same_instant(country_code: str) -> None:
    end = lawful_end(shipped_periods(), country_code, "declaration", AT)

    assert end is not None
    limit = may_go_before(shipped_periods(), country_code, end.at)
    assert limit is not None
    assert limit <= end.at
    assert limit >= AT


def test_every_row_of_the_table_names_kinds_and_countries_that_there_are() -> None:
    for one in shipped_periods():
        assert set(one.kinds) <= set(DOCUMENT_KINDS)
        assert set(one.country_codes) <= set(COUNTRY_CODES), one.source
        assert one.kept_years > 0
        assert one.valid_to is None or one.valid_from < one.valid_to

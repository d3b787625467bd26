"""No name that was given up for the field's own comes back; the check finds them where they would stand."""

import pytest

from tools.names.check import GivenUp, Named, find_names_given_up, parts_of, says

DESK = GivenUp("desk", "service", ("identifier", "file", "route"), but=("src/serai/formats",))
HELPS = GivenUp("What helps", "What to do", ("phrase",))


def test_no_name_says_a_word_that_was_given_up() -> None:
    assert find_names_given_up() == []


@pytest.mark.parametrize(
    ("named", "is_found"),
    [
        (Named("identifier", "QuoteDesk", "src/serai/a.py:1"), True),
        (Named("identifier", "_quote_desk_of", "src/serai/a.py:1"), True),
        (Named("identifier", "desktop", "src/serai/a.py:1"), False),
        (Named("identifier", "desk", "src/serai/formats/b.py:1"), False),
        (Named("route", "/v1/desk/{number}", "routes"), True),
        (Named("setting", "desk.size", "settings"), False),
    ],
)
def test_a_word_is_found_as_a_part_of_a_name_and_where_it_was_given_up(named: Named, is_found: bool) -> None:
    assert says(named, DESK) is is_found


def test_a_phrase_is_found_whole_and_in_any_case() -> None:
    assert says(Named("phrase", "See what helps here", "a.html:1"), HELPS)
    assert not says(Named("phrase", "What helpers do", "a.html:1"), HELPS)


def test_names_are_cut_at_signs_and_capitals() -> None:
    assert parts_of("_FilingDoor2_of-late") == ("filing", "door2", "of", "late")

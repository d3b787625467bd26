"""Numbers in forms that meet though they were written otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from serai.journey.matching.numbers import number_forms


def test_a_number_without_case_hyphens_and_leading_zeros_is_plain() -> None:
    assert number_forms("lp-12345678 5cn")[1] == number_forms("LP123456785CN")[1]
    assert number_forms("00114-7654321")[1] == number_forms("1147654321")[1]


def test_swapped_signs_and_halves_meet_and_short_numbers_do_not() -> None:
    one, other, neighbour = (number_forms(text) for text in ("EC20260012", "EC02260012", "EC20260013"))

    assert one[2] == other[2] != neighbour[2]
    assert one[3] == neighbour[3]
    assert one[4] == other[4] != neighbour[4]
    assert number_forms("1234")[2:] == ("", "", "")


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=70))
def test_any_reference_has_forms(text: str) -> None:
    assert number_forms(text)[0] == text

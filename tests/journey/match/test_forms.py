"""Names and numbers in forms that meet though they were written otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.match.names import NAME_TOKENS_COUNT_MAX, name_tokens
from serai.journey.match.numbers import number_forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller, José", "JOSE MUELLER"),
        ("Юлия Иванова", "Ivanova Yuliya"),
        ("محمد خان", "Mohammed Khan"),
        ("李小明", "Li Xiaoming"),
        ("Łukasz Wiśniewski", "Wisniewski Lukasz"),
        ("O'Brien, Seán", "Sean OBrien"),
        ("Dr. Jean-Pierre Lefèvre", "LEFEVRE JEAN-PIERRE"),
        ("Γεώργιος Παπαδόπουλος", "Georgios Papadopoulos"),
    ],
)
def test_a_name_in_another_order_script_or_spelling_gives_the_same_tokens(one: str, other: str) -> None:
    assert name_tokens(one) == name_tokens(other) != ()


@pytest.mark.parametrize(("one", "other"), [("Anna Smith", "Emma Smith"), ("Wei Zhang", "Jing Wang")])
def test_other_people_do_not(one: str, other: str) -> None:
    assert name_tokens(one) != name_tokens(other)


@given(st.text(max_size=300))
def test_any_text_gives_few_sorted_tokens(text: str) -> None:
    tokens = name_tokens(text)

    assert len(tokens) <= NAME_TOKENS_COUNT_MAX
    assert list(tokens) == sorted(set(tokens))


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

"""Names are compared by their letters: accents, punctuation, case and order make no difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.model.names.normalised import normalise_name, normalise_names, sort_words, sorted_names


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("Müller-Łoś, José", "muller los jose"),
        ("  ANNA   maria\tKowalska ", "anna maria kowalska"),
        ("O'Brien & Sons (Ltd.)", "o brien sons ltd"),
        ("Straße", "strasse"),
        ("\uff26\uff55\uff4c\uff4c\u3000\uff57idth", "full width"),
        ("Владимир Ильин", "владимир ильин"),
        ("محمّد عليّ", "محمد علي"),
        ("林海贸易有限公司", "林海贸易有限公司"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("--", ""),
    ],
)
def test_what_a_name_becomes(name: str, normalised: str) -> None:
    assert normalise_name(name) == normalised


def test_accents_and_order_make_no_difference() -> None:
    assert sort_words(normalise_name("DÜRER, Zoltán")) == sort_words(normalise_name("zoltan durer"))


@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
def test_in_bulk_names_become_what_they_become_singly(names: list[str]) -> None:
    assert normalise_names(names) == [normalise_name(name) for name in names]
    assert sorted_names(names) == [sort_words(normalise_name(name)) for name in names]


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=127), max_size=40), min_size=1, max_size=20))
def test_in_bulk_plain_names_become_what_they_become_singly(names: list[str]) -> None:
    assert normalise_names(names) == [normalise_name(name) for name in names]
    assert sorted_names(names) == [sort_words(normalise_name(name)) for name in names]


@given(st.text(max_size=60))
def test_a_normalised_name_stays_as_it_is(name: str) -> None:
    once = normalise_name(name)

    assert normalise_name(once) == once

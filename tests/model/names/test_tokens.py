"""A name gives the same tokens however it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.model.names.tokens import NAME_TOKENS_COUNT_MAX, name_tokens


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

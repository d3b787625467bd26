"""Creditor references of ISO 11649: made, read as people write them, found in free words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from serai.foundation.id_text import format_id
from serai.model.creditor_reference import (
    content_of,
    find_references,
    format_reference,
    is_wrong_reference,
    make_reference,
    read_reference,
)
from serai.model.errors import SeraiError

CONTENTS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21)


def test_the_published_example() -> None:
    # ISO 11649:2009, as the Wikipedia page and python-stdnum cite it.
    assert make_reference("539007547034") == "RF18539007547034"
    assert read_reference("rf18 5390-0754 7034") == "RF18539007547034"
    assert format_reference("RF18539007547034") == "RF18 5390 0754 7034"
    assert read_reference("RF17539007547034") is None
    assert is_wrong_reference("RF17 5390 0754 7034")
    assert not is_wrong_reference("INV-2026-17")


@given(CONTENTS)
def test_what_is_made_is_sound_and_read_back(content: str) -> None:
    reference = make_reference(content)

    assert iso11649.is_valid(reference)
    assert read_reference(format_reference(reference).lower()) == reference
    assert content_of(reference) == content


@given(CONTENTS, st.data())
def test_every_wrong_digit_and_every_swap_is_seen(content: str, data: st.DataObject) -> None:
    reference = make_reference(content)
    place = data.draw(st.integers(4, len(reference) - 1))
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != reference[place]]))
    if reference[place].isdigit():
        assert read_reference(reference[:place] + other + reference[place + 1 :]) is None
    digits = [at for at in range(4, len(reference) - 1) if reference[at : at + 2].isdigit()]
    for at in digits:
        swapped = reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :]
        assert swapped == reference or read_reference(swapped) is None


def test_our_ids_fit() -> None:
    for number in (0, 1, 2**63 - 1):
        assert content_of(make_reference(format_id(number))) == format_id(number).replace("-", "")


@pytest.mark.parametrize("content", ["", "A" * 22, "Ä", "A+B", "١٢"])
def test_what_makes_no_reference_is_refused(content: str) -> None:
    with pytest.raises(SeraiError) as refused:
        make_reference(content)

    assert refused.value.code == "no-creditor-reference"


def test_references_are_found_in_free_words() -> None:
    reference, other = make_reference("0APSK7Z204000"), make_reference("539007547034")

    assert find_references([f"duty {format_reference(reference)} thank you 12"]) == [reference]
    assert find_references([f"{reference}/{other}."]) == [reference, other]
    # The bank broke the line within the reference.
    assert find_references([f"duty {reference[:9]}", f"{reference[9:]} thanks"]) == [reference]
    assert find_references(["nothing", "RF00 0000", ""]) == []
    assert find_references([re.sub("K", "X", reference)]) == []


def test_long_noise_costs_little() -> None:
    assert find_references(["RF18 " * 2000] * 50) == []

"""What names an erased person goes out of free text; goods, codes and others' words stay."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.journey.documents.erased_words import (
    MARK,
    erase_words,
    find_same_person,
    is_same_message,
    name_person,
)

PERSON = {
    "name": "Zebulon Quixwood-Cotton",
    "country_code": "IE",
    "street": "9 Quixwood Lane",
    "phone": "+353 1 555 12345",
    "email": "zeb@quixwood.example",
    "tax_number": "IE1234567T",
}
NAMED = name_person([msgspec.json.encode(PERSON)], {"cotton", "lane"})


def left_of(text: str) -> str:
    found = erase_words(msgspec.json.encode({"description": text}), NAMED)
    return text if found is None else msgspec.json.decode(found)["description"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("cotton T-shirt for Zebulon Quixwood", f"cotton T-shirt for {MARK} {MARK}"),
        ("QUIXWOOD's mug", f"{MARK}'s mug"),
        ("Zébulon, Quíxwood", f"{MARK}, {MARK}"),
        ("to Quixwood Cotton", f"to {MARK} {MARK}"),
        ("cotton bag", "cotton bag"),
        ("call 00353 (1) 555-12345", f"call 00{MARK}"),
        ("write zeb@quixwood.example", f"write {MARK}"),
        ("VAT IE 1234567 T", f"VAT {MARK}"),
        ("for 9  quixwood lane", f"for {MARK}"),
        ("teapot", "teapot"),
    ],
)
def test_words_that_name_the_person_go_and_goods_stay(text: str, left: str) -> None:
    assert left_of(text) == left


def test_codes_and_references_stay_as_they_are() -> None:
    message = msgspec.json.encode({"reference": "QUIXWOOD-1", "origin_country_code": "Quixwood"})

    assert erase_words(message, NAMED) is None


def test_a_repeat_is_known_by_what_is_left_and_a_change_beside_it_is_seen() -> None:
    sent = {"description": "T-shirt for Zebulon Quixwood", "remarks": ["by Quixwood"], "quantity": "1"}
    held = erase_words(msgspec.json.encode(sent), NAMED)
    assert held is not None

    assert is_same_message(held, msgspec.json.encode(sent))
    changes: list[dict[str, Any]] = [{"quantity": "2"}, {"remarks": []}, {"x": 1}]
    for change in [*changes, {"description": "Mug for Zebulon Quixwood"}]:
        assert not is_same_message(held, msgspec.json.encode({**sent, **change})), change


@given(st.text(), st.text())
def test_whatever_is_erased_its_own_text_fits_what_is_left(before: str, after: str) -> None:
    message = msgspec.json.encode({"description": f"{before} Quixwood {after}"})
    held = erase_words(message, NAMED)

    assert held is not None
    assert is_same_message(held, message)
    assert b"quixwood" not in held.lower()


def test_one_person_is_known_by_name_number_or_address_of_mail() -> None:
    def person(**fields: str) -> bytes:
        return msgspec.json.encode({"country_code": "IE", **fields})

    def is_same_person(one: bytes, other: bytes) -> bool:
        return find_same_person([other, one], [1]) == [0, 1]

    one = person(name="Zebulon Quixwood", email="z@example.org", identity_number="77")
    assert is_same_person(one, person(name="QUIXWOOD, Zébulon"))
    assert is_same_person(one, person(name="Z. Q.", email="Z@example.org"))
    assert is_same_person(one, person(name="Other", identity_number="77"))
    assert not is_same_person(one, person(name="Zebulon Quix", phone="77"))
    assert not is_same_person(person(), person())


def test_records_of_one_person_are_found_from_one_to_the_next_however_many_there_are() -> None:
    def person(phone: str, email: str) -> bytes:
        return msgspec.json.encode({"country_code": "IE", "phone": phone, "email": email})

    chain = [person(f"+{place}", f"{place // 2 * 2}@example.org") for place in range(6)]
    joint = person("+1", "4@example.org")
    many = [person("+353", f"{place}@example.net") for place in range(20_000)]

    assert find_same_person(chain, [1]) == [0, 1]
    assert find_same_person([*chain, joint], [0]) == [0, 1, 4, 5, 6]
    assert find_same_person([*chain, *many], [len(chain)]) == list(range(6, 20_006))
    assert find_same_person(chain, []) == []

"""Numbers that check themselves: worked examples, numbers collected elsewhere, and batch against single."""

import csv
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, iso6346

from serai.model.check_digits import (
    KINDS,
    find_check_digit,
    right_check_digit,
    verify_number,
    verify_numbers,
)
from tests.beside import SHARED, needs

CODES = SHARED / "reference" / "codes"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("s10", "RR473124829GB"),  # the worked example of UPU S10
        ("gtin", "96385074"),
        ("gtin", "614141000036"),
        ("gtin", "4006381333931"),
        ("gtin", "10614141999993"),
        ("sscc", "106141411234567897"),  # the worked example of GS1's EPC standard
        ("air-waybill", "020-1234 5675"),
        ("container", "CSQU 305438 3"),  # the worked example of ISO 6346
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("tax-number", "DE136695976"),
        ("tax-number", "GB 980 7806 84"),
    ],
)
def test_examples_of_the_standards_are_sound_and_another_last_digit_is_wrong(kind: str, number: str) -> None:
    place = 10 if kind == "s10" else len(number) - 1
    others = [number[:place] + d + number[place + 1 :] for d in "0123456789" if d != number[place]]

    assert verify_number(kind, number) == "sound"
    if KINDS[kind].library is None:
        assert {verify_number(kind, other) for other in others} == {"wrong"}
        assert {right_check_digit(kind, other) for other in others} == {number[place]}
    else:
        assert verify_number(kind, others[-1]) == "wrong"


def test_the_finding_names_the_digit_that_would_be_right() -> None:
    found = find_check_digit("s10", "RR123456789CN", "/house_document")

    assert found is not None
    assert (found.code, found.severity) == ("postal-number-check", "fault")
    assert found.parameters == {"value": "5", "number": "RR123456789CN"}
    assert find_check_digit("s10", "RR123456785CN", "/house_document") is None
    assert find_check_digit("s10", "INVENTED-POST-77", "/house_document") is None


def test_a_number_of_a_person_is_never_repeated() -> None:
    found = find_check_digit("iban", "GB82WEST12345698765431", "/iban")

    assert found is not None
    assert found.parameters == {}
    assert find_check_digit("tax-number", "DE136695975", "/seller/tax_number").parameters == {}  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(text=st.text(max_size=40))
def test_no_text_breaks_a_kind(kind: str, text: str) -> None:
    assert verify_number(kind, text) in {"sound", "wrong", "shapeless"}


def _number_of(kind: str) -> st.SearchStrategy[str]:
    signs = {"A": "ABXZ", "U": "UJZR", "9": "0123456789", "C": "0123456789"}
    forms = [st.tuples(*(st.sampled_from(signs[s]) for s in form)) for form in KINDS[kind].forms]
    return st.one_of(forms).map("".join)


@pytest.mark.in_turn
@pytest.mark.parametrize("kind", [kind for kind, known in KINDS.items() if known.forms])
@given(data=st.data())
def test_a_column_says_what_each_number_alone_would(kind: str, data: Any) -> None:
    numbers = data.draw(st.lists(st.one_of(st.none(), st.text(max_size=15), _number_of(kind)), max_size=20))

    verified = verify_numbers(kind, numbers)

    single = ["shapeless" if number is None else verify_number(kind, number) for number in numbers]
    assert verified.is_shaped.tolist() == [one != "shapeless" for one in single]
    assert verified.is_wrong.tolist() == [one == "wrong" for one in single]


@pytest.mark.parametrize("kind", ["iban", "tax-number"])
def test_a_column_of_a_librarys_kind_too(kind: str) -> None:
    sound = {"iban": "GB82WEST12345698765432", "tax-number": "DE136695976"}[kind]

    verified = verify_numbers(kind, [sound, None, sound[:-1] + "0", "shop-7"])

    assert verified.is_shaped.tolist() == [True, False, True, False]
    assert verified.is_wrong.tolist() == [False, False, True, False]


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_product_numbers_agree_with_python_stdnum(count: int, data: Any) -> None:
    digits = data.draw(st.text("0123456789", min_size=count, max_size=count))

    assert right_check_digit("gtin", f"{digits}0") == ean.calc_check_digit(digits)


@given(st.from_regex(r"\A[A-Z]{3}[UJZR][0-9]{6}\Z"))
def test_container_numbers_agree_with_python_stdnum(signs: str) -> None:
    assert right_check_digit("container", f"{signs}0") == iso6346.calc_check_digit(signs)


@given(st.integers(0, 9_999_999))
def test_an_air_waybill_ends_on_the_rest_of_its_serial_number_by_seven(serial: int) -> None:
    assert right_check_digit("air-waybill", f"176-{serial:07d}9") == str(serial % 7)


@needs(CODES)
def test_postal_numbers_agree_with_numbers_collected_elsewhere() -> None:
    with (CODES / "tracking_numbers.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["courier"] == "s10"]
    collected = json.loads((CODES / "s10" / "s10.json").read_bytes())["tracking_numbers"][0]["test_numbers"]
    bare = ["".join(number.split()) for number in collected["valid"]]

    assert rows
    # Of those labelled invalid one names a country that does not exist: no matter of its check digit.
    assert all(verify_number("s10", row["number"]) == "sound" for row in rows if row["label"] == "valid")
    assert verify_number("s10", collected["invalid"][0]) == "wrong"
    assert not verify_numbers("s10", bare).is_wrong.any()
    assert verify_numbers("s10", bare).is_shaped.all()

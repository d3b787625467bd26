"""A record is held against its shape: order, number, form of texts; each fault once, whatever else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.formats.xml_shape import UNLIMITED, Form, Held, Step, form_fault, number_fault

STEPS = {
    name: Step(name, place, least, most)
    for place, (name, least, most) in enumerate([("id", 1, 1), ("line", 0, 3), ("note", 0, UNLIMITED)])
}


def faults_of(names: list[str]) -> list[str]:
    """Hold a record and say what is wrong, each with the number of the element."""
    held, found = Held(STEPS), []
    for number, name in enumerate(names, start=1):
        step, count = held.take(name)
        if step is None:
            found.append(f"{number} unknown")
            continue
        before, fault = held.order_fault(step), number_fault(step, count)
        found += [f"{number} behind {before.name}"] if before else []
        found += [f"{number} {fault[0]}"] if fault else []
    return [*found, *(f"{step.name} missing" for step in held.missing())]


@pytest.mark.parametrize(
    ("names", "faults"),
    [
        (["id"], []),
        (["id", "line", "line", "line", "note", "note"], []),
        ([], ["id missing"]),
        (["line", "id"], ["2 behind line"]),
        (["id", "note", "line", "line"], ["3 behind note", "4 behind note"]),
        (["id", "id", "id"], ["2 repeated-field"]),
        (["id", *["line"] * 5], ["5 too-many"]),
        (["ID"], ["1 unknown", "id missing"]),
    ],
)
def test_order_and_number_are_told_where_they_break(names: list[str], faults: list[str]) -> None:
    assert faults_of(names) == faults


@given(st.lists(st.sampled_from(["id", "line", "note"]), max_size=12))
def test_nothing_is_told_of_just_those_records_that_the_shape_allows(names: list[str]) -> None:
    allowed = re.fullmatch("i(l{0,3})(n*)", "".join(name[0] for name in names))

    assert (faults_of(names) == []) == (allowed is not None)


def test_a_name_that_differs_in_capitals_is_meant() -> None:
    assert Held(STEPS).near("NOTE") == {"did_you_mean": "note"}
    assert Held(STEPS).near("notes") == {}


_LETTERS = ((re.compile("[A-Z]*"), "letters A to Z"),)


@pytest.mark.parametrize(
    ("text", "form", "fault"),
    [
        ("", Form(characters_min=1), "too-short"),
        ("ab", Form(characters_max=1), "too-long"),
        ("  a   b ", Form(characters_max=3, is_collapsed=True), None),
        ("  a   b ", Form(characters_max=3), "too-long"),
        ("x", Form(values=frozenset("ab")), "other-value"),
        ("a1", Form(patterns=_LETTERS), "characters"),
        ("AB", Form(patterns=_LETTERS), None),
        ("b", Form(fixed="a"), "fixed-value"),
        (" 1.50 ", Form("decimal", digits_max=2, decimals_max=1), None),
        ("1.55", Form("decimal", digits_max=3, decimals_max=1), "too-many-digits"),
        ("0012", Form("decimal", digits_max=2, decimals_max=0), None),
        ("1,5", Form("decimal"), "not-a-decimal"),
        ("\u0661", Form("decimal"), "not-a-decimal"),
        ("1.0", Form("whole"), "wrong-type"),
        ("+01", Form("decimal", fixed="1.0"), None),
        ("-1", Form("decimal", fixed="1"), "fixed-value"),
        ("-0", Form("decimal", fixed="0"), None),
    ],
)
def test_a_text_has_its_form(text: str, form: Form, fault: str | None) -> None:
    found = form_fault(text, form)

    assert (found[0] if found else None) == fault

"""What is wrong with a form is said in plain words, in the reader's language, at its field."""

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from serai.foundation.http.form_faults import form_fault
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

LABELS = {"reason": "Reason", "verdict": "Decision", "codes": "Codes", "country": "Country"}
NOTHING, UNFIT = "This must be filled in or chosen.", "This is empty, or not written as asked for."


class _Form(msgspec.Struct):
    reason: Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[^\x00]+$")]
    verdict: Literal["yes", "no"] = "yes"
    count: int = 0
    codes: list[Annotated[str, Meta(pattern="^[0-9]{6,14}$")]] = []
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "FR"
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")] = "control"
    marks: Annotated[list[Annotated[str, Meta(min_length=10)]], Meta(max_length=2)] = []


def fault_of(**given: object) -> msgspec.ValidationError:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(given, _Form)
    return raised.value


@pytest.mark.parametrize(
    ("given", "field", "label"),
    [
        ({"reason": ""}, "reason", "Reason"),
        ({"reason": "x", "verdict": ""}, "verdict", "Decision"),
        ({}, "reason", "Reason"),
    ],
)
def test_what_was_left_empty_is_asked_for_where_it_is_missing(
    given: dict[str, object], field: str, label: str
) -> None:
    told = form_fault(fault_of(**given), "en", "form", LABELS)

    assert told == {"text": f"{label}: {NOTHING}", "href": f"#{field}"}


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"reason": "x" * 21}, "reason", "Reason: Too long: the number of characters must be at most 20."),
        ({"reason": "\0"}, "reason", f"Reason: {UNFIT}"),
        ({"codes": ["610910", "T-shirt"]}, "codes", f"Codes: {UNFIT} Write 6 to 14 digits alone."),
        ({"country": "France"}, "country", f"Country: {UNFIT} Write capital letters alone, 2 of them."),
        ({"reason_code": "A b"}, "form", f"{UNFIT} Write small letters, digits and hyphens alone."),
        ({"marks": ["short"]}, "form", "Too short: the number of characters must be at least 10."),
    ],
)
def test_what_is_written_otherwise_is_said_with_how_to_write_it(
    given: dict[str, object], field: str, text: str
) -> None:
    told = form_fault(fault_of(**{"reason": "x"} | given), "en", "form", LABELS)

    assert told == {"text": text, "href": f"#{field}"}


@pytest.mark.parametrize(
    "given",
    [
        {"reason": "\0"},
        {"reason": "x", "count": "many"},
        {"reason": ""},
        {"reason": "x", "country": "?"},
        {"reason": "x", "verdict": "perhaps"},
    ],
)
@pytest.mark.parametrize("language", ["ar", "en", "es", "fr", "pt", "ru", "sw", "zh"])
def test_no_fault_is_said_in_the_words_of_a_library(given: dict[str, object], language: str) -> None:
    told = form_fault(fault_of(**given), language, "form", LABELS)["text"]
    in_english = form_fault(fault_of(**given), "en", "form", LABELS)["text"]

    assert told
    assert (told == in_english) is (language == "en")
    for word in ("Expected", "$", "`", "^"):
        assert word not in told


def test_an_error_is_said_as_everywhere() -> None:
    error = SeraiError("x", MessageText("A proof has at most {mib_max} megabytes.", mib_max=5), "")

    told = form_fault(error, "en", "document", {"document": "Document"})
    assert told == {"text": "A proof has at most 5 megabytes.", "href": "#document"}
    assert form_fault(error, "fr", "document")["text"] != told["text"]

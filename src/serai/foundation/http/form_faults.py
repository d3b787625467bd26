"""What is wrong with a form that was sent, as its page says it: plain words in the reader's language."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from serai.foundation.http.decoding_faults import fault_of_decoding
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_MISSING: Final = re.compile(r"Object missing required field `([^`]*)`")
_NOTHING: Final = re.compile(
    r"Expected `(?:str|array)` of length >= 1(?!\d)|Object missing required field|Invalid enum value ''"
)
_NOT_FILLED_IN: Final = translatable("This must be filled in or chosen.")
_OTHERWISE_WRITTEN: Final = re.compile(r"Expected `str` matching regex ")
_NOT_AS_ASKED: Final = translatable("This is empty, or not written as asked for.")
_WRITE: Final = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"'\^\[0-9\]\{(?P<low>\d+),(?P<high>\d+)\}\$'", translatable("Write {low} to {high} digits alone.")),
        (r"'\^\[A-Z\]\{(?P<count>\d+)\}\$'", translatable("Write capital letters alone, {count} of them.")),
        (r"'\^\[a-z\]\[a-z0-9-\]\{", translatable("Write small letters, digits and hyphens alone.")),
    )
)
"""What matches a pattern, which itself is no language. Of the others the hint at the field says it."""


def form_fault(
    fault: SeraiError | msgspec.ValidationError,
    language: str,
    place: str,
    labels: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return a fault of a form as a summary of faults shows it: its text, and where that leads.

    labels: what the page calls its fields, in English, by name, which is their id too. place: the id to which
    a fault leads that is of none of them.
    """
    if isinstance(fault, SeraiError):
        return {"text": error_text(fault, language), "href": f"#{place}"}
    said = str(fault)
    field, text = _field_of(said), _text_of(said, language)
    if labels is None or field not in labels:
        return {"text": text, "href": f"#{place}"}
    return {"text": f"{text_in(labels[field], language)}: {text}", "href": f"#{field}"}


def _text_of(said: str, language: str) -> str:
    if _NOTHING.match(said):
        return text_in(_NOT_FILLED_IN, language)
    if _OTHERWISE_WRITTEN.match(said):
        sentence, remedy = _NOT_AS_ASKED, _how_to_write(said)
    else:
        read = fault_of_decoding(said)
        sentence, remedy = read.sentence, read.remedy
    return f"{text_in(sentence, language)} {text_in(remedy, language)}".strip()


def _how_to_write(said: str) -> str:
    for pattern, template in _WRITE:
        if found := pattern.search(said):
            return MessageText(template, **{name: int(count) for name, count in found.groupdict().items()})
    return ""


def _field_of(said: str) -> str:
    """Return the name of the field that a fault is about, of a list's entry that of the list; "": of none."""
    if missing := _MISSING.match(said):
        return missing[1]
    steps = fault_of_decoding(said).pointer.split("/")
    return next((one for one in reversed(steps) if not one.isdigit() and one != "..."), "")

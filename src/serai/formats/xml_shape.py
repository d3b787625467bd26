"""The shape of a record: which elements stand in it, in what order, how often, in what form their texts are.

One engine for all standards that say so of their messages in tables of their own. It finds what is wrong; in
which words a standard tells of it, and at which place, is the standard's.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, Generic, Literal, TypeVar

import msgspec

UNLIMITED: Final = 1_000_000_000

_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_BLANKS: Final = " \t\r\n"
_DIGITS_MAX: Final = 40

FormFault = Literal[
    "too-short",
    "too-long",
    "wrong-type",
    "not-a-decimal",
    "too-many-digits",
    "fixed-value",
    "other-value",
    "characters",
]
"""What may be wrong with a text. characters: it has others than its form allows."""


class Form(msgspec.Struct, frozen=True):
    """The form of a text.

    kind: of text, or a decimal or whole number, around which white space says nothing. characters_min,
    characters_max: of a text. digits_max: of a number in all; decimals_max: behind its point. is_collapsed:
    white space counts as one blank, and not at the ends. fixed: the only text allowed. values: nothing else
    is allowed. patterns: each has to fit the whole text; with what it allows, in words.
    """

    kind: Literal["text", "decimal", "whole"] = "text"
    characters_min: int = 0
    characters_max: int = UNLIMITED
    digits_max: int = UNLIMITED
    decimals_max: int = UNLIMITED
    is_collapsed: bool = False
    fixed: str | None = None
    values: frozenset[str] = frozenset()
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()


def form_fault(text: str, form: Form) -> tuple[FormFault, dict[str, str]] | None:
    """Return what is wrong with a text and the parameters that tell it; None: it has the form."""
    if form.kind != "text":
        return _number_fault(text.strip(_BLANKS), form)
    if form.fixed is not None:
        return None if text == form.fixed else ("fixed-value", {"expected": form.fixed})
    if form.is_collapsed:
        text = collapsed(text)
    if len(text) < form.characters_min:
        return "too-short", {"characters_min": str(form.characters_min)}
    if len(text) > form.characters_max:
        return "too-long", {"characters_max": str(form.characters_max)}
    if form.values and text not in form.values:
        return "other-value", {"expected": ", ".join(sorted(form.values))}
    allowed = next((said for pattern, said in form.patterns if not pattern.fullmatch(text)), None)
    return None if allowed is None else ("characters", {"allowed": allowed})


def _number_fault(text: str, form: Form) -> tuple[FormFault, dict[str, str]] | None:
    pattern = _WHOLE if form.kind == "whole" else _DECIMAL
    if form.fixed is not None:
        is_same = pattern.fullmatch(text) is not None and _parts(text) == _parts(form.fixed)
        return None if is_same else ("fixed-value", {"expected": form.fixed})
    if pattern.fullmatch(text) is None:
        return ("wrong-type", {"expected": "whole number"}) if form.kind == "whole" else ("not-a-decimal", {})
    _, whole, decimals = _parts(text)
    if len(whole) + len(decimals) > form.digits_max or len(decimals) > form.decimals_max:
        bounds = {"digits_max": str(form.digits_max), "decimals_max": str(form.decimals_max)}
        return "too-many-digits", bounds
    return None


def _parts(number: str) -> tuple[bool, str, str]:
    """Return whether a number is negative, and its digits before and behind the point that say something."""
    whole, _, decimals = number.lstrip("+-").partition(".")
    whole, decimals = whole.lstrip("0"), decimals.rstrip("0")
    return number.startswith("-") and bool(whole or decimals), whole, decimals


def decimal_of(text: str) -> Decimal | None:
    """Read a number as XML writes it; None: it is none (as NaN, Infinity, 1E9), or it has too many digits."""
    text = text.strip(_BLANKS)
    if _DECIMAL.fullmatch(text) is None:
        return None
    is_negative, whole, decimals = _parts(text)
    if len(whole) + len(decimals) > _DIGITS_MAX:
        return None
    return Decimal(f"{'-' if is_negative else ''}{whole or 0}.{decimals}")


def whole_of(text: str) -> int | None:
    """Read a whole number as XML writes it; None: it is none, or has more digits than any that counts."""
    number = decimal_of(text) if _WHOLE.fullmatch(text.strip(_BLANKS)) else None
    return None if number is None else int(number)


def collapsed(text: str) -> str:
    """Give a text with white space as xs:token has it: none at the ends, single blanks within."""
    return _SPACES.sub(" ", text).strip(" ")


class Step(msgspec.Struct, frozen=True):
    """One element of a record. place: in its order, from 0. least, most: how often it stands there."""

    name: str
    place: int
    least: int
    most: int


StepT = TypeVar("StepT", bound=Step)


class Held(Generic[StepT]):
    """A record held against its steps, an element at a time.

    Time and space grow with the number of elements, however many of them are wrong.
    """

    __slots__ = ("_counts", "_reached", "_steps")

    def __init__(self, steps: Mapping[str, StepT]) -> None:
        """Begin a record. steps: by what elements are told by, such as their names."""
        self._steps = steps
        self._counts: dict[str, int] = {}
        self._reached: StepT | None = None

    def step(self, key: str) -> StepT | None:
        """Return the step of a key; None: the record has none."""
        return self._steps.get(key)

    def near(self, name: str) -> dict[str, str]:
        """Return what a name that no step has may have meant: one that differs in capital letters alone."""
        lowered = name.lower()
        near = next((step.name for step in self._steps.values() if step.name.lower() == lowered), None)
        return {"did_you_mean": near} if near else {}

    def take(self, key: str) -> tuple[StepT | None, int]:
        """Take the next element. Returns its step, or None, and its number among its like."""
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        return self._steps.get(key), count

    def count(self, key: str) -> int:
        """Say how many of a key were taken."""
        return self._counts.get(key, 0)

    def order_fault(self, step: StepT) -> StepT | None:
        """Return the step behind which this one, taken now, may not stand; None: it stands where it may."""
        if self._reached is not None and step.place < self._reached.place:
            return self._reached
        self._reached = step
        return None

    def missing(self) -> Iterator[StepT]:
        """Give the steps of which there were too few, when all elements have been taken."""
        counts = self._counts
        return (step for key, step in self._steps.items() if counts.get(key, 0) < step.least)


NumberFault = Literal["repeated-field", "too-many"]


def number_fault(step: Step, count: int) -> tuple[NumberFault, dict[str, str]] | None:
    """Return what is wrong with the number of an element taken: told once, of the first that is too many."""
    if count != step.most + 1:
        return None
    if step.most == 1:
        return "repeated-field", {"field": step.name}
    return "too-many", {"count_max": str(step.most)}

"""Numbers that check themselves: which digit would be right, and which of a column are wrong.

What a kind of number looks like and how its digit is computed stands in `check_digits.yaml`. A number of
another shape is nobody's fault here: a post or a shop may use numbers of its own.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np
from stdnum import iban
from stdnum.eu import vat as vat_of_union
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.gb import vat as vat_of_kingdom

from serai.model.columns import Flags, Int64s
from serai.model.findings import Finding, Severity

Verdict = Literal["sound", "wrong", "shapeless"]
"""wrong: the shape is that of the kind, the check digit is another one."""


class NumberKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One kind of number, as its line in `check_digits.yaml` says."""

    title: str
    code: str
    severity: Severity
    source: str
    is_named: bool = False
    forms: tuple[str, ...] = ()
    weights: tuple[tuple[int, ...], ...] = ()
    digits: str = ""
    library: Literal["iban", "vat"] | None = None
    shape: str = ""


class Verified(NamedTuple):
    """A column of numbers. is_shaped: looks like one of the kind. is_wrong: does, with a wrong digit."""

    is_shaped: Flags
    is_wrong: Flags


KINDS: Final = msgspec.yaml.decode(
    (files("serai.model") / "check_digits.yaml").read_bytes(), type=dict[str, NumberKind]
)
# Letters count from 10, leaving out the multiples of 11 (ISO 6346).
SIGN_WORTH: Final = np.zeros(128, dtype=np.int64)
"""What each ASCII sign counts in a weighted sum; what is neither digit nor capital counts nothing."""
SIGN_WORTH[48:58] = np.arange(10)
SIGN_WORTH[65:91] = [number for number in range(10, 39) if number % 11]

_SIGNS: Final = {"A": "[A-Z]", "U": "[UJZR]", "9": "[0-9]", "C": "[0-9]"}
_BESIDE: Final = str.maketrans("", "", " -")
_CLASSES: Final = np.zeros(128, dtype=np.uint8)
"""Bits of the signs of a form that an ASCII sign may stand for: 1 digit, 2 letter, 4 container category."""
_CLASSES[48:58] = 1
_CLASSES[65:91] = 2
_CLASSES[list(b"UJZR")] = 6
_ASKED: Final = {"9": 1, "C": 1, "A": 2, "U": 4}


def verify_number(kind: str, number: str) -> Verdict:
    """Say whether a number is sound, bears a wrong check digit, or is none of the kind. kind: of KINDS.

    Blanks and hyphens between the signs count for nothing, except in a postal number, which has none.
    """
    if KINDS[kind].library is not None:
        return _ask_library(kind, number)
    form = _form_of(kind, bare_number(kind, number))
    if form is None:
        return "shapeless"
    bare = bare_number(kind, number)
    return "sound" if bare[form.check_place] == _digit(form, bare) else "wrong"


def right_check_digit(kind: str, number: str) -> str | None:
    """Return the check digit that the other signs ask for; None where the number has no shape of the kind.

    None too for kinds without one digit of their own (bank account, tax number).
    """
    bare = bare_number(kind, number)
    form = _form_of(kind, bare) if KINDS[kind].forms else None
    return None if form is None else _digit(form, bare)


def bare_number(kind: str, number: str) -> str:
    """Return a number without the blanks and hyphens that people write into it."""
    return number if kind in _AS_WRITTEN else number.translate(_BESIDE)


_AS_WRITTEN: Final = frozenset({"s10"})
"""Kinds of which a number with blanks is none."""


def verify_numbers(kind: str, numbers: Sequence[str | None]) -> Verified:
    """Verify a column; an absent number is neither shaped nor wrong."""
    is_shaped, is_wrong = np.zeros(len(numbers), np.bool_), np.zeros(len(numbers), np.bool_)
    if KINDS[kind].library is not None:
        for row, number in enumerate(numbers):
            verdict = "shapeless" if number is None else _ask_library(kind, number)
            is_shaped[row], is_wrong[row] = verdict != "shapeless", verdict == "wrong"
        return Verified(is_shaped, is_wrong)
    bare = [one or "" for one in numbers]
    if kind not in _AS_WRITTEN:
        bare = [one.translate(_BESIDE) for one in bare]
    for form in _forms(kind):
        rows, signs = _gather_signs(bare, form.length)
        if not len(rows):
            continue
        fits = ((_CLASSES[signs] & form.asked) != 0).all(axis=1)
        rests = (SIGN_WORTH[signs] @ form.weights) % len(form.digits)
        is_shaped[rows] = fits
        is_wrong[rows] = fits & (form.digit_signs[rests] != signs[:, form.check_place])
    return Verified(is_shaped, is_wrong)


def find_check_digit(kind: str, number: str, pointer: str) -> Finding | None:
    """Return the finding about a wrong check digit; None for a number that is sound or of another shape."""
    if verify_number(kind, number) != "wrong":
        return None
    known, digit = KINDS[kind], right_check_digit(kind, number)
    parameters = {} if digit is None else {"value": digit}
    if known.is_named:
        parameters["number"] = number
    return Finding(known.code, pointer, known.severity, parameters)


# ---- forms ----


class _Form(NamedTuple):
    """One form of a kind. asked: class bits of each place. digit_signs: ASCII of `digits`."""

    pattern: re.Pattern[str]
    length: int
    check_place: int
    weights: Int64s
    asked: np.ndarray[tuple[int], np.dtype[np.uint8]]
    digits: str
    digit_signs: np.ndarray[tuple[int], np.dtype[np.uint8]]


@cache
def _forms(kind: str) -> tuple[_Form, ...]:
    known = KINDS[kind]
    return tuple(
        _Form(
            re.compile("".join(_SIGNS[sign] for sign in form), re.ASCII),
            len(form),
            form.index("C"),
            np.array(weights, dtype=np.int64),
            np.array([_ASKED[sign] for sign in form], dtype=np.uint8),
            known.digits,
            np.frombuffer(known.digits.encode(), dtype=np.uint8),
        )
        for form, weights in zip(known.forms, known.weights, strict=True)
    )


def _form_of(kind: str, bare: str) -> _Form | None:
    return next((form for form in _forms(kind) if form.pattern.fullmatch(bare)), None)


def _digit(form: _Form, bare: str) -> str:
    total = sum(
        int(SIGN_WORTH[sign]) * weight
        for sign, weight in zip(bare.encode(), form.weights.tolist(), strict=True)
    )
    return form.digits[total % len(form.digits)]


def _gather_signs(
    bare: Sequence[str], length: int
) -> tuple[Int64s, np.ndarray[tuple[int, int], np.dtype[np.uint8]]]:
    """Return the rows of this length in ASCII, and their signs, a row each."""
    rows = [row for row, one in enumerate(bare) if len(one) == length and one.isascii()]
    signs = np.frombuffer("".join([bare[row] for row in rows]).encode(), dtype=np.uint8)
    return np.array(rows, dtype=np.int64), signs.reshape(len(rows), length)


# ---- python-stdnum ----


def _ask_library(kind: str, number: str) -> Verdict:
    bare = number.translate(_BESIDE).upper()
    if not re.fullmatch(KINDS[kind].shape, bare, re.ASCII):
        return "shapeless"
    try:
        _VALIDATE[kind](bare)
    except InvalidChecksum:
        return "wrong"
    except ValidationError:
        return "shapeless"
    return "sound"


def _validate_vat(number: str) -> str:
    return vat_of_kingdom.validate(number) if number[:2] == "GB" else vat_of_union.validate(number)


_VALIDATE: Final[dict[str, Callable[[str], str]]] = {"iban": iban.validate, "tax-number": _validate_vat}

"""Ids as people read and type them: Crockford's base 32 in groups of four, with a check character.

`0APS-K7Z2-0400-0W`: thirteen characters of number, one of check. No I, L, O, U, so nothing is confused; small
letters, and O for 0, I or L for 1 are understood.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from serai.model.errors import SeraiError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BYTES = np.frombuffer(_ALPHABET.encode(), dtype=np.uint8)
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_DIGITS_COUNT = 13
_SHIFTS = np.arange(_DIGITS_COUNT - 1, -1, -1, dtype=np.int64) * 5
# Where the fourteen characters stand between the hyphens.
_PLACES = [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16]
_TEXT_LENGTH = 17
# Digits are elements of the field of 32 elements (x^5 + x^2 + 1), weighted by powers of x. x has order 31, so
# all weights differ: every single wrong character and every two exchanged ones change the check.
_TIMES_X = np.array([(value << 1) ^ (0b100101 if value & 16 else 0) for value in range(32)], dtype=np.uint8)
_SHIFTS_LISTED: list[int] = _SHIFTS.tolist()
_TIMES_X_LISTED: list[int] = _TIMES_X.tolist()


def format_ids(numbers: npt.NDArray[np.int64]) -> list[str]:
    """Return each id (0 <= number < 2**63) as text, e.g. `0APS-K7Z2-0400-0W`."""
    whole = _letters(numbers).tobytes().decode("ascii")
    return [whole[begin : begin + _TEXT_LENGTH] for begin in range(0, len(whole), _TEXT_LENGTH)]


def format_id_array(numbers: npt.NDArray[np.int64]) -> Any:
    """Return ids as `format_ids` does, as an Arrow array of text."""
    bounds = np.arange(len(numbers) + 1, dtype=np.int32) * _TEXT_LENGTH
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(_letters(numbers))]
    return pa.Array.from_buffers(pa.string(), len(numbers), buffers)


def _letters(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return the letters of each id, a row each."""
    digits = ((numbers[:, None] >> _SHIFTS) & 31).astype(np.uint8)
    check = np.zeros(len(numbers), dtype=np.uint8)
    for place in range(_DIGITS_COUNT):
        check = _TIMES_X[check] ^ digits[:, place]
    letters = np.full((len(numbers), _TEXT_LENGTH), ord("-"), dtype=np.uint8)
    letters[:, _PLACES[:-1]] = _BYTES[digits]
    letters[:, _PLACES[-1]] = _BYTES[_TIMES_X[check]]
    return letters


def format_id(number: int) -> str:
    """Return one id as text, as `format_ids` does many."""
    check, letters = 0, []
    for shift in _SHIFTS_LISTED:
        digit = number >> shift & 31
        check = _TIMES_X_LISTED[check] ^ digit
        letters.append(_ALPHABET[digit])
    letters.append(_ALPHABET[_TIMES_X_LISTED[check]])
    text = "".join(letters)
    return f"{text[:4]}-{text[4:8]}-{text[8:12]}-{text[12:]}"


def parse_id(text: str) -> int:
    """Return the id that a person or program wrote; hyphens, spaces and case do not matter.

    Raises SeraiError `id-mistyped`.
    """
    letters = text.upper().replace("-", "").replace(" ", "")
    if len(letters) != _DIGITS_COUNT + 1:
        raise _mistyped()
    values = [_VALUES.get(letter) for letter in letters]
    number, check = 0, 0
    for value in values[:-1]:
        if value is None:
            raise _mistyped()
        number = number << 5 | value
        check = int(_TIMES_X[check]) ^ value
    # 13 digits hold 65 bits; the two above the number are always zero.
    if values[-1] != int(_TIMES_X[check]) or number >= 2**63:
        raise _mistyped()
    return number


def _mistyped() -> SeraiError:
    return SeraiError(
        "id-mistyped",
        "This number has a typing fault: its check character does not fit.",
        "Compare it with the original; a number has 14 letters and digits, such as 0APS-K7Z2-0400-0W.",
    )

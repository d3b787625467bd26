"""Postal item numbers of UPU standard S10: two letters, eight digits, a check digit, country of the post."""

import re

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", re.ASCII)


_DIGITS = (5, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1)
"""Check digit by the weighted sum mod 11."""


def is_s10_shaped(number: str) -> bool:
    """Say whether a number has the shape of S10; a post may also use numbers of its own."""
    return _S10.fullmatch(number) is not None


def s10_check_digit(serial: str) -> int:
    """Return the check digit of eight digits: 11 minus the weighted sum mod 11; 10 gives 0, 11 gives 5."""
    # The bytes of the digits instead of their values: what they are more, 48 x 44, is a multiple of 11.
    a, b, c, d, e, f, g, h = serial.encode()
    total = 8 * a + 6 * b + 4 * c + 2 * d + 3 * e + 5 * f + 9 * g + 7 * h
    return _DIGITS[total % 11]

"""Postal item numbers of UPU standard S10: two letters, eight digits, a check digit, country of the post."""

import re

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", re.ASCII)


def is_s10_shaped(number: str) -> bool:
    """Say whether a number has the shape of S10; a post may also use numbers of its own."""
    return _S10.fullmatch(number) is not None


def s10_check_digit(serial: str) -> int:
    """Return the check digit of eight digits: 11 minus the weighted sum mod 11; 10 gives 0, 11 gives 5."""
    a, b, c, d, e, f, g, h = map(int, serial)
    total = 8 * a + 6 * b + 4 * c + 2 * d + 3 * e + 5 * f + 9 * g + 7 * h
    digit = 11 - total % 11
    return {10: 0, 11: 5}.get(digit, digit)

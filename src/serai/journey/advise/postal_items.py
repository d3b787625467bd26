"""Postal item numbers of UPU standard S10: two letters, eight digits, a check digit, country of the post."""

import re

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}", re.ASCII)
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def is_s10_shaped(number: str) -> bool:
    """Say whether a number has the shape of S10; a post may also use numbers of its own."""
    return _S10.fullmatch(number) is not None


def s10_check_digit(serial: str) -> int:
    """Return the check digit of eight digits: 11 minus the weighted sum mod 11; 10 gives 0, 11 gives 5."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, serial, strict=True))
    digit = 11 - total % 11
    return {10: 0, 11: 5}.get(digit, digit)

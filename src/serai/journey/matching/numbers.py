"""Numbers of orders, payments and parcels in forms that meet though somebody wrote a number otherwise."""

import re
from typing import Final

FORMS: Final = ("exact", "plain", "digits", "head", "tail")
"""Columns of a number, from the surest to the least."""

_NOT_SIGNS = re.compile(r"[^0-9A-Z]+")
_LENGTH_MIN = 8
"""A shorter number is like too many others to be met by its parts."""


def number_forms(text: str) -> tuple[str, str, str, str, str]:
    """Return a number as written, and what is left of it by form (`FORMS`); empty where it gives none.

    plain: without case, punctuation, and zeros before it. digits: its signs sorted, equal where two were
    swapped. head, tail: its halves: one of them survives a wrong sign.
    """
    plain = _NOT_SIGNS.sub("", text.upper()).lstrip("0")
    if len(plain) < _LENGTH_MIN:
        return text, plain, "", "", ""
    half = len(plain) // 2
    size = f"{len(plain)}|"
    return text, plain, "".join(sorted(plain)), size + plain[:half], size + plain[half:]

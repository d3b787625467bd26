"""Patterns of numbers and postcodes that cannot run long, whatever text a stranger sends."""

import re
from typing import Final

CHARACTERS_MAX: Final = 200
_PART: Final = re.compile(
    r"(?P<group>\()|(?P<end>\)\??)|\||[$^]"
    r"|(?:[A-Za-z0-9 :/_-]|\\[-.+()/ d]|\[[A-Za-z0-9 .:/_-]+\])(?:\?|\{[0-9]{1,2}(?:,[0-9]{1,2})?\})?"
)


def is_bounded(pattern: str) -> bool:
    """Say whether a pattern is made of signs, classes in brackets, `?`, `{9}`, `{8,9}`, and groups with `|`
    and `?`: nothing repeats a group, so that time grows no faster than a low power of the text's length.
    """
    if len(pattern) > CHARACTERS_MAX:
        return False
    place = depth = 0
    while place < len(pattern):
        found = _PART.match(pattern, place)
        if found is None:
            return False
        depth += (found["group"] is not None) - (found["end"] is not None)
        place = found.end()
    if depth:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True

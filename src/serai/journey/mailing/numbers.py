"""The number of a notice as its message shows it: its id, and characters that nobody can guess."""

import secrets
from typing import Final, NamedTuple

from serai.foundation.id_text import format_id, parse_id
from serai.model.errors import SeraiError

CHECK_LENGTH: Final = 5
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LENGTH: Final = 14
_MISTYPED: Final = str.maketrans("OIL", "011")


class Shown(NamedTuple):
    """A number as somebody typed it."""

    notice_id: int
    check_text: str


def make_check() -> str:
    """Return new check characters, 25 random bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CHECK_LENGTH))


def write_number(notice_id: int, check_text: str) -> str:
    """Return the number as a message shows it, e.g. `0APS-K7Z2-0400-0W-7QX3M`."""
    return f"{format_id(notice_id)}-{check_text}"


def read_number(text: str) -> Shown | None:
    """Return what a typed number says; None: it is no such number."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum()).translate(_MISTYPED)
    if len(signs) != _ID_LENGTH + CHECK_LENGTH:
        return None
    own = signs[:_ID_LENGTH]
    try:
        notice_id = parse_id("-".join((own[:4], own[4:8], own[8:12], own[12:])))
    except SeraiError:
        return None
    return Shown(notice_id, signs[_ID_LENGTH:])

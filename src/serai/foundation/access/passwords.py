"""Passwords of people: argon2id with the library's own parameters; callers compare off the event loop."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from serai.model.errors import SeraiError

PASSWORD_LENGTH_MIN: Final = 12
PASSWORD_LENGTH_MAX: Final = 256
_HASHER: Final = PasswordHasher()


@cache
def _nobody_hash() -> str:
    """A hash to check when the account does not exist, so that the time of the answer does not tell."""
    return _HASHER.hash("nobody has this password")


def check_password(password: str) -> None:
    """Raise SeraiError `password-unfit` for a password that is too short or very long."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise SeraiError(
            "password-unfit",
            f"A password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters.",
            "Choose three or four unrelated words.",
        )


def hash_password(password: str) -> str:
    """Return the argon2id hash. Short or very long: SeraiError `password-unfit`. Takes some 50 ms."""
    check_password(password)
    return _HASHER.hash(password)


def password_matches(password: str, password_hash: str | None) -> bool:
    """Compare; with None (no such account) the same work is done, and False returned. Some 50 ms."""
    try:
        _HASHER.verify(password_hash or _nobody_hash(), password[:PASSWORD_LENGTH_MAX])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None

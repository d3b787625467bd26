"""Passwords of people: argon2id (RFC 9106), compared one at a time beside the event loop."""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

PASSWORD_LENGTH_MIN: Final = 12
PASSWORD_LENGTH_MAX: Final = 256
WAITING_COUNT_MAX: Final = 20
"""Tries that wait in a process for their password to be compared: about two seconds of work."""
_HASHER: Final = PasswordHasher(parallelism=1)
"""The library's parameters (64 MiB, three passes), but in one thread: many tries take one core, not all."""
_NICE: Final = 10


@cache
def _nobody_hash() -> str:
    """A hash to check when the account does not exist, so that the time of the answer does not tell."""
    return _HASHER.hash("nobody has this password")


def check_password(password: str) -> None:
    """Raise SeraiError `password-unfit` for a password that is too short or very long."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise SeraiError(
            "password-unfit",
            MessageText(
                "A password has {length_min} to {length_max} characters.",
                length_min=PASSWORD_LENGTH_MIN,
                length_max=PASSWORD_LENGTH_MAX,
            ),
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


class PasswordChecker:
    """Compares passwords in one thread, behind everybody's work: guessing slows nobody but itself."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "passwords", _step_back)
        self._waiting_count = 0

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Compare as `password_matches`. Error: `busy` when `WAITING_COUNT_MAX` tries wait."""
        if self._waiting_count >= WAITING_COUNT_MAX:
            raise SeraiError("busy", "Very many people sign in at this moment.", "Try again in some seconds.")
        self._waiting_count += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, password_matches, password, password_hash)
        finally:
            self._waiting_count -= 1


def _step_back() -> None:
    """Let all other threads go first (Linux counts niceness by thread)."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)

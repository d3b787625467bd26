"""What was looked at, and what is to be done."""

from typing import Literal

import msgspec


class Remark(msgspec.Struct, frozen=True):
    """One thing that was looked at. state: `fault` stops work or loses something, `warning` will.

    code: of what is not well; empty where it is.
    """

    subject: str
    state: Literal["well", "warning", "fault"]
    message: str
    code: str = ""
    next_step: str = ""


def well(subject: str, message: str) -> Remark:
    """Say that it is as it should be."""
    return Remark(subject, "well", message)


def warn(subject: str, code: str, message: str, next_step: str) -> Remark:
    """Say what will need somebody."""
    return Remark(subject, "warning", message, code, next_step)


def blame(subject: str, code: str, message: str, next_step: str) -> Remark:
    """Say what needs somebody now."""
    return Remark(subject, "fault", message, code, next_step)

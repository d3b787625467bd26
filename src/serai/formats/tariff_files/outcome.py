"""What became of each row of a tariff file: nothing is dropped without a word."""

from typing import Literal

import msgspec

from serai.law.tariff_line import TariffLine
from serai.model.errors import SeraiError


class TariffFileError(SeraiError):
    """The file as a whole cannot be read."""


class Refused(Exception):  # noqa: N818 - it ends one row, and is told as an outcome
    """A row, or a part of one, cannot become a line. code: kebab-case. reason, next_step: sentences."""

    def __init__(self, code: str, reason: str, next_step: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.next_step = next_step


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a row, or of one of its columns.

    line: of the file, from 1. column: of the line, from 1, where several records begin in one; else 0.
    outcome: taken, refused, or set_aside: understood, and holds no charge.
    subject: commodity code and measure as the file has them. code, reason, next_step: why it was not taken.
    remark: what of a row that was taken is not looked at; has_conditions: its conditions. lines: what it
    became. currency: of their amounts, empty without any.
    """

    line: int
    column: int = 0
    outcome: Literal["taken", "set_aside", "refused"]
    subject: str
    code: str = ""
    reason: str = ""
    next_step: str = ""
    remark: str = ""
    has_conditions: bool = False
    lines: tuple[TariffLine, ...] = ()
    currency: str = ""


def refused(line: int, subject: str, fault: Refused, *, column: int = 0) -> Outcome:
    """Return the outcome of a row that cannot be taken."""
    return Outcome(
        line=line,
        column=column,
        outcome="refused",
        subject=subject,
        code=fault.code,
        reason=fault.reason,
        next_step=fault.next_step,
    )


def set_aside(line: int, subject: str, code: str, reason: str, *, column: int = 0) -> Outcome:
    """Return the outcome of a row that holds no charge of its own."""
    return Outcome(line=line, column=column, outcome="set_aside", subject=subject, code=code, reason=reason)

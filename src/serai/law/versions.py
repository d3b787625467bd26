"""Codes of versions of a pack that differ from its file from a day on: `EU-RESTRICTED@2026-12-02`."""

import datetime as dt
from typing import Final

_FROM_DAY: Final = "@"


def version_code(code: str, day: dt.date) -> str:
    """Return the code of the version of a pack from a day on."""
    return f"{code}{_FROM_DAY}{day.isoformat()}"


def file_code(code: str) -> str:
    """Return the code of the pack by whose file a version stands: its folder."""
    return code.partition(_FROM_DAY)[0]

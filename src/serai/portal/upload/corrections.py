"""Corrections that are sure: another way to write what the cell says already; nothing is guessed.

What could mean two things (1,234), or lacks something (a code without its leading zero), is left to its
sender.
"""

import re
from typing import Final

from serai.formats.csv_columns import columns

_COMMA_DECIMAL: Final = re.compile(r"(\d{1,12}),(\d{1,2})")
_GROUPED_POINT: Final = re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d{1,3})")
_GROUPED_COMMA: Final = re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d{1,2})")
_SPACED: Final = re.compile(r"\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:\.\d{1,3})?")
_DOTTED_CODE: Final = re.compile(r"\d{4}[. ]\d{2}(?:[. ]?\d{2}){0,2}")
_LETTER_CODE: Final = re.compile(r"[a-z]{2,3}", re.IGNORECASE)
_DECIMAL_ENDINGS: Final = ("_amount", "_kg", "quantity")
_FLAGS: Final = {"yes": "true", "y": "true", "1": "true", "no": "false", "n": "false", "0": "false"}


def correct_cell(column: str, value: str) -> str:
    """Return what a cell is to be instead, or "" where that is not sure.

    A correction stands only if the column takes it: the caller reads the file again to see.
    """
    if not value or column not in columns():
        return ""
    corrected = _written_otherwise(column, value)
    return corrected if corrected != value else ""


def _written_otherwise(column: str, value: str) -> str:
    if column == "commodity_code":
        return re.sub(r"[. ]", "", value) if _DOTTED_CODE.fullmatch(value) else ""
    if columns()[column].kind == "flag":
        return _FLAGS.get(value.lower(), "")
    if column.endswith(("country_code", "currency_code")):
        return value.upper() if _LETTER_CODE.fullmatch(value) else ""
    if column.endswith(_DECIMAL_ENDINGS):
        return _decimal(value)
    return ""


def _decimal(value: str) -> str:
    if found := _COMMA_DECIMAL.fullmatch(value):
        return f"{found[1]}.{found[2]}"
    if found := _GROUPED_POINT.fullmatch(value):
        return f"{found[1].replace(',', '')}.{found[2]}"
    if found := _GROUPED_COMMA.fullmatch(value):
        return f"{found[1].replace('.', '')}.{found[2]}"
    return re.sub(r"[ \u00a0\u202f']", "", value) if _SPACED.fullmatch(value) else ""

"""Currencies and decimal text: places of ISO 4217, and exact reading of amounts, masses and quantities in
bulk.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pycountry

from serai.model.columns import Flags, Int64s

_PLACES_OTHER_THAN_TWO = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_NOT_MONEY = frozenset(
    ["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"]
)

PLACES: dict[str, int] = {
    currency.alpha_3: _PLACES_OTHER_THAN_TWO.get(currency.alpha_3, 2)
    for currency in pycountry.currencies
    if currency.alpha_3 not in _NOT_MONEY
}
"""Decimal places of each currency in use (ISO 4217, amendment 177; codes from pycountry)."""

MICRO_PLACES = 6
MICRO = 10**MICRO_PLACES
"""Decimal text is read into millionths of its unit: six places are more than any currency, mass or quantity
here has.
"""

NUMBER_MAX = 10**12
"""No amount, mass or quantity may be more than this many units: at the door, so that no sum can leave 64
bits.
"""

# Thirteen digits only up to 8999999999999: more would leave 64 bits as millionths.
_DECIMAL = r"^-?(\d{1,12}|[0-8]\d{12})(\.\d{1,6})?$"
_DECIMAL_LENGTH_MAX = len("-8999999999999.999999")


def read_decimals(texts: Sequence[str | None]) -> tuple[Int64s, Flags]:
    """Read decimal text exactly.

    Returns millionths (0 where there is nothing to read) and whether each text is a decimal of less than
    9 x 10^12 with at most six places. Neither exponent, thousands separator, blank nor plus
    sign is a decimal here.
    """
    if len(texts) <= _FEW:
        return _read_few(texts)
    return read_decimal_array(pa.array(texts, pa.string()))


def read_decimal_array(column: Any) -> tuple[Int64s, Flags]:
    """Read decimal text as `read_decimals` does. column: an Arrow array of text."""
    is_decimal = pc.fill_null(pc.match_substring_regex(column, _DECIMAL), _NO)
    clean = pc.if_else(is_decimal, column, _NOUGHT)
    decimals = (
        pc.cast(clean, pa.decimal128(20, 6)).combine_chunks()
        if isinstance(clean, pa.ChunkedArray)
        else pc.cast(clean, pa.decimal128(20, 6))
    )
    # A decimal128 is a little-endian 128-bit integer of millionths; the low half holds all that the pattern
    # lets through.
    words = np.frombuffer(decimals.buffers()[1], dtype="<i8")
    millionths = words[2 * decimals.offset : 2 * (decimals.offset + len(decimals)) : 2].astype(np.int64)
    return millionths, is_decimal.to_numpy(zero_copy_only=False)


# Out of a Python object Arrow makes a scalar by looking for pandas, each time.
_NO, _NOUGHT = pa.scalar(False), pa.scalar("0")
_FEW = 256
"""Up to so many texts Arrow's calls cost more than the texts."""
_IS_DECIMAL = re.compile(_DECIMAL.removesuffix("$"), re.ASCII).fullmatch


def _read_few(texts: Sequence[str | None]) -> tuple[Int64s, Flags]:
    read = [None if text is None else read_decimal(text) for text in texts]
    millionths = np.array([one or 0 for one in read], dtype=np.int64)
    return millionths, np.array([one is not None for one in read], dtype=np.bool_)


def read_decimal(text: str) -> int | None:
    """Read one decimal text as `read_decimals` does: millionths, or None where it is none."""
    return _read_decimal(text) if len(text) <= _DECIMAL_LENGTH_MAX else None


@lru_cache(maxsize=4_096)
def _read_decimal(text: str) -> int | None:
    # Documents of one sender say the same few sums again and again: nought, freight, quantities.
    if _IS_DECIMAL(text) is None:
        return None
    whole, _, rest = text.partition(".")
    return int(whole + rest.ljust(MICRO_PLACES, "0"))


@lru_cache(maxsize=4_096)
def format_minor(amount_minor: int, currency: str) -> str:
    """Write minor units as the decimal text of the wire: 1429 EUR is `14.29`."""
    places = PLACES[currency]
    if places == 0:
        return str(amount_minor)
    sign = "-" if amount_minor < 0 else ""
    whole, rest = divmod(abs(amount_minor), 10**places)
    return f"{sign}{whole}.{rest:0{places}d}"


_DECIMALS_MAX = 12


def render_exact(number: Fraction) -> str:
    """Return a number as decimals if they end, else as a fraction."""
    places = next((n for n in range(_DECIMALS_MAX + 1) if 10**n % number.denominator == 0), None)
    if places is None:
        return f"{number.numerator} / {number.denominator}"
    scaled = number * 10**places
    whole, part = divmod(abs(scaled.numerator), 10**places)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}" + (f".{part:0{places}d}" if places else "")


_PERCENT_PLACES = 6


@lru_cache(maxsize=1_024)
def percent_text(numerator: int, denominator: int) -> str | None:
    """Return a rate as percent in decimal text: 1/8 is `12.5`. None where six places do not hold it."""
    scaled = Fraction(numerator, denominator) * 100 * 10**_PERCENT_PLACES
    return render_exact(scaled / 10**_PERCENT_PLACES) if scaled.denominator == 1 else None

"""Measures of a tariff that some law asks for."""

from collections.abc import Iterable
from typing import Final

from serai.law.pack import Pack

OF_THE_VOCABULARY: Final = frozenset({"duty", "tax", "simplified_duty", "excise", "admission"})
"""Measures that words of the vocabulary read; a test holds them against `words.py`."""


def measures_read(packs: Iterable[Pack]) -> frozenset[str]:
    """Return the measures that the vocabulary or a pack reads; lines of others change nothing."""
    return OF_THE_VOCABULARY | {rate.measure for pack in packs for rate in pack.tariff_rates}

"""Measures of a tariff that some law asks for."""

from collections.abc import Iterable
from typing import Final

from serai.law.pack import Pack, TariffRate

OF_THE_VOCABULARY: Final = frozenset({"duty", "tax", "simplified_duty", "excise", "admission"})
"""Measures that words of the vocabulary read; a test holds them against `words.py`."""


_OF = "@"


def asked_measure(rate: TariffRate) -> str:
    """Return what a word of a pack asks of the tariff: `duty`, or `duty@EU` of the tariff of a territory."""
    return rate.measure if rate.territory is None else f"{rate.measure}{_OF}{rate.territory}"


def split_measure(asked: str) -> tuple[str, str | None]:
    """Return the measure that is asked for, and the territory of whose tariff; None: of the destination's."""
    measure, _, territory = asked.partition(_OF)
    return measure, territory or None


def is_ordinary_duty(asked: str) -> bool:
    """Say whether goods must have a line of what is asked for: customs duty, whoever's tariff it is."""
    return split_measure(asked)[0] == "duty"


def measures_read(packs: Iterable[Pack]) -> frozenset[str]:
    """Return the measures that the vocabulary or a pack reads; lines of others change nothing."""
    return OF_THE_VOCABULARY | {rate.measure for pack in packs for rate in pack.tariff_rates}

"""What goods of each invented commodity code usually weigh and cost, and what they are called."""

from typing import NamedTuple
from zlib import crc32

import numpy as np

from serai.laboratory.invented.rates import COMMODITY_CODES


class Heading(NamedTuple):
    """Usual goods of a commodity code. Medians, and the standard deviations of their logarithms."""

    commodity_code: str
    price_eur_cents_per_kg: float
    price_spread: float
    mass_g: float
    mass_spread: float
    description: str


# Chapter: EUR per kg, its spread, grams, their spread, words. Invented, of the order of shop prices.
_CHAPTERS = {
    "61": (38, 0.45, 240, 0.45, "knitted cotton t-shirt"),
    "62": (44, 0.45, 420, 0.40, "woven polyester trousers"),
    "64": (36, 0.40, 820, 0.25, "shoes with textile upper"),
    "85": (90, 0.60, 260, 0.70, "computer mouse with cable"),
    "95": (26, 0.50, 480, 0.65, "plastic building blocks toy"),
    "71": (180, 0.60, 45, 0.50, "necklace of base metal"),
    "42": (40, 0.50, 520, 0.40, "handbag with textile outside"),
    "33": (60, 0.50, 150, 0.40, "face cream in a glass jar"),
    "39": (14, 0.45, 210, 0.60, "plastic kitchen storage box"),
    "94": (13, 0.45, 900, 0.60, "led table lamp of metal"),
}
_OWN_PRICES = {"851713": 850.0, "711311": 900.0, "330300": 160.0}
_CODE_SPREAD = 0.30


def headings() -> tuple[Heading, ...]:
    """Give the headings in the order of `COMMODITY_CODES`; the same in every seed, as a market has them."""
    return tuple(_heading(code) for code in COMMODITY_CODES)


def _heading(code: str) -> Heading:
    price, price_spread, mass, mass_spread, words = _CHAPTERS[code[:2]]
    own = np.random.default_rng(crc32(code.encode()))
    factor, mass_factor = np.exp(own.normal(0, _CODE_SPREAD, 2))
    per_kg = _OWN_PRICES.get(code, price * float(factor))
    return Heading(code, per_kg * 100, price_spread, mass * float(mass_factor), mass_spread, words)

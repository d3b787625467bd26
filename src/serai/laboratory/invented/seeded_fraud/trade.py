"""The columns of invented trade, one row a parcel of one goods item, and the drawing of the lawful part."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serai.laboratory.invented.seeded_fraud.market import Floats, Ints, Market

DAY_MINUTES = 1_440
LAWFUL = -1
_MAIN_HEADING_SHARE, _POST_SHARE, _ORIGIN_FROM_ELSEWHERE = 0.8, 0.55, 0.05
_MASS_MIN_G, _VALUE_MIN_MINOR = 8, 60


@dataclass(slots=True)
class Trade:
    """Columns of parcels, mutable while fraud is sown.

    minute: since the first day. address, person: numbers; a person is told from others of an address.
    heading: as declared, place in the market's headings. mass_g, value_minor (euro cents): as declared.
    fraud: place in FRAUDS, or LAWFUL. name_variant: how the consignee's name is written, 0 as usual.
    """

    minute: Ints
    seller: Ints
    address: Ints
    person: Ints
    heading: Ints
    mass_g: Ints
    value_minor: Ints
    origin_country: npt.NDArray[np.str_]
    is_post: npt.NDArray[np.bool_]
    name_variant: Ints
    fraud: Ints

    def __len__(self) -> int:
        return len(self.minute)

    def taken(self, rows: Ints) -> "Trade":
        """Give the rows named, as copies and in that order."""
        return Trade(*(getattr(self, name)[rows].copy() for name in self.__slots__))


def draw_lawful(rng: np.random.Generator, market: Market, count: int, days: int) -> Trade:
    """Draw parcels as honest sellers declare them, evenly over the days."""
    seller = rng.choice(len(market.seller_weight), count, p=market.seller_weight)
    address = rng.choice(len(market.address_weight), count, p=market.address_weight)
    is_main = rng.random(count) < _MAIN_HEADING_SHARE
    heading = np.where(is_main, market.main_heading[seller], rng.integers(len(market.headings), size=count))
    mass_g = draw_mass(rng, market, heading)
    dispatch = market.dispatch_country[seller]
    is_elsewhere = rng.random(count) < _ORIGIN_FROM_ELSEWHERE
    origin = np.where(is_elsewhere, rng.choice(market.dispatch_country, count), dispatch)
    return Trade(
        minute=np.sort(rng.integers(days * DAY_MINUTES, size=count)),
        seller=seller,
        address=address,
        person=rng.integers(market.persons_at[address]),
        heading=heading,
        mass_g=mass_g,
        value_minor=draw_value(rng, market, seller, heading, mass_g),
        # Nothing originates in a free port: what Hong Kong sends was made in China.
        origin_country=np.where(origin == "HK", "CN", origin),
        is_post=rng.random(count) < _POST_SHARE,
        name_variant=np.zeros(count, dtype=np.int64),
        fraud=np.full(count, LAWFUL, dtype=np.int64),
    )


def draw_mass(rng: np.random.Generator, market: Market, heading: Ints) -> Ints:
    """Draw grams as goods of these headings weigh."""
    medians = np.array([one.mass_g for one in market.headings])[heading]
    spreads = np.array([one.mass_spread for one in market.headings])[heading]
    mass: Ints = np.maximum(medians * np.exp(rng.normal(0, spreads)), _MASS_MIN_G).astype(np.int64)
    return mass


def draw_value(rng: np.random.Generator, market: Market, seller: Ints, heading: Ints, mass_g: Ints) -> Ints:
    """Draw euro cents as goods of these headings and masses cost at these sellers."""
    per_kg = np.array([one.price_eur_cents_per_kg for one in market.headings])[heading]
    spreads: Floats = np.array([one.price_spread for one in market.headings])[heading]
    value = per_kg * mass_g / 1_000 * market.price_level[seller] * np.exp(rng.normal(0, spreads))
    return np.maximum(value, _VALUE_MIN_MINOR).astype(np.int64)

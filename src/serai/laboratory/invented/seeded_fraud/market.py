"""Who sells and who buys in the invented trade: sellers with habits, addresses with people behind them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serai.laboratory.invented import names
from serai.laboratory.invented.seeded_fraud.headings import Heading, headings

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HABITS = ("honest", "bargains", "undervaluation", "miscoding", "false-origin")
"""What a seller does. bargains: lawful low prices, so that a low price alone proves nothing."""
_OF_FIFTY_SELLERS = (40, 4, 2, 2, 2)
"""Of each fifty sellers in order of size: so that small trade, too, has every habit."""
_DISPATCH = {"CN": 0.62, "HK": 0.10, "VN": 0.08, "TR": 0.07, "IN": 0.06, "KR": 0.04, "BD": 0.03}
_PERSONS_PER_ADDRESS = 2
_DORMITORY_SHARE, _DORMITORY_PERSONS = 0.004, 40


@dataclass(frozen=True, slots=True)
class Market:
    """Columns by seller and by address, lists of names by number.

    seller_weight, address_weight: how often each appears, summing to 1. price_level: of the usual price.
    main_heading: place in headings. intensity: share of a dishonest seller's parcels that are fraud.
    persons_at: how many people live at an address.
    """

    headings: tuple[Heading, ...]
    seller_weight: Floats
    habit: Ints
    intensity: Floats
    price_level: Floats
    main_heading: Ints
    dispatch_country: npt.NDArray[np.str_]
    seller_names: list[str]
    address_weight: Floats
    persons_at: Ints
    person_names: list[str]


def draw_market(rng: np.random.Generator, sellers: int, addresses: int) -> Market:
    """Draw a market; the same generator state gives the same one."""
    known = headings()
    fifty = np.repeat(np.arange(len(HABITS)), _OF_FIFTY_SELLERS)
    habit = np.concatenate([rng.permutation(fifty) for _ in range(-(-sellers // len(fifty)))])[:sellers]
    price_level = np.exp(rng.normal(0, 0.18, sellers))
    price_level[habit == HABITS.index("bargains")] *= 0.5
    persons_at = 1 + rng.poisson(_PERSONS_PER_ADDRESS - 1, addresses)
    is_dormitory = rng.random(addresses) < _DORMITORY_SHARE
    persons_at[is_dormitory] = _DORMITORY_PERSONS
    address_weight = rng.random(addresses) ** 2 + 0.05
    address_weight[is_dormitory] *= _DORMITORY_PERSONS / _PERSONS_PER_ADDRESS
    return Market(
        headings=known,
        seller_weight=_shares(np.arange(8.0, sellers + 8) ** -0.9),
        habit=habit,
        intensity=rng.uniform(0.25, 0.8, sellers),
        price_level=price_level,
        main_heading=rng.integers(len(known), size=sellers),
        dispatch_country=rng.choice(list(_DISPATCH), sellers, p=list(_DISPATCH.values())),
        seller_names=[names.name(rng, company=True) for _ in range(sellers)],
        address_weight=_shares(address_weight),
        persons_at=persons_at,
        person_names=[names.name(rng) for _ in range(4_000)],
    )


def _shares(weights: Floats) -> Floats:
    shares: Floats = weights / weights.sum()
    return shares

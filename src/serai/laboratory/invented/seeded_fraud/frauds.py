"""Five frauds, each sown into lawful trade by its own function: what is declared changes, not the goods."""

import numpy as np

from serai.laboratory.invented.seeded_fraud.market import HABITS, Ints, Market
from serai.laboratory.invented.seeded_fraud.trade import DAY_MINUTES, Trade, draw_mass, draw_value

FRAUDS = ("undervaluation", "splitting", "miscoding", "false-origin", "identity-misuse")
LIMIT_MINOR = 15_000
"""Low-value limit that splitters and undervaluers stay below: EUR 150."""

_SPLIT_ORDERS, _SPLIT_PARCELS, _SPLIT_WITHIN_DAYS = 0.0025, (3, 7), 3
_FORWARDERS, _FORWARDED_PARCELS = 0.0002, (25, 80)
_PREFERRED_ORIGINS = ("VN", "TR", "KR", "BD")
_LOWER_DUTY_CHAPTERS = ("39", "85", "94", "95")
_HIGH_DUTY_CHAPTERS = ("61", "62", "64", "42")


def sow(rng: np.random.Generator, market: Market, trade: Trade) -> Trade:
    """Sow all five; returns the trade in order of time. Each row bears one fraud at most."""
    _undervalue(rng, market, trade)
    _miscode(rng, market, trade)
    _claim_false_origin(rng, market, trade)
    whole = _joined(trade, _split(rng, market, trade), _misuse_identities(rng, market, trade))
    return whole.taken(np.argsort(whole.minute, kind="stable"))


def _rows_of_habit(rng: np.random.Generator, market: Market, trade: Trade, habit: str) -> Ints:
    is_theirs = market.habit[trade.seller] == HABITS.index(habit)
    return np.flatnonzero(is_theirs & (rng.random(len(trade)) < market.intensity[trade.seller]))


def _undervalue(rng: np.random.Generator, market: Market, trade: Trade) -> None:
    """Some declare a part of the price; what would be above the limit comes to lie just below it."""
    rows = _rows_of_habit(rng, market, trade, "undervaluation")
    declared = trade.value_minor[rows] * rng.uniform(0.2, 0.6, len(rows))
    just_below = LIMIT_MINOR * rng.uniform(0.55, 0.99, len(rows))
    trade.value_minor[rows] = np.maximum(np.minimum(declared, just_below), 50).astype(np.int64)
    trade.fraud[rows] = FRAUDS.index("undervaluation")


def _miscode(rng: np.random.Generator, market: Market, trade: Trade) -> None:
    """Goods of high duty under a code of low duty: mass and price stay those of the goods."""
    is_high = np.array([one.commodity_code[:2] in _HIGH_DUTY_CHAPTERS for one in market.headings])
    low = np.flatnonzero([one.commodity_code[:2] in _LOWER_DUTY_CHAPTERS for one in market.headings])
    rows = _rows_of_habit(rng, market, trade, "miscoding")
    # A miscoder deals in goods of high duty; what it sells else it declares as it is.
    real = np.where(is_high[trade.heading[rows]], trade.heading[rows], _one_of(rng, is_high, len(rows)))
    trade.mass_g[rows] = draw_mass(rng, market, real)
    trade.value_minor[rows] = draw_value(rng, market, trade.seller[rows], real, trade.mass_g[rows])
    # Each has one code that it hides behind.
    trade.heading[rows] = low[trade.seller[rows] % len(low)]
    trade.fraud[rows] = FRAUDS.index("miscoding")


def _one_of(rng: np.random.Generator, flags: np.ndarray, count: int) -> Ints:
    return rng.choice(np.flatnonzero(flags), count)


def _claim_false_origin(rng: np.random.Generator, market: Market, trade: Trade) -> None:
    """Goods of China as of a country with preference; they still leave from where the seller is."""
    rows = _rows_of_habit(rng, market, trade, "false-origin")
    trade.origin_country[rows] = np.array(_PREFERRED_ORIGINS)[trade.seller[rows] % len(_PREFERRED_ORIGINS)]
    is_true = trade.origin_country[rows] == market.dispatch_country[trade.seller[rows]]
    trade.fraud[rows[~is_true]] = FRAUDS.index("false-origin")


def _split(rng: np.random.Generator, market: Market, trade: Trade) -> Trade:
    """Orders above the limit in several parcels to one address within days, names written otherwise."""
    orders = rng.choice(len(trade), int(len(trade) * _SPLIT_ORDERS), replace=False)
    parcels = rng.integers(*_SPLIT_PARCELS, len(orders))
    parts = trade.taken(np.repeat(orders, parcels))
    count = len(parts)
    parts.minute = parts.minute + rng.integers(_SPLIT_WITHIN_DAYS * DAY_MINUTES, size=count)
    parts.value_minor = (LIMIT_MINOR * rng.uniform(0.35, 0.98, count)).astype(np.int64)
    per_kg = np.array([one.price_eur_cents_per_kg for one in market.headings])[parts.heading]
    level = market.price_level[parts.seller] * np.exp(rng.normal(0, 0.25, count))
    parts.mass_g = np.maximum(parts.value_minor / (per_kg * level) * 1_000, 8).astype(np.int64)
    parts.name_variant = rng.integers(3, size=count)
    parts.fraud[:] = FRAUDS.index("splitting")
    return parts


def _misuse_identities(rng: np.random.Generator, market: Market, trade: Trade) -> Trade:
    """A dealer's goods to one address under the names of many people who never ordered them."""
    forwarders = rng.choice(len(trade), max(1, int(len(trade) * _FORWARDERS)), replace=False)
    parcels = rng.integers(*_FORWARDED_PARCELS, len(forwarders))
    parts = trade.taken(np.repeat(forwarders, parcels))
    count = len(parts)
    # They come over weeks, in bursts, each under another name.
    spread = rng.integers(int(trade.minute.max()) + 1, size=len(forwarders))
    parts.minute = np.repeat(spread, parcels) + rng.integers(10 * DAY_MINUTES, size=count)
    parts.person = 1_000 + np.arange(count)
    parts.value_minor = (LIMIT_MINOR * rng.uniform(0.5, 0.99, count)).astype(np.int64)
    parts.mass_g = draw_mass(rng, market, parts.heading)
    parts.name_variant[:] = 0
    parts.fraud[:] = FRAUDS.index("identity-misuse")
    return parts


def _joined(*parts: Trade) -> Trade:
    return Trade(*(np.concatenate([getattr(part, name) for part in parts]) for name in Trade.__slots__))

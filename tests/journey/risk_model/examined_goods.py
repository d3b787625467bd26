"""Examined goods with a known rule in them: the price per kilogram of chapter 85, and one origin."""

import numpy as np

from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.rows import RiskRows, hash_column, hash_prefixes
from serai.model.columns import encode_words

CODES = ("610910", "620342", "850440", "851713", "330499", "950300")


def examined_goods(count: int, seed: int) -> Examined:
    """Return goods of which some 15 % are found: cheap ones of chapter 85 and those said to be of VN."""
    rng = np.random.default_rng(seed)
    code = rng.integers(0, len(CODES), count)
    origin = rng.choice(np.array(["CN", "VN", "TR", "IN"]), count, p=[0.6, 0.1, 0.2, 0.1])
    mass = np.exp(rng.normal(-1.0, 0.7, count))
    per_kg = np.exp(3.0 + 0.3 * code + rng.normal(0.0, 0.6, count))
    is_cheap = (per_kg < np.exp(3.0 + 0.3 * code - 0.6)) & np.isin(code, (2, 3))
    chance = np.where(is_cheap, 0.75, np.where(origin == "VN", 0.4, 0.04))
    words = encode_words([CODES[one] for one in code.tolist()])
    keys = {
        role: hash_prefixes("goods", words, digits)
        for role, digits in (("chapter", 2), ("heading", 4), ("subheading", 6))
    }
    keys["origin"] = hash_column("country", encode_words(origin.tolist()))
    keys["dispatch"] = hash_column("country", encode_words(["CN"] * count))
    keys["currency"] = hash_column("currency", encode_words(["EUR"] * count))
    keys["seller"] = hash_column("seller", encode_words([f"S{n}" for n in rng.integers(0, 40, count)]))
    measures = {
        "log_mass": np.log(mass),
        "log_price": np.log(mass * per_kg),
        "log_price_per_kg": np.log(per_kg),
    }
    found = (rng.random(count) < chance).astype(np.float64)
    group = hash_column("group", encode_words([str(number) for number in range(count)]))
    days = np.sort(rng.integers(20_000, 20_300, count)).astype(np.int64)
    return Examined(RiskRows(count, keys, measures), found, group, days)

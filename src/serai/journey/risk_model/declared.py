"""Declared data as rows of the model: one a goods item. Nothing of persons, no channel, no size of a seller
(`forbidden.yaml`)."""

import numpy as np

from serai.journey.risk_model.rows import (
    Float64s,
    RiskRows,
    UInt64s,
    hash_column,
    hash_prefixes,
    join_keys,
    state_absent,
)
from serai.model.columns import Coded, Flags, Frame, Int64s, encode_words
from serai.model.frames import ABSENT

_DIGITS = {"chapter": 2, "heading": 4, "subheading": 6}
_GROUPED = ("subheading", "origin", "dispatch", "treatment", "currency")


def declared_rows(consignments: Frame, items: Frame, filers: Coded, sellers: Coded) -> RiskRows:
    """Return the rows of goods items. consignments, items: as stage `validation` leaves them. filers,
    sellers: identifiers, one a consignment; a seller may be absent."""
    owner = items.numbers("owner")
    code = items.words("commodity_code")
    keys: dict[str, UInt64s] = {role: hash_prefixes("goods", code, n) for role, n in _DIGITS.items()}
    keys["currency"] = hash_column("currency", items.words("invoice_currency_code"))
    keys["origin"] = hash_column("country", items.words("origin_country_code"))
    keys["dispatch"] = hash_column("country", consignments.words("dispatch_country_code"))[owner]
    mode = consignments.words("transport_mode_code")
    keys["transport_mode"] = hash_column("transport_mode", mode)[owner]
    # To claim no preference is a treatment, too.
    keys["treatment"] = hash_column("treatment", state_absent(items.words("preference_code")))
    keys["filer"] = hash_column("filer", filers)[owner]
    keys["seller"] = hash_column("seller", sellers)[owner]
    mass = _log(items.numbers("gross_mass_g"), 1_000.0)
    price = _log(items.numbers("invoice_amount_micro"), 1_000_000.0)
    measures = {"log_mass": mass, "log_price": price, "log_price_per_kg": price - mass}
    return RiskRows(items.row_count, keys, measures)


def goods_group(rows: RiskRows, gross_mass_g: Int64s, prices: Int64s) -> UInt64s:
    """Return one key of all that is declared of the goods of a row: rows of one key are copies."""
    exact = encode_words([f"{mass} {price}" for mass, price in zip(gross_mass_g, prices, strict=True)])
    stated = [np.maximum(rows.keys[role], np.uint64(1)) for role in _GROUPED]
    return join_keys([*stated, hash_column("group:measures", exact)])


def of_consignments(of_items: Float64s, first_items: Int64s) -> Float64s:
    """Return the greatest value of each consignment's goods items; each has one at least."""
    return np.maximum.reduceat(of_items, first_items) if len(first_items) else np.zeros(0)


def _log(values: Int64s, unit: float) -> Float64s:
    is_known: Flags = (values != ABSENT) & (values > 0)
    return np.where(is_known, np.log(np.where(is_known, values, 1) / unit), np.nan)

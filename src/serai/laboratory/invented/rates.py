"""Tables from which the yardstick draws: destinations, exchange rates, limits, commodity codes.

Illustrative and undated: no law. They only make the drawn prices plausible (some just under a limit).
What is owed comes from the law packs, never from here.
"""

PPM = 1_000_000
LAW_CURRENCIES = ("EUR", "GBP", "USD", "AUD")
"""Currency by regime: EU, GB, US, AU."""
LIMIT = (15_000, 13_500, 0, 100_000)
"""Low-value limit per consignment by regime, minor units of its currency."""

# One minor unit in millionths of a euro cent. JPY and KRW have no minor unit.
IN_EUR = {
    "EUR": 1_000_000,
    "GBP": 1_140_000,
    "USD": 860_000,
    "AUD": 560_000,
    "CNY": 121_000,
    "JPY": 555_000,
    "KRW": 58_800,
    "CAD": 615_000,
    "TRY": 20_300,
}
RATE = {(c, r): PPM * IN_EUR[c] // IN_EUR[law] for c in IN_EUR for r, law in enumerate(LAW_CURRENCIES)}
"""(currency, regime) -> minor units of the regime's currency for one minor unit, in parts per million."""
PLACES = dict.fromkeys(IN_EUR, 2) | {"JPY": 0, "KRW": 0}
"""Decimal places of each currency drawn, after ISO 4217."""

_EU_TAX = (
    "AT2000 BE2100 BG2000 HR2500 CY1900 CZ2100 DK2500 EE2400 FI2550 FR2000 DE1900 GR2400 HU2700 "
    "IE2300 IT2200 LV2100 LT2100 LU1700 MT1800 NL2100 PL2300 PT2300 RO2100 SK2300 SI2200 ES2100 SE2500"
)
TAX = {e[:2]: (0, int(e[2:])) for e in _EU_TAX.split()} | {"GB": (1, 2_000), "US": (2, 0), "AU": (3, 1_000)}
"""Destination -> regime, tax rate in hundredths of a percent."""

_CODES = (
    "610910 611030 610463 611595 610711 610610 620342 620443 621210 620240 621710 640411 640299 640391 "
    "850440 851762 851830 851713 854442 850760 852589 853952 950300 950450 950699 950590 950440 "
    "711719 711790 711311 420222 420221 420232 420292 330499 330410 330300 330590 330420 "
    "392690 392410 392640 940542 940440 940360 940179 940511"
)
COMMODITY_CODES = tuple(_CODES.split())
"""Six-digit codes that are drawn; their order decides what a seed gives."""

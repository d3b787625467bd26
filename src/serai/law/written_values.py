"""Values of a pack written as a lawyer reads them: `20 %`, `150.00 EUR`, `2 kg`, 2026-07-01."""

from decimal import Decimal
from typing import Any, Final

from serai.model.money import PLACES

PPM_A_PERCENT: Final = 10_000
G_A_KG: Final = 1_000


def write_value(value: Any, kind: str, currency: str | None) -> str:
    """Return a value of a parameter as a pack writes it. Lists stand with blanks between, null is `null`."""
    if isinstance(value, list):
        return " ".join(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if kind == "rate":
        return f"{write_decimal(Decimal(value) / PPM_A_PERCENT)} %"
    if kind == "money" and currency is not None:
        return write_money(Decimal(value).scaleb(-PLACES[currency]), currency)
    if kind == "mass":
        return f"{write_decimal(Decimal(value) / G_A_KG)} kg" if abs(value) >= G_A_KG else f"{value} g"
    return str(value)


def write_money(amount: Decimal, currency: str) -> str:
    """Return an amount in units of its currency with all its places."""
    return f"{amount:.{PLACES[currency]}f} {currency}"


def write_decimal(number: Decimal) -> str:
    """Return a number without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

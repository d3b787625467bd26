"""Postcodes of invented addresses in the form of their country: the yardstick draws five digits for all."""

from itertools import cycle
from typing import Final

_FORMS: Final = {"AT": "9999", "AU": "9999", "BE": "9999", "GB": "AA9 9AA", "IE": "A99 AAAA", "NL": "9999 AA"}
"""9 a drawn digit, A a letter for one; countries of five digits are not here."""
_LETTERS: Final = "ACDEFHKLMN"
"""No pair of these begins a British postcode of a territory of its own (BT, GY, IM, JE)."""


def postcode_of(country_code: str, digits: str) -> str:
    """Write drawn digits as a postcode of the country. A form of more signs uses the digits again."""
    form = _FORMS.get(country_code)
    if form is None:
        return digits
    drawn = cycle(digits)
    signs = []
    for sign in form:
        if sign == " ":
            signs.append(sign)
        else:
            digit = next(drawn)
            signs.append(digit if sign == "9" else _LETTERS[int(digit)])
    return "".join(signs)

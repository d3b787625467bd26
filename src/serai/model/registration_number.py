"""The registration number (MRN) issued on acceptance: year, country, thirteen characters of our id, check
character.

Eighteen characters as the Union and its neighbours use them; the check character is that of ISO 6346
(weights 2^place, modulo 11).
"""

import numpy as np

from serai.model.check_digits import SIGN_WORTH
from serai.model.columns import Int64s

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", dtype=np.uint8)
_WEIGHTS = 2 ** np.arange(17)


def registration_numbers(ids: Int64s, year: int, country_code: str) -> list[str]:
    """Return a registration number for each id, unique as the ids are. year: of acceptance."""
    count = len(ids)
    signs = np.empty((count, 18), dtype=np.uint8)
    signs[:, :4] = np.frombuffer(f"{year % 100:02d}{country_code}".encode(), dtype=np.uint8)
    for place in range(13):
        signs[:, 16 - place] = _ALPHABET[(ids >> (5 * place)) & 31]
    check = (SIGN_WORTH[signs[:, :17]] * _WEIGHTS).sum(axis=1) % 11 % 10
    signs[:, 17] = 48 + check
    return [text.decode() for text in signs.view("S18").ravel().tolist()]


def is_registration_number(text: str) -> bool:
    """Say whether the check character fits."""
    if len(text) != 18 or not text.isascii() or not text.isalnum():
        return False
    signs = np.frombuffer(text.encode(), dtype=np.uint8)
    return int((SIGN_WORTH[signs[:17]] * _WEIGHTS).sum() % 11 % 10) == int(signs[17]) - 48


def read_id(text: str) -> int | None:
    """Return the id in a registration number of ours; None where it is none."""
    if not is_registration_number(text):
        return None
    digits = text[4:17]
    if any(digit > "V" for digit in digits):
        return None
    number = int(digits, 32)
    return number if number < 2**63 else None

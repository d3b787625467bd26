"""Numbers with check digits: transport documents and registrations, all invented.

Registrations come from ranges that are not given out, as far as we know.
"""

import numpy as np


def s10(service: str, serial: int, country: str) -> str:
    """Number of a postal item (UPU S10): service, eight digits, check digit, country."""
    digits = f"{serial % 10**8:08d}"
    check = 11 - sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"{service}{digits}{ {10: 0, 11: 5}.get(check, check) }{country}"


def express(serial: int) -> str:
    """Give by turns a 1Z number (mod 10), an air waybill (ten digits, mod 7), an S10 of express mail."""
    if serial % 3 == 0:
        body = f"A{serial % 99999:05d}04{serial % 10**7:07d}"
        total = sum((1 + i % 2) * (int(c) if c.isdigit() else (ord(c) - 63) % 10) for i, c in enumerate(body))
        return f"1Z{body}{-total % 10}"
    if serial % 3 == 1:
        number = 100_000_000 + serial % 800_000_000
        return f"{number}{number % 7}"
    return s10("EX", serial, "CN")


def mawb(prefix: int, serial: int) -> str:
    """Number of a master air waybill: airline, seven digits, check digit (mod 7)."""
    return f"{prefix:03d}-{serial % 10**7:07d}{serial % 10**7 % 7}"


def tax_id(rng: np.random.Generator, valid: bool) -> str:
    """Import scheme number of the yardstick: IM, nine digits, check digit of its own kind."""
    digits = f"{rng.choice(('276', '372', '528'))}{rng.integers(10**6):06d}"
    check = sum(i * int(d) for i, d in enumerate(digits, 1)) % 11 % 10
    return f"IM{digits}{check if valid else (check + 1 + rng.integers(9)) % 10}"


def gb_vat(serial: int) -> str:
    """VAT number of Great Britain in form, with its check (mod 97), from the unused block 000."""
    digits = f"000{serial % 10**4:04d}"
    weighted = sum(int(d) * w for d, w in zip(digits, range(8, 1, -1), strict=True))
    return f"GB{digits}{(-weighted) % 97:02d}"


def abn(serial: int) -> str:
    """Australian Business Number in form, with its two check digits in front (mod 89)."""
    body = f"000{serial % 10**6:06d}"
    weighted = sum(-w * int(d) for w, d in zip(range(3, 20, 2), body, strict=True))
    return f"{11 + (weighted - 1) % 89}{body}"


def arn(serial: int) -> str:
    """ATO Reference Number of simplified GST registration: twelve digits, from a block of zeros."""
    return f"{serial % 10**6:012d}"

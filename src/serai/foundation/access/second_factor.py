"""The second factor: codes of an authenticator app that change every half minute (TOTP, RFC 6238)."""

import hmac
from datetime import datetime
from typing import Final

import pyotp
import segno

STEP_S: Final = 30
_STEPS_BESIDE: Final = 1
"""How far the clock of a telephone may be off: a step to either side (RFC 6238, 5.2)."""


def make_secret() -> str:
    """Return a new secret, 160 random bits in base 32 (RFC 4226, requirement 6)."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step of time whose code this is, the current one or a neighbour; None: no such code."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    now = int(at.timestamp()) // STEP_S
    digits = "".join(code.split())
    steps = [
        step
        for step in range(now - _STEPS_BESIDE, now + _STEPS_BESIDE + 1)
        # As bytes: any text may be typed, and only ASCII text could be compared as text.
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())
    ]
    return steps[-1] if steps else None


def qr_code(secret: str, sign_in_name: str, issuer: str) -> str:
    """Return the picture to photograph with an authenticator app, as a `data:` address of an SVG."""
    address = pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=sign_in_name, issuer_name=issuer)
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2)

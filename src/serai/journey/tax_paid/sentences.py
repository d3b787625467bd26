"""What each reason means, and what to do: in plain words for whoever checks a token."""

from collections.abc import Mapping
from typing import Final

from serai.journey.tax_paid.checking import Reason
from serai.journey.tax_paid.goods import MismatchField

SENTENCES: Final[Mapping[Reason, tuple[str, str]]] = {
    "unreadable": ("This is no tax-paid token.", "Scan the whole code again, or treat tax as not paid."),
    "other-kind": (
        "This is signed, but it is no tax-paid token.",
        "Ask for the token of the consignment; another document proves no payment.",
    ),
    "unknown-key": (
        "None of the keys at hand is named by this token.",
        "Fetch the issuers' keys again. If it stays unknown, treat tax as not paid.",
    ),
    "forged": (
        "The signature does not fit what the token says: it was changed or made up.",
        "Do not release against it. Treat tax as not paid and tell the scheme's holder.",
    ),
    "other-issuer": (
        "The key that signed it is another issuer's.",
        "Treat tax as not paid and tell the administration that published the key.",
    ),
    "other-administration": (
        "The token is for the border of another administration.",
        "Tax that was paid elsewhere is not paid here: charge it as usual.",
    ),
    "expired-key": (
        "The key that signed it has ended or was revoked.",
        "Treat tax as not paid. The issuer signs a new token with a key that is in force.",
    ),
    "not-yet-valid": (
        "The token was issued later than now.",
        "Compare the clock of this device with the time of day; if it is right, treat tax as not paid.",
    ),
    "expired": ("The token has expired.", "Ask the scheme's holder for a new one, or charge tax as usual."),
    "status-unknown": (
        "No status list at hand says whether the token was used or revoked.",
        "Fetch the list that the token names, or check it online.",
    ),
    "status-list-expired": (
        "The status list at hand is too old to say that the token is still unused.",
        "Fetch the list again, or check the token online.",
    ),
    "used": (
        "Goods were released against this token before.",
        "It may be a copy: hold the goods, charge tax as usual, and tell the scheme's holder.",
    ),
    "revoked": ("The token was revoked.", "Treat tax as not paid."),
    "suspended": (
        "The token is suspended for now.",
        "Hold the goods, or release them against security, until the issuer decides.",
    ),
    "other-goods": (
        "The token speaks of other goods than those declared.",
        "Compare the differences. Charge tax as usual on what was not paid for.",
    ),
}
"""Reason -> what it means, what to do."""
MISMATCHES: Final[Mapping[MismatchField, str]] = {
    "scheme_code": "paid by another scheme than the one declared",
    "scheme_number": "paid by the holder of another scheme number than the one declared",
    "order_reference": "paid for another order",
    "item_not_paid": "declared, but not paid for",
    "item_not_declared": "paid for, but not declared",
    "commodity_code": "another commodity code",
    "currency_code": "another currency",
    "value": "a higher value than was paid for",
    "gross_mass": "a higher mass than was paid for",
}

"""What each reason means and what to do, in plain words for whoever checks a token."""

from collections.abc import Mapping
from typing import Final

from serai.foundation.http.interface_words import translatable
from serai.journey.tax_paid.checking import Reason
from serai.journey.tax_paid.goods import MismatchField

SENTENCES: Final[Mapping[Reason, tuple[str, str]]] = {
    "unreadable": (
        translatable("This is no tax-paid token."),
        translatable("Scan the whole code again, or treat tax as not paid."),
    ),
    "other-kind": (
        translatable("This is signed, but it is no tax-paid token."),
        translatable("Ask for the token of the consignment; another document proves no payment."),
    ),
    "unknown-key": (
        translatable("None of the keys at hand is named by this token."),
        translatable("Fetch the issuers' keys again. If it stays unknown, treat tax as not paid."),
    ),
    "forged": (
        translatable("The signature does not fit what the token says: it was changed or made up."),
        translatable("Do not release against it. Treat tax as not paid and tell the scheme's holder."),
    ),
    "other-issuer": (
        translatable("The key that signed it is another issuer's."),
        translatable("Treat tax as not paid and tell the administration that published the key."),
    ),
    "other-administration": (
        translatable("The token is for the border of another administration."),
        translatable("Tax that was paid elsewhere is not paid here: charge it as usual."),
    ),
    "expired-key": (
        translatable("The key that signed it has ended or was revoked."),
        translatable("Treat tax as not paid. The issuer signs a new token with a key that is in force."),
    ),
    "not-yet-valid": (
        translatable("The token was issued later than now."),
        translatable(
            "Compare the clock of this device with the time of day; if it is right, treat tax as not paid."
        ),
    ),
    "expired": (
        translatable("The token has expired."),
        translatable("Ask the scheme's holder for a new one, or charge tax as usual."),
    ),
    "status-unknown": (
        translatable("No status list at hand says whether the token was used or revoked."),
        translatable("Fetch the list that the token names, or check it online."),
    ),
    "status-list-expired": (
        translatable("The status list at hand is too old to say that the token is still unused."),
        translatable("Fetch the list again, or check the token online."),
    ),
    "used": (
        translatable("Goods were released against this token before."),
        translatable("It may be a copy: hold the goods, charge tax as usual, and tell the scheme's holder."),
    ),
    "revoked": (
        translatable("The token was revoked."),
        translatable("Treat tax as not paid."),
    ),
    "suspended": (
        translatable("The token is suspended for now."),
        translatable("Hold the goods, or release them against security, until the issuer decides."),
    ),
    "other-goods": (
        translatable("The token speaks of other goods than those declared."),
        translatable("Compare the differences. Charge tax as usual on what was not paid for."),
    ),
}
"""Reason -> what it means, what to do: in English; who shows them says them by `text_in`."""
MISMATCHES: Final[Mapping[MismatchField, str]] = {
    "scheme_code": translatable("paid by another scheme than the one declared"),
    "scheme_number": translatable("paid by the holder of another scheme number than the one declared"),
    "order_reference": translatable("paid for another order"),
    "item_not_paid": translatable("declared, but not paid for"),
    "item_not_declared": translatable("paid for, but not declared"),
    "commodity_code": translatable("another commodity code"),
    "currency_code": translatable("another currency"),
    "value": translatable("a higher value than was paid for"),
    "gross_mass": translatable("a higher mass than was paid for"),
}
"""How declared goods differ from what a token speaks of: likewise."""

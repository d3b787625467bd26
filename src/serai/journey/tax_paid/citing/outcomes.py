"""What a citation of a scheme number comes to, with its token or without one."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from serai.journey.tax_paid.checking import Reason

Outcome = Literal["proven", "without", "missing", "refused"]
"""A token proves it; none was asked for; none came although the holder says that all carry one; the one that
came was refused."""
PROVEN: Final = "proven"
WITHOUT: Final = "without"
MISSING: Final = "missing"
REFUSED: Final = "refused"

UNCHECKED: Final[frozenset[Reason]] = frozenset({"unknown-key", "status-unknown", "status-list-expired"})
"""Reasons that say nothing of the token: this border cannot check it now."""
OF_ITS_OWN_USE: Final[frozenset[Reason]] = frozenset(
    {"used", "expired", "expired-key", "suspended", "status-unknown", "status-list-expired"}
)
"""Reasons that do not undo what was proven: that a token was used by the very consignment, or ended since."""

WITHOUT_TOKEN: Final = "token-missing"  # noqa: S105 - how a number stands
STATUS_OF_REASON: Final[Mapping[Reason, str]] = {
    "unreadable": "token-unsound",
    "other-kind": "token-unsound",
    "forged": "token-unsound",
    "other-issuer": "token-unsound",
    "other-administration": "token-of-another-border",
    "used": "token-used",
    "revoked": "token-revoked",
    "other-goods": "token-for-other-goods",
    "suspended": "token-suspended",
    "expired-key": "token-expired",
    "expired": "token-expired",
    "not-yet-valid": "token-not-yet-valid",
    "unknown-key": "token-unchecked",
    "status-unknown": "token-unchecked",
    "status-list-expired": "token-unchecked",
}
"""By the reason why a token is not valid, how the scheme number stands that it was for: one of
SCHEME_STATUS_CODES. The first of several counts."""


def status_of(reasons: Sequence[Reason]) -> str:
    """Return how a scheme number stands whose token is not valid for some reasons."""
    assert reasons, "a token that is not valid has a reason"
    return STATUS_OF_REASON[gravest(reasons)]


def gravest(reasons: Sequence[Reason]) -> Reason:
    """Return the reason that counts of several."""
    return next(one for one in STATUS_OF_REASON if one in reasons)

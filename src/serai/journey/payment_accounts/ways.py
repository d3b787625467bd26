"""Ways in which what is owed is collected: laws/collection.yaml."""

from functools import cache
from typing import Final, Literal, get_args

import msgspec

from serai.foundation.shipped import find_shipped

_FILE: Final = "collection.yaml"
AccountWay = Literal["deferred", "prepaid", "advance", "settlement", "scheme"]
"""Ways that go over an account."""
ACCOUNT_WAYS: Final[tuple[AccountWay, ...]] = get_args(AccountWay)


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of collection. act: kind of the act that records it; "": nothing is recorded on the case.
    held_by: roles of who may hold an account of it; empty: any. has_limit: so much may stand open; else it is
    paid in before. recovers: whoever pays passes it on. period: after which it is settled. read: where."""

    code: str
    meaning: str
    act: str
    has_account: bool
    held_by: list[str]
    has_limit: bool
    recovers: bool
    period: Literal["", "month"]
    source: str
    read: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ways: list[Way]


@cache
def shipped_ways() -> dict[str, Way]:
    """Return the ways by code. Raises msgspec.ValidationError, ValueError where one of an account is
    missing."""
    ways = msgspec.yaml.decode((find_shipped("laws") / _FILE).read_bytes(), type=_File).ways
    if missing := set(ACCOUNT_WAYS) ^ {one.code for one in ways if one.has_account}:
        raise ValueError(f"{_FILE} names other ways with an account than there are: {sorted(missing)}")
    return {one.code: one for one in ways}

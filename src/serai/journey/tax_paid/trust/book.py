"""What a process believes of tokens, at hand in memory: read anew when its version has changed."""

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from psycopg import AsyncConnection

from serai.foundation.worker_threads import beside_the_loop
from serai.journey.tax_paid.checking import TokenChecker
from serai.journey.tax_paid.goods import Tolerance
from serai.journey.tax_paid.trust import store
from serai.journey.tax_paid.trust.store import IssuerKey, Scheme
from serai.journey.tax_paid.trusted import SignedList, TrustedKey, read_list, trust

_MANY: Final = 1_000
"""Signed lists are read in a thread."""


class Reads(Protocol):
    """Gives connections that read for one administration."""

    def read(self, administration_id: int) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """Give a connection."""
        ...


@dataclass(frozen=True, slots=True)
class Trust:
    """A version of what is believed. schemes: by kind and number. tolerance: how far goods may be above what
    was paid for."""

    version: int
    checker: TokenChecker
    schemes: Mapping[tuple[str, str], Scheme]
    tolerance: Tolerance


@dataclass(slots=True)
class TrustBook:
    """What is believed now. Read-only but for `refresh`."""

    administration_id: int
    administration_code: str
    tolerance: Tolerance
    now: Trust = field(init=False)

    def __post_init__(self) -> None:
        """Believe nobody."""
        self.now = self._build(0, [], [], [])

    async def refresh(self, database: Reads) -> None:
        """Read what is believed, if anything of it has changed."""
        key = {"administration_id": self.administration_id}
        async with database.read(self.administration_id) as connection:
            version = await store.select_version(connection, **key)
            if version == self.now.version:
                return
            keys = await store.select_keys(connection, **key)
            lists = await store.select_lists(connection, **key)
            schemes = await store.select_schemes(connection, None, **key)
        self.now = await beside_the_loop(_MANY, self._build, version, keys, lists, schemes)

    def _build(
        self,
        version: int,
        keys: Iterable[IssuerKey],
        lists: Iterable[tuple[str, str]],
        schemes: Iterable[Scheme],
    ) -> Trust:
        trusted = {one.kid: trust_key(one, self.administration_code) for one in keys}
        checker = TokenChecker(
            trusted, _read_lists(lists, trusted), administration_code=self.administration_code
        )
        in_force = {(one.scheme_kind_code, one.number): one for one in schemes if one.ended_at is None}
        return Trust(version, checker, in_force, self.tolerance)


def trust_key(one: IssuerKey, administration_code: str) -> TrustedKey:
    """Make a registered key ready: it signs for its issuer and for this border alone, as long as it is in
    force; from its revocation on nothing that it signed is believed."""
    ends = [end for end in (one.valid_to, one.revoked_at) if end is not None]
    return trust(
        one.kid,
        one.public_key,
        issuer=one.issuer,
        administration_code=administration_code,
        valid_from=_seconds(one.valid_from),
        valid_to=_seconds(min(ends)) if ends else None,
    )


def _read_lists(
    lists: Iterable[tuple[str, str]], trusted: dict[str, TrustedKey]
) -> dict[str | tuple[str, str], SignedList]:
    """Read lists as they are kept: whose key signed them was looked at when they came."""
    found: dict[str | tuple[str, str], SignedList] = {}
    for issuer, content in lists:
        one = read_list(content, trusted)
        found[issuer, one.uri] = one
    return found


def _seconds(at: dt.datetime) -> int:
    return int(at.timestamp())

"""Who has tried something too often, by what is guessed at and by network: counted for all processes
together. So sign-ins are bounded, and whatever else somebody may guess at."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_IPV6_NETWORK_BITS: Final = 64
"""What one line of a provider is given: whoever holds one address of it holds them all."""


class TriesAllowed(msgspec.Struct, frozen=True):
    """How many tries an account and a network have, counted anew once nothing was tried for `lasts`."""

    of_account_count: int
    of_network_count: int
    lasts: timedelta


class SignInLockedError(SeraiError):
    """Code `sign-in-locked`: too many tries; retry_after_s says when the next is taken."""

    def __init__(self, retry_after_s: int) -> None:
        minutes = -(-retry_after_s // 60)
        super().__init__(
            "sign-in-locked",
            "There were too many tries to sign in with this name or from this network.",
            MessageText.counted(
                "Wait {count} minute; or ask the administration.",
                "Wait {count} minutes; or ask the administration.",
                count=minutes,
            ),
        )
        self.retry_after_s = retry_after_s


def network_of(host: str) -> str:
    """Return the network that an address stands for: itself in IPv4, its /64 in IPv6, else the text given."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_NETWORK_BITS), strict=False))


class Subject(NamedTuple):
    """What a try is counted for. most: tries it has."""

    subject_hash: bytes
    most: int


def subject_hash(kind: str, text: str) -> bytes:
    """Return under what tries are counted. kind: of what is tried, at most 16 letters; text: is not kept."""
    return hashlib.blake2b(text.encode(), digest_size=16, person=kind.encode()).digest()


async def count_try(
    connection: AsyncConnection,
    subjects: Sequence[Subject],
    *,
    administration_id: int,
    lasts: timedelta,
    at: datetime,
) -> int:
    """Count a try before it is looked at, so that many at once are counted, too. Returns 0, or in how many
    seconds the next is taken.

    A refused try changes nothing: nobody is locked out for longer by being tried again. lasts: after so long
    without a try it is counted anew.
    """
    for subject in subjects:
        values = {
            "administration_id": administration_id,
            "subject_hash": subject.subject_hash,
            "most": subject.most,
            "at": at,
            "forgotten_before": at - lasts,
        }
        row = await store.select_one(connection, "take_sign_in_try", values, store.TriesRow)
        assert row is not None, "the statement writes a row"
        if row.tries_count > subject.most:
            return max(1, int((row.last_at + lasts - at).total_seconds()))
    return 0


async def give_try_back(
    connection: AsyncConnection, hashes: Sequence[bytes], *, administration_id: int
) -> None:
    """Who knew has not guessed: each subject has that try back."""
    for one in hashes:
        values = {"administration_id": administration_id, "network_hash": one}
        await store.execute(connection, "give_network_try_back", values)


async def take_try(
    connection: AsyncConnection,
    *,
    administration_id: int,
    sign_in_name: str,
    network: str,
    allowed: TriesAllowed,
    at: datetime,
) -> None:
    """Count a try to sign in. Raises SignInLockedError."""
    subjects = (
        Subject(_network_hash(network), allowed.of_network_count),
        Subject(_account_hash(sign_in_name), allowed.of_account_count),
    )
    wait_s = await count_try(
        connection, subjects, administration_id=administration_id, lasts=allowed.lasts, at=at
    )
    if wait_s:
        raise SignInLockedError(wait_s)


async def forget_tries(
    connection: AsyncConnection,
    *,
    administration_id: int,
    sign_in_name: str,
    network: str,
    allowed: TriesAllowed,
    at: datetime,
) -> None:
    """Who has signed in has not guessed: its name begins anew, its network has that try back; old rows go."""
    values = {
        "administration_id": administration_id,
        "account_hash": _account_hash(sign_in_name),
        "forgotten_before": at - allowed.lasts,
    }
    await store.execute(connection, "forget_sign_in_tries", values)
    await give_try_back(connection, [_network_hash(network)], administration_id=administration_id)


async def forget_tries_of(connection: AsyncConnection, *, administration_id: int, sign_in_name: str) -> None:
    """Let a name begin anew that had too many tries."""
    values = {"administration_id": administration_id, "account_hash": _account_hash(sign_in_name)}
    await store.execute(connection, "forget_tries_of_account", values)


def _account_hash(sign_in_name: str) -> bytes:
    # A name that is no account's may be a password typed into the wrong field: it is not kept readable.
    return subject_hash("serai-tries-acct", sign_in_name)


def _network_hash(network: str) -> bytes:
    return subject_hash("serai-tries-net", network)

"""Who has tried to sign in too often, by account and by network: counted for all processes together."""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.model.errors import SeraiError

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
            f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'}; or ask the administration.",
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


async def take_try(
    connection: AsyncConnection,
    *,
    administration_id: int,
    sign_in_name: str,
    network: str,
    allowed: TriesAllowed,
    at: datetime,
) -> None:
    """Count a try before it is looked at, so that many at once are counted, too. Raises SignInLockedError.

    A refused try changes nothing: nobody is locked out for longer by being tried again.
    """
    subjects = (
        (_network_hash(network), allowed.of_network_count),
        (_account_hash(sign_in_name), allowed.of_account_count),
    )
    for subject_hash, most in subjects:
        values = {
            "administration_id": administration_id,
            "subject_hash": subject_hash,
            "most": most,
            "at": at,
            "forgotten_before": at - allowed.lasts,
        }
        row = await store.select_one(connection, "take_sign_in_try", values, store.TriesRow)
        assert row is not None, "the statement writes a row"
        if row.tries_count > most:
            raise SignInLockedError(max(1, int((row.last_at + allowed.lasts - at).total_seconds())))


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
        "network_hash": _network_hash(network),
        "forgotten_before": at - allowed.lasts,
    }
    await store.execute(connection, "forget_sign_in_tries", values)
    await store.execute(connection, "give_network_try_back", values)


def _account_hash(sign_in_name: str) -> bytes:
    # A name that is no account's may be a password typed into the wrong field: it is not kept readable.
    return hashlib.blake2b(sign_in_name.encode(), digest_size=16, person=b"serai-tries-acct").digest()


def _network_hash(network: str) -> bytes:
    return hashlib.blake2b(network.encode(), digest_size=16, person=b"serai-tries-net").digest()

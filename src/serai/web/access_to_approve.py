"""Acts on parties, keys and accounts that may need a second person, and which kinds of acts do.

Apart from how they are done once approved (`approved_actions`), so that a command which registers a party
does not load the whole service.
"""

from collections.abc import Collection
from datetime import datetime

import msgspec

from serai.foundation.access.actor import ADMINISTRATION, Role
from serai.foundation.access.proposals import kinds_that_wait
from serai.foundation.access.store import ApprovalKind
from serai.foundation.settings import Settings


class KeyToMake(msgspec.Struct, frozen=True):
    """A key, whose text whoever proposes it has already: it opens nothing before it is approved."""

    party_id: int
    reference: str | None
    scopes: list[str]
    expires_at: datetime | None
    person: str | None
    key_id: int
    key_hash: bytes
    jwk: str | None = None


class RoleToGive(msgspec.Struct, frozen=True):
    """A role for a party."""

    party_id: int
    role: str


class PartyToAdd(msgspec.Struct, frozen=True):
    """A party with its roles."""

    reference: str | None
    name: str
    roles: list[str]


class PartyToAdmit(msgspec.Struct, frozen=True):
    """A party that has registered itself, with the role it asks for. Who proposes it is a person of it."""

    party_id: int
    name: str
    country_code: str
    role: str


class AccountToAdd(msgspec.Struct, frozen=True):
    """An account for the pages."""

    sign_in_name: str
    password: str
    roles: list[str]
    person: str | None


class PasswordToChange(msgspec.Struct, frozen=True):
    """Another password of an account."""

    sign_in_name: str
    password: str


class RolesToChange(msgspec.Struct, frozen=True):
    """The roles of an account."""

    sign_in_name: str
    roles: list[str]


class SecondFactorToForget(msgspec.Struct, frozen=True):
    """Another authenticator app of an account."""

    sign_in_name: str


class IdentityToLink(msgspec.Struct, frozen=True):
    """A subject of a provider that may sign in as an account."""

    account_id: int
    issuer: str
    subject: str


class AccountToUnlock(msgspec.Struct, frozen=True):
    """An account that is locked."""

    sign_in_name: str


def waits(settings: Settings, kind: ApprovalKind) -> bool:
    """Say whether the settings ask for a second person for acts of a kind."""
    return kind in _kinds_that_wait(settings)


def anything_waits(settings: Settings) -> bool:
    """Say whether the settings ask for a second person for anything."""
    return bool(_kinds_that_wait(settings))


def _kinds_that_wait(settings: Settings) -> frozenset[ApprovalKind]:
    return kinds_that_wait(settings.approval.kinds, is_test=settings.administration.is_test)


def counted(count: int, one: str, many: str) -> str:
    """Return a number with its noun, as what is proposed says of its size."""
    return f"{count:,} {one if count == 1 else many}"


def gives_power(roles: Collection[str]) -> bool:
    """Say whether one of these roles lets a party decide over others."""
    return not (ADMINISTRATION | {Role.AGENCY}).isdisjoint(roles)

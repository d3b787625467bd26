"""The sandbox: parties that everybody may play, with published keys, in a test environment only."""

from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import parties, registry
from serai.foundation.access.administering import ActingUser
from serai.foundation.settings import AdministrationSettings
from serai.model.errors import SeraiError

_TRADING: Final = frozenset({"lodging", "reading", "quoting"})
_SECRET_CHARACTERS: Final = 43


class SandboxParty(msgspec.Struct, frozen=True):
    """A party of the sandbox. name: fixed, in the documents and in the suite. key: its published key."""

    name: str
    about: str
    roles: frozenset[str]
    scopes: frozenset[str]
    key: str

    @property
    def identifier(self) -> str:
        """Under which others' documents name it: SANDBOX-PLATFORM."""
        return f"SANDBOX-{self.name.upper()}"


def _party(
    number: int, name: str, about: str, *roles: str, scopes: frozenset[str] = _TRADING
) -> SandboxParty:
    """Spell a key that nobody could take for a secret: `published-` and the name, filled up with dashes."""
    secret = f"published-sandbox-{name}-".ljust(_SECRET_CHARACTERS, "-")
    return SandboxParty(name, about, frozenset(roles), scopes, f"serai_{0x5A00 + number:x}_{secret}")


PARTIES: Final = (
    _party(1, "filer", "declares, carries, reads and asks for quotes", "declarant", "carrier"),
    _party(2, "platform", "sends orders", "platform"),
    _party(3, "payer", "sends payments, marks what is paid", "payment_provider"),
    _party(4, "post", "sends postal items and arrivals", "post"),
    _party(5, "stranger", "declares, and has no part in the filer's cases", "declarant"),
    _party(6, "reader", "may read and nothing else", "declarant", scopes=frozenset({"reading"})),
)
"""Fixed names, roles and keys: a party's system can be tried against any sandbox with the same settings."""


def refuse_in_earnest(administration: AdministrationSettings) -> None:
    """Raise SeraiError `sandbox-not-test` where answers have legal effect."""
    if not administration.is_test:
        raise SeraiError(
            "sandbox-not-test",
            "A sandbox is open to everybody, and here answers have legal effect.",
            "Say administration.is_test = true, in a data folder of its own.",
        )


async def open_sandbox(
    connection: AsyncConnection, acting_user: ActingUser, administration: AdministrationSettings
) -> None:
    """Put the parties and their published keys in place; again changes nothing.

    Raises SeraiError `sandbox-not-test` where answers have legal effect.
    """
    refuse_in_earnest(administration)
    for party in PARTIES:
        party_id, _ = await registry.register_party(
            connection,
            acting_user,
            name=f"Sandbox {party.name}",
            roles=party.roles,
            reference=f"sandbox-{party.name}",
        )
        await registry.add_identifier(connection, acting_user, party_id=party_id, identifier=party.identifier)
        await parties.add_published_key(
            connection,
            text=party.key,
            party_id=party_id,
            administration_id=acting_user.administration_id,
            scopes=party.scopes,
            at=acting_user.at,
        )


async def refuse_published_keys(connection: AsyncConnection, administration_id: int) -> None:
    """Refuse to serve in earnest what was a sandbox. Raises SeraiError `sandbox-keys-here`."""
    if await parties.has_published_keys(connection, administration_id):
        raise SeraiError(
            "sandbox-keys-here",
            "This database was a sandbox: it holds parties whose keys everybody knows.",
            "Begin with a database of its own, or revoke those keys with `serai party revoke`.",
        )

"""Keys that managers make for their own organisation: never more than its people may, and for a year."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from psycopg import AsyncConnection

from serai.foundation.access import registry
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.table import SCOPES
from serai.model.errors import SeraiError
from serai.web.access_to_approve import gives_power

KEY_LASTS: Final = timedelta(days=365)
KEY_SCOPES: Final = tuple(one for one in SCOPES if one != "administering")


async def make_own_key(
    connection: AsyncConnection, by: ActingUser, *, party_id: int, reference: str, scopes: Sequence[str]
) -> str:
    """Make a key for the organisation of whoever asks; return its text, which is kept nowhere.

    Errors: `key-exists`, `scope-unknown`, `party-has-power`.
    """
    party = await registry.find_party(connection, by.administration_id, party_id)
    # A key has all roles of its party, so it would be the administration's power in a trader's hand.
    if gives_power(party.roles):
        raise SeraiError(
            "party-has-power",
            "This party has a role of the administration or of an agency.",
            "Ask the administration for the key.",
        )
    made = await registry.issue_key(
        connection,
        by,
        party_id=party_id,
        scopes=[one for one in scopes if one in KEY_SCOPES],
        expires_at=by.at + KEY_LASTS,
        reference=reference,
    )
    return made.text


async def revoke_own_key(connection: AsyncConnection, by: ActingUser, *, party_id: int, key_id: int) -> None:
    """Revoke a key of one's own organisation; again is harmless. Error: `key-not-there`."""
    await registry.revoke_key(connection, by, key_id=key_id, party_id=party_id)

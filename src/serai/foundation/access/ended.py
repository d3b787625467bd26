"""What opens nothing any more is forgotten: sessions, links, kept forms, tries to sign in, keys' secrets."""

from datetime import datetime, timedelta
from typing import Final

from psycopg import AsyncConnection

from serai.foundation.access import store

KEPT: Final = timedelta(days=30)
"""So long it is still told why a key or a link opens nothing."""
_STATEMENTS: Final = (
    "delete_ended_sessions",
    "delete_ended_links",
    "delete_ended_mailed_links",
    "delete_ended_challenges",
    "delete_ended_assertions",
    "delete_ended_kept_forms",
    "delete_ended_oidc_attempts",
    "delete_old_sign_in_tries",
    "forget_ended_keys",
)


async def forget_ended(connection: AsyncConnection, *, administration_id: int, at: datetime) -> int:
    """Forget what ended 30 days ago; returns how many rows. A key's number, party and scopes stay: records
    name it."""
    values = {"administration_id": administration_id, "at": at, "before": at - KEPT}
    return sum([await store.execute(connection, statement, values) for statement in _STATEMENTS])

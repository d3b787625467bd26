"""Rows of passkeys."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from serai.foundation.access.named_queries import NamedQueries
from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))


class ChallengeRow(msgspec.Struct, frozen=True):
    """What is to be signed, and until when."""

    challenge: bytes
    expires_at: datetime


class PasskeyRow(msgspec.Struct, frozen=True):
    """A passkey of an account. credential: id and public key; sign_count: as it told last."""

    passkey_id: int
    account_id: int
    credential: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


_NAMED: Final = NamedQueries(QUERIES)
select_one, select_all, execute = _NAMED.select_one, _NAMED.select_all, _NAMED.execute

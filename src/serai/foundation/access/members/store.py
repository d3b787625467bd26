"""Rows of persons of parties and of the links that are sent to them."""

from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from serai.foundation.access.named_queries import NamedQueries
from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))
LinkKind = Literal["registration", "invitation", "password"]


class LinkRow(msgspec.Struct, frozen=True):
    """A link that was sent and is still good. sealed: to whom, and what was said with it."""

    link_id: int
    kind: LinkKind
    party_id: int | None
    account_id: int | None
    sealed: bytes
    created_at: datetime
    expires_at: datetime


class MemberRow(msgspec.Struct, frozen=True):
    """A person of a party. sign_in_name: the e-mail address."""

    account_id: int
    sign_in_name: str
    member_role: str
    created_at: datetime


class OrganisationRow(msgspec.Struct, frozen=True):
    """A party as its own people see it. waits: whether it asked to be admitted and nobody has decided."""

    party_id: int
    name: str
    country_code: str | None
    roles: list[str]
    waits: bool


class CountRow(msgspec.Struct, frozen=True):
    """How many there are."""

    count: int


_NAMED: Final = NamedQueries(QUERIES)
select_one, select_all, execute = _NAMED.select_one, _NAMED.select_all, _NAMED.execute

"""Rows of parties, keys, accounts, sessions and one-use links."""

from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from serai.foundation.access.named_queries import NamedQueries
from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))


class PartyRow(msgspec.Struct, frozen=True):
    """A party that has not ended."""

    party_id: int
    administration_id: int
    name: str


class RegisteredRow(msgspec.Struct, frozen=True):
    """A party as administrators see it. roles: those it has now."""

    party_id: int
    reference: str | None
    name: str
    created_at: datetime
    ended_at: datetime | None
    roles: list[str]


class IdentifierRow(msgspec.Struct, frozen=True):
    """An identifier under which a party is named on others' documents."""

    identifier: str
    party_id: int
    added_at: datetime


class ListedKeyRow(msgspec.Struct, frozen=True):
    """A key of a party, without anything that opens."""

    key_id: int
    reference: str | None
    person: str | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class KeyIdRow(msgspec.Struct, frozen=True):
    """A key, by its number."""

    key_id: int


class RevokedRow(msgspec.Struct, frozen=True):
    """Since when a key is revoked."""

    revoked_at: datetime


class EndedRow(msgspec.Struct, frozen=True):
    """Since when an account has ended."""

    ended_at: datetime


class ActorNameRow(msgspec.Struct, frozen=True):
    """The name behind a key (of its party) or an account (of its party, if it has one)."""

    key_id: int | None
    account_id: int | None
    party_id: int | None
    name: str


class ActRow(msgspec.Struct, frozen=True):
    """An act of administering. leaf_id, salt: of its commitment in the log; None: it is not there yet."""

    act_id: int
    kind: str
    actor: str
    subject: str
    detail: str
    at: datetime
    leaf_id: int | None
    salt: bytes | None


class KeyRow(msgspec.Struct, frozen=True):
    """A key with its party; expired and revoked ones are here, too, so that the answer can say which."""

    key_id: int
    administration_id: int
    party_id: int
    key_hash: bytes
    scopes: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    party_name: str
    party_ended_at: datetime | None
    roles: list[str]
    person: str | None
    jwk: str | None = None


class AccountRow(msgspec.Struct, frozen=True):
    """A person's account."""

    account_id: int
    administration_id: int
    sign_in_name: str
    person: str
    password_hash: str
    roles: list[str]
    created_at: datetime
    ended_at: datetime | None
    second_factor: bytes | None
    second_factor_step: int | None
    party_id: int | None = None
    member_role: str | None = None
    has_passkey: bool = False
    locked_at: datetime | None = None


class OpeningsRow(msgspec.Struct, frozen=True):
    """Where an account is signed in. open_count: sessions; used_at: of the last one, as long as it is
    known."""

    account_id: int
    open_count: int
    used_at: datetime


class SessionRow(msgspec.Struct, frozen=True):
    """The account behind a session that is open. used_at: the last use, to about a minute. party_id: whose
    person it is, with what the party may now; None: of the administration.
    """

    account_id: int
    administration_id: int
    sign_in_name: str
    person: str
    language: str | None
    roles: list[str]
    used_at: datetime
    expires_at: datetime
    party_id: int | None
    member_role: str | None
    party_roles: list[str]


class OpenSessionRow(msgspec.Struct, frozen=True):
    """A session of an account that has not ended."""

    session_hash: bytes
    created_at: datetime
    used_at: datetime


ApprovalKind = Literal[
    "law", "lists", "keys", "accounts", "marks", "offices", "guarantees", "refunds", "parties", "risk"
]
"""Kinds of acts for which the settings may ask for a second person, and parties that ask to be admitted."""
ProposalState = Literal["open", "approved", "rejected", "expired"]


class ProposalRow(msgspec.Struct, frozen=True):
    """What somebody proposed. person: who that is; content_hash: SHA-256 of the content. state: open,
    approved, rejected or expired. content: sealed, None once it is decided, and in lists, as it may be large.
    """

    proposal_id: int
    kind: ApprovalKind
    action: str
    subject: str
    detail: str
    actor: str
    person: str
    proposed_at: datetime
    expires_at: datetime
    content_hash: bytes
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    content: bytes | None = None


class CountRow(msgspec.Struct, frozen=True):
    """How many there are."""

    count: int


class TriesRow(msgspec.Struct, frozen=True):
    """Tries to sign in that count, the one just counted among them, and when the last was taken."""

    tries_count: int
    last_at: datetime


class UsedLinkRow(msgspec.Struct, frozen=True):
    """The account that a one-use link opened."""

    account_id: int
    administration_id: int


_NAMED: Final = NamedQueries(QUERIES)
select_one, select_all, execute = _NAMED.select_one, _NAMED.select_all, _NAMED.execute

"""Acts that need a second person: proposed by one, approved or rejected by another.

What is proposed lies sealed, bound to its number and to everything that is shown of it: a row that was
changed does not open. It is done by the same code as an act that needs nobody else, in the transaction that
approves it.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, get_args

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.administering import ActingUser, ActKind, record_act
from serai.foundation.access.store import ApprovalKind, ProposalState
from serai.foundation.id_text import format_id
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

USUAL: Final = "usual"
_USUAL_KINDS: Final[frozenset[ApprovalKind]] = frozenset(
    {"law", "lists", "keys", "accounts", "offices", "guarantees", "refunds", "risk"}
)
_RECORDED: Final[dict[str, ActKind]] = {
    "approved": "proposal-approved",
    "rejected": "proposal-rejected",
    "expired": "proposal-expired",
}


class Proposed(msgspec.Struct, frozen=True):
    """What somebody wants to do. action: which act it is; subject, detail: as whoever decides reads them, no
    words of people; content: all that the act needs, as it is done."""

    kind: ApprovalKind
    action: str
    subject: str
    detail: str
    content: str


def kinds_that_wait(setting: str, *, is_test: bool) -> frozenset[ApprovalKind]:
    """Return the kinds that need a second person. setting: `approval.kinds`."""
    if setting == USUAL:
        return frozenset() if is_test else _USUAL_KINDS
    return frozenset(kind for kind in get_args(ApprovalKind) if kind in setting.split())


async def propose(
    connection: AsyncConnection,
    acting_user: ActingUser,
    seal: SecretSeal,
    proposed: Proposed,
    *,
    lasts: timedelta,
) -> store.ProposalRow:
    """Write a proposal down. Raises SeraiError `person-needed` where nobody is known to stand behind it."""
    if not acting_user.person:
        raise _person_needed()
    row = store.ProposalRow(
        proposal_id=acting_user.take_id(),
        kind=proposed.kind,
        action=proposed.action,
        subject=proposed.subject,
        detail=proposed.detail,
        actor=acting_user.actor,
        person=acting_user.person,
        proposed_at=acting_user.at,
        expires_at=acting_user.at + lasts,
        content_hash=hashlib.sha256(proposed.content.encode()).digest(),
        state="open",
        decided_by=None,
        decided_at=None,
        reason=None,
    )
    row = msgspec.structs.replace(row, content=seal.seal(proposed.content, _context(row)))
    values = msgspec.structs.asdict(row) | {"administration_id": acting_user.administration_id}
    await store.execute(connection, "insert_proposal", values)
    await record_act(connection, acting_user, "proposal-made", _subject(row), f"{row.action}: {row.subject}")
    return row


async def approve(
    connection: AsyncConnection,
    acting_user: ActingUser,
    seal: SecretSeal,
    proposal_id: int,
    *,
    content_hash: bytes,
    roles: frozenset[str] | None,
) -> None:
    """Approve a proposal, in the transaction that does what it asks for; two at once take turns.

    content_hash: of what the approver has read. roles: one of which whoever proposed it must still have;
    None: a person of a party asks, whose account must still be there.
    Errors: `not-found`, `proposal-decided`, `proposal-expired`, `proposal-changed`, `own-proposal`,
    `person-needed`, `proposer-not-entitled`, `sealed-secret-damaged`.
    """
    row = await _hold(connection, acting_user, proposal_id)
    if acting_user.person == row.person or acting_user.actor == row.actor:
        raise SeraiError(
            "own-proposal",
            "Who proposed it cannot approve it, whichever account or key is used.",
            "Ask another person who may do this.",
        )
    open_content(seal, row)
    if content_hash != row.content_hash:
        raise changed()
    await _need_entitled(connection, acting_user, row, roles)
    await _end(connection, acting_user, row, state="approved", reason="")


async def reject(
    connection: AsyncConnection, acting_user: ActingUser, proposal_id: int, *, reason: str
) -> None:
    """Reject a proposal; whoever made it may take it back so. Errors: `not-found`, `proposal-decided`,
    `proposal-expired`, `person-needed`."""
    row = await _hold(connection, acting_user, proposal_id)
    await _end(connection, acting_user, row, state="rejected", reason=reason)


async def expire(connection: AsyncConnection, acting_user: ActingUser) -> int:
    """End what nobody decided in time; return how many."""
    values = {"administration_id": acting_user.administration_id, "at": acting_user.at}
    rows = await store.select_all(connection, "select_expired_proposals", values, store.ProposalRow)
    for row in rows:
        await _end(connection, acting_user, row, state="expired", reason="")
    return len(rows)


async def find_proposal(
    connection: AsyncConnection, administration_id: int, proposal_id: int
) -> store.ProposalRow:
    """Return a proposal. Error: `not-found`."""
    values = {"administration_id": administration_id, "proposal_id": proposal_id}
    row = await store.select_one(connection, "select_proposal", values, store.ProposalRow)
    if row is None:
        raise _not_found()
    return row


async def list_proposals(
    connection: AsyncConnection,
    administration_id: int,
    *,
    before_id: int,
    limit: int,
    without: Iterable[str] = (),
) -> list[store.ProposalRow]:
    """Return proposals without their content, the newest first. without: acts that are left out."""
    values = {
        "administration_id": administration_id,
        "before_id": before_id,
        "limit": limit,
        "without": sorted(without),
    }
    return await store.select_all(connection, "select_proposals", values, store.ProposalRow)


async def list_open(
    connection: AsyncConnection, administration_id: int, action: str, at: datetime
) -> list[store.ProposalRow]:
    """Return what waits of one act, the oldest first, with its content: 1,000 at most."""
    values = {"administration_id": administration_id, "action": action, "at": at}
    return await store.select_all(connection, "select_open_proposals", values, store.ProposalRow)


async def count_persons(connection: AsyncConnection, administration_id: int, roles: frozenset[str]) -> int:
    """Return how many people have an account with one of these roles."""
    values = {"administration_id": administration_id, "roles": sorted(roles)}
    row = await store.select_one(connection, "count_persons", values, store.CountRow)
    assert row is not None
    return row.count


def open_content(seal: SecretSeal, row: store.ProposalRow) -> str:
    """Return what is proposed. Errors: `proposal-decided` once it is gone, `sealed-secret-damaged`."""
    if row.content is None:
        raise _decided(row)
    content = seal.open(row.content, _context(row))
    if hashlib.sha256(content.encode()).digest() != row.content_hash:
        raise changed()
    return content


def changed() -> SeraiError:
    """Say that a proposal is not what was read of it."""
    return SeraiError(
        "proposal-changed",
        "This is not what was read before it was approved.",
        "Read the proposal again, and approve what it says.",
    )


async def _hold(connection: AsyncConnection, acting_user: ActingUser, proposal_id: int) -> store.ProposalRow:
    """Return a proposal that can still be decided, locked."""
    if not acting_user.person or not acting_user.actor.startswith("account:"):
        raise _person_needed()
    values = {"administration_id": acting_user.administration_id, "proposal_id": proposal_id}
    row = await store.select_one(connection, "lock_proposal", values, store.ProposalRow)
    if row is None:
        raise _not_found()
    if row.state != "open":
        raise _decided(row)
    if row.expires_at <= acting_user.at:
        raise SeraiError(
            "proposal-expired",
            MessageText("Nobody decided it until {expires_at} UTC.", expires_at=row.expires_at),
            "Propose it again if it is still wanted.",
        )
    return row


async def _need_entitled(
    connection: AsyncConnection, acting_user: ActingUser, row: store.ProposalRow, roles: frozenset[str] | None
) -> None:
    """Raise unless whoever proposed it may do so now: a role may have been taken, an account ended."""
    means, _, number = row.actor.partition(":")
    if means == "operator":
        return
    values = {
        "administration_id": acting_user.administration_id,
        "key_id": int(number, 16) if means == "key" else None,
        "account_id": int(number) if means == "account" else None,
        "at": acting_user.at,
        "roles": sorted(roles or ()),
        "is_of_party": roles is None,
        "person": row.person,
    }
    if await store.select_one(connection, "select_entitled_actor", values, store.CountRow) is None:
        raise SeraiError(
            "proposer-not-entitled",
            "Whoever proposed it may not do this any more.",
            "Reject it; whoever may do it can propose it again.",
        )


async def _end(
    connection: AsyncConnection,
    acting_user: ActingUser,
    row: store.ProposalRow,
    *,
    state: ProposalState,
    reason: str,
) -> None:
    values = {
        "administration_id": acting_user.administration_id,
        "proposal_id": row.proposal_id,
        "state": state,
        "decided_by": acting_user.actor,
        "at": acting_user.at,
        "reason": reason,
    }
    await store.execute(connection, "end_proposal", values)
    said = f"{row.action}: {row.subject}, proposed by {row.actor}"
    await record_act(
        connection, acting_user, _RECORDED[state], _subject(row), f"{said}: {reason}" if reason else said
    )


def _context(row: store.ProposalRow) -> bytes:
    """What the content is bound to: everything of the row that must not change."""
    fields = (
        row.proposal_id, row.kind, row.action, row.subject, row.detail, row.actor, row.person,
        row.proposed_at.timestamp(), row.expires_at.timestamp(), row.content_hash.hex(),
    )  # fmt: skip
    return msgspec.json.encode(fields)


def _subject(row: store.ProposalRow) -> str:
    return f"proposal {format_id(row.proposal_id)}"


def _person_needed() -> SeraiError:
    return SeraiError(
        "person-needed",
        "This needs a person, and nobody is known to stand behind this key.",
        "Sign in on the pages; to propose, a key that was made for a person does as well.",
    )


def _not_found() -> SeraiError:
    return SeraiError("not-found", "There is no such proposal.", "List the proposals.")


def _decided(row: store.ProposalRow) -> SeraiError:
    return SeraiError(
        "proposal-decided",
        MessageText("It was decided before: {state}.", state=row.state),
        "List the proposals that still wait.",
    )

"""Registering agencies: which rules' permits they keep, and by which keys what they signed is believed."""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.actor import Role
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.registry import find_party
from serai.foundation.id_text import format_id
from serai.journey.permits import store
from serai.journey.permits.store import AgencyKey, Remit
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
_KEY_BYTES: Final = 32


class AgencyKeyTerms(msgspec.Struct, frozen=True):
    """A key as it is to be registered. public_key: base64url without padding, as `x` of a JSON Web Key.
    valid_from None: from now."""

    party_id: int
    kid: str
    public_key: str
    valid_from: datetime | None
    valid_to: datetime | None
    certificate_valid_days: int | None = None


async def register_remit(
    connection: Connection, by: ActingUser, *, party_id: int, rule_id: str, known_rules: frozenset[str]
) -> tuple[Remit, bool]:
    """Let an agency keep the permits that a rule asks for, in the caller's transaction; return that, and
    whether it is new. From now on a document that is only named opens the rule no more.

    known_rules: that ask for documents. Raises SeraiError `party-unknown`, `agency-faulty`, `remit-taken`.
    """
    await _find_agency(connection, by, party_id)
    if rule_id not in known_rules:
        raise _faulty("See to it that rule_id is that of a rule of a law in force that asks for a document.")
    before = await _remit(connection, by, rule_id)
    await store.insert_remit(
        connection,
        remit_id=by.take_id(),
        party_id=party_id,
        rule_id=rule_id,
        at=by.at,
        administration_id=by.administration_id,
    )
    stands = await _remit(connection, by, rule_id)
    assert stands is not None, "just inserted, or there before"
    if stands.party_id != party_id:
        raise SeraiError(
            "remit-taken",
            MessageText("Another agency keeps the permits of the rule {rule_id}.", rule_id=rule_id),
            "End its remit first; read GET /v1/agencies for those there are.",
        )
    if before is None:
        await record_act(connection, by, "agency-remit-registered", f"rule {rule_id}", format_id(party_id))
    return stands, before is None


async def end_remit(connection: Connection, by: ActingUser, rule_id: str) -> None:
    """Let no agency keep the permits of a rule any more: a document that is named opens it again. Raises
    SeraiError `not-found`."""
    if await _remit(connection, by, rule_id) is None:
        raise SeraiError(
            "not-found",
            "No agency keeps the permits of this rule.",
            "Read GET /v1/agencies for those there are.",
        )
    await store.end_remit(connection, rule_id, at=by.at, administration_id=by.administration_id)
    await record_act(connection, by, "agency-remit-ended", f"rule {rule_id}")


async def register_key(
    connection: Connection, by: ActingUser, terms: AgencyKeyTerms
) -> tuple[AgencyKey, bool]:
    """Believe a key of an agency from now on; return it, and whether it is new.

    The same again finds the same. Raises SeraiError `agency-faulty`, `party-unknown`, `reference-reused`.
    """
    await _find_agency(connection, by, terms.party_id)
    valid_from = terms.valid_from or by.at
    if terms.valid_to is not None and terms.valid_to <= valid_from:
        raise _faulty("See to it that valid_to is later than valid_from.")
    made = AgencyKey(
        key_id=by.take_id(),
        party_id=terms.party_id,
        kid=terms.kid,
        public_key=_read_public_key(terms.public_key),
        valid_from=valid_from,
        valid_to=terms.valid_to,
        registered_at=by.at,
        certificate_valid_days=terms.certificate_valid_days,
    )
    stands = await store.insert_key(connection, made, administration_id=by.administration_id)
    if stands.key_id == made.key_id:
        await record_act(connection, by, "agency-key-registered", f"key {made.kid}", format_id(made.party_id))
        return made, True
    same = ("party_id", "public_key", "valid_to", "certificate_valid_days")
    if any(getattr(stands, name) != getattr(made, name) for name in same):
        raise SeraiError(
            "reference-reused",
            MessageText("Another key is registered under the name {kid}.", kid=terms.kid),
            "Register this one under a name of its own.",
        )
    return stands, False


async def revoke_key(connection: Connection, by: ActingUser, kid: str) -> AgencyKey:
    """Believe nothing more that a key signs: permits that were brought before stay. Again changes nothing.
    Raises SeraiError `not-found`."""
    key = {"administration_id": by.administration_id}
    before = await store.select_key(connection, kid, **key)
    if before is None:
        raise SeraiError("not-found", "There is no such key.", "Read GET /v1/agencies for those there are.")
    if before.revoked_at is None:
        await store.revoke_key(connection, kid, at=by.at, **key)
        await record_act(connection, by, "agency-key-revoked", f"key {kid}")
    return msgspec.structs.replace(before, revoked_at=before.revoked_at or by.at)


async def _find_agency(connection: Connection, by: ActingUser, party_id: int) -> None:
    party = await find_party(connection, by.administration_id, party_id)
    if Role.AGENCY not in party.roles:
        raise _faulty("Give the party the role agency first: POST /v1/parties/{party_id}/roles.")


async def _remit(connection: Connection, by: ActingUser, rule_id: str) -> Remit | None:
    found = await store.select_remits(connection, administration_id=by.administration_id)
    return next((one for one in found if one.rule_id == rule_id), None)


def _read_public_key(text: str) -> bytes:
    try:
        key = urlsafe_b64decode(f"{text.rstrip('=')}=")
    except (Base64Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise _faulty("See to it that public_key is a key of Ed25519: 32 bytes, base64url without padding.")
    return key


def _faulty(next_step: str) -> SeraiError:
    return SeraiError("agency-faulty", "This agency cannot be registered so.", next_step)

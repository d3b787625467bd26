"""Registering whom a border believes: issuers' keys, their status lists, holders of scheme numbers."""

import datetime as dt
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.registry import find_party
from serai.foundation.id_text import format_id
from serai.journey.tax_paid.trust import store
from serai.journey.tax_paid.trust.book import trust_key
from serai.journey.tax_paid.trust.store import IssuerKey, Scheme
from serai.journey.tax_paid.trusted import SignedList, read_list
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
_KEY_BYTES: Final = 32
_LEEWAY: Final = dt.timedelta(minutes=5)


class KeyTerms(msgspec.Struct, frozen=True):
    """A key as it is to be registered. public_key: base64url without padding, as `x` of a JSON Web Key.
    valid_from None: from now."""

    issuer: str
    kid: str
    public_key: str
    party_id: int | None
    valid_from: dt.datetime | None
    valid_to: dt.datetime | None


class SchemeTerms(msgspec.Struct, frozen=True):
    """A scheme number as it is to be registered."""

    party_id: int
    scheme_kind_code: str
    number: str
    tokens_from: dt.date | None


async def register_key(connection: Connection, by: ActingUser, terms: KeyTerms) -> tuple[IssuerKey, bool]:
    """Believe a key from now on, in the caller's transaction; return it, and whether it is new.

    The same again finds the same. Raises SeraiError `token-issuer-faulty`, `reference-reused`,
    `party-unknown`.
    """
    key = {"administration_id": by.administration_id}
    valid_from = terms.valid_from or by.at
    if terms.valid_to is not None and terms.valid_to <= valid_from:
        raise _faulty("This is no key of an issuer: valid_to lies after valid_from.")
    if terms.party_id is not None:
        await find_party(connection, by.administration_id, terms.party_id)
    await store.bump_version(connection, **key)
    public_key = _read_public_key(terms.public_key)
    before = await store.select_key_by_kid(connection, terms.kid, **key)
    if before is None:
        made = IssuerKey(
            key_id=by.take_id(),
            party_id=terms.party_id,
            issuer=terms.issuer,
            kid=terms.kid,
            public_key=public_key,
            valid_from=valid_from,
            valid_to=terms.valid_to,
            registered_at=by.at,
        )
        await store.insert_key(connection, made, **key)
        await record_act(connection, by, "token-issuer-registered", f"key {made.kid}", f"of {made.issuer}")
        return made, True
    same = (terms.issuer, public_key, terms.party_id, terms.valid_to)
    if same != (before.issuer, before.public_key, before.party_id, before.valid_to):
        raise SeraiError(
            "reference-reused",
            MessageText("Another key is registered under the name {kid}.", kid=terms.kid),
            "Register this one under a name of its own.",
        )
    return before, False


async def revoke_key(connection: Connection, by: ActingUser, key_id: int) -> None:
    """Believe a key no more: nothing that it ever signed. Again changes nothing. Raises SeraiError
    `not-found`."""
    key = {"administration_id": by.administration_id}
    keys = {one.key_id: one for one in await store.select_keys(connection, **key)}
    if key_id not in keys:
        raise _not_found("There is no such key.", "Read GET /v1/token-issuers for those there are.")
    await store.bump_version(connection, **key)
    if await store.revoke_key(connection, key_id, at=by.at, **key):
        await record_act(connection, by, "token-issuer-revoked", f"key {keys[key_id].kid}")


async def take_list(
    connection: Connection,
    content: str,
    *,
    party_id: int | None,
    at: dt.datetime,
    administration_id: int,
    administration_code: str,
) -> tuple[SignedList, bool]:
    """Keep a status list that an issuer has signed; return it, and whether it is newer than what was kept.

    party_id: who sends it; None: the administration. Raises SeraiError `status-list-unreadable`,
    `status-list-untrusted` where no key in force of this party's signed it, `status-list-older` where a newer
    one is kept: whoever sends an old list would make used tokens good again.
    """
    key = {"administration_id": administration_id}
    keys = {
        one.kid: one
        for one in await store.select_keys(connection, **key)
        if one.is_in_force(at) and (party_id is None or one.party_id == party_id)
    }
    one = read_list(content, {kid: trust_key(its, administration_code) for kid, its in keys.items()})
    issued_at = dt.datetime.fromtimestamp(one.issued_at, dt.UTC)
    if issued_at > at + _LEEWAY:
        raise SeraiError(
            "status-list-unreadable",
            "This status list was issued later than now.",
            "Compare the clock of the issuer with the time of day, and sign the list again.",
        )
    issuer = keys[one.kid].issuer
    await store.bump_version(connection, **key)
    if await store.write_list(connection, issuer, one.uri, content, issued_at=issued_at, at=at, **key):
        return one, True
    kept = await store.select_list(connection, issuer, one.uri, **key)
    if kept is None or kept != (issued_at, content):
        raise SeraiError(
            "status-list-older",
            "A newer status list is kept under this address.",
            "Sign the list as it is now, with the time of now, and send that.",
        )
    return one, False


async def register_scheme(connection: Connection, by: ActingUser, terms: SchemeTerms) -> tuple[Scheme, bool]:
    """Register who holds a scheme number, in the caller's transaction; return it, and whether it is new.

    The same again finds the same. Raises SeraiError `reference-reused`, `party-unknown`, and those of
    `require_tokens`.
    """
    key = {"administration_id": by.administration_id}
    number = "".join(terms.number.split()).upper()
    await find_party(connection, by.administration_id, terms.party_id)
    await store.bump_version(connection, **key)
    before = await store.select_scheme_by_number(connection, terms.scheme_kind_code, number, **key)
    if before is None:
        _check_day(terms.tokens_from, by.at)
        made = Scheme(
            scheme_id=by.take_id(),
            party_id=terms.party_id,
            scheme_kind_code=terms.scheme_kind_code,
            number=number,
            tokens_from=terms.tokens_from,
            registered_at=by.at,
        )
        await store.insert_scheme(connection, made, **key)
        await record_act(connection, by, "scheme-registered", _subject(made), _said_of(made.tokens_from))
        return made, True
    if before.party_id != terms.party_id:
        raise SeraiError(
            "reference-reused",
            "Another party holds this scheme number.",
            "Compare the number. Where it has changed hands, end the old registration first.",
        )
    return before, False


async def require_tokens(
    connection: Connection,
    by: ActingUser,
    scheme_id: int,
    tokens_from: dt.date | None,
    *,
    party_id: int | None,
) -> Scheme:
    """Note from which day on each consignment under a number carries a token; None: not any more.

    party_id: who says so; None: the administration. Raises SeraiError `not-found`, `tokens-from-past`: what
    was declared before was declared by what was said then.
    """
    key = {"administration_id": by.administration_id}
    await store.bump_version(connection, **key)
    before = await store.select_scheme(connection, scheme_id, party_id, **key)
    if before is None:
        raise _not_found("You hold no such scheme number.", "Read GET /v1/schemes for those that you hold.")
    if before.tokens_from != tokens_from:
        _check_day(tokens_from, by.at)
        await store.set_tokens_from(connection, scheme_id, tokens_from, **key)
        await record_act(connection, by, "scheme-tokens-required", _subject(before), _said_of(tokens_from))
    found = await store.select_scheme(connection, scheme_id, **key)
    assert found is not None, "it is there"
    return found


def _check_day(tokens_from: dt.date | None, at: dt.datetime) -> None:
    if tokens_from is not None and tokens_from < at.date():
        raise SeraiError(
            "tokens-from-past",
            "Tokens cannot be asked for of what was declared before today.",
            "Name today or a later day.",
        )


def _read_public_key(text: str) -> bytes:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError) as fault:
        raise _faulty("This is no key of an issuer: public_key is not in base64url.") from fault
    if len(raw) != _KEY_BYTES:
        raise _faulty("This is no key of an issuer: a key of Ed25519 has 32 bytes.")
    return raw


def _subject(scheme: Scheme) -> str:
    # Never the number: whoever reads it can cite it.
    return f"scheme {format_id(scheme.scheme_id)} of party {format_id(scheme.party_id)}"


def _said_of(tokens_from: dt.date | None) -> str:
    return "no tokens" if tokens_from is None else f"tokens from {tokens_from.isoformat()}"


def _faulty(message: str) -> SeraiError:
    return SeraiError("token-issuer-faulty", message, "Correct it and send it again.")


def _not_found(message: str, next_step: str) -> SeraiError:
    return SeraiError("not-found", message, next_step)

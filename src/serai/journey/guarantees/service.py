"""Registering, reading and revoking guarantees."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.registry import find_party
from serai.foundation.id_text import format_id
from serai.journey.guarantees import store
from serai.journey.guarantees.store import Guarantee, GuaranteeKind
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor

Connection = AsyncConnection[Any]


class Terms(msgspec.Struct, frozen=True):
    """A guarantee as it is to be registered. As `Guarantee`; valid_from None: from now."""

    party_id: int
    number: str
    kind: GuaranteeKind
    guarantor: str
    currency_code: str
    reference_amount_minor: int
    valid_from: datetime | None
    valid_to: datetime | None


async def register_guarantee(connection: Connection, by: ActingUser, terms: Terms) -> tuple[Guarantee, bool]:
    """Register a guarantee in the caller's transaction; return it, and whether it is new.

    The same again finds the same. Raises SeraiError `guarantee-faulty`, `reference-reused`, `party-unknown`.
    """
    if (terms.kind == "waiver") != (not terms.guarantor):
        raise _faulty("This is no guarantee: a waiver has no guarantor, any other guarantee has one.")
    valid_from = terms.valid_from or by.at
    if terms.valid_to is not None and terms.valid_to <= valid_from:
        raise _faulty("This is no guarantee: valid_to lies after valid_from.")
    key = {"administration_id": by.administration_id}
    await find_party(connection, by.administration_id, terms.party_id)
    before = await store.select_guarantee(connection, terms.number, **key)
    if before is None:
        guarantee = Guarantee(
            guarantee_id=by.take_id(),
            registered_at=by.at,
            **msgspec.structs.asdict(terms) | {"valid_from": valid_from},
        )
        before = await store.insert_guarantee(connection, guarantee, **key)
        if before.guarantee_id == guarantee.guarantee_id:
            amount = format_minor(guarantee.reference_amount_minor, guarantee.currency_code)
            said = f"{guarantee.kind}, {amount} {guarantee.currency_code}"
            await record_act(connection, by, "guarantee-registered", _subject(guarantee), said)
            return guarantee, True
    same = (
        *("party_id", "kind", "guarantor", "currency_code", "reference_amount_minor", "valid_to"),
        *(() if terms.valid_from is None else ("valid_from",)),
    )
    if any(getattr(before, name) != getattr(terms, name) for name in same):
        raise SeraiError(
            "reference-reused",
            MessageText("Another guarantee is registered under the number {number}.", number=terms.number),
            "Register this one under a number of its own; to change an amount, revoke the old guarantee.",
        )
    return before, False


async def revoke_guarantee(connection: Connection, by: ActingUser, number: str) -> Guarantee:
    """Let nothing more be secured with a guarantee: what is stays so. Again changes nothing. Raises
    SeraiError `not-found`."""
    key = {"administration_id": by.administration_id}
    before = await store.lock_guarantee(connection, number, **key)
    if before is None:
        raise SeraiError(
            "not-found",
            "There is no guarantee under this number.",
            "Read GET /v1/guarantees for those there are.",
        )
    if before.revoked_at is None:
        await store.revoke_guarantee(connection, number, at=by.at, **key)
        await record_act(connection, by, "guarantee-revoked", _subject(before))
    found = await store.select_guarantee(connection, number, **key)
    assert found is not None, "it is held"
    return found


def _subject(guarantee: Guarantee) -> str:
    return f"guarantee {guarantee.number} of party {format_id(guarantee.party_id)}"


def _faulty(message: str) -> SeraiError:
    return SeraiError("guarantee-faulty", message, "Correct it and send it again.")

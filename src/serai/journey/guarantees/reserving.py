"""Securing an amount with a guarantee: never more in all than its reference amount, whoever asks at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.id_text import parse_id
from serai.foundation.ids import IdSource
from serai.journey.guarantees import store
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor

Connection = AsyncConnection[Any]


async def reserve(
    connection: Connection,
    number: str,
    *,
    principals: Collection[int],
    currency_code: str,
    amount_minor: int,
    act_id: int,
    ids: IdSource,
    at: datetime,
    administration_id: int,
) -> None:
    """Take an amount of a guarantee for an act, in the caller's transaction, after its cases are locked.

    principals: the parties of whom one must be the guarantee's: another's is answered as one that does not
    exist. Raises SeraiError `guarantee-unknown`, `guarantee-not-in-force`, `guarantee-currency-differs`,
    `guarantee-exhausted`.
    """
    found = await store.lock_guarantee(connection, number, administration_id=administration_id)
    if found is None or found.party_id not in principals:
        raise SeraiError(
            "guarantee-unknown",
            "You have no guarantee under this number here.",
            "Read GET /v1/guarantees for yours, or ask the administration to register it.",
        )
    if not found.is_in_force(at):
        raise SeraiError(
            "guarantee-not-in-force",
            MessageText(
                "Guarantee {number} is not in force: it has not begun, has ended or was revoked.",
                number=number,
            ),
            "Secure the amount with another guarantee, or pay it.",
        )
    if found.currency_code != currency_code:
        raise SeraiError(
            "guarantee-currency-differs",
            MessageText(
                "Guarantee {number} is in {currency_code}, and the amount in {other_code}.",
                number=number,
                currency_code=found.currency_code,
                other_code=currency_code,
            ),
            MessageText(
                "Secure it with a guarantee in {currency_code}, or pay it.", currency_code=currency_code
            ),
        )
    if amount_minor > found.available_minor:
        raise SeraiError(
            "guarantee-exhausted",
            MessageText(
                "Of guarantee {number} {currency_code} {left} is left, and {currency_code} {wanted} is to be"
                " secured.",
                number=number,
                currency_code=currency_code,
                left=format_minor(found.available_minor, currency_code),
                wanted=format_minor(amount_minor, currency_code),
            ),
            "Pay what is secured with it, so that it comes free, or use another guarantee.",
        )
    await store.insert_reservation(
        connection,
        found,
        reservation_id=int(ids.take(1)[0]),
        act_id=act_id,
        amount_minor=amount_minor,
        at=at,
        administration_id=administration_id,
    )


async def lessen(connection: Connection, act: Act, *, ids: IdSource, administration_id: int) -> None:
    """Let an act take a part of what another has taken of a guarantee: what is called stays in use for the
    act that calls it, until the guarantor has paid; what is freed comes free. In the caller's transaction."""
    said = act.parameters
    found = await store.lock_guarantee(connection, said["account"], administration_id=administration_id)
    assert found is not None, "guarantees are never taken away"
    moved = [(parse_id(said["security"]), -said["amount_minor"])]
    if act.kind == "security-called":
        moved.append((act.act_id, said["amount_minor"]))
    for (act_id, amount_minor), reservation_id in zip(moved, ids.take(len(moved)).tolist(), strict=True):
        await store.insert_reservation(
            connection,
            found,
            reservation_id=reservation_id,
            act_id=act_id,
            amount_minor=amount_minor,
            at=act.at,
            administration_id=administration_id,
        )


async def give_back(
    connection: Connection, act_id: int, *, ids: IdSource, at: datetime, administration_id: int
) -> None:
    """Give back what an act has taken of a guarantee, if it has."""
    await store.release_reservations(
        connection,
        act_id,
        reservation_id=int(ids.take(1)[0]),
        at=at,
        administration_id=administration_id,
    )

"""Quotes that were promised, units of them that were used, and the account that bears the difference."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Column, Rows
from serai.foundation.queries import load_queries
from serai.model.columns import Int64s
from serai.model.quote import QuoteTerms

QUERIES = load_queries(Path(__file__).with_name("quote_store.sql"))

Connection = AsyncConnection[Any]

_TERMS = msgspec.json.Decoder(QuoteTerms)
_ENCODER = msgspec.json.Encoder()


class Promise(msgspec.Struct, frozen=True):
    """A quote to be kept. commitment: SHA-256 of the signed content, 32 bytes."""

    quote_id: int
    party_id: int
    commitment: bytes
    terms: QuoteTerms
    generation_id: int
    quoted_at: datetime
    expires_at: datetime


class QuoteRow(msgspec.Struct, frozen=True):
    """A quote as kept."""

    quote_id: int
    party_id: int
    commitment: bytes
    terms: QuoteTerms
    quoted_at: datetime
    expires_at: datetime


class Use(msgspec.Struct, frozen=True):
    """Units of a quote's line that a consignment has used, millionths; negative gives them back."""

    quote_id: int
    line: int
    consignment_id: int
    quantity_micro: int
    decision_id: int = 0


class Booking(msgspec.Struct, frozen=True):
    """Quoted beside assessed charges of a consignment that one debtor owes, minor units. due: place in
    `model.packed_detail.DUES`.

    difference_minor: assessed less quoted. covered_minor: what of it the account bears for the payer.
    """

    consignment_id: int
    quote_id: int
    due: int
    currency_code: str
    debtor_code: str
    account: str
    quoted_minor: int
    assessed_minor: int
    difference_minor: int
    covered_minor: int
    decision_id: int = 0

    def reversed_by(self, decision_id: int) -> "Booking":
        """Return the booking that takes this one back."""
        return msgspec.structs.replace(
            self,
            quoted_minor=-self.quoted_minor,
            assessed_minor=-self.assessed_minor,
            difference_minor=-self.difference_minor,
            covered_minor=-self.covered_minor,
            decision_id=decision_id,
        )


async def insert_quotes(connection: Connection, quotes: Sequence[Promise], *, administration_id: int) -> None:
    """Keep quotes. One that is kept already stays as it is, so that this may be done again."""
    columns: dict[str, Column] = {
        "quote_ids": arrow.int64([one.quote_id for one in quotes]),
        "party_ids": arrow.int64([one.party_id for one in quotes]),
        "commitments": arrow.blobs([one.commitment for one in quotes]),
        "terms": arrow.blobs([_ENCODER.encode(one.terms) for one in quotes]),
        "generation_ids": arrow.int32(np.array([one.generation_id for one in quotes])),
        "quoted": arrow.instants(_milliseconds([one.quoted_at for one in quotes])),
        "expiries": arrow.instants(_milliseconds([one.expires_at for one in quotes])),
    }
    await connection.execute(
        QUERIES["insert_quotes"], {**Rows(columns).arrays(), "administration_id": administration_id}
    )


def _milliseconds(instants: Sequence[datetime]) -> Int64s:
    return np.array([int(at.timestamp() * 1000) for at in instants], dtype=np.int64)


async def lock_quotes(connection: Connection, quote_ids: Sequence[int]) -> dict[int, QuoteRow]:
    """Return quotes by id, and hold them to the end of the transaction."""
    return await _quotes(connection, "lock_quotes", quote_ids)


async def select_quotes(connection: Connection, quote_ids: Sequence[int]) -> dict[int, QuoteRow]:
    """Return quotes by id."""
    return await _quotes(connection, "select_quotes", quote_ids)


async def _quotes(connection: Connection, query: str, quote_ids: Sequence[int]) -> dict[int, QuoteRow]:
    cursor = await connection.execute(QUERIES[query], {"quote_ids": sorted(set(quote_ids))})
    return {
        row[0]: QuoteRow(row[0], row[1], bytes(row[2]), _TERMS.decode(row[3]), row[4], row[5])
        for row in await cursor.fetchall()
    }


async def select_uses(connection: Connection, quote_ids: Sequence[int]) -> list[Use]:
    """Return what stands as used of quotes."""
    cursor = await connection.execute(QUERIES["select_uses"], {"quote_ids": list(quote_ids)})
    return [Use(*row) for row in await cursor.fetchall()]


async def select_uses_of(connection: Connection, consignment_ids: Sequence[int]) -> list[Use]:
    """Return what consignments have used of any quote."""
    cursor = await connection.execute(QUERIES["select_uses_of"], {"consignment_ids": list(consignment_ids)})
    return [Use(*row) for row in await cursor.fetchall()]


async def insert_uses(
    connection: Connection, uses: Sequence[Use], *, administration_id: int, at: datetime
) -> None:
    """Append uses."""
    if not uses:
        return
    await connection.execute(
        QUERIES["insert_uses"],
        {
            "administration_id": administration_id,
            "at": at,
            "quote_ids": [one.quote_id for one in uses],
            "lines": [one.line for one in uses],
            "consignment_ids": [one.consignment_id for one in uses],
            "decision_ids": [one.decision_id for one in uses],
            "quantities": [one.quantity_micro for one in uses],
        },
    )


async def select_bookings(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[Booking]:
    """Return what stands as booked of consignments."""
    cursor = await connection.execute(
        QUERIES["select_bookings"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return [Booking(*row) for row in await cursor.fetchall()]


async def insert_bookings(
    connection: Connection, bookings: Sequence[Booking], *, administration_id: int, at: datetime
) -> None:
    """Append bookings."""
    if not bookings:
        return
    await connection.execute(
        QUERIES["insert_bookings"],
        {
            "administration_id": administration_id,
            "at": at,
            "consignment_ids": [one.consignment_id for one in bookings],
            "decision_ids": [one.decision_id for one in bookings],
            "quote_ids": [one.quote_id for one in bookings],
            "dues": [one.due for one in bookings],
            "currencies": [one.currency_code for one in bookings],
            "debtors": [one.debtor_code for one in bookings],
            "quoted": [one.quoted_minor for one in bookings],
            "assessed": [one.assessed_minor for one in bookings],
            "differences": [one.difference_minor for one in bookings],
            "covered": [one.covered_minor for one in bookings],
            "accounts": [one.account for one in bookings],
        },
    )


class AccountSum(msgspec.Struct, frozen=True):
    """What an account has come to in a currency, minor units, as in Booking."""

    account: str
    currency_code: str
    quoted_minor: int
    assessed_minor: int
    difference_minor: int
    covered_minor: int


async def sum_accounts(connection: Connection, *, administration_id: int) -> list[AccountSum]:
    """Return what the accounts of differences have come to, by account and currency."""
    cursor = await connection.execute(QUERIES["sum_accounts"], {"administration_id": administration_id})
    return [AccountSum(*row) for row in await cursor.fetchall()]

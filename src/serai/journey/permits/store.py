"""Agencies, their keys and permits in the store, and what was written off of each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.permits.permit import Amount, Permit

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Remit(msgspec.Struct, frozen=True):
    """An agency keeps the permits that a rule asks for. name: of the agency."""

    rule_id: str
    party_id: int
    name: str
    registered_at: datetime


class AgencyKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key by which permits of an agency are believed. public_key: Ed25519, 32 bytes. valid_to: the first
    instant out of force; None: open. certificate_valid_days: how long SPS certificates that it signed are
    good; None: none is taken."""

    key_id: int
    party_id: int
    kid: str
    public_key: bytes
    valid_from: datetime
    valid_to: datetime | None
    registered_at: datetime
    revoked_at: datetime | None = None
    certificate_valid_days: int | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Say whether what it signed is believed."""
        return (
            self.revoked_at is None
            and self.valid_from <= at
            and (self.valid_to is None or at < self.valid_to)
        )


class DrawnOf(NamedTuple):
    """What stands written off of a permit for a goods item. returned_*: what returns gave back of it."""

    consignment_id: int
    sequence_number: int
    permit_id: int
    quantity_micro: int
    value_minor: int
    returned_quantity_micro: int
    returned_value_minor: int

    @property
    def left(self) -> Amount:
        """What is written off still, after returns."""
        return Amount(
            self.quantity_micro - self.returned_quantity_micro, self.value_minor - self.returned_value_minor
        )

    @property
    def returned(self) -> Amount:
        """What returns gave back."""
        return Amount(self.returned_quantity_micro, self.returned_value_minor)


class PermitDraw(NamedTuple):
    """What is written off of a permit for a goods item, or given back (negative)."""

    permit_id: int
    consignment_id: int
    sequence_number: int
    caused_by_id: int
    quantity_micro: int
    value_minor: int


# ---- agencies ----


async def insert_remit(
    connection: Connection,
    *,
    remit_id: int,
    party_id: int,
    rule_id: str,
    at: datetime,
    administration_id: int,
) -> None:
    """Record that an agency keeps the permits of a rule, unless one does."""
    await connection.execute(
        QUERIES["insert_remit"],
        {
            "remit_id": remit_id,
            "party_id": party_id,
            "rule_id": rule_id,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def end_remit(connection: Connection, rule_id: str, *, at: datetime, administration_id: int) -> None:
    """Let no agency keep the permits of a rule any more."""
    await connection.execute(
        QUERIES["end_remit"], {"rule_id": rule_id, "at": at, "administration_id": administration_id}
    )


async def select_remits(
    connection: Connection, *, administration_id: int, party_id: int | None = None
) -> list[Remit]:
    """Return which agencies keep permits of which rules: of one agency, or all."""
    cursor = await connection.execute(
        QUERIES["select_remits"], {"party_id": party_id, "administration_id": administration_id}
    )
    return [Remit(*row) for row in await cursor.fetchall()]


async def insert_key(connection: Connection, key: AgencyKey, *, administration_id: int) -> AgencyKey:
    """Record a key under its name; return what stands under it: this or an earlier one."""
    values = msgspec.structs.asdict(key) | {"administration_id": administration_id}
    await connection.execute(QUERIES["insert_key"], values)
    found = await select_key(connection, key.kid, administration_id=administration_id)
    assert found is not None, "just inserted, or there before"
    return found


async def select_key(connection: Connection, kid: str, *, administration_id: int) -> AgencyKey | None:
    """Return a key by its name."""
    cursor = await connection.execute(
        QUERIES["select_key"], {"kid": kid, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else _key(row)


async def select_keys(
    connection: Connection, party_id: int | None, *, administration_id: int
) -> list[AgencyKey]:
    """Return keys of an agency (None: of all), revoked ones too."""
    cursor = await connection.execute(
        QUERIES["select_keys"], {"party_id": party_id, "administration_id": administration_id}
    )
    return [_key(row) for row in await cursor.fetchall()]


async def revoke_key(connection: Connection, kid: str, *, at: datetime, administration_id: int) -> None:
    """Believe nothing more that a key signs."""
    await connection.execute(
        QUERIES["revoke_key"], {"kid": kid, "at": at, "administration_id": administration_id}
    )


def _key(row: Sequence[Any]) -> AgencyKey:
    values = dict(zip(AgencyKey.__struct_fields__, row, strict=True))
    return AgencyKey(**values | {"public_key": bytes(values["public_key"])})


# ---- permits ----


async def insert_permit(connection: Connection, permit: Permit, *, administration_id: int) -> Permit:
    """Record a permit under its agency's number; return what stands under it: this or an earlier one."""
    values = msgspec.structs.asdict(permit) | {"administration_id": administration_id}
    values |= {name: list(values[name]) for name in _LISTS}
    await connection.execute(QUERIES["insert_permit"], values)
    found = await select_permit(
        connection, permit.party_id, permit.number, administration_id=administration_id
    )
    assert found is not None, "just inserted, or there before"
    return found


async def select_permit(
    connection: Connection, party_id: int, number: str, *, administration_id: int
) -> Permit | None:
    """Return a permit of an agency by its number."""
    cursor = await connection.execute(
        QUERIES["select_permit"],
        {"party_id": party_id, "number": number, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else _permit(row)


async def select_permits(
    connection: Connection,
    *,
    agency_id: int | None,
    holder_id: int | None,
    after_id: int,
    limit: int,
    administration_id: int,
) -> list[Permit]:
    """Return permits of an agency, or of a holder (None: of any), in the order of their registration."""
    cursor = await connection.execute(
        QUERIES["select_permits"],
        {
            "agency_id": agency_id,
            "holder_id": holder_id,
            "after_id": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return [_permit(row) for row in await cursor.fetchall()]


async def revoke_permit(
    connection: Connection, party_id: int, number: str, *, at: datetime, administration_id: int
) -> None:
    """Let nothing more be written off of a permit; what is stays so until its goods are decided again."""
    await connection.execute(
        QUERIES["revoke_permit"],
        {"party_id": party_id, "number": number, "at": at, "administration_id": administration_id},
    )


_LISTS = ("commodity_codes", "goods_kind_codes", "territory_codes")


def _permit(row: Sequence[Any]) -> Permit:
    names = (
        *("permit_id", "party_id", "number", "type_code", "source", "holder_kind", "holder_party_id"),
        *("holder_hash", "quantity_micro", "quantity_unit_code", "value_minor", "currency_code"),
        *("drawn_quantity_micro", "drawn_value_minor", *_LISTS, "valid_from", "valid_to", "registered_at"),
        *("revoked_at", "content_hash"),
    )
    values = dict(zip(names, row, strict=True))
    values |= {name: tuple(values[name]) for name in _LISTS}
    holder = values["holder_hash"]
    return Permit(
        **values
        | {
            "holder_hash": None if holder is None else bytes(holder),
            "content_hash": bytes(values["content_hash"]),
        }
    )


# ---- write-off ----


async def lock_permits(
    connection: Connection,
    numbers: Collection[str],
    permit_ids: Collection[int],
    *,
    administration_id: int,
) -> list[Permit]:
    """Return permits of these numbers (of whichever agency) or ids, held until the transaction ends."""
    cursor = await connection.execute(
        QUERIES["lock_permits"],
        {
            "numbers": sorted(numbers),
            "permit_ids": sorted(permit_ids),
            "administration_id": administration_id,
        },
    )
    return [_permit(row) for row in await cursor.fetchall()]


async def select_drawn(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[DrawnOf]:
    """Return what stands written off for the goods items of consignments."""
    cursor = await connection.execute(
        QUERIES["select_drawn"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return [DrawnOf(*row) for row in await cursor.fetchall()]


class DrawRecord(msgspec.Struct, frozen=True):
    """An entry of what was written off of a permit. Negative: given back. is_return: because goods went
    back."""

    draw_id: int
    consignment_id: int
    sequence_number: int
    quantity_micro: int
    value_minor: int
    is_return: bool
    drawn_at: datetime


async def select_draws_of_permit(
    connection: Connection, permit_id: int, *, after_id: int, limit: int, administration_id: int
) -> list[DrawRecord]:
    """Return what was written off of a permit, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_draws_of_permit"],
        {
            "permit_id": permit_id,
            "after_id": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return [DrawRecord(*row) for row in await cursor.fetchall()]


async def write_draws(
    connection: Connection,
    draws: Sequence[PermitDraw],
    draw_ids: Sequence[int],
    *,
    at: datetime,
    administration_id: int,
    is_return: bool = False,
) -> None:
    """Append what is written off or given back, and bring the permits, which are held, up to date."""
    values: Mapping[str, Any] = {
        "draw_ids": list(draw_ids),
        "permit_ids": [one.permit_id for one in draws],
        "consignment_ids": [one.consignment_id for one in draws],
        "caused_by_ids": [one.caused_by_id for one in draws],
        "quantities_micro": [one.quantity_micro for one in draws],
        "values_minor": [one.value_minor for one in draws],
        "sequence_numbers": [one.sequence_number for one in draws],
        "at": at,
        "administration_id": administration_id,
        "is_return": is_return,
    }
    await connection.execute(QUERIES["insert_draws"], values)
    await connection.execute(QUERIES["add_to_permits"], values)

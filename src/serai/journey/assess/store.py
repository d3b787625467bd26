"""Goods items, charges, and the law a decision rests on: components kept by hash for ever."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import Target, copy_table
from serai.foundation.queries import load_queries
from serai.model.columns import Coded, Frame, Int64s

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

CHARGE_KINDS = ("duty", "tax", "excise", "fee", "claim")
DUES = ("border", "sale", "buyer_return", "none")


class Component(msgspec.Struct, frozen=True):
    """A file or list that decisions rest on. component_hash: SHA-256 of kind, name and content."""

    component_hash: bytes
    kind: str
    name: str
    content: bytes


def make_component(kind: str, name: str, content: bytes) -> Component:
    """Name a content by its hash."""
    digest = hashlib.sha256(f"{kind}\0{name}\0".encode() + content).digest()
    return Component(digest, kind, name, content)


async def insert_components(
    connection: Connection, components: Sequence[Component], *, administration_id: int, at: Any
) -> None:
    """Keep components; those known already are left alone."""
    await connection.execute(
        QUERIES["insert_components"],
        {
            "administration_id": administration_id,
            "hashes": [one.component_hash for one in components],
            "kinds": [one.kind for one in components],
            "names": [one.name for one in components],
            "contents": [one.content for one in components],
            "at": at,
        },
    )


async def select_components(connection: Connection, hashes: Sequence[bytes]) -> list[Component]:
    """Return components by hash."""
    cursor = await connection.execute(QUERIES["select_components"], {"hashes": list(hashes)}, binary=True)
    return [Component(*row) for row in await cursor.fetchall()]


async def insert_generation(
    connection: Connection, hashes: Sequence[bytes], *, administration_id: int, at: Any, note: str
) -> int:
    """Put components in force; every process follows within a second."""
    cursor = await connection.execute(
        QUERIES["insert_generation"],
        {"administration_id": administration_id, "component_hashes": list(hashes), "at": at, "note": note},
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def lock_generations(connection: Connection) -> None:
    """Let whoever derives a generation from the one in force do so alone, until the transaction ends."""
    await connection.execute(QUERIES["lock_generations"])


async def select_generation(
    connection: Connection, *, administration_id: int
) -> tuple[int, list[bytes]] | None:
    """Return the generation in force and its components, or None before the first."""
    cursor = await connection.execute(QUERIES["select_generation"], {"administration_id": administration_id})
    row = await cursor.fetchone()
    return None if row is None else (int(row[0]), [bytes(one) for one in row[1]])


async def select_one_generation(
    connection: Connection, generation_id: int, *, administration_id: int
) -> list[bytes] | None:
    """Return the components of a generation, in force or not, or None if there is no such one."""
    cursor = await connection.execute(
        QUERIES["select_one_generation"],
        {"administration_id": administration_id, "generation_id": generation_id},
    )
    row = await cursor.fetchone()
    return None if row is None else [bytes(one) for one in row[0]]


async def select_generation_id(connection: Connection, *, administration_id: int) -> int | None:
    """Return the number of the generation in force."""
    cursor = await connection.execute(
        QUERIES["select_generation_id"], {"administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


LAW_FILE = "law-file"
"""The kind of component that law packs consist of; every other kind is a list."""


class Generation(msgspec.Struct, frozen=True):
    """What was put in force at once. components: kind and name of each."""

    generation_id: int
    activated_at: datetime
    note: str
    components: list[tuple[str, str]]

    @property
    def packs_count(self) -> int:
        """How many law packs there are."""
        return sum(kind == LAW_FILE and name.endswith("/pack.yaml") for kind, name in self.components)

    @property
    def lists(self) -> list[tuple[str, str]]:
        """Kind and name of each list."""
        return [(kind, name) for kind, name in self.components if kind != LAW_FILE]


async def select_generations(connection: Connection, *, administration_id: int) -> list[Generation]:
    """Return every generation, the newest first."""
    cursor = await connection.execute(QUERIES["select_generations"], {"administration_id": administration_id})
    return [
        Generation(number, activated_at, note, [(kind, name) for kind, name in parts or ()])
        for number, activated_at, note, parts in await cursor.fetchall()
    ]


class Basis(msgspec.Struct, frozen=True):
    """What a decision rests on. reason_set, charge_set: rule ids by bit and by number."""

    basis_id: int
    basis_hash: bytes
    program_code: str
    currency_code: str
    engine_semantics: int
    component_hashes: list[bytes]
    reason_set: list[str]
    charge_set: list[str]


async def ensure_basis(connection: Connection, *, values: Mapping[str, Any]) -> int:
    """Return the id of a basis, inserted if it is new. values: the columns of `basis` but the id, and
    `at`."""
    await connection.execute(QUERIES["insert_basis"], values)
    cursor = await connection.execute(QUERIES["select_basis_by_hash"], values)
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def select_basis(connection: Connection, basis_ids: Sequence[int]) -> dict[int, Basis]:
    """Return bases by id."""
    cursor = await connection.execute(QUERIES["select_basis"], {"basis_ids": list(basis_ids)})
    rows = [
        Basis(
            number, bytes(basis_hash), code, currency, semantics, [bytes(h) for h in hashes], reasons, charges
        )
        for number, basis_hash, code, currency, semantics, hashes, reasons, charges in await cursor.fetchall()
    ]
    return {row.basis_id: row for row in rows}


async def insert_goods_items(
    target: Target,
    items: Frame,
    *,
    administration_id: int,
    consignment_ids: Int64s,
    decision_ids: Int64s,
) -> None:
    """Append goods items as decided. consignment_ids, decision_ids: one for each item."""
    await copy_table(
        target,
        "goods_item",
        arrow.table(
            consignment_id=arrow.int64(consignment_ids),
            administration_id=arrow.int16(np.full(items.row_count, administration_id)),
            decision_id=arrow.int64(decision_ids),
            sequence_number=arrow.int16(items.numbers("sequence_number")),
            commodity_code=arrow.text(items.words("commodity_code"), absent=""),
            origin_country_code=arrow.text(items.words("origin_country_code"), absent=""),
            customs_value_minor=arrow.int64(items.numbers("customs_value_minor")),
            relief_code=arrow.text(items.words("relief_code")),
            lane=arrow.int16(items.numbers("lane_number")),
            reason_bits=arrow.int64(items.numbers("reason_bits")),
        ),
    )


async def insert_charges(
    target: Target,
    charges: Frame,
    *,
    administration_id: int,
    consignment_ids: Int64s,
    decision_ids: Int64s,
    sequence_numbers: Int64s,
) -> None:
    """Append charges. The id columns: one for each charge."""
    await copy_table(
        target,
        "charge",
        arrow.table(
            consignment_id=arrow.int64(consignment_ids),
            administration_id=arrow.int16(np.full(charges.row_count, administration_id)),
            decision_id=arrow.int64(decision_ids),
            sequence_number=arrow.int16(sequence_numbers),
            charge_number=arrow.int16(charges.numbers("charge_number")),
            kind=arrow.int16(place_of(charges.words("kind_code"), CHARGE_KINDS)),
            due=arrow.int16(place_of(charges.words("due_code"), DUES)),
            is_waived=arrow.flags(charges.flags("is_waived")),
            is_reversal=arrow.flags(np.zeros(charges.row_count, dtype=np.bool_)),
            tax_type_code=arrow.text(charges.words("tax_type_code")),
            liable_code=arrow.text(charges.words("liable_code"), absent="none"),
            currency_code=arrow.text(charges.words("currency_code")),
            base_minor=arrow.int64(charges.numbers("base_minor")),
            rate_numerator=arrow.int64(charges.numbers("rate_numerator")),
            rate_denominator=arrow.int64(charges.numbers("rate_denominator")),
            amount_minor=arrow.int64(charges.numbers("amount_minor")),
        ),
    )


def place_of(coded: Coded, words: Sequence[str]) -> Int64s:
    """Return the place of each row's word in a fixed list; -1 for an absent word."""
    places = np.array([*(words.index(word) for word in coded.words), -1], dtype=np.int64)
    return places[coded.codes]


async def reverse_charges(
    connection: Connection,
    *,
    consignment_ids: Sequence[int],
    old_decision_ids: Sequence[int],
    new_decision_ids: Sequence[int],
) -> None:
    """Take back the charges of superseded decisions by reversing rows."""
    await connection.execute(
        QUERIES["reverse_charges"],
        {
            "consignment_ids": list(consignment_ids),
            "old_decision_ids": list(old_decision_ids),
            "new_decision_ids": list(new_decision_ids),
        },
    )


class GoodsItemRow(msgspec.Struct, frozen=True):
    """A goods item as decided."""

    decision_id: int
    sequence_number: int
    commodity_code: str
    origin_country_code: str
    customs_value_minor: int | None
    relief_code: str | None
    lane: int
    reason_bits: int


class ChargeRow(msgspec.Struct, frozen=True):
    """A charge as stored. kind, due: places in CHARGE_KINDS and DUES. sequence_number 0: of the
    consignment."""

    decision_id: int
    sequence_number: int
    charge_number: int
    kind: int
    due: int
    is_waived: bool
    is_reversal: bool
    tax_type_code: str
    liable_code: str
    currency_code: str
    base_minor: int
    rate_numerator: int
    rate_denominator: int
    amount_minor: int


async def select_goods_items(
    connection: Connection,
    *,
    consignment_ids: Sequence[int],
    decision_ids: Sequence[int],
    administration_id: int,
) -> list[GoodsItemRow]:
    """Return the items of decisions, each with its consignment; by decision, then sequence."""
    cursor = await connection.execute(
        QUERIES["select_goods_items"],
        {
            "consignment_ids": list(consignment_ids),
            "decision_ids": list(decision_ids),
            "administration_id": administration_id,
        },
    )
    return [GoodsItemRow(*row) for row in await cursor.fetchall()]


async def select_charges_of_decisions(
    connection: Connection,
    *,
    consignment_ids: Sequence[int],
    decision_ids: Sequence[int],
    administration_id: int,
) -> list[ChargeRow]:
    """Return the charges that decisions made, without reversals; by decision, sequence, number."""
    cursor = await connection.execute(
        QUERIES["select_charges_of_decisions"],
        {
            "consignment_ids": list(consignment_ids),
            "decision_ids": list(decision_ids),
            "administration_id": administration_id,
        },
    )
    return [ChargeRow(*row) for row in await cursor.fetchall()]


async def select_charge_sums(
    connection: Connection,
    *,
    consignment_ids: Sequence[int],
    decision_ids: Sequence[int],
    administration_id: int,
) -> list[tuple[int, int, str, int]]:
    """Return what decisions charge and do not waive: decision, place in CHARGE_KINDS, currency, sum."""
    cursor = await connection.execute(
        QUERIES["select_charge_sums"],
        {
            "consignment_ids": list(consignment_ids),
            "decision_ids": list(decision_ids),
            "administration_id": administration_id,
        },
        binary=True,
    )
    return await cursor.fetchall()


async def select_charges(
    connection: Connection, *, consignment_id: int, administration_id: int
) -> list[ChargeRow]:
    """Return every charge row of a consignment, reversals among them, oldest decision first."""
    cursor = await connection.execute(
        QUERIES["select_charges"], {"consignment_id": consignment_id, "administration_id": administration_id}
    )
    return [ChargeRow(*row) for row in await cursor.fetchall()]

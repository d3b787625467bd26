"""The law a decision rests on: components kept by hash for ever."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


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


async def select_pack_files(
    connection: Connection, code: str, version: str, *, administration_id: int
) -> list[Component]:
    """Return the files of a pack in the version that a decision names; none where no decision rests on it."""
    cursor = await connection.execute(
        QUERIES["select_pack_files"],
        {"administration_id": administration_id, "code": code, "version": version},
        binary=True,
    )
    return [Component(*row) for row in await cursor.fetchall()]


async def select_in_force(
    connection: Connection, kind: str, *, administration_id: int
) -> tuple[int, bytes | None]:
    """Return the generation in force and the content of its component of a kind; None where it has none."""
    cursor = await connection.execute(
        QUERIES["select_in_force"], {"administration_id": administration_id, "kind": kind}
    )
    row = await cursor.fetchone()
    return (0, None) if row is None else (row[0], row[1] and bytes(row[1]))


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


async def select_activated_at(
    connection: Connection, generation_id: int, *, administration_id: int
) -> datetime | None:
    """Return when a generation was put in force; None: there is no such one."""
    cursor = await connection.execute(
        QUERIES["select_activated_at"],
        {"administration_id": administration_id, "generation_id": generation_id},
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


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
    """What a decision rests on. program_code: codes of packs, joined with `+`; pack_versions: of each.
    reason_set, charge_set: rule ids by bit and by number. reason_law_references: of each reason, or empty.
    confirmed_until: last day on which a source shows all of its packs in force; None: they name none."""

    basis_id: int
    basis_hash: bytes
    program_code: str
    pack_versions: list[str]
    currency_code: str
    engine_semantics: int
    component_hashes: list[bytes]
    reason_set: list[str]
    reason_law_references: list[str]
    charge_set: list[str]
    confirmed_until: dt.date | None = None


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
    return {row[0]: Basis(*row) for row in await cursor.fetchall()}

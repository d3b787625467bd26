"""Acts as they are stored: the row, its leaf in the log, and why, in words, which the vault alone holds."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.leaf import Opening
from serai.evidence.promise import commit_and_promise
from serai.evidence.receipt import promise_receipts
from serai.evidence.store import insert_promised_batch
from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Numbers
from serai.foundation.id_text import format_id
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.writing import write_messages
from serai.journey.consignments.act_words import write_act_words
from serai.journey.consignments.store import QUERIES
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.frames import ABSENT

Connection = AsyncConnection[Any]

FIELD = "act"
"""Under which name a leaf commits to an act; its words are the leaf's `document`."""


class DoneAct(msgspec.Struct, frozen=True):
    """An act as stored. reversed_by: the act that took it back; None: it stands."""

    act: Act
    reversed_by: int | None


async def record_act(services: Services, connection: Connection, act: Act, words: str = "") -> bytes | None:
    """Append an act with a leaf of its own, and return its receipt; None: it is there already, by its
    reference or by what it takes back.

    words: why, in the words of whoever acts, which may name people; "" for none.
    """
    fields = {FIELD: [committed_bytes(act)]}
    if words:
        fields["document"] = [write_act_words(words)]
    commitments, promise = commit_and_promise(services, act.at, leaf_ids=[act.leaf_id], fields=fields)
    act = msgspec.structs.replace(act, has_words=bool(words))
    if not await insert_act(connection, act, services.administration_id, salt=commitments.salts[FIELD][0]):
        return None
    if words:
        await write_messages(
            connection,
            {act.act_id: fields["document"][0]},
            write=services.database.write,
            epochs=services.epochs,
            codec=services.codec,
            retention_class=RetentionClass.DOCUMENT,
            at=act.at,
            salts=commitments.salts["document"],
        )
    await insert_promised_batch(
        connection, promise, administration_id=services.administration_id, leaf_ids=[act.leaf_id]
    )
    return promise_receipts(promise)[0]


async def record_acts(services: Services, connection: Connection, acts: Sequence[Act]) -> None:
    """Append many acts without words, of one instant and with ids that were taken at once; each has a leaf of
    its own in one promised batch."""
    if not acts:
        return
    leaf_ids = [one.leaf_id for one in acts]
    commitments, promise = commit_and_promise(
        services, acts[0].at, leaf_ids=leaf_ids, fields={FIELD: [committed_bytes(one) for one in acts]}
    )
    # One statement for all: a statement of the bank pays thousands of cases.
    columns = _arrays_of(acts, commitments.salts[FIELD])
    cursor = await connection.execute(
        QUERIES["insert_acts"], columns | {"administration_id": services.administration_id}
    )
    # One that is not new would leave a leaf without its act.
    assert cursor.rowcount == len(acts), "acts that are recorded together are new"
    await insert_promised_batch(
        connection, promise, administration_id=services.administration_id, leaf_ids=leaf_ids
    )


async def insert_act(connection: Connection, act: Act, administration_id: int, *, salt: bytes = b"") -> bool:
    """Append an act whose leaf is that of the document or decision that brings it, or (salt: of its
    commitment) one of its own; say whether it is new."""
    cursor = await connection.execute(QUERIES["insert_act"], _columns_of(act, administration_id, salt))
    return await cursor.fetchone() is not None


def _columns_of(act: Act, administration_id: int, salt: bytes) -> dict[str, Any]:
    return msgspec.structs.asdict(act) | {
        "administration_id": administration_id,
        "subject_kind": act.subject_kind,
        "parameters": msgspec.json.encode(act.parameters).decode(),
        "salt": salt,
    }


def _arrays_of(acts: Sequence[Act], salts: Sequence[bytes]) -> dict[str, Any]:
    """Return acts as parameters, an array a column."""

    def ids(values: Iterable[int | None]) -> Numbers:
        return arrow.int64([ABSENT if one is None else one for one in values])

    return arrow.table(
        act_ids=ids(one.act_id for one in acts),
        case_ids=ids(one.case_id for one in acts),
        subject_ids=ids(one.subject_id for one in acts),
        party_ids=ids(one.party_id for one in acts),
        grantor_ids=ids(one.on_behalf_of for one in acts),
        expected_ids=ids(one.expected_decision_id for one in acts),
        reversed_ids=ids(one.reverses for one in acts),
        leaf_ids=ids(one.leaf_id for one in acts),
        instants=arrow.moments([one.at for one in acts]),
        due_instants=arrow.moments([one.due_at for one in acts]),
        subject_numbers=arrow.int16([one.subject_number for one in acts]),
        versions=arrow.int16([one.version for one in acts]),
        with_words=arrow.flags(np.array([one.has_words for one in acts])),
        kinds=arrow.texts([one.kind for one in acts]),
        subject_kinds=arrow.texts([one.subject_kind for one in acts]),
        acting_users=arrow.texts([one.acting_user for one in acts]),
        reason_codes=arrow.texts([one.reason_code for one in acts]),
        law_references=arrow.texts([one.law_reference for one in acts]),
        references=arrow.texts([one.reference for one in acts]),
        parameters=arrow.texts([msgspec.json.encode(one.parameters).decode() for one in acts]),
        salts=arrow.blobs(list(salts)),
    ).arrays()


async def select_acts(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[DoneAct]:
    """Return all that was done in cases, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_acts"], {"case_ids": list(case_ids), "administration_id": administration_id}
    )
    return [DoneAct(_act(columns), reversed_by) for reversed_by, *columns in await cursor.fetchall()]


async def select_standing_acts(
    connection: Connection, case_ids: Sequence[int], kinds: Sequence[str], *, administration_id: int
) -> list[tuple[int, Act]]:
    """Return acts of some kinds in cases, and in those merged into them, that nobody has taken back: the case
    asked for, and the act, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_standing_acts"],
        {"case_ids": list(case_ids), "kinds": list(kinds), "administration_id": administration_id},
    )
    return [(root, _act(columns)) for root, *columns in await cursor.fetchall()]


async def select_family_acts(
    connection: Connection, case_ids: Sequence[int], kinds: Sequence[str], *, administration_id: int
) -> list[tuple[int, DoneAct]]:
    """Return acts of some kinds in cases, and in those merged into them, taken back or not: the case asked
    for, and the act, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_family_acts"],
        {"case_ids": list(case_ids), "kinds": list(kinds), "administration_id": administration_id},
    )
    return [
        (root, DoneAct(_act(columns), reversed_by)) for root, reversed_by, *columns in await cursor.fetchall()
    ]


async def select_acts_with_end(
    connection: Connection, case_ids: Sequence[int], kinds: Sequence[str], *, administration_id: int
) -> list[tuple[Act, datetime | None]]:
    """Return acts of some kinds in cases, and in those they were merged into, oldest first, each with the
    instant at which it was taken back; None: it stands."""
    cursor = await connection.execute(
        QUERIES["select_acts_with_end"],
        {"case_ids": list(case_ids), "kinds": list(kinds), "administration_id": administration_id},
    )
    return [(_act(columns), ended_at) for ended_at, *columns in await cursor.fetchall()]


async def select_act_by_reference(
    connection: Connection, party_id: int, reference: str, *, administration_id: int
) -> Act | None:
    """Return the act that a party has done under a reference of its own."""
    cursor = await connection.execute(
        QUERIES["select_act_by_reference"],
        {"party_id": party_id, "reference": reference, "administration_id": administration_id},
    )
    columns = await cursor.fetchone()
    return None if columns is None else _act(columns)


async def select_act(
    connection: Connection, act_id: int, *, administration_id: int, party_id: int | None = None
) -> tuple[Act, Opening | None] | None:
    """Return an act, and what opens its commitment where its leaf is its own. party_id: only of this one."""
    cursor = await connection.execute(
        QUERIES["select_act"],
        {"act_id": act_id, "administration_id": administration_id, "party_id": party_id},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    salt, *columns = row
    act = _act(columns)
    return act, Opening(FIELD, bytes(salt), committed_bytes(act)) if salt else None


async def select_acts_after(
    connection: Connection, after_id: int, *, administration_id: int, limit: int
) -> list[tuple[Act, Opening]]:
    """Return the next acts of an administration that have leaves of their own, by id, with what opens
    these."""
    cursor = await connection.execute(
        QUERIES["select_acts_after"],
        {"after_id": after_id, "administration_id": administration_id, "limit": limit},
    )
    found = [(bytes(salt), _act(columns)) for salt, *columns in await cursor.fetchall()]
    return [(act, Opening(FIELD, salt, committed_bytes(act))) for salt, act in found]


def _act(columns: Sequence[Any]) -> Act:
    return Act(**dict(zip(_COLUMNS, columns, strict=True)))


_COLUMNS = (
    "act_id", "case_id", "kind", "subject_id", "party_id", "acting_user", "at", "leaf_id", "subject_number",
    "version", "reason_code", "parameters", "on_behalf_of", "expected_decision_id", "law_reference", "due_at",
    "reverses", "reference", "has_words", "refunded_minor",
)  # fmt: skip


# ---- what the log commits to ----


class _Committed(msgspec.Struct, frozen=True, omit_defaults=True):
    """An act without its words, and without the case it lay in, which may be merged."""

    act_id: str
    kind: str
    subject_id: str
    party_id: str
    acting_user: str
    at: str
    subject_number: int = 0
    version: int = 1
    reason_code: str | None = None
    parameters: dict[str, Any] = {}
    on_behalf_of: str | None = None
    expected_decision_id: str | None = None
    law_reference: str | None = None
    due_at: str | None = None
    reverses: str | None = None
    reference: str | None = None


def committed_bytes(act: Act) -> bytes:
    """Return an act as the log commits to it: JSON whose bytes depend on the act alone."""

    def id_of(number: int | None) -> str | None:
        return None if number is None else format_id(number)

    return msgspec.json.encode(
        _Committed(
            act_id=format_id(act.act_id),
            kind=act.kind,
            subject_id=format_id(act.subject_id),
            party_id=format_id(act.party_id),
            acting_user=act.acting_user,
            at=_instant(act.at),
            subject_number=act.subject_number,
            version=act.version,
            reason_code=act.reason_code,
            parameters=act.parameters,
            on_behalf_of=id_of(act.on_behalf_of),
            expected_decision_id=id_of(act.expected_decision_id),
            law_reference=act.law_reference,
            due_at=None if act.due_at is None else _instant(act.due_at),
            reverses=id_of(act.reverses),
            reference=act.reference,
        ),
        order="deterministic",
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")

"""Match keys and cases in bulk: claimed in sorted order, then cases locked in the order of their ids."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import bigints, smallints, texts
from serai.foundation.copying import COPIED_ROWS_COUNT_MIN, Target, copy_new, copy_table
from serai.foundation.queries import load_queries
from serai.journey.matching.match_keys import Key, MatchKeys
from serai.journey.matching.rules import Named
from serai.law.small_arrays import among
from serai.model.columns import Flags, Int64s

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
_FIRST_AT = datetime(2025, 1, 1, tzinfo=UTC)
KEY_KINDS = ("ucr", "house-document", "order")


class FoundKey(msgspec.Struct, frozen=True, gc=False):
    """A key that was already there. opened_at: since when, for numbers that come back."""

    kind: int
    key_hash: int
    check_hash: int
    case_id: int
    opened_at: Any

    @property
    def key(self) -> Key:
        """The key itself."""
        return (self.kind, self.key_hash, self.check_hash)


async def claim_keys(
    connection: Connection, keys: MatchKeys, case_ids: Int64s, *, administration_id: int, at: datetime
) -> Flags:
    """Claim keys for cases, one each; say which were free. Of equal ones the first case has it.

    Sorted, so that batches do not wait for each other in a circle; what is claimed holds others off until
    commit. Keys whose halves that the index finds are equal count as one here: only one of them is claimed.
    """
    order = np.lexsort((keys.check_hashes, case_ids, keys.key_hashes))
    hashes = keys.key_hashes[order]
    rows = order[np.append(True, hashes[1:] != hashes[:-1])[: len(order)]]
    claimed = np.zeros(len(keys), dtype=np.bool_)
    chosen, its_cases = keys.take(rows), case_ids[rows]
    if len(rows) >= COPIED_ROWS_COUNT_MIN and await _copy_keys(
        connection, chosen, its_cases, administration_id=administration_id, at=at
    ):
        claimed[rows] = True
        return claimed
    cursor = await connection.execute(
        QUERIES["claim_keys"],
        {
            "administration_id": administration_id,
            "kinds": smallints(chosen.kinds),
            "key_hashes": bigints(chosen.key_hashes),
            "check_hashes": bigints(chosen.check_hashes),
            "case_ids": bigints(its_cases),
            "opened_s": _seconds(at),
        },
        binary=True,
    )
    claimed[rows] = among(chosen.key_hashes, [row[0] for row in await cursor.fetchall()])
    return claimed


async def _copy_keys(
    connection: Connection, keys: MatchKeys, case_ids: Int64s, *, administration_id: int, at: datetime
) -> bool:
    """Claim keys that are all new, at half the cost; if one of them is not, claim none of them."""
    count = len(keys)
    batch = arrow.table(
        key_hash=arrow.int64(keys.key_hashes),
        check_hash=arrow.int64(keys.check_hashes),
        case_id=arrow.int64(case_ids),
        opened_s=arrow.int32(np.full(count, _seconds(at))),
        administration_id=arrow.int16(np.full(count, administration_id)),
        kind=arrow.int16(keys.kinds),
    )
    return await copy_new(connection, "match_key", batch)


async def take_over_keys(
    connection: Connection, keys: Sequence[Key], case_ids: Sequence[int], *, administration_id: int, at: Any
) -> None:
    """Give keys whose life has ended to new cases."""
    await connection.execute(
        QUERIES["take_over_keys"],
        _key_columns(keys, administration_id) | {"case_ids": bigints(case_ids), "opened_s": _seconds(at)},
    )


async def lock_cases(connection: Connection, case_ids: Sequence[int]) -> dict[int, int]:
    """Lock cases until commit; return for each the case that survived merging."""
    wanted = sorted(set(case_ids))
    opened = {case_id: case_id for case_id in await _open_cases(connection, wanted)}
    # Nobody else sees what was made just now. A statement of its own: it sees what whoever was first has
    # committed by now.
    known = [case_id for case_id in wanted if case_id not in opened]
    if not known:
        return opened
    cursor = await connection.execute(QUERIES["lock_cases"], {"case_ids": bigints(known)}, binary=True)
    return opened | dict(await cursor.fetchall())


async def _open_cases(connection: Connection, case_ids: Sequence[int]) -> list[int]:
    """Give cases that have none the row that is locked; returns those that got one. Many by COPY."""
    wanted = {"case_ids": bigints(case_ids)}
    if len(case_ids) >= COPIED_ROWS_COUNT_MIN:
        cursor = await connection.execute(QUERIES["select_unopened"], wanted, binary=True)
        found = await cursor.fetchall()
        opened = [case_id for case_id, *_ in found]
        batch = arrow.table(
            case_id=arrow.int64(opened),
            administration_id=arrow.int16(np.array([one[1] for one in found], dtype=np.int64)),
            opened_at=arrow.moments([one[2] for one in found]),
        )
        if not found or await copy_new(connection, "case_file", batch):
            return opened
    cursor = await connection.execute(QUERIES["open_cases"], wanted, binary=True)
    return [case_id for (case_id,) in await cursor.fetchall()]


async def insert_cases(target: Target, case_ids: Int64s, *, administration_id: int, at_ms: int) -> None:
    """Open cases."""
    count = len(case_ids)
    await copy_table(
        target,
        "case_file",
        arrow.table(
            case_id=arrow.int64(case_ids),
            administration_id=arrow.int16(np.full(count, administration_id)),
            opened_at=arrow.instants(np.full(count, at_ms)),
        ),
    )


async def insert_links(
    connection: Connection,
    *,
    case_ids: Sequence[int],
    document_ids: Sequence[int],
    scores_ppm: Sequence[int],
    details: Sequence[str],
    administration_id: int,
    at: Any,
) -> None:
    """Record which documents belong to which case, how surely, and what they met over."""
    await connection.execute(
        QUERIES["insert_links"],
        {
            "administration_id": administration_id,
            "case_ids": bigints(case_ids),
            "document_ids": bigints(document_ids),
            "scores_ppm": bigints(scores_ppm),
            "details": texts(details),
            "at": at,
        },
    )


async def resolve_case(connection: Connection, case_id: int, *, administration_id: int) -> int | None:
    """Return the case an id stands for today, or None."""
    cursor = await connection.execute(
        QUERIES["resolve_case"], {"case_id": case_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def select_roots(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, int]:
    """Return the case that each id stands for today; one that is not known is left out."""
    cursor = await connection.execute(
        QUERIES["select_roots"], {"case_ids": bigints(case_ids), "administration_id": administration_id}
    )
    return {int(row[0]): int(row[1]) for row in await cursor.fetchall()}


async def select_identifiers(
    connection: Connection, identifiers: Sequence[str], *, administration_id: int
) -> dict[str, int]:
    """Return the parties known under identifiers."""
    cursor = await connection.execute(
        QUERIES["select_identifiers"],
        {"identifiers": texts(identifiers), "administration_id": administration_id},
    )
    return dict(await cursor.fetchall())


async def lock_keys(
    connection: Connection, keys: Sequence[Key], *, administration_id: int
) -> dict[Key, FoundKey]:
    """Lock keys until commit, in sorted order; return who holds each. Cases are as they were when claimed."""
    cursor = await connection.execute(
        QUERIES["lock_keys"], _key_columns(keys, administration_id), binary=True
    )
    rows = [FoundKey(*row) for row in await cursor.fetchall()]
    return {row.key: row for row in rows}


def _key_columns(keys: Sequence[Key], administration_id: int) -> dict[str, Any]:
    table = np.array(keys, dtype=np.int64).reshape(-1, 3)
    return {
        "administration_id": administration_id,
        "kinds": smallints(table[:, 0]),
        "key_hashes": bigints(table[:, 1]),
        "check_hashes": bigints(table[:, 2]),
    }


async def insert_document_keys(
    connection: Connection,
    keys: MatchKeys,
    document_ids: Int64s,
    case_ids: Int64s,
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Record by which keys documents can be found, whoever holds them: one document and case for each key."""
    count = len(keys)
    await copy_table(
        connection,
        "document_key",
        arrow.table(
            key_hash=arrow.int64(keys.key_hashes),
            check_hash=arrow.int64(keys.check_hashes),
            document_id=arrow.int64(document_ids),
            case_id=arrow.int64(case_ids),
            added_at=arrow.instants(np.full(count, _milliseconds(at))),
            administration_id=arrow.int16(np.full(count, administration_id)),
            kind=arrow.int16(keys.kinds),
        ),
    )


async def select_waiting(
    connection: Connection, keys: Sequence[Key], *, administration_id: int, since: Any
) -> list[tuple[Key, int]]:
    """Return the cases of documents that carry keys without having to hold them, added after an instant."""
    columns = _key_columns(keys, administration_id) | {"since": since}
    cursor = await connection.execute(QUERIES["select_waiting"], columns, binary=True)
    return [(row[:3], row[3]) for row in await cursor.fetchall()]


class Carrier(msgspec.Struct, frozen=True):
    """A document that carries a key: who sent it, the case it began in and the one it is in now."""

    key: Key
    party_id: int
    case_id: int
    root_id: int


async def select_carriers(
    connection: Connection, keys: Sequence[Key], *, administration_id: int, since: Any
) -> list[Carrier]:
    """Return the documents that carry keys, added after an instant; versions of one document once."""
    columns = _key_columns(keys, administration_id) | {"since": since}
    cursor = await connection.execute(QUERIES["select_carriers"], columns, binary=True)
    return [Carrier(row[:3], *row[3:]) for row in await cursor.fetchall()]


async def select_document_keys(connection: Connection, document_ids: Sequence[int]) -> list[tuple[int, Key]]:
    """Return the keys of orders, payments and transport documents."""
    cursor = await connection.execute(
        QUERIES["select_document_keys"], {"document_ids": bigints(document_ids)}, binary=True
    )
    return [(row[0], row[1:]) for row in await cursor.fetchall()]


async def select_waiting_of_party(
    connection: Connection,
    party_id: int,
    *,
    kinds: Sequence[int],
    administration_id: int,
    after_id: int,
    limit: int,
) -> list[int]:
    """Return the next documents of a party that count nowhere yet, by id. kinds: numbers as stored."""
    cursor = await connection.execute(
        QUERIES["select_waiting_of_party"],
        {
            "party_id": party_id,
            "kinds": smallints(kinds),
            "administration_id": administration_id,
            "after_id": after_id,
            "limit": limit,
        },
    )
    return [document_id for (document_id,) in await cursor.fetchall()]


class Member(msgspec.Struct, frozen=True):
    """A document of a case in its newest version. kind: number as stored; named: whom it names."""

    case_id: int
    document_id: int
    party_id: int
    kind: int
    is_confirmed: bool
    named: Named


async def select_members(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[Member]:
    """Return the documents beside declarations of cases (of survivors, those merged into them included)."""
    cursor = await connection.execute(
        QUERIES["select_members"], _family(case_ids) | {"administration_id": administration_id}
    )
    return [
        Member(
            case_id, document_id, party_id, kind, is_confirmed, frozenset(zip(roles, numbers, strict=True))
        )
        for case_id, document_id, party_id, kind, is_confirmed, roles, numbers in await cursor.fetchall()
    ]


class DeclaredRow(msgspec.Struct, frozen=True):
    """A consignment of a case, who filed it, and whom it names. is_disputed: another declarant has a number
    of the case."""

    case_id: int
    consignment_id: int
    party_id: int
    named: Named
    is_disputed: bool


async def select_declared(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int, withdrawn: int
) -> list[DeclaredRow]:
    """Return the consignments of cases that were not withdrawn. withdrawn: number of that status."""
    cursor = await connection.execute(
        QUERIES["select_declared"],
        _family(case_ids)
        | {
            "administration_id": administration_id,
            "withdrawn": withdrawn,
        },
    )
    return [
        DeclaredRow(case_id, number, party_id, frozenset(zip(roles, numbers, strict=True)), is_disputed)
        for case_id, number, party_id, roles, numbers, is_disputed in await cursor.fetchall()
    ]


async def select_entitled(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int, withdrawn: int
) -> dict[int, Named]:
    """Return by case who has a part in it, declarants among them; cases that nothing declares are left out.
    withdrawn: number of that status."""
    cursor = await connection.execute(
        QUERIES["select_entitled"],
        _family(case_ids) | {"administration_id": administration_id, "withdrawn": withdrawn},
    )
    entitled: dict[int, set[tuple[str, int]]] = {}
    for case_id, party_id, role in await cursor.fetchall():
        entitled.setdefault(case_id, set()).add((role, party_id))
    return {case_id: frozenset(parts) for case_id, parts in entitled.items()}


async def insert_document_parties(
    connection: Connection, named: Sequence[tuple[int, str, int]], *, administration_id: int
) -> None:
    """Record whom documents beside declarations name: (document, role, party)."""
    await connection.execute(
        QUERIES["insert_document_parties"],
        {
            "document_ids": bigints([one[0] for one in named]),
            "roles": texts([one[1] for one in named]),
            "party_ids": bigints([one[2] for one in named]),
            "administration_id": administration_id,
        },
    )


def _family(case_ids: Sequence[int]) -> dict[str, Any]:
    """Return cases, each once, as the parameter of the piece `family`."""
    return {"case_ids": bigints(sorted(set(case_ids)))}


async def confirm_documents(connection: Connection, document_ids: Sequence[int]) -> None:
    """Let documents count in their case."""
    await connection.execute(QUERIES["confirm_documents"], {"document_ids": bigints(document_ids)})


async def select_disputed(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[tuple[int, str]]:
    """Return cases whose number is disputed, and by whom (`TWO_CARRIERS`, `TWO_DECLARANTS`). Carriers'
    documents wait inside the case, each claiming the number of the others'; whoever has no part waits
    outside."""
    cursor = await connection.execute(
        QUERIES["select_disputed"],
        _family(case_ids) | {"administration_id": administration_id},
    )
    return await cursor.fetchall()


async def select_declaring(
    connection: Connection, keys: Sequence[Key], *, administration_id: int
) -> list[tuple[Key, int]]:
    """Return the cases whose declarations themselves carry keys."""
    cursor = await connection.execute(
        QUERIES["select_declaring"], _key_columns(keys, administration_id), binary=True
    )
    return [(row[:3], row[3]) for row in await cursor.fetchall()]


async def select_disputed_numbers(connection: Connection, case_ids: Sequence[int]) -> set[Key]:
    """Return the keys over which cases are held since another declarant has them as well."""
    cursor = await connection.execute(QUERIES["select_disputed_numbers"], _family(case_ids))
    return set(await cursor.fetchall())


async def select_disputes(
    connection: Connection, keys: Sequence[Key], *, administration_id: int
) -> list[tuple[Key, int, int]]:
    """Return the cases that are held over these keys: as recorded, and as each is called now."""
    cursor = await connection.execute(
        QUERIES["select_disputes"], _key_columns(keys, administration_id), binary=True
    )
    return [(row[:3], row[3], row[4]) for row in await cursor.fetchall()]


async def select_disputed_of_sender(
    connection: Connection, party_id: int, *, administration_id: int
) -> set[Key]:
    """Return the keys over which cases are held and which documents of a party carry."""
    cursor = await connection.execute(
        QUERIES["select_disputed_of_sender"], {"party_id": party_id, "administration_id": administration_id}
    )
    return set(await cursor.fetchall())


async def change_disputes(
    connection: Connection,
    *,
    new: Sequence[tuple[Key, int]],
    over: Sequence[tuple[Key, int]],
    administration_id: int,
    at: datetime,
) -> None:
    """Record over which keys cases are held from now on, and over which no more."""
    for name, rows in (("insert_disputes", new), ("delete_disputes", over)):
        if rows:
            columns = _key_columns([key for key, _ in rows], administration_id)
            case_ids = bigints([case_id for _, case_id in rows])
            await connection.execute(QUERIES[name], columns | {"case_ids": case_ids, "at": at})


async def select_waiting_inside(connection: Connection, case_id: int, *, administration_id: int) -> list[int]:
    """Return the transport documents that wait inside a case, which a dispute keeps from counting."""
    cursor = await connection.execute(
        QUERIES["select_waiting_inside"],
        {"case_ids": bigints([case_id]), "administration_id": administration_id},
    )
    return [document_id for (document_id,) in await cursor.fetchall()]


async def unconfirm_documents(connection: Connection, document_ids: Sequence[int]) -> None:
    """Let documents count no more, though they stay in their case: it is disputed whose count."""
    await connection.execute(QUERIES["unconfirm_documents"], {"document_ids": bigints(document_ids)})


async def delete_document_keys(connection: Connection, document_ids: Sequence[int]) -> None:
    """Let documents that were withdrawn be found by no number any more."""
    await connection.execute(QUERIES["delete_document_keys"], {"document_ids": bigints(document_ids)})


async def merge_cases(
    connection: Connection, survivors: dict[int, int], *, new: set[int], administration_id: int, at: Any
) -> None:
    """Record that cases are one; the lower id survives and old ids resolve.

    survivors: by case that goes. new: those of them that were never opened.
    """
    assert all(survivor < merged for merged, survivor in survivors.items()), "the lower id survives"
    opened = {merged: survivor for merged, survivor in survivors.items() if merged not in new}
    if opened:
        await connection.execute(
            QUERIES["merge_many"],
            {"merged": bigints(list(opened)), "survivors": bigints(list(opened.values()))},
        )
    if len(opened) < len(survivors):
        fresh = {merged: survivor for merged, survivor in survivors.items() if merged in new}
        await connection.execute(
            QUERIES["insert_merged_cases"],
            {
                "case_ids": bigints(list(fresh)),
                "survivors": bigints(list(fresh.values())),
                "administration_id": administration_id,
                "at": at,
            },
        )


async def select_parties(connection: Connection, case_ids: Sequence[int]) -> dict[int, set[int]]:
    """Return by case everybody who has a part in it."""
    cursor = await connection.execute(QUERIES["select_parties"], _family(case_ids))
    parties: dict[int, set[int]] = {}
    for case_id, party_id in await cursor.fetchall():
        parties.setdefault(case_id, set()).add(party_id)
    return parties


async def select_parts_of_case(
    connection: Connection, case_id: int, party_ids: Iterable[int], *, administration_id: int
) -> tuple[int | None, set[int]]:
    """Return the case that an id stands for, and which of these parties have a part in it. None: none has,
    or there is no such case; the one is not told from the other."""
    cursor = await connection.execute(
        QUERIES["select_parts_of_case"],
        {"case_id": case_id, "administration_id": administration_id, "party_ids": bigints(list(party_ids))},
    )
    found = await cursor.fetchall()
    return (int(found[0][0]) if found else None), {int(party_id) for _, party_id in found}


async def replace_document(connection: Connection, *, replaced: int, document_id: int) -> None:
    """Put a newer version in the place of a document."""
    await connection.execute(QUERIES["replace_document"], {"replaced": replaced, "document_id": document_id})


class CountingRow(msgspec.Struct, frozen=True):
    """A document that counts in a case. kind: as stored; consignment_id: of a declaration, else 0.

    person_roles, first_person_id: of its people in the vault.
    """

    case_id: int
    document_id: int
    kind: int
    consignment_id: int
    person_roles: int
    first_person_id: int


async def select_counting(
    connection: Connection,
    case_ids: Sequence[int],
    *,
    kinds: Sequence[int],
    administration_id: int,
    withdrawn: int,
) -> list[CountingRow]:
    """Return the documents that count in cases. kinds: of others than declarations."""
    cursor = await connection.execute(
        QUERIES["select_counting"],
        _family(case_ids)
        | {
            "kinds": smallints(kinds),
            "administration_id": administration_id,
            "withdrawn": withdrawn,
        },
    )
    return [CountingRow(*row) for row in await cursor.fetchall()]


async def select_returns(
    connection: Connection, case_ids: Sequence[int], *, kind: int, administration_id: int
) -> dict[int, int]:
    """Return the returns that count in cases, the oldest first, each with its sender. kind: of a return."""
    cursor = await connection.execute(
        QUERIES["select_returns"],
        _family(case_ids) | {"kind": kind, "administration_id": administration_id},
    )
    return dict(await cursor.fetchall())


async def select_joins(connection: Connection, document_ids: Sequence[int]) -> dict[int, int]:
    """Return the scores of documents that were put into their case over less than an equal number, ppm."""
    cursor = await connection.execute(QUERIES["select_joins"], {"document_ids": bigints(document_ids)})
    return dict(await cursor.fetchall())


class CaseMatch(msgspec.Struct, frozen=True):
    """What the documents of a case come to. verdict: place in MATCH_VERDICTS.

    said: findings as JSON; awaited: codes of what is not there.
    """

    case_id: int
    verdict: int
    score_ppm: int
    said: str
    awaited: list[str]
    matched_at: Any = None


async def insert_case_matches(
    connection: Connection,
    matches: Sequence[CaseMatch],
    match_ids: Sequence[int],
    *,
    administration_id: int,
    at: Any,
) -> None:
    """Append what cases come to now."""
    await connection.execute(
        QUERIES["insert_case_matches"],
        {
            "case_ids": bigints([one.case_id for one in matches]),
            "match_ids": bigints(match_ids),
            "verdicts": smallints([one.verdict for one in matches]),
            "scores_ppm": bigints([one.score_ppm for one in matches]),
            "said": texts([one.said for one in matches]),
            "awaited": texts([" ".join(one.awaited) for one in matches]),
            "administration_id": administration_id,
            "at": at,
        },
    )


async def select_case_matches(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, CaseMatch]:
    """Return what cases came to when they were last looked at, where they were."""
    cursor = await connection.execute(
        QUERIES["select_case_matches"],
        _family(case_ids) | {"administration_id": administration_id},
    )
    return {row[0]: CaseMatch(*row) for row in await cursor.fetchall()}


async def select_holders(
    connection: Connection, keys: MatchKeys, *, administration_id: int, since: Any
) -> list[tuple[int, int]]:
    """Return the cases that hold keys, each with the place of the document that the key is of."""
    if not len(keys):
        return []
    cursor = await connection.execute(
        QUERIES["select_holders"],
        {
            "places": bigints(keys.places),
            "kinds": smallints(keys.kinds),
            "key_hashes": bigints(keys.key_hashes),
            "check_hashes": bigints(keys.check_hashes),
            "administration_id": administration_id,
            "since": since,
        },
        binary=True,
    )
    return await cursor.fetchall()


async def resolve_cases(connection: Connection, case_ids: Sequence[int]) -> dict[int, int]:
    """Return for each case the one that survived merging, as it stands: nothing is locked."""
    cursor = await connection.execute(QUERIES["resolve_cases"], {"case_ids": bigints(case_ids)})
    found = dict(await cursor.fetchall())
    return {case_id: found.get(case_id, case_id) for case_id in case_ids}


async def select_waiting_document(
    connection: Connection, document_id: int, *, administration_id: int
) -> tuple[int, int] | None:
    """Return the case in which a document waits and whose it is; None: it counts, was replaced or taken back,
    or there is none."""
    cursor = await connection.execute(
        QUERIES["select_waiting_document"],
        {"document_id": document_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else (int(row[0]), int(row[1]))


async def delete_link(connection: Connection, document_id: int, case_ids: Sequence[int]) -> None:
    """Forget that a document was put into cases."""
    await connection.execute(
        QUERIES["delete_link"], {"document_id": document_id, "case_ids": bigints(case_ids)}
    )


def _seconds(at: datetime) -> int:
    """Return the seconds since 2025: how `match_key` says when a key was opened."""
    return int((at - _FIRST_AT).total_seconds())


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)

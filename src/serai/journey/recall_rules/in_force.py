"""Recalls that are in force, at hand in each process, and what they find in declarations that come: those are
suspended before they are decided, so that nothing recalled is let through in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.id_text import format_id
from serai.foundation.queries import load_queries
from serai.journey.consignments.act_records import record_acts
from serai.journey.consignments.rows import Row
from serai.journey.recall_rules.candidates import CandidateIndex, index_candidates
from serai.journey.recall_rules.rules import RecallRule, Searched, Sureness, prepare_rule
from serai.journey.services import Services
from serai.model.acts import ACT_KINDS, FREE, Act

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]
SUSPENSION: Final = "suspension"
REASON: Final = "safety"
"""Of the act, as laws/measures.yaml names it."""
SURENESSES: Final[dict[Sureness, int]] = {"certain": 1, "possible": 2}
_CERTAIN: Final = SURENESSES["certain"]
_NOT_FOUND: Final = 3
NOT_YET: Final = -1
NO_ACT: Final = 0
TAKEN_UP: Final = timedelta(seconds=10)
"""So long after a recall was confirmed each process looks for it in what comes."""
_OLD: Final = timedelta(seconds=5)
"""Below `TAKEN_UP` by more than a confirmation takes to be committed."""
_YIELDING: Final = frozenset({FREE, "held", "in-examination", "suspended"})
"""What a suspension adds to: another recall keeps what one of them frees."""
_RULE = msgspec.json.Decoder(RecallRule)


class RecallInForce(NamedTuple):
    """A recall that suspends what it certainly means."""

    recall_id: int
    party_id: int
    acting_user: str
    law_reference: str | None
    searched: Searched


class Hit(NamedTuple):
    """A consignment that a recall has found. act_id: as in the table; NOT_YET: nothing was done yet."""

    recall_id: int
    consignment_id: int
    case_id: int
    act_id: int
    sureness: int


class RecallBook(msgspec.Struct):
    """Recalls in force. candidates: which documents are read whole for them. read_at: when they were read
    last."""

    recalls: tuple[RecallInForce, ...] = ()
    candidates: CandidateIndex = CandidateIndex()
    read_at: datetime | None = None

    async def refresh(self, services: Services) -> None:
        """Take up what is in force now."""
        async with services.database.read(services.administration_id) as connection:
            await self._read(services, connection)

    async def refresh_where_old(self, services: Services, connection: Connection) -> None:
        """Take up what is in force, where the job that does so has not for a while: nothing is decided by
        what was in force longer ago."""
        if self.read_at is None or services.clock.now() - self.read_at > _OLD:
            await self._read(services, connection)

    async def _read(self, services: Services, connection: Connection) -> None:
        read_at = services.clock.now()
        cursor = await connection.execute(
            QUERIES["select_in_force"], {"administration_id": services.administration_id}
        )
        rows = await cursor.fetchall()
        self.read_at = read_at
        if tuple(row[0] for row in rows) != tuple(one.recall_id for one in self.recalls):
            recalls = tuple(
                RecallInForce(row[0], row[1], row[2], row[3], prepare_rule(_RULE.decode(row[4])))
                for row in rows
            )
            self.candidates = index_candidates(one.searched for one in recalls)
            self.recalls = recalls


async def apply_recalls(
    services: Services, connection: Connection, book: RecallBook, rows: Sequence[Row], at: datetime
) -> None:
    """Give rows that are about to be decided the suspensions of recalls that certainly mean them; those are
    recorded. What a recall may mean is kept for officers. rows: that are candidates."""
    meant = [
        (one, row, SURENESSES[sureness])
        for row in rows
        for one in book.recalls
        if (sureness := one.searched.find(row.document)) is not None
    ]
    if not meant:
        return
    known = await _known(services, connection, [row.consignment_id for _, row, _ in meant])
    found = [
        (one, row, sureness)
        for one, row, sureness in meant
        if sureness < known.get((one.recall_id, row.consignment_id), _NOT_FOUND)
    ]
    doing = [(one, row) for one, row, sureness in found if sureness == _CERTAIN and is_free(row.acts)]
    acts = await record_suspensions(
        services, connection, [(one, row.consignment_id, row.case_id, row.version) for one, row in doing], at
    )
    done = {}
    for (one, row), act in zip(doing, acts, strict=True):
        row.acts = [*row.acts, act]
        done[one.recall_id, row.consignment_id] = act.act_id
    hits = [
        Hit(
            one.recall_id,
            row.consignment_id,
            row.case_id,
            done.get((one.recall_id, row.consignment_id), NO_ACT) if sureness == _CERTAIN else NOT_YET,
            sureness,
        )
        for one, row, sureness in found
    ]
    await insert_hits(services, connection, hits, at)


async def _known(
    services: Services, connection: Connection, consignment_ids: Sequence[int]
) -> dict[tuple[int, int], int]:
    cursor = await connection.execute(
        QUERIES["select_known"],
        {
            "consignment_ids": bigints(sorted(set(consignment_ids))),
            "administration_id": services.administration_id,
        },
    )
    return {(row[0], row[1]): row[2] for row in await cursor.fetchall()}


async def record_suspensions(
    services: Services,
    connection: Connection,
    wanted: Sequence[tuple[RecallInForce, int, int, int]],
    at: datetime,
) -> list[Act]:
    """Record the suspension of each: recall, consignment, case and version of the declaration."""
    numbers = services.ids.take(len(wanted)).tolist() if wanted else []
    acts = [
        Act(
            act_id=act_id,
            case_id=case_id,
            kind=SUSPENSION,
            subject_id=consignment_id,
            version=version,
            party_id=recall.party_id,
            acting_user=recall.acting_user,
            at=at,
            leaf_id=act_id,
            reason_code=REASON,
            parameters={"recall": format_id(recall.recall_id)},
            law_reference=recall.law_reference,
        )
        for (recall, consignment_id, case_id, version), act_id in zip(wanted, numbers, strict=True)
    ]
    await record_acts(services, connection, acts)
    return acts


async def insert_hits(
    services: Services,
    connection: Connection,
    hits: Sequence[Hit],
    at: datetime,
    *,
    is_released: bool = False,
) -> None:
    """Keep what recalls have found; what they found before stays as it is, unless it is surer now."""
    if not hits:
        return
    await connection.execute(
        QUERIES["insert_hits"],
        {
            "administration_id": services.administration_id,
            "at": at,
            "is_released": is_released,
            "recall_ids": bigints([one.recall_id for one in hits]),
            "consignment_ids": bigints([one.consignment_id for one in hits]),
            "case_ids": bigints([one.case_id for one in hits]),
            "act_ids": bigints([one.act_id for one in hits]),
            "surenesses": [one.sureness for one in hits],
        },
    )


def is_free(acts: Sequence[Act]) -> bool:
    """Say whether no measure that stands has put goods further out of reach than a suspension would."""
    states = [state for act in acts if (state := ACT_KINDS[act.kind].state)]
    return not states or states[-1] in _YIELDING

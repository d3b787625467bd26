"""Recalls that are in force, at hand in each process, and what they find in declarations that come: those are
suspended before they are decided, so that nothing recalled is let through in between."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.foundation.queries import load_queries
from serai.journey.consignments.act_records import record_acts
from serai.journey.consignments.rows import Row
from serai.journey.recall_rules.rules import RecallRule, Searched, Sureness, plain_gtin, prepare_rule
from serai.journey.services import Services
from serai.journey.validation.fields import DocumentFields
from serai.model.acts import ACT_KINDS, FREE, Act

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]
SUSPENSION: Final = "suspension"
REASON: Final = "safety"
"""Of the act, as laws/measures.yaml names it."""
SURENESSES: Final[dict[Sureness, int]] = {"certain": 1, "possible": 2}
NOT_YET: Final = -1
NO_ACT: Final = 0
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
    """Recalls in force. gtins: all product numbers that they name; nothing else suspends."""

    recalls: tuple[RecallInForce, ...] = ()
    gtins: frozenset[str] = frozenset()

    async def refresh(self, database: Database, administration_id: int) -> None:
        """Take up what is in force now."""
        async with database.read(administration_id) as connection:
            cursor = await connection.execute(
                QUERIES["select_in_force"], {"administration_id": administration_id}
            )
            rows = await cursor.fetchall()
        if tuple(row[0] for row in rows) != tuple(one.recall_id for one in self.recalls):
            recalls = tuple(
                RecallInForce(row[0], row[1], row[2], row[3], prepare_rule(_RULE.decode(row[4])))
                for row in rows
            )
            self.gtins = frozenset().union(*(one.searched.gtins for one in recalls))
            self.recalls = recalls

    def named_in(self, fields: DocumentFields) -> frozenset[int]:
        """Return which documents name a product number that is recalled: most of a batch do not, and are not
        read whole for it."""
        numbers = fields.items.texts("standard_product_id")
        items = [place for place, number in enumerate(numbers) if number and plain_gtin(number) in self.gtins]
        owners = np.repeat(np.arange(fields.count), fields.item_counts)
        return frozenset(owners[np.array(items, dtype=np.int64)].tolist())


async def suspend_rows(
    services: Services, connection: Connection, book: RecallBook, rows: Sequence[Row], at: datetime
) -> None:
    """Give rows that are about to be decided the suspensions of recalls that certainly mean them; those are
    recorded. rows: that name a product number of one."""
    found = [(one, row) for row in rows for one in book.recalls if _is_certain(one, row)]
    if not found:
        return
    known = await _known(services, connection, [row.consignment_id for _, row in found])
    found = [(one, row) for one, row in found if (one.recall_id, row.consignment_id) not in known]
    doing = [(one, row) for one, row in found if is_free(row.acts)]
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
            done.get((one.recall_id, row.consignment_id), NO_ACT),
            SURENESSES["certain"],
        )
        for one, row in found
    ]
    await insert_hits(services, connection, hits, at)


def _is_certain(recall: RecallInForce, row: Row) -> bool:
    return recall.searched.find(row.document) == "certain"


async def _known(
    services: Services, connection: Connection, consignment_ids: Sequence[int]
) -> set[tuple[int, int]]:
    cursor = await connection.execute(
        QUERIES["select_known"],
        {
            "consignment_ids": bigints(sorted(set(consignment_ids))),
            "administration_id": services.administration_id,
        },
    )
    return {(row[0], row[1]) for row in await cursor.fetchall()}


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
    """Keep what recalls have found; what they found before stays as it is."""
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

"""Acts that stand on the cases of a batch, and the frame in which the pipeline meets them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.rows import Row
from serai.journey.revenue import store as revenue_store
from serai.journey.split_shipments.store import select_suspected
from serai.model.acts import ACT_KINDS, FREE, OF_A_VERSION, Act, kinds_with, net_amounts
from serai.model.columns import Frame, encode_words
from serai.model.frames import ABSENT

Connection = AsyncConnection[Any]

EFFECTIVE: Final = [one.code for one in ACT_KINDS.values() if one.effects]
_PAYMENTS: Final = frozenset(kinds_with("payment"))
_NUMBERS: Final = {code: number for number, code in enumerate(ACT_KINDS)}


async def read_acts(connection: Connection, rows: Sequence[Row], *, administration_id: int) -> None:
    """Give each row the acts that stand on it, payments less what other consignments of the case owe.

    Also whether it is in a group of parcels that may be one order.

    Whether it is paid is worked out from them alone: what an earlier decision took for paid may have been
    taken back.
    """
    done = await select_standing_acts(
        connection, sorted({row.case_id for row in rows}), EFFECTIVE, administration_id=administration_id
    )
    acts: dict[int, list[Act]] = defaultdict(list)
    for root, act in done:
        acts[root].append(act)
    acts = defaultdict(list, {root: net_amounts(its, format_id) for root, its in acts.items()})
    paid = sorted(root for root, its in acts.items() if any(act.kind in _PAYMENTS for act in its))
    if paid:
        await _take_off_elsewhere(connection, rows, acts, paid, administration_id=administration_id)
    suspected = await select_suspected(
        connection,
        [row.consignment_id for row in rows if row.previous is not None],
        administration_id=administration_id,
    )
    for row in rows:
        row.is_paid_or_secured = False
        row.is_split_suspected = row.consignment_id in suspected
        row.has_payments = row.case_id in paid
        row.acts = [
            act
            for act in acts.get(row.case_id, ())
            if act.subject_kind == "case"
            or (act.subject_id == row.consignment_id and is_of_version(act, row.version))
        ]


def is_of_version(act: Act, version: int) -> bool:
    """An officer's word on what was declared is of the version that he had before him, and so is his release;
    an invalidation, a refusal or a seizure is of the goods, whatever is declared of them later."""
    kind = ACT_KINDS[act.kind]
    is_bound = kind.state == FREE or not OF_A_VERSION.isdisjoint(kind.effects)
    return not is_bound or act.version == version


async def _take_off_elsewhere(
    connection: Connection,
    rows: Sequence[Row],
    acts: dict[int, list[Act]],
    paid: Sequence[int],
    *,
    administration_id: int,
) -> None:
    here = {row.consignment_id for row in rows}
    owed: dict[int, Counter[str]] = defaultdict(Counter)
    for due in await revenue_store.select_border_dues(
        connection, list(paid), administration_id=administration_id
    ):
        if due.consignment_id not in here:
            owed[due.case_id][due.currency_code] += due.amount_minor
    for root, elsewhere in owed.items():
        left = [_take_off(act, elsewhere) for act in acts[root]]
        # Not enough for the others alone: nothing of the case is paid.
        is_short = any(amount > 0 for amount in elsewhere.values())
        acts[root] = [act for act in left if not (is_short and act.kind in _PAYMENTS)]


def _take_off(act: Act, owed: Counter[str]) -> Act:
    if act.kind not in _PAYMENTS:
        return act
    currency, amount = act.parameters["currency_code"], act.parameters["amount_minor"]
    taken = min(amount, owed[currency])
    owed[currency] -= taken
    return replace(act, parameters={**act.parameters, "amount_minor": amount - taken})


def act_frame(rows: Sequence[Row]) -> Frame | None:
    """Return the acts of rows as frame ACTS; None where there are none."""
    if not any(row.acts for row in rows):
        return None
    cases: dict[int, int] = {}
    numbers: dict[int, int] = {}
    found = [
        (
            place,
            cases.setdefault(row.case_id, len(cases)),
            numbers.setdefault(act.act_id, len(numbers)),
            _NUMBERS[act.kind],
            act.subject_number,
            act.parameters.get("amount_minor", ABSENT),
            act.parameters.get("quantity_micro", ABSENT),
        )
        for place, row in enumerate(rows)
        for act in row.acts
    ]
    acts = [act for row in rows for act in row.acts]
    names = ("consignment", "case", "act", "kind_number", "subject_number", "amount_minor", "quantity_micro")
    columns: dict[str, Any] = dict(zip(names, np.array(found, dtype=np.int64).T, strict=True))
    columns["reason_code"] = encode_words(act.reason_code for act in acts)
    for name in ("commodity_code", "country_code", "ended_rules"):
        columns[name] = encode_words(act.parameters.get(name) for act in acts)
    columns["agency_rules"] = encode_words(act.parameters.get("rules") for act in acts)
    columns["currency_code"] = encode_words(act.parameters.get("currency_code") for act in acts)
    return Frame(len(acts), columns)

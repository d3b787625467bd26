"""What a decided batch means for people: a task opened for each consignment that needs one, and closed for
those that need none any more."""

from typing import Any

import numpy as np

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import TableBuffer
from serai.journey.recording.decided_batch import Decided, absent_or
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import DECISION, NO_TASK, find_task_kinds
from serai.model.columns import Int64s
from serai.model.frames import ABSENT
from serai.model.packed_columns import pack_bits


async def write_tasks(services: Services, buffer: TableBuffer, decided: Decided) -> None:
    """Open and close the tasks of a batch, in the transaction that decides it."""
    has_two_carriers = np.array([row.has_two_carriers for row in decided.rows], dtype=np.bool_)
    kinds = find_task_kinds(decided.processed.consignments, has_two_carriers)
    own: dict[str, Any] = {"administration_id": decided.administration_id, "at": decided.at}
    await task_store.open_tasks(
        buffer, _columns(services, decided, kinds, np.flatnonzero(kinds != NO_TASK)), **own
    )
    closed = decided.consignment_ids[(kinds == NO_TASK) & ~decided.is_new]
    await task_store.close_tasks(buffer, closed.tolist(), **own)


def _columns(services: Services, decided: Decided, kinds: Int64s, places: Int64s) -> Any:
    """Return the tasks of the rows at places, as their table has them."""
    frame = decided.processed.consignments
    rows = [decided.rows[place] for place in places.tolist()]
    reasons = frame.bit_sets("reason_bits")
    kept = kinds[places]
    lanes = frame.numbers("lane_number")[places]
    values = frame.numbers("threshold_value_minor")[places]
    currencies = {one.number: one.run.program.currency for one in decided.processed.runs}
    numbers = frame.numbers("law_number")[places].tolist()
    return arrow.table(
        task_id=arrow.int64(services.ids.take(len(rows)) if rows else []),
        consignment_id=arrow.int64(decided.consignment_ids[places]),
        party_id=arrow.int64(np.array([row.sender.party_id for row in rows], dtype=np.int64)),
        transport_unit_id=arrow.int64(absent_or([row.unit_id for row in rows])),
        value_minor=arrow.int64(values),
        basis_id=arrow.int32(decided.basis_ids[places]),
        kind=arrow.int16(kept),
        lane=arrow.int64(np.where(kept == DECISION, lanes, ABSENT)).cast("int16"),
        currency_code=arrow.texts(
            [
                None if value == ABSENT else currencies[number]
                for value, number in zip(values.tolist(), numbers, strict=True)
            ]
        ),
        rules=arrow.blobs([pack_bits(reasons.sets[code]) for code in reasons.codes[places].tolist()]),
    )

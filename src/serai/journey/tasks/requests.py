"""Requests that an officer alone may grant: what comes too late for the party to do itself."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.tasks.rules import REQUEST
from serai.journey.tasks.store import open_tasks
from serai.model.frames import ABSENT


async def open_request(
    connection: AsyncConnection[Any],
    consignment: ConsignmentRow,
    *,
    task_id: int,
    administration_id: int,
    at: datetime,
) -> None:
    """Open a task for a request about a released consignment; one that is open already serves the next, too.

    The act that asks says what for. The caller holds the case's lock.
    """
    unit_id, movement_id = consignment.transport_unit_id, consignment.movement_id
    batch = arrow.table(
        task_id=arrow.int64([task_id]),
        consignment_id=arrow.int64([consignment.consignment_id]),
        party_id=arrow.int64([consignment.party_id]),
        transport_unit_id=arrow.int64([ABSENT if unit_id is None else unit_id]),
        movement_id=arrow.int64([ABSENT if movement_id is None else movement_id]),
        expected_at=arrow.moments([consignment.expected_arrival_at]),
        value_minor=arrow.int64([ABSENT]),
        basis_id=arrow.int32([ABSENT]),
        document_id=arrow.int64([ABSENT]),
        score_ppm=arrow.int32([ABSENT]),
        kind=arrow.int16([REQUEST]),
        lane=arrow.int16([ABSENT]),
        currency_code=arrow.texts([None]),
        consignee_country_code=arrow.texts([consignment.consignee_country_code]),
        rules=arrow.blobs([b""]),
    )
    await open_tasks(connection, batch, administration_id=administration_id, at=at)

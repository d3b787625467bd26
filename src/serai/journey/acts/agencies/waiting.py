"""Goods that wait for an agency are not released over its head."""

from typing import Any

from psycopg import AsyncConnection

from serai.journey.agency_controls import store
from serai.journey.agency_controls.store import OPEN_STATES
from serai.journey.consignments.store import ConsignmentRow
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]


async def refuse_before_agency(
    connection: Connection, consignment: ConsignmentRow, administration_id: int
) -> None:
    """Raise SeraiError `agency-decides` while an agency has not decided on a consignment."""
    found = await store.select_of_consignments(
        connection, [consignment.consignment_id], administration_id=administration_id
    )
    if any(one.state in OPEN_STATES for one in found):
        raise SeraiError(
            "agency-decides",
            "These goods wait for an agency: customs does not release them before it has decided.",
            "Wait for the agency that the decision names, or ask it.",
        )

"""Transport documents hang their units into the tree, and give a place to consignments that name none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.recent_keys import RecentKeys
from serai.journey.consignments.transport_unit_tree import (
    HOUSE,
    LOADING_UNIT,
    MASTER,
    MOVEMENT,
    RECEPTACLE,
    UnitKey,
    attach_units,
)
from serai.journey.matching.checks import read_instant
from serai.journey.processing.unit_orders import order_on_placed
from serai.journey.release import store as release_store
from serai.journey.services import Services
from serai.journey.statistics import store as statistics_store
from serai.journey.tasks import store as task_store
from serai.model.documents import TransportDocument

Connection = AsyncConnection[Any]


async def attach_transport_documents(
    services: Services,
    connection: Connection,
    documents: Sequence[tuple[TransportDocument, int, int]],
    *,
    confirmed: set[int],
    case_ids: Mapping[int, int],
    at: datetime,
) -> set[int]:
    """Make the units of documents that count, the house document the lowest; the rest moves nothing.

    documents: each with its id and its sender. case_ids: by document. Returns cases in which something has
    arrived by this, as the sender had reported before, or lies now in a unit of which something was ordered.
    """
    chains = [
        (_units_of(document), document_id, document)
        for document, document_id, _ in documents
        if document_id in confirmed
    ]
    wanted: dict[UnitKey, datetime | None] = {}
    for chain, _, document in chains:
        for key in chain:
            scheduled = document.scheduled_arrival_at if key[0] == MOVEMENT else None
            wanted[key] = wanted.get(key) or (read_instant(scheduled) if scheduled else None)
    if not wanted:
        return set()
    units = await attach_units(
        connection,
        [chain for chain, _, _ in chains],
        wanted,
        services.ids.take,
        recent=RecentKeys(),
        administration_id=services.administration_id,
        at=at,
    )
    placed = await release_store.place_consignments(
        connection,
        case_ids=[case_ids[document_id] for _, document_id, _ in chains],
        house_documents=[document.house_document for _, _, document in chains],
        unit_ids=[units[chain[-1]].transport_unit_id for chain, _, _ in chains],
    )
    await statistics_store.count_placed(
        connection,
        [units[chain[-1]].transport_unit_id for chain, _, _ in chains],
        administration_id=services.administration_id,
        node_id=services.ids.lease.node_id,
    )
    await task_store.place_tasks(
        connection, list(placed), list(placed.values()), administration_id=services.administration_id
    )
    ordered: set[int] = set()
    if any(unit.has_orders for unit in units.values()):
        ordered = await order_on_placed(services, connection, placed, at)
    if not any(unit.has_reports for unit in units.values()):
        return ordered
    senders = {document_id: party_id for _, document_id, party_id in documents}
    return ordered | await release_store.apply_reports(
        connection,
        case_ids=[case_ids[document_id] for _, document_id, _ in chains],
        party_ids=[senders[document_id] for _, document_id, _ in chains],
    )


def _units_of(document: TransportDocument) -> list[UnitKey]:
    """Return the units a transport document names, the largest first."""
    named = (
        (MOVEMENT, document.conveyance_reference),
        (MASTER, document.master_document),
        (LOADING_UNIT, document.loading_unit_id),
        (RECEPTACLE, document.receptacle_id),
        (HOUSE, document.house_document),
    )
    return [(kind, number) for kind, number in named if number]

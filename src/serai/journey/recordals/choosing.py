"""What the goods of a case could be detained for: recordals in force, those first whose mark its description
names; and what is detained of it."""

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import find_case
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.submission import Sender
from serai.journey.linking.stored_documents import read_documents
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import detention_store, store
from serai.journey.recordals.detaining import PURPOSE, RightsDetention, detention_out
from serai.journey.recordals.store import Connection
from serai.model.documents import Consignment


class RecordalChoice(msgspec.Struct, frozen=True):
    """A recordal in force. is_named: the description of the goods names its mark."""

    recordal_id: str
    reference: str
    party_name: str
    marks: list[str]
    is_named: bool


class ToDetain(msgspec.Struct, frozen=True):
    """A case with what is detained of it, the newest first, and what it could be detained for."""

    case_id: str
    decision_id: str
    detentions: list[RightsDetention]
    recordals: list[RecordalChoice]


class _Found(msgspec.Struct, frozen=True):
    root: int
    rows: list[ConsignmentRow]
    detentions: list[detention_store.DetentionRow]
    recordals: list[store.RecordalRow]


async def read_to_detain(processor: Processor, sender: Sender, case_id: int) -> ToDetain:
    """Return what is detained of a case, and, for officers, what it could be detained for. Raises SeraiError
    `not-found`."""
    services, at = processor.services, processor.services.clock.now()
    own, is_officer = services.administration_id, "officer" in sender.roles

    async def work(connection: Connection) -> _Found:
        case = await find_case(processor, connection, sender, case_id)
        rows = await consignment_store.select_consignments_of_cases(
            connection, [case.root], administration_id=own
        )
        detentions = await detention_store.select_detentions(
            connection, case_id=case.root, administration_id=own
        )
        granted = await store.select_recordals(connection, administration_id=own) if is_officer else []
        return _Found(case.root, rows, detentions, [one for one in granted if one.is_in_force(at)])

    found = await processor.write(work)
    named = await _named(processor, found.rows[0]) if is_officer and found.rows else frozenset()
    choices = [
        RecordalChoice(
            format_id(one.recordal_id),
            one.reference,
            one.party_name,
            one.marks,
            format_id(one.recordal_id) in named,
        )
        for one in found.recordals
    ]
    choices.sort(key=lambda one: not one.is_named)
    return ToDetain(
        format_id(found.root),
        format_id(found.rows[0].decision_id) if found.rows else "",
        [detention_out(services, one, sender) for one in found.detentions],
        choices,
    )


async def _named(processor: Processor, row: ConsignmentRow) -> frozenset[str]:
    services, marks = processor.services, processor.law.lists.word_marks
    documents = await read_documents(
        services, {row.document_id: "declaration"}, PURPOSE, services.clock.now(), {}
    )
    return frozenset(
        right.recordal_id
        for one in documents.values()
        if isinstance(one, Consignment)
        for item in one.goods_items
        for right in marks.name(item.description, item.commodity_code, one.seller_id)
    )

"""How a case and its consignments stand, and what happens next."""

from collections.abc import Sequence
from typing import Final

from serai.foundation.id_text import format_id
from serai.foundation.locales import day_text
from serai.journey.case_records.answers import AmountsPayable, ConsignmentOut
from serai.journey.case_records.message_catalogue import read_words
from serai.journey.consignments import store
from serai.model.frames import LANES, STATUSES

SERIOUS: Final = (
    "seized",
    "detained",
    "suspended",
    "not-released",
    "under-physical-control",
    "under-documentary-control",
    "document-missing",
    "payment-due",
    "arrival-expected",
    "assessed",
    "confiscated",
    "destroyed",
    "abandoned",
    "returned",
    "released",
    "invalidated",
)
"""Statuses by what keeps a whole case longest."""


def status_of(consignments: Sequence[store.ConsignmentRow]) -> str:
    """Return the status of a case: of its consignments, what keeps it longest."""
    found = {STATUSES[row.status] for row in consignments}
    return next((status for status in SERIOUS if status in found), "no-declaration")


def next_step_of(
    status: str, owed: Sequence[AmountsPayable], consignments: Sequence[store.ConsignmentRow], language: str
) -> str:
    """Return what happens next, in a sentence."""
    words = read_words(language)
    days = sorted(row.expected_arrival_at for row in consignments if row.expected_arrival_at is not None)
    expected = words.phrases["expected"].format(day=day_text(days[0].date(), language)) if days else ""
    at_border = [f"{one.currency_code} {one.amount}" for one in owed if one.due == "border"]
    said = words.phrases["and"].join(at_border) or words.phrases["nothing"]
    return words.next_steps[status].format(owed=said, expected=expected)


def consignment_out(row: store.ConsignmentRow) -> ConsignmentOut:
    """Return a consignment as lists and cases show it: what every party of its case may know."""
    return ConsignmentOut(
        consignment_id=format_id(row.consignment_id),
        case_id=format_id(row.case_id),
        reference=row.reference,
        mrn=row.mrn,
        version=row.version,
        lane=LANES[row.lane],
        status=STATUSES[row.status],
        decision_id=format_id(row.decision_id),
        law_on=row.law_on,
        logistics_channel_code=row.logistics_channel_code,
        destination_country_code=row.consignee_country_code,
        goods_item_count=row.item_count,
        changed_at=row.changed_at,
        house_document=row.house_document,
        accepted_at=row.accepted_at,
        expected_arrival_at=row.expected_arrival_at,
        arrived_at=row.arrived_at,
    )

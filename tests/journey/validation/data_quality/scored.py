"""Scores of small batches: a document with everything, to be spoilt."""

from typing import Any

from serai.journey.pipeline import Checked, Context, check_documents, run_checked
from serai.journey.validation.data_quality.reference_values import ReferenceValues
from serai.journey.validation.data_quality.score import Quality, score_quality
from serai.model.documents import Consignment, GoodsItem, Person
from tests.journey.batches import AT_MS, book, item, lists, parcel, person

WHOLE: dict[str, Any] = {
    "consignor": Person(
        name="Invented Sender Ltd", country_code="CN", street="8 Harbour Road", city="Shenzhen"
    ),
    "consignee": person(street="1 Mill Lane", city="Berlin"),
    "dispatch_country_code": "CN",
    "house_document": "RR123456785CN",
}


def best_item(**changes: Any) -> GoodsItem:
    return item(**{"net_mass_kg": "0.300"} | changes)


def best(*items: GoodsItem, **changes: Any) -> Consignment:
    return parcel("T-1", *(items or [best_item()]), **WHOLE | changes)


def checked_of(
    *documents: Consignment, reference_values: ReferenceValues | None = None, at_ms: int = AT_MS
) -> Checked:
    declarants = ["filer"] * len(documents)
    return check_documents(
        documents,
        declarants,
        at_ms,
        book(),
        ReferenceValues.none() if reference_values is None else reference_values,
    )


def quality_of(*documents: Consignment, reference_values: ReferenceValues | None = None) -> Quality:
    checked = checked_of(*documents, reference_values=reference_values)
    assert checked.marks is not None
    processed = run_checked(checked, AT_MS, book(), lists(), Context.empty(len(checked.accepted_rows)))
    return score_quality(checked.marks, processed.items.flags("is_description_vague"), processed.first_items)

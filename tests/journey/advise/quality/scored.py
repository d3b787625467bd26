"""Scores of small batches: a document with everything, to be spoilt."""

from typing import Any

from serai.journey.advise.quality.score import Quality, score_quality
from serai.journey.advise.quality.usual import Usual
from serai.journey.pipeline import Checked, Context, check_documents, clear_checked
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


def checked_of(*documents: Consignment, usual: Usual | None = None, at_ms: int = AT_MS) -> Checked:
    filers = ["filer"] * len(documents)
    return check_documents(documents, filers, at_ms, book(), Usual.none() if usual is None else usual)


def quality_of(*documents: Consignment, usual: Usual | None = None) -> Quality:
    checked = checked_of(*documents, usual=usual)
    assert checked.marks is not None
    cleared = clear_checked(checked, AT_MS, book(), lists(), Context.empty(len(checked.accepted_rows)))
    return score_quality(checked.marks, cleared.items.flags("is_description_vague"), cleared.first_items)

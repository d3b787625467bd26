"""What may not be sent, or not without a document, told before dispatch: by the law that would decide the
parcel today, as the calculator and a quote tell it."""

from collections.abc import Sequence
from dataclasses import replace

from serai.journey.permits.opening import speaks_of
from serai.journey.pipeline import Checked, Context, run_checked
from serai.journey.screening.lists import Lists
from serai.law.book import LawBook
from serai.law.pack import Exclusion
from serai.model.documents import Consignment
from serai.model.findings import Finding

FINDING = "restricted-goods"


def find_restrictions(
    documents: Sequence[Consignment], checked: Checked, at_ms: int, *, book: LawBook, lists: Lists
) -> list[list[Finding]]:
    """Return of each document that would be taken what rules on restricted goods ask of it; nothing follows.

    documents: those that would be taken, as they were checked, in order. Nobody's name is looked up.
    """
    context = replace(Context.empty(len(documents)), hits=())
    processed = run_checked(checked, at_ms, book, lists, context)
    rules = {one.rule_id: one for pack in book.packs.values() for one in pack.pack.exclusions}
    numbers = processed.consignments.numbers("law_number").tolist()
    bits = processed.consignments.bit_sets("reason_bits").tolist()
    found = []
    for document, number, its in zip(documents, numbers, bits, strict=True):
        names = processed.reason_sets[number].rule_ids
        speaking = [rules[one] for bit, one in enumerate(names) if its >> bit & 1 and one in rules]
        found.append([_finding(document, rule, lists) for rule in speaking])
    return found


def _finding(document: Consignment, rule: Exclusion, lists: Lists) -> Finding:
    """Return what a rule asks, at the first goods item of which it speaks."""
    place = next(
        (
            place
            for place, item in enumerate(document.goods_items)
            if speaks_of(rule, item.commodity_code, lists.goods_kinds.name(item.description.lower()))
        ),
        None,
    )
    said = {
        "rule": rule.rule_id,
        "documents": ", ".join(rule.opened_by_document_codes) or "-",
        "agency": rule.agency or "-",
    }
    pointer = "/goods_items" if place is None else f"/goods_items/{place}/commodity_code"
    return Finding(FINDING, pointer, "advice", said, rule.law_ref)

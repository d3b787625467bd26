"""Whether a permit of an agency covers a goods item, and what is said where none does."""

from collections.abc import Mapping, Sequence

import msgspec

from serai.journey.consignments.rows import Row
from serai.journey.permits.permit import (
    Amount,
    Candidate,
    PermitFault,
    PermitGoods,
    amount_of,
    judge_permit,
    share_out,
)
from serai.journey.permits.store import DrawnOf, PermitDraw, Remit
from serai.journey.recording.controls.permits.book import PermitBook
from serai.journey.recording.controls.permits.naming import Asked, Named, goods_item
from serai.law.pack import Exclusion
from serai.model.findings import Finding
from serai.model.money import read_decimals


def cover(
    row: Row,
    one: Asked,
    goods: PermitGoods,
    named: Sequence[Named],
    remit: Remit,
    *,
    book: PermitBook,
    taken: set[int],
    drawn: Mapping[tuple[int, int, int], DrawnOf],
) -> PermitFault | None:
    """Write off of the first permit of an agency that covers an item, or of several that cover it together;
    return why none does."""
    fault: PermitFault = "permit-unknown"
    scanty: list[Candidate] = []
    for its in _each_once(named):
        found = book.named(its.number)
        own = [
            permit for permit in found if permit.party_id == remit.party_id and permit.type_code == its.code
        ]
        if not own:
            fault = "permit-of-another-agency" if found and fault == "permit-unknown" else fault
            continue
        permit = own[0]
        if permit.permit_id in taken:
            return None
        before = drawn.get((row.consignment_id, one.sequence_number, permit.permit_id))
        held = _with_stated(msgspec.structs.replace(goods, is_drawn=before is not None), its)
        came = judge_permit(permit, held, book.at, returned=before.returned if before else Amount(0, 0))
        if isinstance(came, Amount):
            book.take(permit, came)
            taken.add(permit.permit_id)
            draw = PermitDraw(
                permit.permit_id, row.consignment_id, one.sequence_number, row.decision_id, *came
            )
            row.permit_draws = (*row.permit_draws, draw)
            return None
        fault = came
        whole = amount_of(permit, held)
        if came == "permit-exhausted" and whole is not None:
            scanty.append(Candidate(permit, whole, before.returned if before else Amount(0, 0)))
    together = share_out(scanty) if len(scanty) > 1 else None
    if together is None:
        return "permit-exhausted" if scanty else fault
    for permit, amount in together:
        book.take(permit, amount)
        taken.add(permit.permit_id)
        draw = PermitDraw(permit.permit_id, row.consignment_id, one.sequence_number, row.decision_id, *amount)
        row.permit_draws = (*row.permit_draws, draw)
    return None


def _each_once(named: Sequence[Named]) -> list[Named]:
    """Return documents without those that name the same permit again: it gives what it has once."""
    found: dict[str, Named] = {}
    for one in named:
        found.setdefault(one.number, one)
    return list(found.values())


def _with_stated(goods: PermitGoods, named: Named) -> PermitGoods:
    """Add the quantity that a document states in a unit in which the item itself states none."""
    document = named.document
    if document is None or document.quantity is None or document.quantity_unit_code is None:
        return goods
    numbers, good = read_decimals([document.quantity])
    if not good[0] or numbers[0] <= 0 or document.quantity_unit_code in goods.quantities_micro:
        return goods
    stated = {**goods.quantities_micro, document.quantity_unit_code: int(numbers[0])}
    return msgspec.structs.replace(goods, quantities_micro=stated)


def keep(row: Row, one: Asked, book: PermitBook) -> None:
    """Let what stands written off for released goods stand."""
    for draw in row.permit_draws_before:
        if draw.sequence_number == one.sequence_number:
            row.permit_draws = (*row.permit_draws, draw)
            book.take(book.stored(draw.permit_id), Amount(draw.quantity_micro, draw.value_minor))


def say_why(
    row: Row,
    one: Asked,
    rule: Exclusion,
    code: str,
    remit: Remit,
    *,
    fault: PermitFault,
    named: Sequence[Named],
) -> None:
    """Say of a row why no permit of an agency opens a rule for goods."""
    place, _ = goods_item(row, one.sequence_number)
    pointer = next(
        (its.pointer for its in named if its.pointer), f"/goods_items/{place}/additional_documents"
    )
    said = {
        "goods_item": str(one.sequence_number),
        "document": code,
        "agency": remit.name,
        "rule": rule.rule_id,
    }
    row.permit_findings = (*row.permit_findings, Finding(fault, pointer, "hold", said))

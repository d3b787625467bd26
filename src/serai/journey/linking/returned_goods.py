"""Returns find the declaration they name: only a party of its case may send one, and only after release."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.store import kind_number
from serai.journey.documents.submission import Answer, Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.stored_documents import read_documents
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.rules import Covered, has_mandate
from serai.journey.matching import store as matching_store
from serai.journey.repayments.due_back import ItemBack
from serai.journey.repayments.repayment_law import shipped_repayment_rules
from serai.journey.repayments.weighing import items_back, wrong_lines
from serai.journey.revenue.returns.rules import come_back, find_return_faults
from serai.journey.services import Services
from serai.model.documents import Consignment, Return
from serai.model.frames import RELEASED
from serai.model.registration_number import read_id


class Place(NamedTuple):
    """Where a return belongs: its case, or the answer that says why it has none. consignment_id: whose goods
    come back. back: of each of its goods items, how much is back in all. wrong_lines: places of those that
    weigh what the declared goods do not. is_all_wrong: all of them do."""

    case_id: int
    answer: Answer | None
    consignment_id: int = 0
    back: Mapping[int, ItemBack] = MappingProxyType({})
    wrong_lines: frozenset[int] = frozenset()
    is_all_wrong: bool = False


async def place_returns(
    services: Services,
    connection: AsyncConnection[Any],
    returns: Sequence[tuple[Return, Sender]],
    at: datetime,
) -> list[Place]:
    """Find the case of each return, in seven reads whatever their number.

    Whether a declaration is not there or its case is others', the sender is told the same. The cases are
    locked, so that two returns of one piece, under two references, do not both count.
    """
    ids = [read_id(one.mrn) or 0 for one, _ in returns]
    rows = {
        one.consignment_id: one
        for one in await consignment_store.select_consignments(
            connection, sorted(set(ids)), administration_id=services.administration_id
        )
    }
    roots = await matching_store.select_roots(
        connection,
        sorted({one.case_id for one in rows.values()}),
        administration_id=services.administration_id,
    )
    parties = await matching_store.select_parties(connection, sorted(set(roots.values())))
    covered = await mandate_store.select_covered(
        connection,
        sorted({sender.party_id for _, sender in returns}),
        administration_id=services.administration_id,
        at=at,
    )
    known = [
        row
        if row is not None
        and _has_part(row, sender, one, parties.get(roots.get(row.case_id, row.case_id), set()), covered)
        else None
        for (one, sender), row in zip(returns, (rows.get(number) for number in ids), strict=True)
    ]
    named = [row for row in known if row is not None and _is_released(row)]
    documents = await read_documents(
        services, {row.document_id: "declaration" for row in named}, "decide-again", at, {}
    )
    earlier = await _read_returns(services, connection, [row.case_id for row in named], at)
    places = []
    for (one, sender), row in zip(returns, known, strict=True):
        others = [
            other
            for (party_id, reference), other in earlier.items()
            if other.mrn == one.mrn and (party_id, reference) != (sender.party_id, one.reference)
        ]
        place = _place(one, row, documents.get(row.document_id) if row else None, roots, others)
        if place.answer is None:
            earlier[sender.party_id, one.reference] = one
        places.append(place)
    return places


async def _read_returns(
    services: Services, connection: AsyncConnection[Any], case_ids: Sequence[int], at: datetime
) -> dict[tuple[int, str], Return]:
    """Lock cases and return the returns that count in them, by sender and reference."""
    if not case_ids:
        return {}
    roots = await lock_roots(connection, sorted(set(case_ids)))
    senders = await matching_store.select_returns(
        connection,
        sorted(set(roots.values())),
        kind=kind_number("return"),
        administration_id=services.administration_id,
    )
    documents = await read_documents(services, dict.fromkeys(senders, "return"), "decide-again", at, {})
    return {
        (senders[document_id], one.reference): one
        for document_id, one in documents.items()
        if isinstance(one, Return)
    }


def _has_part(
    row: ConsignmentRow, sender: Sender, returned: Return, parties: set[int], covered: Covered
) -> bool:
    its = parties | {row.party_id}
    return row.mrn == returned.mrn and (
        sender.party_id in its or has_mandate(sender.party_id, "return", its, covered)
    )


def _is_released(row: ConsignmentRow) -> bool:
    return row.status == RELEASED


def _place(
    returned: Return,
    row: ConsignmentRow | None,
    document: Any,
    roots: dict[int, int],
    others: Sequence[Return],
) -> Place:
    if row is None:
        return _refused(returned, "return-unknown-declaration")
    if not _is_released(row):
        return _refused(returned, "return-before-release")
    if isinstance(document, Consignment):
        faults = find_return_faults(returned, document, come_back(others))
        if faults:
            return Place(0, Answer("rejected", returned.reference, findings=faults))
        tolerance_ppm = shipped_repayment_rules().mass_tolerance_ppm
        wrong = wrong_lines(returned, document, tolerance_ppm=tolerance_ppm)
        return Place(
            roots.get(row.case_id, row.case_id),
            None,
            row.consignment_id,
            items_back([*others, returned], document, tolerance_ppm=tolerance_ppm),
            wrong,
            len(wrong) == len(returned.goods_items),
        )
    return Place(roots.get(row.case_id, row.case_id), None)


def _refused(returned: Return, code: str) -> Place:
    return Place(0, Answer("refused", returned.reference, problem_code=code))

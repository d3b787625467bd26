"""Returns find the declaration by which the goods came: only a party of its case may send one, and only after
release. What says that these are other goods goes to an officer."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.store import kind_number
from serai.journey.documents.submission import Answer, Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.named_imports import Tokens, find_imports, read_tokens
from serai.journey.linking.stored_documents import read_documents
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.rules import Covered, has_mandate
from serai.journey.matching import store as matching_store
from serai.journey.repayments.due_back import ItemBack
from serai.journey.repayments.piece_evidence import BagSerial, Evidence, find_evidence, serials_of
from serai.journey.repayments.repayment_law import shipped_repayment_rules
from serai.journey.repayments.weighing import items_back
from serai.journey.revenue.returns.rules import come_back, find_return_faults
from serai.journey.services import Services
from serai.model.documents import Consignment, Return
from serai.model.findings import Finding
from serai.model.frames import RELEASED

Connection = AsyncConnection[Any]


class Place(NamedTuple):
    """Where a return belongs: its case, or the answer that says why it has none. consignment_id: whose goods
    come back. back: of each of its goods items, how much is back in all. differences: what says that lines
    are other goods than those declared; is_all_wrong: of all of them something does. evidence: by what it was
    found, in words."""

    case_id: int
    answer: Answer | None
    consignment_id: int = 0
    back: Mapping[int, ItemBack] = MappingProxyType({})
    differences: tuple[Finding, ...] = ()
    is_all_wrong: bool = False
    evidence: str = ""


class _Earlier(NamedTuple):
    """A return that counts already, and the consignments that it may be of."""

    party_id: int
    document: Return
    consignments: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is at hand. documents: of the consignments that may be meant, by document. serials: by bag and
    plain number, of which import; None: of several."""

    documents: Mapping[int, Document]
    tokens: Tokens
    serials: Mapping[tuple[int, str], Mapping[str, BagSerial]]
    tolerance_ppm: int

    def declared(self, row: ConsignmentRow) -> Consignment | None:
        """Return a declaration; None: what was sent of it is not kept any more."""
        document = self.documents.get(row.document_id)
        return document if isinstance(document, Consignment) else None

    def evidence(self, party_id: int, returned: Return, row: ConsignmentRow) -> Evidence:
        """Hold a return against an import."""
        declared = self.declared(row)
        if declared is None:
            return Evidence((), frozenset(), ())
        return find_evidence(
            returned,
            declared,
            consignment_id=row.consignment_id,
            token=self.tokens.get(returned.tax_paid_token or ""),
            bag=self.serials.get((party_id, returned.bag_reference or ""), {}),
            tolerance_ppm=self.tolerance_ppm,
        )

    def choose(self, party_id: int, returned: Return, rows: Sequence[ConsignmentRow]) -> list[ConsignmentRow]:
        """Return the imports that a return may be of: of several, those that are released, fit it, and agree
        with most of what it says of its pieces."""
        rows = [one for one in rows if _is_released(one)] or rows
        if len(rows) < 2:
            return list(rows)
        points: dict[int, int] = {}
        for row in rows:
            declared, evidence = self.declared(row), self.evidence(party_id, returned, row)
            if declared is None or evidence.wrong or find_return_faults(returned, declared, {}):
                continue
            points[row.consignment_id] = len(evidence.agrees)
        best = max(points.values(), default=0)
        return [one for one in rows if points.get(one.consignment_id) == best] or list(rows)


async def place_returns(
    services: Services,
    connection: Connection,
    returns: Sequence[tuple[Return, Sender]],
    at: datetime,
) -> list[Place]:
    """Find the case of each return, in a few reads whatever their number.

    Whether a declaration is not there or its case is others', the sender is told the same. The cases are
    locked, so that two returns of one piece, under two references, do not both count.
    """
    key = {"administration_id": services.administration_id}
    sent = [one for one, _ in returns]
    tokens = await read_tokens(services, connection, sent)
    found = await find_imports(services, connection, sent, tokens, at)
    roots = await matching_store.select_roots(
        connection, sorted({row.case_id for its in found for row in its}), **key
    )
    parties = await matching_store.select_parties(connection, sorted(set(roots.values())))
    senders = sorted({sender.party_id for _, sender in returns})
    covered = await mandate_store.select_covered(connection, senders, at=at, **key)
    theirs = [
        [
            row
            for row in its
            if _has_part(row, sender, parties.get(roots.get(row.case_id, row.case_id), set()), covered)
        ]
        for (_, sender), its in zip(returns, found, strict=True)
    ]
    named = {row.document_id: row for its in theirs for row in its if _is_released(row)}
    documents = await read_documents(services, dict.fromkeys(named, "declaration"), "decide-again", at, {})
    known = _Known(
        documents,
        tokens,
        _serials(returns, theirs, documents),
        shipped_repayment_rules().mass_tolerance_ppm,
    )
    earlier, known = await _read_returns(services, connection, list(named.values()), known, at)
    places = []
    for (one, sender), rows in zip(returns, theirs, strict=True):
        place, row = _place(one, sender, rows, roots, known=known, earlier=earlier)
        if place.answer is None and row is not None:
            earlier[sender.party_id, one.reference] = _Earlier(
                sender.party_id, one, frozenset({row.consignment_id})
            )
        places.append(place)
    return places


def _serials(
    returns: Sequence[tuple[Return, Sender]],
    rows: Sequence[Sequence[ConsignmentRow]],
    documents: Mapping[int, Document],
) -> dict[tuple[int, str], dict[str, BagSerial]]:
    """Return by sender and bag of which import each serial number is; of those of several imports none."""
    found: dict[tuple[int, str], dict[str, BagSerial]] = defaultdict(dict)
    doubtful = set()
    for (one, sender), its in zip(returns, rows, strict=True):
        if one.bag_reference is None or len(its) != 1:
            continue
        (row,), bag = its, (sender.party_id, one.bag_reference)
        document = documents.get(row.document_id)
        for serial in serials_of(document) if isinstance(document, Consignment) else ():
            kept = found[bag].setdefault(serial, BagSerial(row.consignment_id, row.mrn))
            if kept.consignment_id != row.consignment_id:
                doubtful.add((bag, serial))
    for bag, serial in doubtful:
        del found[bag][serial]
    return found


async def _read_returns(
    services: Services, connection: Connection, rows: Sequence[ConsignmentRow], known: _Known, at: datetime
) -> tuple[dict[tuple[int, str], _Earlier], _Known]:
    """Lock cases and return the returns that count in them, by sender and reference; their tokens join what
    is at hand."""
    if not rows:
        return {}, known
    roots = await lock_roots(connection, sorted({row.case_id for row in rows}))
    senders = await matching_store.select_returns(
        connection,
        sorted(set(roots.values())),
        kind=kind_number("return"),
        administration_id=services.administration_id,
    )
    documents = await read_documents(services, dict.fromkeys(senders, "return"), "decide-again", at, {})
    kept = {number: one for number, one in documents.items() if isinstance(one, Return)}
    of_kept = list(kept.values())
    tokens = await read_tokens(services, connection, of_kept)
    imports = await find_imports(services, connection, of_kept, tokens, at)
    at_hand = {row.consignment_id for row in rows}
    known = _Known(known.documents, {**known.tokens, **tokens}, known.serials, known.tolerance_ppm)
    found = {}
    for (number, one), its in zip(kept.items(), imports, strict=True):
        party_id = senders[number]
        chosen = known.choose(party_id, one, [row for row in its if row.consignment_id in at_hand])
        # What may be of several counts against each of them: never more comes back than went out.
        consignments = frozenset(row.consignment_id for row in chosen)
        found[party_id, one.reference] = _Earlier(party_id, one, consignments)
    return found, known


def _has_part(row: ConsignmentRow, sender: Sender, parties: set[int], covered: Covered) -> bool:
    its = parties | {row.party_id}
    return sender.party_id in its or has_mandate(sender.party_id, "return", its, covered)


def _is_released(row: ConsignmentRow) -> bool:
    return row.status == RELEASED


def _place(
    returned: Return,
    sender: Sender,
    rows: Sequence[ConsignmentRow],
    roots: Mapping[int, int],
    *,
    known: _Known,
    earlier: Mapping[tuple[int, str], _Earlier],
) -> tuple[Place, ConsignmentRow | None]:
    chosen = known.choose(sender.party_id, returned, rows)
    if not chosen:
        return _refused(returned, "return-unknown-declaration"), None
    if len(chosen) > 1:
        return _refused(returned, "return-of-several-declarations"), None
    (row,) = chosen
    if not _is_released(row):
        return _refused(returned, "return-before-release"), None
    case_id, declared = roots.get(row.case_id, row.case_id), known.declared(row)
    if declared is None:
        return Place(case_id, None, evidence=_words(returned, ())), row
    others = [
        one
        for key, one in earlier.items()
        if row.consignment_id in one.consignments and key != (sender.party_id, returned.reference)
    ]
    faults = find_return_faults(returned, declared, come_back(one.document for one in others))
    if faults:
        return Place(0, Answer("rejected", returned.reference, findings=faults)), None
    evidence = known.evidence(sender.party_id, returned, row)
    counted: list[tuple[Return, Collection[int]]] = [
        (one.document, known.evidence(one.party_id, one.document, row).wrong) for one in others
    ]
    return Place(
        case_id,
        None,
        row.consignment_id,
        items_back([*counted, (returned, evidence.wrong)], declared),
        evidence.differences,
        len(evidence.wrong) == len(returned.goods_items),
        _words(returned, evidence.agrees),
    ), row


def _words(returned: Return, agrees: Sequence[str]) -> str:
    """Say by what a return was found, and what else agrees."""
    by = "registration number" if returned.mrn is not None else "token or number of the sale or the transport"
    return ", ".join([f"same {by}", *(one.replace("_", " ") for one in agrees)])


def _refused(returned: Return, code: str) -> Place:
    return Place(0, Answer("refused", returned.reference, problem_code=code))

"""Orders, payments, transport documents, returns and arrivals: kept, receipted, matched with their
declaration.

What the law makes of them is decided in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.foundation.vault.pseudonyms import Purpose
from serai.journey.clearance.again import CHUNK_COUNT, decide_again, lock_roots
from serai.journey.clearance.alike import WaitingDocument, join_papers
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.filing import Answer, Filing
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.loading import Filed, assess_filed
from serai.journey.clearance.meeting import Comer, Meeting, meet
from serai.journey.clearance.paper_references import answer_repeats_of, claim_references
from serai.journey.clearance.paper_writing import tell_joined, write_papers
from serai.journey.clearance.papers import Paper, PreparedPapers, documents_of
from serai.journey.clearance.personal import cut_people
from serai.journey.clearance.preparing import read_filing
from serai.journey.clearance.returns import place_returns
from serai.journey.clearance.units import hang_transport_documents
from serai.journey.clearance.waves import WAVES_COUNT_MAX, put_off
from serai.journey.match import store as match_store
from serai.journey.match.checks import find_faults
from serai.journey.match.match_keys import Claims
from serai.journey.refund.rules import AWAITS_REFUND
from serai.model.documents import Arrival, Consignment, Return, TransportDocument
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]


def prepare_papers(filings: Sequence[Filing], equipment: Equipment) -> PreparedPapers:
    """Read, check, cut and hash documents."""
    prepared = PreparedPapers()
    contents: list[bytes] = []
    for filing in filings:
        documents, canonical, faults = read_filing(filing)
        for document, content, found in zip(documents, canonical, faults, strict=True):
            assert not isinstance(document, Consignment), "declarations are prepared apart"
            all_faults: list[Finding] = [*found, *(find_faults(document) if document is not None else [])]
            if document is None or any(one.severity == "fault" for one in all_faults):
                reference = document.reference if document is not None else ""
                prepared.answers.append(Answer("rejected", reference, findings=all_faults))
                continue
            contents.append(content or b"")
            prepared.papers.append(
                Paper(
                    len(prepared.answers), filing.kind, document, filing.sender, None, b"", advice=all_faults
                )
            )
            prepared.answers.append(None)
    hashes = equipment.pseudonymiser.pseudonyms(Purpose.MATCH, contents)
    cuts = cut_people([paper.document for paper in prepared.papers], contents)
    for paper, content_hash, cut in zip(prepared.papers, hashes, cuts, strict=True):
        paper.content_hash, paper.cut = content_hash, cut
    return prepared


async def record_papers(
    equipment: Equipment, connection: Connection, prepared: PreparedPapers, law: LawState, at: datetime
) -> tuple[list[Answer], list[Paper]]:
    """Record documents, let them meet, decide again what they change; an answer each, and what is new."""
    answers = list(prepared.answers)
    new: list[Paper] = []
    later: Sequence[Paper] = await _place_returns(equipment, connection, prepared.papers, answers, at)
    for _ in range(WAVES_COUNT_MAX):
        if not later:
            break
        now, later = _next_wave(later)
        new += await _record_wave(
            equipment, connection, now, law, at, answers=answers, at_hand=documents_of(new)
        )
    for paper in later:
        answers[paper.place] = put_off(paper.document.reference)
    assert all(answer is not None for answer in answers), "every document has an answer"
    return answers, new  # type: ignore[return-value]


async def _place_returns(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    answers: list[Answer | None],
    at: datetime,
) -> list[Paper]:
    """Find the case of each return; what has none is answered. Returns the papers to record."""
    returns = [(paper, paper.document) for paper in papers if isinstance(paper.document, Return)]
    if not returns:
        return list(papers)
    asked = [(document, paper.sender) for paper, document in returns]
    for (paper, _), place in zip(returns, await place_returns(equipment, connection, asked, at), strict=True):
        answers[paper.place], paper.joins = place.answer, place.case_id
    return [paper for paper in papers if answers[paper.place] is None]


def _next_wave(papers: Sequence[Paper]) -> tuple[list[Paper], list[Paper]]:
    """Part documents into those to record now, and those that amend what these make or come after."""
    now, later = [], []
    met, closed = set(), set()
    for paper in papers:
        name = (paper.kind, paper.sender.party_id, paper.document.reference)
        is_amendment = paper.amends_version is not None
        if name in closed or (is_amendment and name in met):
            closed.add(name)
            later.append(paper)
            continue
        now.append(paper)
        met.add(name)
        if is_amendment:
            closed.add(name)
    return now, later


async def _record_wave(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    law: LawState,
    at: datetime,
    *,
    answers: list[Answer | None],
    at_hand: dict[int, Document],
) -> list[Paper]:
    """Record documents of which none amends another; put their answers in place and return what is new.

    at_hand: what earlier waves recorded, which the vault does not show yet.
    """
    new, claimed = await claim_references(equipment, connection, papers, answers, at)
    if not new:
        return new
    meeting = await _meet(equipment, connection, new, at, claimed)
    await write_papers(equipment, connection, new, meeting, answers=answers, at=at)
    answer_repeats_of(new, papers, answers)
    likened = await _join_alike(equipment, connection, law, new, meeting, at=at, at_hand=at_hand)
    for paper in new:
        if (answer := answers[paper.place]) is not None and paper.document_id in meeting.confirmed:
            answers[paper.place] = msgspec.structs.replace(answer, case_id=paper.case_id)
    transport = [
        (paper.document, paper.document_id, paper.sender.party_id)
        for paper in new
        if isinstance(paper.document, TransportDocument)
    ]
    arrived: set[int] = set()
    if transport:
        arrived = await hang_transport_documents(
            equipment,
            connection,
            transport,
            confirmed=meeting.confirmed,
            case_ids=meeting.case_ids,
            at=at,
        )
        await _assess_before_loading(equipment, connection, new, law, answers=answers, at=at)
    amended = {meeting.case_ids[paper.document_id] for paper in new if paper.replaced is not None}
    await decide_cases_again(
        equipment,
        connection,
        law,
        meeting.gained | amended | likened | arrived,
        at,
        at_hand={**at_hand, **documents_of(new)},
    )
    return new


async def _assess_before_loading(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    law: LawState,
    *,
    answers: list[Answer | None],
    at: datetime,
) -> None:
    """Assess transport documents of goods that are yet to be loaded; what came of it stands in the answer."""
    filed = [
        Filed(
            paper.document,
            paper.document_id,
            paper.case_id,
            paper.sender.party_id,
            is_amendment=paper.replaced is not None,
        )
        for paper in papers
        if isinstance(paper.document, TransportDocument)
    ]
    decisions = await assess_filed(equipment, connection, filed, law, at)
    for paper in papers:
        answer = answers[paper.place]
        if answer is not None and paper.document_id in decisions:
            answers[paper.place] = msgspec.structs.replace(answer, decision=decisions[paper.document_id])


async def decide_cases_again(
    equipment: Equipment,
    connection: Connection,
    law: LawState,
    case_ids: set[int],
    at: datetime,
    *,
    at_hand: dict[int, Document] | None = None,
    but: frozenset[int] = frozenset(),
) -> None:
    """Decide the consignments of cases again. but: consignments that were decided in this transaction."""
    if not case_ids:
        return
    declared = await match_store.select_declared(
        connection,
        sorted(case_ids),
        administration_id=equipment.administration_id,
        withdrawn=WITHDRAWN,
    )
    wanted = sorted({one.consignment_id for one in declared} - but)
    for begin in range(0, len(wanted), CHUNK_COUNT):
        await decide_again(
            equipment,
            connection,
            law,
            wanted[begin : begin + CHUNK_COUNT],
            at,
            at_hand=at_hand,
            has_new_documents=True,
        )


# ---- meeting ----


async def _meet(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], at: datetime, claimed: Claims
) -> Meeting:
    comers = [
        Comer(
            paper.document_id,
            paper.kind,
            paper.sender.party_id,
            paper.case_id,
            paper.document,
            is_known=paper.replaced is not None,
        )
        for paper in papers
        if not isinstance(paper.document, Consignment | Arrival | Return)
    ]
    meeting = await meet(
        connection,
        comers,
        equipment.pseudonymiser,
        administration_id=equipment.administration_id,
        at=at,
        claimed=claimed,
    )
    await _seat_returns(equipment, connection, papers, meeting, at)
    for paper in papers:
        paper.case_id = meeting.case_ids.setdefault(paper.document_id, paper.case_id)
    return meeting


async def _join_alike(
    equipment: Equipment,
    connection: Connection,
    law: LawState,
    papers: Sequence[Paper],
    meeting: Meeting,
    *,
    at: datetime,
    at_hand: dict[int, Document],
) -> set[int]:
    """Let what found nobody over an equal number look for what it is like; returns the cases that gained."""
    waiting = [
        WaitingDocument(
            paper.document_id,
            paper.kind,
            paper.sender.party_id,
            paper.case_id,
            paper.document,
        )
        for paper in papers
        if paper.document_id not in meeting.confirmed
        and not isinstance(paper.document, Consignment | Arrival | Return)
    ]
    joined = await join_papers(equipment, connection, law, waiting, at=at, at_hand=at_hand)
    if not joined:
        return set()
    cases = {one.document_id: one.case_id for one in joined}
    meeting.confirmed.update(cases)
    for paper in papers:
        paper.case_id = cases.get(paper.document_id, paper.case_id)
    found = [paper for paper in papers if paper.document_id in cases]
    await tell_joined(equipment, connection, found, meeting, int(at.timestamp() * 1000))
    return set(cases.values())


async def _seat_returns(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], meeting: Meeting, at: datetime
) -> None:
    """Let returns count in the case of the declaration they name."""
    returns = {paper.document_id: paper.joins for paper in papers if paper.joins is not None}
    if not returns:
        return
    roots = await lock_roots(connection, sorted(set(returns.values())))
    for document_id, case_id in returns.items():
        meeting.case_ids[document_id] = roots[case_id]
        meeting.confirmed.add(document_id)
        meeting.findings[document_id] = [AWAITS_REFUND]
    await match_store.insert_links(
        connection,
        case_ids=[roots[case_id] for case_id in returns.values()],
        document_ids=list(returns),
        scores_ppm=[1_000_000] * len(returns),
        details=["same registration number"] * len(returns),
        administration_id=equipment.administration_id,
        at=at,
    )

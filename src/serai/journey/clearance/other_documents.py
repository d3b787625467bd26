"""Orders, payments, transport documents, returns and arrivals: kept, receipted, matched with their
declaration.

What the law makes of them is decided in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.evidence.leaf import commit_batch, salts_size_bytes
from serai.evidence.promise import promise_batch
from serai.evidence.receipt import encode_receipt, promise_receipts
from serai.evidence.store import insert_promised_batch, read_receipt
from serai.formats.decoded import Document
from serai.foundation.copying import copy_table
from serai.foundation.vault.pseudonyms import Purpose
from serai.journey.advise import store as advise_store
from serai.journey.advise.store import Submission
from serai.journey.clearance.again import CHUNK_COUNT, decide_again, hold_keys_and_cases, lock_roots
from serai.journey.clearance.alike import WaitingDocument, join_papers
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.filing import Answer, Filing, Sender
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.loading import Filed, assess_filed, standing_answers
from serai.journey.clearance.meeting import Claims, Comer, Meeting, meet
from serai.journey.clearance.personal import Cut, cut_people
from serai.journey.clearance.returns import place_returns
from serai.journey.clearance.sealing import people_by_role, reserve_epochs, seal_rows
from serai.journey.clearance.units import hang_transport_documents
from serai.journey.clearance.waves import WAVES_COUNT_MAX, put_off
from serai.journey.follow import store as follow_store
from serai.journey.match import store as match_store
from serai.journey.match.checks import find_faults
from serai.journey.refund.rules import AWAITS_REFUND
from serai.model.documents import Arrival, Consignment, Return, TransportDocument
from serai.model.findings import Finding
from serai.model.frames import STATUSES

Connection = AsyncConnection[Any]

_WITHDRAWN = STATUSES.index("withdrawn")
_ROLE_OF_KIND = {
    "order": "seller",
    "payment": "payment provider",
    "transport-document": "carrier",
    "arrival": "carrier",
    "return": "declarant",
}


@dataclass(slots=True)
class Paper:
    """A document on its way. place: where its answer goes. replaced: the version it replaces, if any.

    joins: the case of the declaration that a return names. advice: what reading and checking said of it.
    """

    place: int
    kind: str
    document: Document
    sender: Sender
    cut: Cut | None
    content_hash: bytes
    document_id: int = 0
    case_id: int = 0
    version: int = 1
    replaced: Submission | None = None
    joins: int | None = None
    advice: Sequence[Finding] = ()


@dataclass(slots=True)
class PreparedPapers:
    """Documents read and checked; answers for those with faults are there already. One entry a document."""

    papers: list[Paper] = field(default_factory=list)
    answers: list[Answer | None] = field(default_factory=list)


def prepare_papers(filings: Sequence[Filing], equipment: Equipment, read_filing: Any) -> PreparedPapers:
    """Read, check, cut and hash documents. read_filing: gives documents, canonical contents and faults."""
    prepared = PreparedPapers()
    contents: list[bytes] = []
    for filing in filings:
        documents, canonical, faults = read_filing(filing)
        for document, content, found in zip(documents, canonical, faults, strict=True):
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
            equipment, connection, now, law, at, answers=answers, at_hand=_documents_of(new)
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
        is_amendment = _amended_version(paper) is not None
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
    new, claimed = await _claim(equipment, connection, papers, answers, at)
    if not new:
        return new
    meeting = await _meet(equipment, connection, new, at, claimed)
    await _write(equipment, connection, new, meeting, answers=answers, at=at)
    _answer_repeats_of(new, papers, answers)
    likened = await _join_alike(equipment, connection, law, new, meeting, at=at, at_hand=at_hand)
    transport = [
        (paper.document, paper.document_id) for paper in new if isinstance(paper.document, TransportDocument)
    ]
    if transport:
        await hang_transport_documents(
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
        meeting.gained | amended | likened,
        at,
        at_hand={**at_hand, **_documents_of(new)},
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


def _documents_of(papers: Sequence[Paper]) -> dict[int, Document]:
    return {paper.document_id: paper.document for paper in papers}


def _amended_version(paper: Paper) -> int | None:
    version: int | None = getattr(paper.document, "amends_version", None)
    return version


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
        withdrawn=_WITHDRAWN,
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


# ---- references ----


async def _claim(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    answers: list[Answer | None],
    at: datetime,
) -> tuple[list[Paper], Claims]:
    """Claim references, kind by kind; answer repeats and refusals; return what is to be written, and the keys
    claimed with that."""
    ids = equipment.ids.take(len(papers)).tolist()
    for paper, document_id in zip(papers, ids, strict=True):
        paper.document_id = paper.case_id = document_id
    new: list[Paper] = []
    known: list[Paper] = []
    for kind in sorted({paper.kind for paper in papers}):
        of_kind = [paper for paper in papers if paper.kind == kind]
        first = [paper for paper in of_kind if _amended_version(paper) is None]
        claimed: set[int] = set()
        if first:
            claimed = await advise_store.claim_submissions(
                connection,
                administration_id=equipment.administration_id,
                kind=kind,
                party_ids=[paper.sender.party_id for paper in first],
                references=[paper.document.reference for paper in first],
                content_hashes=[paper.content_hash for paper in first],
                document_ids=[paper.document_id for paper in first],
                at=at,
            )
        new += [paper for paper in first if paper.document_id in claimed]
        known += [paper for paper in of_kind if paper.document_id not in claimed]
    held = await _hold_amended(equipment, connection, new, known, at)
    for kind in sorted({paper.kind for paper in known}):
        of_kind = [paper for paper in known if paper.kind == kind]
        new += await _settle_known(equipment, connection, kind, of_kind, answers)
    await _repeat_loading(equipment, connection, known, answers)
    return sorted(new, key=lambda paper: paper.document_id), held


async def _hold_amended(
    equipment: Equipment,
    connection: Connection,
    new: Sequence[Paper],
    known: Sequence[Paper],
    at: datetime,
) -> Claims:
    """Lock what amendments reach before the first takes its place: references, match keys, cases."""
    amended = [paper for paper in known if _amended_version(paper) is not None]
    cases = {paper.document_id: paper.case_id for paper in new}
    for kind in sorted({paper.kind for paper in amended}):
        of_kind = [paper for paper in amended if paper.kind == kind]
        found = await advise_store.lock_submissions(
            connection,
            administration_id=equipment.administration_id,
            kind=kind,
            party_ids=[paper.sender.party_id for paper in of_kind],
            references=[paper.document.reference for paper in of_kind],
        )
        for paper in of_kind:
            submission = found.get((paper.sender.party_id, paper.document.reference))
            if submission is not None:
                cases[paper.document_id] = submission.case_id
    if not amended:
        return frozenset()
    documents = [
        (paper.document, cases[paper.document_id])
        for paper in [*new, *amended]
        if paper.document_id in cases and not isinstance(paper.document, Consignment | Arrival | Return)
    ]
    return await hold_keys_and_cases(equipment, connection, documents, list(cases.values()), at)


async def _settle_known(
    equipment: Equipment,
    connection: Connection,
    kind: str,
    papers: Sequence[Paper],
    answers: list[Answer | None],
) -> list[Paper]:
    known = await advise_store.select_submissions(
        connection,
        administration_id=equipment.administration_id,
        kind=kind,
        party_ids=[paper.sender.party_id for paper in papers],
        references=[paper.document.reference for paper in papers],
    )
    withdrawn = await advise_store.select_withdrawn(
        connection,
        [one.document_id for one in known.values()],
        administration_id=equipment.administration_id,
    )
    amended = []
    for paper in papers:
        submission = known.get((paper.sender.party_id, paper.document.reference))
        version = _amended_version(paper)
        if submission is None:
            answers[paper.place] = Answer("refused", paper.document.reference, problem_code="amends-nothing")
        elif submission.document_id in withdrawn:
            answers[paper.place] = _refuse("withdrawn", submission)
        elif submission.content_hash == paper.content_hash:
            answers[paper.place] = await _repeat(equipment, connection, kind, submission)
        elif version is None:
            answers[paper.place] = _refuse("reference-reused", submission)
        elif await _raise(equipment, connection, kind, paper, submission=submission, version=version):
            amended.append(paper)
        else:
            answers[paper.place] = _refuse("version-not-current", submission)
    return amended


async def _raise(
    equipment: Equipment,
    connection: Connection,
    kind: str,
    paper: Paper,
    *,
    submission: Submission,
    version: int,
) -> bool:
    """Put an amendment in the place of exactly the version it names."""
    case_id = await advise_store.raise_version(
        connection,
        administration_id=equipment.administration_id,
        kind=kind,
        party_id=submission.party_id,
        reference=submission.reference,
        version=version,
        content_hash=paper.content_hash,
        document_id=paper.document_id,
    )
    if case_id is None:
        return False
    paper.case_id, paper.version, paper.replaced = case_id, version + 1, submission
    await match_store.replace_document(
        connection, replaced=submission.document_id, document_id=paper.document_id
    )
    return True


async def _repeat(equipment: Equipment, connection: Connection, kind: str, submission: Submission) -> Answer:
    receipt = await read_receipt(
        connection, submission.document_id, administration_id=equipment.administration_id
    )
    return Answer(
        "repeated",
        submission.reference,
        0 if kind == "arrival" else submission.case_id,
        submission.document_id,
        receipt=b"" if receipt is None else encode_receipt(receipt),
        version=submission.version,
    )


async def _repeat_loading(
    equipment: Equipment, connection: Connection, known: Sequence[Paper], answers: list[Answer | None]
) -> None:
    """Put what stands before loading into the answers of transport documents that came again."""
    repeated = [
        (paper, answer)
        for paper in known
        if isinstance(paper.document, TransportDocument)
        and (answer := answers[paper.place]) is not None
        and answer.status == "repeated"
    ]
    if not repeated:
        return
    keys = [(paper.sender.party_id, paper.document.reference) for paper, _ in repeated]
    standing = await standing_answers(equipment, connection, keys)
    for (paper, answer), key in zip(repeated, keys, strict=True):
        if key in standing:
            answers[paper.place] = msgspec.structs.replace(answer, decision=standing[key])


def _answer_repeats_of(new: Sequence[Paper], papers: Sequence[Paper], answers: list[Answer | None]) -> None:
    """Give a line repeated in its own batch what the first was answered: that was not stored yet when it was
    looked for."""
    first = {paper.document_id: answers[paper.place] for paper in new}
    for paper in papers:
        answer = answers[paper.place]
        found = first.get(answer.document_id) if answer is not None and answer.status == "repeated" else None
        if found is not None:
            answers[paper.place] = msgspec.structs.replace(found, status="repeated")


def _refuse(code: str, submission: Submission) -> Answer:
    return Answer("refused", submission.reference, problem_code=code, version=submission.version)


# ---- meeting ----


async def _meet(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], at: datetime, claimed: Claims
) -> Meeting:
    comers = [
        Comer(
            paper.document_id,
            paper.kind,
            paper.sender.party_id,
            paper.sender.roles,
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
            paper.sender.roles,
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
    await _tell(equipment, connection, found, meeting, int(at.timestamp() * 1000))
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


# ---- writing ----


async def _write(
    equipment: Equipment,
    connection: Connection,
    papers: Sequence[Paper],
    meeting: Meeting,
    *,
    answers: list[Answer | None],
    at: datetime,
) -> None:
    """Keep messages and people, promise a leaf for each document, open cases of those that stay alone."""
    administration_id, at_ms = equipment.administration_id, int(at.timestamp() * 1000)
    ids = np.array([paper.document_id for paper in papers], dtype=np.int64)
    fields: dict[str, list[bytes]] = {
        "document": [paper.cut.message if paper.cut else b"" for paper in papers]
    }
    fields |= people_by_role([paper.cut for paper in papers])
    commitments = commit_batch(
        "document",
        administration_id,
        at,
        leaf_ids=ids.tolist(),
        case_ids=[paper.case_id for paper in papers],
        fields=fields,
        random_bytes=equipment.random_bytes(salts_size_bytes(len(papers), len(fields))),
    )
    promise = promise_batch(
        commitments.leaf_data,
        equipment.signer,
        origin=equipment.log_origin,
        batch_id=int(ids[0]),
        integrate_by=at + equipment.integrate_within,
        at=at,
    )
    epochs = await reserve_epochs(equipment, connection, papers, at)
    people, messages, roles, first_ids = seal_rows(equipment, papers, commitments.salts, epochs)
    alone = [
        paper.case_id
        for paper in papers
        if paper.case_id == paper.document_id and paper.replaced is None and paper.kind != "arrival"
    ]
    if alone:
        await match_store.insert_cases(
            connection, np.array(alone, dtype=np.int64), administration_id=administration_id, at_ms=at_ms
        )
    for kind in sorted({paper.kind for paper in papers}):
        places = np.array([place for place, paper in enumerate(papers) if paper.kind == kind])
        some = [papers[place] for place in places]
        await advise_store.insert_documents(
            connection,
            administration_id=administration_id,
            kind=kind,
            document_ids=ids[places],
            party_ids=np.array([paper.sender.party_id for paper in some], dtype=np.int64),
            versions=np.array([paper.version for paper in some], dtype=np.int64),
            case_ids=np.array([paper.case_id for paper in some], dtype=np.int64),
            is_confirmed=np.array([paper.document_id in meeting.confirmed for paper in some], dtype=np.bool_),
            roles=[_ROLE_OF_KIND[kind]] * len(some),
            received_at_ms=at_ms,
            person_roles=roles[places],
            first_person_ids=np.maximum(first_ids[places], 0),
        )
        joined = [paper for paper in some if paper.case_id != paper.document_id and paper.replaced is None]
        if joined:
            await advise_store.set_case(
                connection,
                administration_id=administration_id,
                kind=kind,
                party_ids=[paper.sender.party_id for paper in joined],
                references=[paper.document.reference for paper in joined],
                case_ids=[paper.case_id for paper in joined],
            )
    if people is not None:
        await copy_table(connection, "vault_person", people)
    await copy_table(connection, "vault_message", messages)
    await _record_acts(equipment, connection, papers, at)
    await _tell(equipment, connection, papers, meeting, at_ms)
    await insert_promised_batch(
        connection, promise, administration_id=administration_id, leaf_ids=ids.tolist()
    )
    for paper, receipt in zip(papers, promise_receipts(promise), strict=True):
        answers[paper.place] = Answer(
            "recorded",
            paper.document.reference,
            0 if paper.kind == "arrival" else paper.case_id,
            paper.document_id,
            receipt=receipt,
            findings=[*paper.advice, *meeting.findings.get(paper.document_id, [])],
            version=paper.version,
        )


async def _record_acts(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], at: datetime
) -> None:
    for paper in papers:
        if paper.replaced is not None:
            await follow_store.insert_act(
                connection,
                act_id=paper.document_id,
                administration_id=equipment.administration_id,
                case_id=paper.case_id,
                party_id=paper.sender.party_id,
                kind="amendment",
                version=paper.version,
                reason=getattr(paper.document, "amendment_reason", None) or "",
                at=at,
            )


async def _tell(
    equipment: Equipment, connection: Connection, papers: Sequence[Paper], meeting: Meeting, at_ms: int
) -> None:
    """Tell everybody in a case that a document has joined it."""
    joined = [paper for paper in papers if paper.document_id in meeting.confirmed]
    if not joined:
        return
    parties = await match_store.select_parties(connection, sorted({paper.case_id for paper in joined}))
    told = [
        (party_id, paper)
        for paper in joined
        for party_id in sorted(parties.get(paper.case_id, set()) | {paper.sender.party_id})
    ]
    await follow_store.insert_events(
        connection,
        administration_id=equipment.administration_id,
        event_ids=equipment.ids.take(len(told)),
        party_ids=np.array([party_id for party_id, _ in told], dtype=np.int64),
        case_ids=np.array([paper.case_id for _, paper in told], dtype=np.int64),
        kind="document-added",
        decision_ids=np.zeros(len(told), dtype=np.int64),
        at_ms=at_ms,
    )

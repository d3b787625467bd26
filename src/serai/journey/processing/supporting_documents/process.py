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
from serai.journey.documents.personal_data import cut_people
from serai.journey.documents.submission import Answer, Submission
from serai.journey.documents.versions import AMENDMENT_ROUNDS_COUNT_MAX, next_round, put_off
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.link import IncomingDocument, Linked, link_documents
from serai.journey.linking.probabilistic import WaitingDocument, join_supporting_documents
from serai.journey.linking.returned_goods import place_returns
from serai.journey.matching import store as matching_store
from serai.journey.matching.checks import find_faults, read_instant
from serai.journey.matching.match_keys import Claims
from serai.journey.matching.rules import DECLARANT_ROLE, in_roles
from serai.journey.processing.preloading import Filed, assess_filed
from serai.journey.processing.prepare import read_submission
from serai.journey.processing.redetermine import CHUNK_COUNT, redetermine
from serai.journey.processing.supporting_documents.entries import (
    PreparedDocuments,
    SupportingDocument,
    documents_of,
)
from serai.journey.processing.supporting_documents.references import answer_repeats_of, claim_references
from serai.journey.processing.supporting_documents.write import notify_joined, write_supporting_documents
from serai.journey.processing.transport_documents import attach_transport_documents
from serai.journey.repayments.returned import ReturnedGoods, repay_returned
from serai.journey.revenue.returns.rules import AWAITS_REFUND
from serai.journey.services import Services
from serai.model.documents import Arrival, Consignment, Return, TransportDocument
from serai.model.findings import Finding
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]


def prepare_supporting_documents(submissions: Sequence[Submission]) -> PreparedDocuments:
    """Read, check and cut documents."""
    prepared = PreparedDocuments()
    contents: list[bytes] = []
    for submission in submissions:
        documents, canonical, faults = read_submission(submission)
        origins = submission.places or [None] * len(documents)
        for document, content, found, origin in zip(documents, canonical, faults, origins, strict=True):
            assert not isinstance(document, Consignment), "declarations are prepared apart"
            all_faults: list[Finding] = [*found, *(find_faults(document) if document is not None else [])]
            if document is None or any(one.severity == "fault" for one in all_faults):
                reference = document.reference if document is not None else ""
                prepared.answers.append(Answer("rejected", reference, findings=all_faults))
                continue
            contents.append(content or b"")
            prepared.document_entries.append(
                SupportingDocument(
                    len(prepared.answers),
                    submission.kind,
                    document,
                    submission.sender,
                    None,
                    advice=all_faults,
                    origin=origin,
                )
            )
            prepared.answers.append(None)
    cuts = cut_people([document_entry.document for document_entry in prepared.document_entries], contents)
    for document_entry, cut in zip(prepared.document_entries, cuts, strict=True):
        document_entry.cut = cut
    return prepared


async def record_supporting_documents(
    services: Services, connection: Connection, prepared: PreparedDocuments, law: LawState, at: datetime
) -> tuple[list[Answer], list[SupportingDocument]]:
    """Record documents, let them meet, decide again what they change; an answer each, and what is new."""
    answers = list(prepared.answers)
    new: list[SupportingDocument] = []
    later: Sequence[SupportingDocument] = await _place_returns(
        services, connection, prepared.document_entries, answers, at
    )
    for _ in range(AMENDMENT_ROUNDS_COUNT_MAX):
        if not later:
            break
        now, after = next_round(
            [(one.kind, one.sender.party_id, one.document.reference) for one in later],
            [one.amends_version is not None for one in later],
            frozenset(),
        )
        rest = [later[place] for place in after]
        new += await _record_round(
            services,
            connection,
            [later[place] for place in now],
            law,
            at,
            answers=answers,
            at_hand=documents_of(new),
            released=prepared.released_case_ids,
        )
        later = rest
    for document_entry in later:
        answers[document_entry.place] = put_off(document_entry.document.reference)
    assert all(answer is not None for answer in answers), "every document has an answer"
    return answers, new  # type: ignore[return-value]


async def _place_returns(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    answers: list[Answer | None],
    at: datetime,
) -> list[SupportingDocument]:
    """Find the case of each return; what has none is answered. Returns the papers to record."""
    returns = [
        (document_entry, document_entry.document)
        for document_entry in document_entries
        if isinstance(document_entry.document, Return)
    ]
    if not returns:
        return list(document_entries)
    asked = [(document, document_entry.sender) for document_entry, document in returns]
    for (document_entry, _), place in zip(
        returns, await place_returns(services, connection, asked, at), strict=True
    ):
        answers[document_entry.place], document_entry.joins = place.answer, place.case_id
        document_entry.returned = place
    return [document_entry for document_entry in document_entries if answers[document_entry.place] is None]


async def _record_round(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    law: LawState,
    at: datetime,
    *,
    answers: list[Answer | None],
    at_hand: dict[int, Document],
    released: set[int],
) -> list[SupportingDocument]:
    """Record documents of which none amends another; put their answers in place and return what is new.

    at_hand: what earlier waves recorded, which the vault does not show yet.
    """
    new, claimed = await claim_references(services, connection, document_entries, answers, at)
    if not new:
        return new
    linked = await _link_documents(services, connection, new, at, claimed)
    await _repay_returns(services, connection, new, linked, law=law, at=at)
    await write_supporting_documents(services, connection, new, linked, answers=answers, at=at)
    answer_repeats_of(new, document_entries, answers)
    likened = await _join_candidates(services, connection, law, new, linked, at=at, at_hand=at_hand)
    for document_entry in new:
        if (
            answer := answers[document_entry.place]
        ) is not None and document_entry.document_id in linked.confirmed:
            answers[document_entry.place] = msgspec.structs.replace(answer, case_id=document_entry.case_id)
    transport = [
        (document_entry.document, document_entry.document_id, document_entry.sender.party_id)
        for document_entry in new
        if isinstance(document_entry.document, TransportDocument)
    ]
    arrived: set[int] = set()
    if transport:
        arrived = await attach_transport_documents(
            services,
            connection,
            transport,
            confirmed=linked.confirmed,
            case_ids=linked.case_ids,
            at=at,
        )
        await _assess_before_loading(services, connection, new, law, answers=answers, at=at)
    amended = {
        linked.case_ids[document_entry.document_id]
        for document_entry in new
        if document_entry.replaced is not None
    }
    await redetermine_cases(
        services,
        connection,
        law,
        linked.gained | amended | likened | arrived,
        at,
        at_hand={**at_hand, **documents_of(new)},
        released=released,
    )
    return new


async def _assess_before_loading(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    law: LawState,
    *,
    answers: list[Answer | None],
    at: datetime,
) -> None:
    """Assess transport documents of goods that are yet to be loaded; what came of it stands in the answer."""
    filed = [
        Filed(
            document_entry.document,
            document_entry.document_id,
            document_entry.case_id,
            document_entry.sender.party_id,
            is_amendment=document_entry.replaced is not None,
            origin=document_entry.origin,
        )
        for document_entry in document_entries
        if isinstance(document_entry.document, TransportDocument)
    ]
    decisions = await assess_filed(services, connection, filed, law, at)
    for document_entry in document_entries:
        answer = answers[document_entry.place]
        if answer is not None and document_entry.document_id in decisions:
            answers[document_entry.place] = msgspec.structs.replace(
                answer, decision=decisions[document_entry.document_id]
            )


async def redetermine_cases(
    services: Services,
    connection: Connection,
    law: LawState,
    case_ids: set[int],
    at: datetime,
    *,
    at_hand: dict[int, Document] | None = None,
    but: frozenset[int] = frozenset(),
    released: set[int] | None = None,
) -> None:
    """Decide the consignments of cases again. but: consignments that were decided in this transaction.
    released: gets the cases of those that stay released as they are."""
    if not case_ids:
        return
    declared = await matching_store.select_declared(
        connection,
        sorted(case_ids),
        administration_id=services.administration_id,
        withdrawn=WITHDRAWN,
    )
    wanted = sorted({one.consignment_id for one in declared} - but)
    for begin in range(0, len(wanted), CHUNK_COUNT):
        await redetermine(
            services,
            connection,
            law,
            wanted[begin : begin + CHUNK_COUNT],
            at,
            at_hand=at_hand,
            has_new_documents=True,
            released=released,
        )


# ---- meeting ----


async def _link_documents(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    at: datetime,
    claimed: Claims,
) -> Linked:
    incoming = [
        IncomingDocument(
            document_entry.document_id,
            document_entry.kind,
            document_entry.sender.party_id,
            document_entry.case_id,
            document_entry.document,
            is_known=document_entry.replaced is not None,
        )
        for document_entry in document_entries
        if not isinstance(document_entry.document, Consignment | Arrival | Return)
    ]
    linked = await link_documents(
        connection,
        incoming,
        services.pseudonymiser,
        administration_id=services.administration_id,
        at=at,
        claimed=claimed,
    )
    await _link_returns(services, connection, document_entries, linked, at)
    for document_entry in document_entries:
        document_entry.case_id = linked.case_ids.setdefault(
            document_entry.document_id, document_entry.case_id
        )
    return linked


async def _join_candidates(
    services: Services,
    connection: Connection,
    law: LawState,
    document_entries: Sequence[SupportingDocument],
    linked: Linked,
    *,
    at: datetime,
    at_hand: dict[int, Document],
) -> set[int]:
    """Let what found nobody over an equal number look for what it is like; returns the cases that gained."""
    waiting = [
        WaitingDocument(
            document_entry.document_id,
            document_entry.kind,
            document_entry.sender.party_id,
            document_entry.case_id,
            document_entry.document,
            in_roles(linked.named.get(document_entry.document_id, ()), DECLARANT_ROLE),
        )
        for document_entry in document_entries
        if document_entry.document_id not in linked.confirmed | linked.claimed_twice
        and not isinstance(document_entry.document, Consignment | Arrival | Return)
    ]
    joined = await join_supporting_documents(services, connection, law, waiting, at=at, at_hand=at_hand)
    if not joined:
        return set()
    cases = {one.document_id: one.case_id for one in joined}
    linked.confirmed.update(cases)
    for document_entry in document_entries:
        document_entry.case_id = cases.get(document_entry.document_id, document_entry.case_id)
    found = [document_entry for document_entry in document_entries if document_entry.document_id in cases]
    await notify_joined(services, connection, found, linked, int(at.timestamp() * 1000))
    return set(cases.values())


async def _link_returns(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    linked: Linked,
    at: datetime,
) -> None:
    """Let returns count in the case of the declaration they name: what they would have begun is that case."""
    returns = {
        document_entry.document_id: document_entry.joins
        for document_entry in document_entries
        if document_entry.joins is not None
    }
    if not returns:
        return
    roots = await lock_roots(connection, sorted(set(returns.values())))
    begun = {
        one.document_id for one in document_entries if one.document_id in returns and one.replaced is None
    }
    await matching_store.merge_cases(
        connection,
        {document_id: roots[returns[document_id]] for document_id in begun},
        new=begun,
        administration_id=services.administration_id,
        at=at,
    )
    for document_id, case_id in returns.items():
        linked.case_ids[document_id] = roots[case_id]
        linked.confirmed.add(document_id)
    await matching_store.insert_links(
        connection,
        case_ids=[roots[case_id] for case_id in returns.values()],
        document_ids=list(returns),
        scores_ppm=[1_000_000] * len(returns),
        details=[
            one.returned.evidence
            for one in document_entries
            if one.document_id in returns and one.returned is not None
        ],
        administration_id=services.administration_id,
        at=at,
    )


async def _repay_returns(
    services: Services,
    connection: Connection,
    document_entries: Sequence[SupportingDocument],
    linked: Linked,
    *,
    law: LawState,
    at: datetime,
) -> None:
    """Give back what the law gives back for returns whose case is held, and say what came of each."""
    for one in document_entries:
        if one.returned is None or not isinstance(one.document, Return):
            continue
        place, said = one.returned, one.document.goods_returned_at
        if not place.consignment_id:
            linked.findings[one.document_id] = [AWAITS_REFUND]
            continue
        returned = ReturnedGoods(
            document_id=one.document_id,
            consignment_id=place.consignment_id,
            case_id=linked.case_ids[one.document_id],
            back=dict(place.back),
            returned_at=None if said is None else read_instant(said),
            differences=place.differences,
            is_all_wrong=place.is_all_wrong,
        )
        linked.findings[one.document_id] = await repay_returned(services, connection, law, returned, at)

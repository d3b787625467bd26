"""References that are in use: locked, held against what is stored, and what an officer is asked for.

The same for every kind of document; what becomes of it is `documents/versions.py`'s to say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.formats.decoded import Document
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents import store as document_store
from serai.journey.documents.personal_data import Cut
from serai.journey.documents.repeats import find_repeats
from serai.journey.documents.store import StoredSubmission
from serai.journey.documents.submission import Answer, Sender
from serai.journey.documents.versions import WITHDRAWN_BEFORE, Incoming, Outcome, Standing, Stored, outcome_of
from serai.journey.linking.case_locks import hold_keys_and_cases, lock_roots
from serai.journey.matching.match_keys import Claims
from serai.journey.services import Services
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.documents import Arrival, Declaration, Return
from serai.model.findings import Finding
from serai.model.frames import BY_REQUEST_STATUSES, WITHDRAWN

Connection = AsyncConnection[Any]

_CHANGED_BY_REQUEST = ("order", "payment", "transport-document")
"""Kinds that, while they count for goods that were released, change by request only. An arrival is a fact,
and goods come back after release."""


class Sent(NamedTuple):
    """A document, or the withdrawal of one (None), with what it says of versions. cut: it without its people,
    and these."""

    kind: str
    sender: Sender
    reference: str
    incoming: Incoming
    document: Document | Declaration | None = None
    cut: Cut | None = None

    @property
    def key(self) -> tuple[int, str]:
        """Under what it is stored, among those of its kind."""
        return self.sender.party_id, self.reference


class Met(NamedTuple):
    """What is sent against what is stored. submission: what is stored under its reference; stands: how.
    case_id: of the case as it is called now, locked where something may change."""

    outcome: Outcome
    submission: StoredSubmission | None = None
    stands: "Stands | None" = None
    case_id: int = 0


class Stands(NamedTuple):
    """How a document stands. case_id: of the case it was put into. consignment: a declaration's own, or of
    goods released that another document counts for. is_confirmed: whether it counts in its case.
    withdrawn_by: the act that took it back, of what is no declaration."""

    standing: Standing
    case_id: int
    consignment: ConsignmentRow | None = None
    is_confirmed: bool = True
    withdrawn_by: int | None = None


def incoming_document(amends_version: int | None) -> Incoming:
    """Return what a document says of versions."""
    return Incoming("original" if amends_version is None else "amendment", amends_version)


async def hold_changed(
    services: Services,
    connection: Connection,
    sent: Sequence[Sent],
    new: Sequence[tuple[Document | Declaration, int]],
    at: datetime,
) -> Claims:
    """Lock what amendments reach before the first takes its place: references, match keys, cases, in order.

    new: documents of the same batch that are the first under their references, each with its case. Returns
    the keys that were free.
    """
    if not sent:
        return set()
    documents = list(new)
    case_ids = []
    for kind in sorted({one.kind for one in sent}):
        of_kind = [one for one in sent if one.kind == kind]
        known = await document_store.lock_submissions(
            connection, administration_id=services.administration_id, kind=kind, **_names(of_kind)
        )
        case_ids += [one.first_id for one in known.values()]
        documents += [
            (one.document, known[one.key].first_id)
            for one in of_kind
            if one.key in known and one.document is not None
        ]
    having_keys = [
        (document, case_id) for document, case_id in documents if not isinstance(document, Arrival | Return)
    ]
    return await hold_keys_and_cases(services, connection, having_keys, case_ids, at)


async def meet_stored(
    services: Services, connection: Connection, sent: Sequence[Sent], at_hand: Mapping[int, Cut] | None = None
) -> list[Met]:
    """Hold what is sent, all of one kind, against what is stored; one outcome each. Cases of what may change
    are locked with that. at_hand: by document, what this transaction is yet to give the vault."""
    if not sent:
        return []
    kind = sent[0].kind
    known = await document_store.select_submissions(
        connection, administration_id=services.administration_id, kind=kind, **_names(sent)
    )
    stored = list(known.values())
    # Before the vault is asked: tables cut by time are read in the order in which retention closes them.
    standing = await _standing(services, connection, kind, stored, {})
    is_same = await find_repeats(
        services,
        connection,
        [(known[one.key].document_id, one.cut) if one.key in known else (0, None) for one in sent],
        at_hand or {},
    )
    changing = {
        known[one.key].first_id
        for one, its in zip(sent, is_same, strict=True)
        if one.key in known and not its
    }
    # Locked before anything is read of them: a document or an arrival may be deciding them at this instant.
    roots = await lock_roots(connection, sorted(changing))
    if roots:
        standing = await _standing(services, connection, kind, stored, roots)
    standing |= {document_id: Stands("open", document_id) for document_id in at_hand or {}}
    return [
        _met(one, its, known.get(one.key), standing, roots) for one, its in zip(sent, is_same, strict=True)
    ]


def _met(
    sent: Sent,
    is_same: bool,
    submission: StoredSubmission | None,
    found: dict[int, Stands],
    roots: dict[int, int],
) -> Met:
    if submission is None:
        return Met(outcome_of(None, sent.incoming, is_same=False))
    stands = found[submission.document_id]
    stored = Stored(submission.version, stands.standing)
    case_id = roots.get(submission.first_id, stands.case_id)
    return Met(outcome_of(stored, sent.incoming, is_same=is_same), submission, stands, case_id)


async def _standing(
    services: Services,
    connection: Connection,
    kind: str,
    submissions: Sequence[StoredSubmission],
    roots: dict[int, int],
) -> dict[int, Stands]:
    if not submissions:
        return {}
    if kind == "declaration":
        return await _declarations_standing(services, connection, submissions)
    return await _others_standing(services, connection, kind, submissions, roots)


async def _declarations_standing(
    services: Services, connection: Connection, submissions: Sequence[StoredSubmission]
) -> dict[int, Stands]:
    found = await consignment_store.select_consignments(
        connection,
        [one.first_id for one in submissions],
        administration_id=services.administration_id,
    )
    own = {one.consignment_id: one for one in found}
    return {one.document_id: _declared(one.first_id, own.get(one.first_id)) for one in submissions}


def _declared(consignment_id: int, consignment: ConsignmentRow | None) -> Stands:
    if consignment is None:
        return Stands("expired", consignment_id)
    if consignment.status == WITHDRAWN:
        return Stands("withdrawn", consignment.case_id, consignment)
    is_out_of_hand = consignment.status in BY_REQUEST_STATUSES
    return Stands("released" if is_out_of_hand else "open", consignment.case_id, consignment)


async def _others_standing(
    services: Services,
    connection: Connection,
    kind: str,
    submissions: Sequence[StoredSubmission],
    roots: dict[int, int],
) -> dict[int, Stands]:
    rows = await document_store.select_standings(
        connection, [one.document_id for one in submissions], administration_id=services.administration_id
    )
    changing = {
        one.document_id: roots[one.first_id]
        for one in submissions
        if kind in _CHANGED_BY_REQUEST
        and one.first_id in roots
        and one.document_id in rows
        and rows[one.document_id].is_confirmed
    }
    consignments = (
        await consignment_store.select_consignments_of_cases(
            connection, sorted(set(changing.values())), administration_id=services.administration_id
        )
        if changing
        else []
    )
    released = {one.case_id: one for one in reversed(consignments) if one.status in BY_REQUEST_STATUSES}
    found = {}
    for one in submissions:
        row, its = rows.get(one.document_id), released.get(changing.get(one.document_id, 0))
        if row is None:
            found[one.document_id] = Stands("expired", one.first_id)
        elif row.withdrawn_by is not None:
            found[one.document_id] = Stands(
                "withdrawn", row.case_id, None, row.is_confirmed, row.withdrawn_by
            )
        else:
            standing: Standing = "open" if its is None else "released"
            found[one.document_id] = Stands(standing, row.case_id, its, row.is_confirmed)
    return found


def findings_of_repeat(met: Met) -> list[Finding]:
    """Return what is said beside the stored answer to a document that came again."""
    return [WITHDRAWN_BEFORE] if met.stands is not None and met.stands.standing == "withdrawn" else []


def refuse(outcome: Outcome, reference: str, submission: StoredSubmission | None) -> Answer:
    """Return the answer to what is not taken."""
    version = 0 if submission is None else submission.version
    return Answer("refused", reference, problem_code=outcome.value, version=version)


async def request_amendment(
    services: Services, connection: Connection, sent: Sent, met: Met, *, words: str, at: datetime
) -> None:
    """After release an amendment is a request that an officer decides on. words: why, of the sender."""
    assert met.submission is not None
    assert met.stands is not None
    assert met.stands.consignment is not None, "goods were released that it counts for"
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=met.case_id,
        kind="amendment-request",
        subject_id=met.submission.document_id,
        party_id=sent.sender.party_id,
        acting_user=sent.sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=met.submission.version,
    )
    await ask_officer(services, connection, act, met.stands.consignment, words)


async def ask_officer(
    services: Services, connection: Connection, act: Act, released: ConsignmentRow, words: str
) -> None:
    """Record a request for what comes after release, and open a task for it: an officer decides on it. The
    caller holds the case's lock."""
    act = msgspec.structs.replace(act, case_id=released.case_id, expected_decision_id=released.decision_id)
    await record_act(services, connection, act, words)
    await open_request(
        connection,
        released,
        task_id=int(services.ids.take(1)[0]),
        administration_id=services.administration_id,
        at=act.at,
    )


def _names(sent: Sequence[Sent]) -> dict[str, Any]:
    return {
        "party_ids": [one.sender.party_id for one in sent],
        "references": [one.reference for one in sent],
    }

"""A tax-paid token held against the declarations of a case: shown at the border, or in an order."""

from typing import Any, Final, Literal, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.submission import Sender
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.stored_documents import read_documents
from serai.journey.processing.citations.double_charge import DoubleCharge, PaidAtSale, find_double_charge
from serai.journey.processing.citations.settling import tell_holders
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.services import Services
from serai.journey.tax_paid.checking import Reason, TokenVerdict
from serai.journey.tax_paid.citing import store
from serai.journey.tax_paid.citing.outcomes import OF_ITS_OWN_USE, PROVEN, REFUSED, gravest
from serai.journey.tax_paid.citing.store import CitationRow, Claim
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.sentences import MISMATCHES, SENTENCES
from serai.journey.tax_paid.trust.book import Trust
from serai.model.acts import Act
from serai.model.documents import Consignment
from serai.model.frames import RELEASED, WITHDRAWN

Connection = AsyncConnection[Any]
KIND: Final = "tax-paid-proven"
TokenOutcome = Literal["proven", "refused", "double-charge"]
_SCHEME: Final = frozenset({"scheme_code", "scheme_number"})


class TokenReason(msgspec.Struct, frozen=True):
    """Why a token is not taken as proof. sentence: in plain words; next_step: what to do."""

    code: str
    sentence: str
    next_step: str


class TokenDifference(msgspec.Struct, frozen=True):
    """How declared goods differ from what a token speaks of. sequence_number: of the goods item; 0: of the
    consignment."""

    field: str
    sequence_number: int
    meaning: str


class TokenAnswer(msgspec.Struct, frozen=True):
    """What a token shown for a case came to. outcome: `proven`, `refused` or `double-charge`. consignment:
    whose goods it was held against. act_id: of the act that recorded it, where this token proved them now.
    double_charge: of tax that was paid at sale and charged at the border again."""

    outcome: TokenOutcome
    case_id: str
    consignment: str
    act_id: str | None
    reasons: list[TokenReason]
    differences: list[TokenDifference]
    double_charge: DoubleCharge | None = None


class Held(NamedTuple):
    """A token held against a declaration."""

    row: ConsignmentRow
    document: Consignment
    verdict: TokenVerdict


async def hold_against(
    services: Services, connection: Connection, trust: Trust, root: int, token: str
) -> Held | None:
    """Return the declaration of a case that a token speaks of, or else the first; None: there is none."""
    at = services.clock.now()
    rows = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=services.administration_id
    )
    rows = [one for one in rows if one.status != WITHDRAWN]
    documents = await read_documents(
        services, {one.document_id: "declaration" for one in rows}, "decide-again", at, {}
    )
    held = []
    for row in rows:
        document = documents.get(row.document_id)
        if isinstance(document, Consignment):
            verdict = trust.checker.check(token, at, declared_of(document), trust.tolerance)
            held.append(Held(row, document, verdict))
    return min(held, key=lambda one: len(one.verdict.mismatches), default=None)


async def take_token(
    services: Services,
    connection: Connection,
    law: LawState,
    sender: Sender,
    held: Held,
    *,
    trust: Trust,
    token: str,
    root: int,
) -> TokenAnswer:
    """Take a token as proof of the goods that it is held against; say what it came to."""
    at = services.clock.now()
    key = {"administration_id": services.administration_id}
    row, claims = held.row, held.verdict.claims
    reasons: list[Reason] = [*held.verdict.reasons]
    is_released = row.status == RELEASED
    if is_released and {one.field for one in held.verdict.mismatches} <= _SCHEME:
        # Whoever declared may have cited no number, or another one: the goods and their order are the same.
        reasons = [one for one in reasons if one != "other-goods"]
    if claims is not None:
        owners = await store.select_owners(connection, [claims.use_key], **key)
        if owners.get(claims.use_key) == row.consignment_id and OF_ITS_OWN_USE.issuperset(reasons):
            return answer_of(row, PROVEN)
    if claims is not None and not reasons:
        claim = Claim(claims.use_key, row.consignment_id, token)
        if not await store.claim_uses(connection, [claim], at=at, **key):
            reasons.append("used")
    if is_released and not reasons:
        assert claims is not None, "a valid token says something"
        found = await find_double_charge(
            services,
            connection,
            law,
            row,
            by=(sender.party_id, sender.acting_user),
            paid=PaidAtSale(claims),
            root=root,
            trust=trust,
        )
        if found is None:
            return answer_of(row, PROVEN)
        answer = answer_of(row, "double-charge", act_id=format_id(found[0].act_id))
        return msgspec.structs.replace(answer, double_charge=found[1])
    scheme = trust.schemes.get((held.document.scheme_kind_code or "", held.document.vendor_number or ""))
    if scheme is not None:
        reason = gravest(reasons) if reasons else ""
        cited = await store.select_citation(connection, row.consignment_id, **key)
        if not reasons or cited is None or cited[2] != PROVEN:
            outcome = REFUSED if reasons else PROVEN
            citation = CitationRow(row.consignment_id, scheme.scheme_id, row.party_id, outcome, reason)
            await store.write_citations(connection, [citation], at=at, **key)
        if reasons:
            await tell_holders(services, connection, [(scheme.party_id, row.case_id)], at)
    if reasons:
        return answer_of(row, REFUSED, reasons=reasons, verdict=held.verdict)
    assert claims is not None, "a valid token says something"
    act = await _prove(services, connection, law, sender, row, use_key=claims.use_key)
    return answer_of(row, PROVEN, act_id=format_id(act.act_id))


async def _prove(
    services: Services,
    connection: Connection,
    law: LawState,
    sender: Sender,
    row: ConsignmentRow,
    *,
    use_key: bytes,
) -> Act:
    """Record that a consignment's scheme number is proven, and decide it again."""
    at = services.clock.now()
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=row.case_id,
        kind=KIND,
        subject_id=row.consignment_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=row.version,
        parameters={"use_key": use_key.hex()},
    )
    await record_act(services, connection, act)
    proven = frozenset({row.consignment_id})
    await redetermine(services, connection, law, [row.consignment_id], at, proven=proven)
    await notify_case(services, connection, "document-added", [(row.case_id, row.party_id, 0)], at)
    return act


def answer_of(
    row: ConsignmentRow,
    outcome: TokenOutcome,
    *,
    act_id: str | None = None,
    reasons: list[Reason] | None = None,
    verdict: TokenVerdict | None = None,
) -> TokenAnswer:
    """Return what a token came to, in English."""
    return TokenAnswer(
        outcome,
        format_id(row.case_id),
        format_id(row.consignment_id),
        act_id,
        [TokenReason(one, *SENTENCES[one]) for one in reasons or ()],
        [
            TokenDifference(one.field, one.sequence_number, MISMATCHES[one.field])
            for one in (verdict.mismatches if verdict is not None else ())
        ],
    )

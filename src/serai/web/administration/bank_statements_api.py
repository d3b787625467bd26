"""HTTP for bank statements: import one, see which movements are for a person to look at."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import XML_MEDIA_TYPES
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.waiting_marks import OfficersMarks, StatementToImport
from serai.journey.bank_statements import store
from serai.journey.bank_statements.by_hand import MovementToMatch, detail_of, match_movement
from serai.journey.bank_statements.matching import OUTCOMES, Outcome
from serai.journey.bank_statements.service import (
    MessageImported,
    import_statements,
    read_statements,
)
from serai.journey.bank_statements.store import Unmatched
from serai.journey.documents.submission import sender_of
from serai.model.money import format_minor
from serai.web.access_to_approve import waits
from serai.web.administering_api import (
    After,
    AnyRequest,
    Limit,
    acting_user_of,
    problem,
    request_bytes_max,
)
from serai.web.approvals_api import WAITS, answer_waiting


class UnmatchedOut(msgspec.Struct, frozen=True):
    """A movement that paid nothing. statement, pointer: where the bank tells of it. outcome: why; sentence,
    next_step: in words."""

    movement: str
    account: str
    statement: str
    pointer: str
    booked_on: dt.date | None
    amount: str
    currency_code: str
    creditor_reference: str
    outcome: Outcome
    sentence: str
    next_step: str


class UnmatchedPage(msgspec.Struct, frozen=True):
    """A page of movements that paid nothing, in the order in which they came."""

    movements: list[UnmatchedOut]
    next_after: str | None


@post(
    "/v1/bank-statements",
    opt={"act": "bank_statements.import"},
    status_code=200,
    summary="Import a bank statement or notification (ISO 20022 camt.053, camt.054).",
    responses={
        200: ResponseSpec(MessageImported, description="What came of it", generate_examples=False),
        202: WAITS,
        400: problem("It cannot be read"),
        409: problem("No bank account is set"),
        422: problem("It is of another account"),
    },
)
async def post_statement(request: AnyRequest) -> Response[Any]:
    """Each movement is booked once, whatever tells of it again: to the case of its creditor reference, which
    is decided again, or it waits for a person. The same again changes nothing. Where marks of officers need
    a second person, so does a statement that a person imports; a key of the bank's own line, that names
    nobody, imports at once.
    """
    node, actor = provided(request, Node), actor_of(request)
    body = open_body(request, media_types=XML_MEDIA_TYPES, bytes_max=request_bytes_max(request))
    content = await body.read()
    read = read_statements(content, node.settings.payment.accounts.split())
    if actor.person and waits(node.settings, "marks"):
        subject, detail = read.summary
        return await answer_waiting(
            request,
            acting_user_of(request),
            StatementToImport(sender_of(actor), content),
            subject=subject,
            detail=detail,
        )
    return Response(await import_statements(node.processor, sender_of(actor), read))


@get(
    "/v1/bank-movements",
    opt={"act": "bank_statements.import"},
    summary="Movements of money that paid nothing, and why.",
)
async def read_movements(request: AnyRequest, limit: Limit = 100, after: After = None) -> UnmatchedPage:
    """In the order in which they came. They stand in suspense in the ledger until somebody has looked."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await store.select_unmatched(
            connection,
            after_id=0 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=administration_id,
        )
    shown = [_out(one) for one in found[:limit]]
    return UnmatchedPage(shown, shown[-1].movement if len(found) > limit else None)


class Matching(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which case a movement is. reason: how you know, in words, which are kept as a person's data are."""

    case_id: Annotated[str, Meta(min_length=1, max_length=40)]
    reason: Annotated[str, Meta(min_length=1, max_length=512)]


@post(
    "/v1/bank-movements/{movement:str}/matching",
    opt={"act": "bank_statements.import"},
    status_code=200,
    summary="An officer's word: this movement pays what this case owes.",
    responses={
        200: ResponseSpec(ActDone, description="The payment", generate_examples=False),
        202: WAITS,
        409: problem("It was booked before, to something else"),
        422: problem("It is no payment, or in another currency"),
    },
)
async def post_matching(
    request: AnyRequest, movement: FromPath[str], data: JSONBody[Matching]
) -> Response[Any]:
    """It leaves suspense and pays the case, which is decided again; what is more is due back. The same again
    is harmless. Where marks of officers need a second person it waits, 202."""
    sender = sender_of(actor_of(request))
    said = MovementToMatch(sender, parse_id(movement), parse_id(data.case_id), data.reason)
    propose = provided(request, OfficersMarks).propose
    if propose is not None:
        return await propose(request, said, f"movement {movement}", detail_of(said))
    return Response(await match_movement(provided(request, Node).processor, said))


ROUTES = [post_statement, read_movements, post_matching]


def _out(one: Unmatched) -> UnmatchedOut:
    sentence, next_step = OUTCOMES[one.outcome]
    return UnmatchedOut(
        movement=format_id(one.movement_id),
        account=one.account_number,
        statement=one.statement,
        pointer=one.pointer,
        booked_on=one.booked_on,
        amount=format_minor(one.amount_minor, one.currency_code),
        currency_code=one.currency_code,
        creditor_reference=one.creditor_reference,
        outcome=one.outcome,
        sentence=sentence,
        next_step=next_step,
    )

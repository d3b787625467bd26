"""HTTP for guarantees: register and revoke them, read one's own and what of each is in use."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import read_amount
from serai.journey.guarantees import store
from serai.journey.guarantees.service import Terms, register_guarantee, revoke_guarantee
from serai.journey.guarantees.store import Guarantee, GuaranteeKind
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.web.access_to_approve import waits
from serai.web.administering_api import (
    PLAIN_TEXT,
    After,
    AnyRequest,
    Limit,
    acting_user_of,
    party_named,
    problem,
    reader_of,
    whose_rows,
)
from serai.web.approvals_api import WAITS, answer_proposal
from serai.web.approved_actions import GuaranteeToRegister, propose

_Number = Annotated[str, Meta(min_length=1, max_length=35, pattern=r"^[\x21-\x7e]+$")]


class NewGuarantee(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A guarantee to be registered.

    number: its reference number, so that asking again registers no second one. party: whose amounts it
    secures. kind: `individual` for one operation, `comprehensive` for any number of them, `waiver` where
    nobody else guarantees: that one always needs a second person. guarantor: who pays if the party does not;
    left out of a waiver. reference_amount: decimal, the most that is secured at once. valid_from: now, if not
    said. valid_to: from when nothing more is secured with it; not said: open.
    """

    number: _Number
    party: Annotated[str, Meta(min_length=1, max_length=35)]
    kind: GuaranteeKind
    guarantor: Annotated[str, Meta(max_length=200, pattern=PLAIN_TEXT)] = ""
    reference_amount: Annotated[str, Meta(min_length=1, max_length=30)]
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    valid_from: Annotated[dt.datetime, Meta(tz=True)] | None = None
    valid_to: Annotated[dt.datetime, Meta(tz=True)] | None = None


class GuaranteeOut(msgspec.Struct, frozen=True):
    """A guarantee and what of it is in use. Amounts: decimal, in currency_code. is_in_force: something may be
    secured with it now."""

    number: str
    party: str
    kind: GuaranteeKind
    guarantor: str
    currency_code: str
    reference_amount: str
    used_amount: str
    available_amount: str
    is_in_force: bool
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    registered_at: dt.datetime
    revoked_at: dt.datetime | None


class GuaranteePage(msgspec.Struct, frozen=True):
    """A page of guarantees, in the order in which they were registered."""

    guarantees: list[GuaranteeOut]
    next_after: str | None


@post(
    "/v1/guarantees",
    opt={"act": "guarantees.manage"},
    summary="Register a guarantee of a party.",
    responses={
        200: ResponseSpec(GuaranteeOut, description="It is there already", generate_examples=False),
        202: WAITS,
        409: problem("Another guarantee has this number"),
        422: problem("There is no such party, or this is no guarantee"),
    },
)
async def post_guarantee(request: AnyRequest, data: JSONBody[NewGuarantee]) -> Response[Any]:
    """Nothing of it is changed later: another amount is another guarantee, and the old one is revoked."""
    node, by = provided(request, Node), acting_user_of(request)
    terms = Terms(
        party_named(data.party),
        data.number,
        data.kind,
        data.guarantor,
        data.currency_code,
        read_amount(data.currency_code, data.reference_amount),
        data.valid_from,
        data.valid_to,
    )
    is_proposed = data.kind == "waiver" or waits(node.settings, "guarantees")
    async with node.database.write() as connection:
        # What is proposed is tried and undone: what could not be done is told at once.
        async with connection.transaction(force_rollback=is_proposed):
            guarantee, is_new = await register_guarantee(connection, by, terms)
        if is_proposed and is_new:
            proposal = await propose(
                connection,
                node.settings,
                by,
                GuaranteeToRegister(terms),
                subject=f"guarantee {data.number}",
                detail=f"{data.kind}, {data.reference_amount} {data.currency_code}",
            )
            return answer_proposal(proposal)
    location = {"location": f"/v1/guarantees/{data.number}"}
    return Response(_out(guarantee, by.at), status_code=201 if is_new else 200, headers=location)


@get(
    "/v1/guarantees",
    opt={"act": "guarantees.read"},
    summary="Your guarantees, and what of each is in use.",
)
async def read_guarantees(request: AnyRequest, limit: Limit = 100, after: After = None) -> GuaranteePage:
    """Of the administration's people: those of all parties. Those that have ended or were revoked, too."""
    actor, node, administration_id = reader_of(request)
    async with node.database.read(administration_id) as connection:
        found = await store.select_guarantees(
            connection,
            whose_rows(actor),
            after_id=0 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=administration_id,
        )
    at = node.clock.now()
    next_after = format_id(found[limit - 1].guarantee_id) if len(found) > limit else None
    return GuaranteePage([_out(one, at) for one in found[:limit]], next_after)


@get(
    "/v1/guarantees/{number:str}",
    opt={"act": "guarantees.read"},
    summary="One of your guarantees, and what of it is in use.",
    responses={404: problem("You have no such guarantee")},
)
async def read_guarantee(request: AnyRequest, number: FromPath[str]) -> GuaranteeOut:
    """Another's guarantee is answered as one that does not exist."""
    actor, node, administration_id = reader_of(request)
    async with node.database.read(administration_id) as connection:
        found = await store.select_guarantee(
            connection, number, party_id=whose_rows(actor), administration_id=administration_id
        )
    if found is None:
        raise SeraiError(
            "not-found", "You have no such guarantee.", "Read GET /v1/guarantees for those that you have."
        )
    return _out(found, node.clock.now())


@post(
    "/v1/guarantees/{number:str}/revocation",
    opt={"act": "guarantees.manage"},
    status_code=200,
    summary="Revoke a guarantee: nothing more is secured with it.",
    responses={404: problem("There is no such guarantee")},
)
async def post_revocation(request: AnyRequest, number: FromPath[str]) -> GuaranteeOut:
    """What is secured with it stays secured (UCC 93). Again changes nothing."""
    by = acting_user_of(request)
    async with provided(request, Node).database.write() as connection:
        return _out(await revoke_guarantee(connection, by, number), by.at)


ROUTES = [post_guarantee, read_guarantees, read_guarantee, post_revocation]


def _out(one: Guarantee, at: dt.datetime) -> GuaranteeOut:
    currency = one.currency_code
    return GuaranteeOut(
        number=one.number,
        party=format_id(one.party_id),
        kind=one.kind,
        guarantor=one.guarantor,
        currency_code=currency,
        reference_amount=format_minor(one.reference_amount_minor, currency),
        used_amount=format_minor(one.used_minor, currency),
        available_amount=format_minor(one.available_minor, currency),
        is_in_force=one.is_in_force(at),
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        registered_at=one.registered_at,
        revoked_at=one.revoked_at,
    )

"""HTTP for holders of scheme numbers: register them, say that all carry tokens, see who cites."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.tax_paid.trust import store
from serai.journey.tax_paid.trust.service import SchemeTerms, register_scheme, require_tokens
from serai.journey.tax_paid.trust.store import Scheme
from serai.web.access_to_approve import waits
from serai.web.administering_api import (
    PLAIN_TEXT,
    After,
    AnyRequest,
    Limit,
    acting_user_of,
    party_named,
    problem,
    whose_rows,
)
from serai.web.approvals_api import WAITS, answer_proposal
from serai.web.approved_actions import SchemeToRegister, propose
from serai.web.tax_paid.citations import CitationsOut, read_citations


class NewScheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A scheme number and who holds it. scheme_kind_code: its register (IOSS, VOEC ...). tokens_from: from
    which day on each consignment under it carries a tax-paid token; not said: not all do."""

    party: Annotated[str, Meta(min_length=1, max_length=35)]
    scheme_kind_code: Annotated[str, Meta(min_length=1, max_length=35, pattern=PLAIN_TEXT)]
    number: Annotated[str, Meta(min_length=1, max_length=35, pattern=PLAIN_TEXT)]
    tokens_from: dt.date | None = None


class TokensRequired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which day on each consignment under a number carries a tax-paid token; null: not all do any
    more."""

    tokens_from: dt.date | None


class SchemeOut(msgspec.Struct, frozen=True):
    """A scheme number and who holds it. scheme: its number here, for addresses; the scheme number itself is
    confidential and stands in none."""

    scheme: str
    party: str
    scheme_kind_code: str
    number: str
    tokens_from: dt.date | None
    registered_at: dt.datetime


class SchemePage(msgspec.Struct, frozen=True):
    """A page of scheme numbers, in the order in which they were registered."""

    schemes: list[SchemeOut]
    next_after: str | None


@post(
    "/v1/schemes",
    opt={"act": "schemes.manage"},
    summary="Register who holds a scheme number.",
    responses={
        200: ResponseSpec(SchemeOut, description="It is there already", generate_examples=False),
        202: WAITS,
        409: problem("Another party holds this number"),
        422: problem("There is no such party, or the day is past"),
    },
)
async def post_scheme(request: AnyRequest, data: JSONBody[NewScheme]) -> Response[Any]:
    """From then on its holder sees who cites it, and may say that all its consignments carry tokens."""
    node, by = provided(request, Node), acting_user_of(request)
    terms = SchemeTerms(party_named(data.party), data.scheme_kind_code, data.number, data.tokens_from)
    is_proposed = waits(node.settings, "keys")
    async with node.database.write() as connection:
        async with connection.transaction(force_rollback=is_proposed):
            scheme, is_new = await register_scheme(connection, by, terms)
        if is_proposed and is_new:
            proposal = await propose(
                connection,
                node.settings,
                by,
                SchemeToRegister(terms),
                subject=f"scheme number of party {data.party}",
                detail=data.scheme_kind_code,
            )
            return answer_proposal(proposal)
    await node.processor.trust.refresh(node.database)
    return Response(scheme_out(scheme), status_code=201 if is_new else 200)


@get(
    "/v1/schemes",
    opt={"act": "schemes.read"},
    summary="The scheme numbers that you hold.",
)
async def read_schemes(request: AnyRequest, limit: Limit = 100, after: After = None) -> SchemePage:
    """Of the administration's people: all."""
    node = provided(request, Node)
    async with node.database.read(node.administration_id) as connection:
        found = await store.select_schemes(
            connection,
            whose_rows(actor_of(request)),
            after_id=0 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=node.administration_id,
        )
    next_after = format_id(found[limit - 1].scheme_id) if len(found) > limit else None
    return SchemePage([scheme_out(one) for one in found[:limit]], next_after)


@post(
    "/v1/schemes/{scheme:str}/tokens",
    opt={"act": "schemes.declare"},
    status_code=200,
    summary="Say from which day on each consignment under your scheme number carries a tax-paid token.",
    responses={404: problem("You hold no such number"), 422: problem("The day is past")},
)
async def post_tokens_required(
    request: AnyRequest, scheme: FromPath[str], data: JSONBody[TokensRequired]
) -> SchemeOut:
    """From that day on whoever cites the number without a token is not believed: tax is charged at the
    border, and you are told. Null takes it back."""
    return scheme_out(await declare_tokens(request, parse_id(scheme), data.tokens_from))


@get(
    "/v1/schemes/{scheme:str}/citations",
    opt={"act": "schemes.read"},
    summary="Who cites your scheme number: by day, with and without tokens, refused and why.",
    responses={404: problem("You hold no such number")},
)
async def read_scheme_citations(
    request: AnyRequest,
    scheme: FromPath[str],
    from_on: FromQuery[dt.date | None] = None,
    to_on: FromQuery[dt.date | None] = None,
) -> CitationsOut:
    """Days by UTC; not said: the last 31. Another's number is answered as one that does not exist."""
    return await read_citations(
        provided(request, Node), actor_of(request), parse_id(scheme), from_on=from_on, to_on=to_on
    )


async def declare_tokens(request: AnyRequest, scheme_id: int, tokens_from: dt.date | None) -> Scheme:
    """Note what a holder says of its number. Errors as in `require_tokens`."""
    node, actor, by = provided(request, Node), actor_of(request), acting_user_of(request)
    party_id = whose_rows(actor)
    async with node.database.write() as connection:
        scheme = await require_tokens(connection, by, scheme_id, tokens_from, party_id=party_id)
    await node.processor.trust.refresh(node.database)
    return scheme


def scheme_out(one: Scheme) -> SchemeOut:
    """Return a number as it is shown."""
    return SchemeOut(
        scheme=format_id(one.scheme_id),
        party=format_id(one.party_id),
        scheme_kind_code=one.scheme_kind_code,
        number=one.number,
        tokens_from=one.tokens_from,
        registered_at=one.registered_at,
    )


ROUTES = [post_scheme, read_schemes, post_tokens_required, read_scheme_citations]

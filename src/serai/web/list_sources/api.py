"""HTTP of sources of signed lists: which there are and how that goes, register one, end one."""

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
from serai.journey.list_sources import store
from serai.journey.list_sources.service import SourceTerms, end_source, register_source
from serai.journey.list_sources.store import Source
from serai.web.access_to_approve import waits
from serai.web.administering_api import AnyRequest, acting_user_of, problem
from serai.web.approvals_api import WAITS, answer_proposal
from serai.web.approved_actions import ListSourceToRegister, propose


class NewListSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source of signed lists of denied parties.

    name: under which its list is put in force, and which is signed. address: https, or the name of a file in
    the server's folder of lists; the signature lies beside it as `ADDRESS.jws`. public_key: of Ed25519,
    base64url without padding, as `x` of a JSON Web Key. age_hours_max: from when on a list is too old.
    """

    name: Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    address: Annotated[str, Meta(min_length=1, max_length=1_000)]
    public_key: Annotated[str, Meta(min_length=43, max_length=44)]
    age_hours_max: Annotated[int, Meta(ge=1, le=8_760)] = 72


class ListSourceOut(msgspec.Struct, frozen=True):
    """A source of lists. signed_at: of the newest list that was taken. outcome_code: how the last look went.
    is_stale: the list in force is older than it may be."""

    list_source: str
    name: str
    address: str
    age_hours_max: int
    registered_at: dt.datetime
    checked_at: dt.datetime | None
    signed_at: dt.datetime | None
    outcome_code: str | None
    is_stale: bool


class ListSourcesOut(msgspec.Struct, frozen=True):
    """Sources of lists, by name."""

    list_sources: list[ListSourceOut]


@get(
    "/v1/list-sources",
    opt={"act": "list_sources.read"},
    summary="Where signed lists come from, and how that goes.",
)
async def read_list_sources(request: AnyRequest) -> ListSourcesOut:
    """Each with how the last look went: list-loaded, list-unchanged, list-kept-back, list-unreachable, or the
    code of what was refused."""
    return await sources_out(provided(request, Node))


@post(
    "/v1/list-sources",
    opt={"act": "list_sources.manage"},
    summary="Take signed lists of a name from a source.",
    responses={
        201: ResponseSpec(ListSourcesOut, description="It is registered", generate_examples=False),
        202: WAITS,
        409: problem("A source is registered for this name"),
        422: problem("No list can come from there, or this is no key"),
    },
)
async def post_list_source(request: AnyRequest, data: JSONBody[NewListSource]) -> Response[Any]:
    """Compare the key with what the publisher says by another way. What it signs is put in force by a timer,
    unless it shrinks."""
    node, by = provided(request, Node), acting_user_of(request)
    terms = SourceTerms(data.name, data.address, data.public_key, data.age_hours_max)
    is_proposed = waits(node.settings, "keys")
    async with node.database.write() as connection:
        # What is proposed is tried and undone: what could not be done is told at once.
        async with connection.transaction(force_rollback=is_proposed):
            await register_source(connection, by, terms, node.settings)
        if is_proposed:
            proposal = await propose(
                connection,
                node.settings,
                by,
                ListSourceToRegister(terms),
                subject=f"list {data.name}",
                detail=f"from {data.address}, key {data.public_key}",
            )
            return answer_proposal(proposal)
    return Response(await sources_out(node), status_code=201)


@post(
    "/v1/list-sources/{list_source:str}/end",
    opt={"act": "list_sources.manage"},
    status_code=200,
    summary="Ask a source no more; the list in force stays.",
    responses={404: problem("There is no such source")},
)
async def post_source_end(request: AnyRequest, list_source: FromPath[str]) -> ListSourcesOut:
    """At once: nothing that its key signs is taken any more."""
    node, by = provided(request, Node), acting_user_of(request)
    async with node.database.write() as connection:
        await end_source(connection, by, parse_id(list_source))
    return await sources_out(node)


async def sources_out(node: Node) -> ListSourcesOut:
    """Return the sources that have not ended, and how they stand now."""
    async with node.database.read(node.administration_id) as connection:
        found = await store.select_sources(connection, administration_id=node.administration_id)
    at = node.clock.now()
    return ListSourcesOut([_out(one, at) for one in found])


def _out(one: Source, at: dt.datetime) -> ListSourceOut:
    return ListSourceOut(
        list_source=format_id(one.source_id),
        name=one.name,
        address=one.address,
        age_hours_max=one.age_hours_max,
        registered_at=one.registered_at,
        checked_at=one.checked_at,
        signed_at=one.signed_at,
        outcome_code=one.outcome_code,
        is_stale=one.is_stale(at),
    )


ROUTES = [read_list_sources, post_list_source, post_source_end]

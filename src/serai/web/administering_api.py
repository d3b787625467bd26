"""What administrators' routes have in common, and the record of what administrators did."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from serai.app import Node
from serai.foundation.access.administering import NEWEST, ActingUser, list_acts
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.model.errors import SeraiError

LIMIT_MAX: Final = 1_000
PLAIN_TEXT: Final = r"^[^\x00-\x1f\x7f]+$"
"""One line without control characters."""

AnyRequest = Request[Any, Any, Any]
Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="Most rows of a page.")]
After = Annotated[str | None, QueryParameter(description="`next_after` of the page before.")]


class ActOut(msgspec.Struct, frozen=True):
    """An act of administering: what was done, to what, by whom, when.

    actor: `key:<number>`, `account:<number>`, or `operator:<name>` for a command on the machine.
    """

    act_id: str
    kind: str
    actor: str
    subject: str
    detail: str
    at: dt.datetime


class ActPage(msgspec.Struct, frozen=True):
    """A page of the record, the newest act first."""

    acts: list[ActOut]
    next_after: str | None


def request_bytes_max(request: AnyRequest) -> int:
    """Return how large the body of one request may be here."""
    return provided(request, Settings).server.max_request_bytes


def acting_user_of(request: AnyRequest) -> ActingUser:
    """Return by whose hand this request administers.

    Raises SeraiError `role-not-allowed` for an administrator of another administration.
    """
    actor, node = actor_of(request), provided(request, Node)
    if actor.administration_id != node.administration_id:
        raise SeraiError(
            "role-not-allowed",
            "This is another administration's to do.",
            "Ask the administration that runs this node.",
        )
    assert actor.credential_id is not None, "whoever may administer is known"
    return ActingUser(
        node.administration_id,
        actor.credential_id,
        node.clock.now(),
        lambda: int(node.ids.take(1)[0]),
    )


def problem(description: str) -> ResponseSpec:
    """Describe the answer of a request that was not taken."""
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
    )


@get(
    "/v1/administering-acts",
    opt={"act": "administering.read"},
    tags=["Administering"],
    summary="What administrators did, the newest first: parties, keys, accounts, lists, law.",
)
async def read_acts(request: AnyRequest, limit: Limit = 100, after: After = None) -> ActPage:
    """Also what was done by commands on the machine. The record is only ever added to."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await list_acts(
            connection,
            administration_id=administration_id,
            before_id=NEWEST if after is None else parse_id(after),
            limit=limit + 1,
        )
    acts = [
        ActOut(format_id(one.act_id), one.kind, one.actor, one.subject, one.detail, one.at)
        for one in found[:limit]
    ]
    return ActPage(acts, acts[-1].act_id if len(found) > limit else None)


ROUTES = [read_acts]

"""What administrators' routes have in common, and the record of what administrators did."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from serai.app import Node
from serai.evidence.administering import opening_of
from serai.evidence.leaf import Opening
from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.foundation.access.actor import ADMINISTRATION, Actor
from serai.foundation.access.administering import NEWEST, ActingUser, find_act, list_acts
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

    actor: `key:<number>`, `account:<number>`, or `operator:<name>` for a command on the machine. is_logged:
    whether the public log commits to it, as it does within some seconds.
    """

    act_id: str
    kind: str
    actor: str
    subject: str
    detail: str
    at: dt.datetime
    is_logged: bool


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
        actor.person,
    )


def reader_of(request: AnyRequest) -> tuple[Actor, Node, int]:
    """Return who reads, the node, and the administration whose rows they are."""
    actor = actor_of(request)
    assert actor.administration_id is not None, "guards let nobody in who is of none"
    return actor, provided(request, Node), actor.administration_id


def whose_rows(actor: Actor) -> int | None:
    """Return the party whose rows somebody reads: one's own. None: all, for the administration's people
    alone; whoever has no party reads none."""
    return None if actor.roles & ADMINISTRATION else actor.party_id or 0


def party_named(text: str) -> int:
    """Return the party that a body names. Raises SeraiError `party-unknown`."""
    try:
        return parse_id(text)
    except SeraiError as fault:
        raise SeraiError(
            "party-unknown", "There is no such party.", "Read GET /v1/parties for those there are."
        ) from fault


def problem(description: str) -> ResponseSpec:
    """Describe the answer of a request that was not taken."""
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
    )


@get(
    "/v1/administering-acts",
    opt={"act": "administering.read"},
    summary="What administrators did and who signed in, the newest first.",
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
        ActOut(
            act_id=format_id(one.act_id),
            kind=one.kind,
            actor=one.actor,
            subject=one.subject,
            detail=one.detail,
            at=one.at,
            is_logged=one.leaf_id is not None,
        )
        for one in found[:limit]
    ]
    return ActPage(acts, acts[-1].act_id if len(found) > limit else None)


class ActProof(msgspec.Struct, frozen=True):
    """The proof that the log commits to an act, in the shape that POST /v1/receipts/verify takes."""

    receipt: str
    openings: list[Opening]


@get(
    "/v1/administering-acts/{act_id:str}/proof",
    opt={"act": "administering.read"},
    summary="What proves that an act of administering stands in the log as the record has it.",
)
async def read_act_proof(request: AnyRequest, act_id: FromPath[str]) -> ActProof:
    """Send it to POST /v1/receipts/verify as it is: a row that was changed since does not open its leaf."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        act = await find_act(connection, parse_id(act_id), administration_id=administration_id)
        opening = None if act is None else opening_of(act)
        if act is None or act.leaf_id is None or opening is None:
            raise SeraiError(
                "not-found",
                "There is no such act, or the log does not have it yet.",
                "Read the record; an act that was just done is in the log within some seconds.",
            )
        receipt = await read_receipt(connection, act.leaf_id, administration_id=administration_id)
    assert receipt is not None, "the leaf was promised with the act's row"
    return ActProof(encode_receipt(receipt).decode(), [opening])


ROUTES = [read_acts, read_act_proof]

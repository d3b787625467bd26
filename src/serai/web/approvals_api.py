"""HTTP for what waits for a second person: list it, read what it would do, approve or reject it."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.formats.csv_tables import write_table
from serai.foundation.access.actor import ADMINISTRATION
from serai.foundation.access.administering import NEWEST, ActingUser
from serai.foundation.access.proposals import find_proposal, list_proposals
from serai.foundation.access.store import ApprovalKind, ProposalRow, ProposalState
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.web.administering_api import PLAIN_TEXT, After, AnyRequest, Limit, acting_user_of, problem
from serai.web.approved_actions import ACTIONS, approve, propose, read_content, reject

_ROLE: Final = problem("It is for another role, or this is a key, or the own proposal")
_UNKNOWN: Final = problem("There is no such proposal")
_LATE: Final = problem(
    "It was decided before, is too old, is not what was read, or its proposer may not do it"
)

_SHA256: Final = re.compile("^[0-9a-f]{64}$")
_CONTROLS: Final = dict.fromkeys([*range(0x20), 0x7F], " ")
"""What a reason does not hold, as `PLAIN_TEXT` says."""
_COLUMNS: Final = (
    "proposal", "action", "subject", "person", "proposed_at", "expires_at", "state", "decided_by",
    "decided_at", "reason",
)  # fmt: skip


class ProposalOut(msgspec.Struct, frozen=True):
    """Something that waits for a second person, or has waited.

    content_sha256: of what it would do, hexadecimal; who approves it says so what was read.
    """

    proposal: str
    kind: ApprovalKind
    action: str
    subject: str
    detail: str
    proposed_by: str
    person: str
    proposed_at: dt.datetime
    expires_at: dt.datetime
    content_sha256: str
    state: ProposalState
    decided_by: str | None
    decided_at: dt.datetime | None
    reason: str | None


_OF_OTHERS: Final = frozenset(name for name, one in ACTIONS.items() if one.roles.isdisjoint(ADMINISTRATION))
"""Acts that people of an agency decide among themselves: they wait on a page of their own, and however many
there are, they hide nothing here."""
WAITS: Final = ResponseSpec(
    ProposalOut, description="It waits for a second person, as the settings ask", generate_examples=False
)
"""The answer where an act was proposed instead of done."""


class ProposalPage(msgspec.Struct, frozen=True):
    """A page of proposals, the newest first."""

    proposals: list[ProposalOut]
    next_after: str | None


class ProposalContent(msgspec.Struct, frozen=True):
    """What a proposal would do. content: by name, files in Base64, passwords and secrets left out."""

    proposal: ProposalOut
    content: dict[str, Any]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a proposal is to be done. content_sha256: as it stands in the proposal that was read."""

    content_sha256: Annotated[str, Meta(pattern=_SHA256.pattern)]


class Rejection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a proposal is not to be done, and why."""

    reason: Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN_TEXT)]


class ProposalsView(msgspec.Struct, frozen=True):
    """What the page shows. waiting: what can be decided; decided: the newest of the others; person: who the
    reader is."""

    waiting: list[ProposalOut]
    decided: list[ProposalOut]
    person: str


async def answer_waiting(
    request: AnyRequest, by: ActingUser, content: msgspec.Struct, *, subject: str, detail: str = ""
) -> Response[ProposalOut]:
    """Write down what was asked for, and answer that it waits: 202."""
    node = provided(request, Node)
    async with node.database.write() as connection:
        row = await propose(connection, node.settings, by, content, subject=subject, detail=detail)
    return answer_proposal(row)


def answer_proposal(row: ProposalRow) -> Response[ProposalOut]:
    """Answer that something waits: 202."""
    out = proposal_out(row)
    return Response(out, status_code=202, headers={"location": f"/v1/proposals/{out.proposal}"})


async def propose_mark(
    request: AnyRequest, content: msgspec.Struct, subject: str, detail: str
) -> Response[ProposalOut]:
    """Write an officer's mark down, and answer that it waits."""
    return await answer_waiting(request, acting_user_of(request), content, subject=subject, detail=detail)


@get(
    "/v1/proposals",
    opt={"act": "approvals.read"},
    summary="What waits for a second person, and what became of it.",
)
async def read_proposals(request: AnyRequest, limit: Limit = 100, after: After = None) -> ProposalPage:
    """The newest first. The settings say which kinds of acts wait."""
    before_id = NEWEST if after is None else parse_id(after)
    rows = await _list(request, before_id, limit + 1)
    found = [proposal_out(one) for one in rows[:limit]]
    return ProposalPage(found, found[-1].proposal if len(rows) > limit else None)


@get(
    "/v1/proposals/{proposal:str}",
    opt={"act": "approvals.decide"},
    summary="One proposal, and what it would do.",
    responses={403: _ROLE, 404: _UNKNOWN, 409: _LATE},
)
async def read_proposal(request: AnyRequest, proposal: FromPath[str]) -> Response[ProposalContent]:
    """For those who may decide it. Once it is decided, what it would have done is gone: 409."""
    by, roles = acting_user_of(request), actor_of(request).roles
    row, content = await read_content(provided(request, Node), by, roles, parse_id(proposal))
    return Response(ProposalContent(proposal_out(row), content), headers={"cache-control": "no-store"})


@post(
    "/v1/proposals/{proposal:str}/approval",
    opt={"act": "approvals.decide"},
    status_code=200,
    summary="Approve what another person has proposed; it is done at once.",
    responses={403: _ROLE, 404: _UNKNOWN, 409: _LATE},
)
async def approve_proposal(
    request: AnyRequest, proposal: FromPath[str], data: JSONBody[Approval]
) -> ProposalOut:
    """By a person who is signed in, not by a key, and never by whoever proposed it. It is done as if its
    proposer did it now; where that fails, it still waits."""
    return await _approve(request, parse_id(proposal), data.content_sha256)


@post(
    "/v1/proposals/{proposal:str}/rejection",
    opt={"act": "approvals.decide"},
    status_code=200,
    summary="Reject what was proposed.",
    responses={403: _ROLE, 404: _UNKNOWN, 409: _LATE},
)
async def reject_proposal(
    request: AnyRequest, proposal: FromPath[str], data: JSONBody[Rejection]
) -> ProposalOut:
    """By a person who is signed in; whoever proposed it takes it back so."""
    return await _reject(request, parse_id(proposal), data.reason)


@get("/proposals", opt={"act": "approvals.read"}, include_in_schema=False)
async def show_proposals(request: AnyRequest) -> Response[str]:
    """Show what waits, with a button for each, and what was decided last."""
    found = [proposal_out(one) for one in await _list(request, NEWEST, 200, without=_OF_OTHERS)]
    by = acting_user_of(request)
    waiting = [one for one in found if one.state == "open" and one.expires_at > by.at]
    decided = [one for one in found if one.state != "open"][:20]
    return page(request, ProposalsView(waiting, decided, by.person or ""), "portal/proposals.html")


@get("/proposals/csv", opt={"act": "approvals.read"}, include_in_schema=False)
async def download_proposals(request: AnyRequest) -> Response[str]:
    """Give what waits and what was decided as CSV, the newest first."""
    rows = (
        (
            one.proposal,
            one.action,
            one.subject,
            one.person,
            one.proposed_at.isoformat(),
            one.expires_at.isoformat(),
            one.state,
            one.decided_by or "",
            "" if one.decided_at is None else one.decided_at.isoformat(),
            one.reason or "",
        )
        for one in (proposal_out(row) for row in await _list(request, NEWEST, 1_000))
    )
    return csv_file("proposals.csv", write_table(_COLUMNS, rows))


@post(
    "/proposals/{proposal:str}/approval",
    opt={"act": "approvals.decide"},
    include_in_schema=False,
    status_code=303,
)
async def approve_on_page(request: AnyRequest, proposal: FromPath[str]) -> Response[None]:
    """Approve what the page shows."""
    form = await request.form()
    await _approve(request, parse_id(proposal), str(form.get("content_sha256", "")))
    return Response(None, status_code=303, headers={"location": "/proposals"})


@post(
    "/proposals/{proposal:str}/rejection",
    opt={"act": "approvals.decide"},
    include_in_schema=False,
    status_code=303,
)
async def reject_on_page(request: AnyRequest, proposal: FromPath[str]) -> Response[None]:
    """Reject what the page shows."""
    form = await request.form()
    given = str(form.get("reason", "")).translate(_CONTROLS)
    reason = " ".join(given.split())[:200] or "no reason given"
    await _reject(request, parse_id(proposal), reason)
    return Response(None, status_code=303, headers={"location": "/proposals"})


ROUTES = [
    read_proposals, read_proposal, approve_proposal, reject_proposal, show_proposals, download_proposals,
    approve_on_page, reject_on_page,
]  # fmt: skip


async def _list(
    request: AnyRequest, before_id: int, limit: int, *, without: Iterable[str] = ()
) -> list[ProposalRow]:
    administration_id = acting_user_of(request).administration_id
    # Closed to readers: what is sealed lies beside.
    async with provided(request, Node).database.write() as connection:
        return await list_proposals(
            connection, administration_id, before_id=before_id, limit=limit, without=without
        )


async def _approve(request: AnyRequest, proposal_id: int, content_sha256: str) -> ProposalOut:
    by, node = acting_user_of(request), provided(request, Node)
    content_hash = bytes.fromhex(content_sha256) if _SHA256.fullmatch(content_sha256) else b""
    await approve(node, by, actor_of(request).roles, proposal_id, content_hash)
    return await _read(node, by, proposal_id)


async def _reject(request: AnyRequest, proposal_id: int, reason: str) -> ProposalOut:
    by, node = acting_user_of(request), provided(request, Node)
    await reject(node, by, actor_of(request).roles, proposal_id, reason)
    return await _read(node, by, proposal_id)


async def _read(node: Node, by: ActingUser, proposal_id: int) -> ProposalOut:
    async with node.database.write() as connection:
        return proposal_out(await find_proposal(connection, by.administration_id, proposal_id))


def proposal_out(row: ProposalRow) -> ProposalOut:
    """Return a proposal as it is shown."""
    return ProposalOut(
        format_id(row.proposal_id), row.kind, row.action, row.subject, row.detail, row.actor, row.person,
        row.proposed_at, row.expires_at, row.content_hash.hex(), row.state, row.decided_by, row.decided_at,
        row.reason,
    )  # fmt: skip

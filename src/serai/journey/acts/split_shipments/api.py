"""HTTP of groups of parcels that may be one order: read them, say what they are. For officers alone."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.split_shipments.service import (
    SplitGroup,
    Verdict,
    decide_group,
    read_group,
    read_groups,
)
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.split_shipments.store import State

_AnyRequest = Request[Any, Any, Any]


class SplitVerdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer says of a group. reason: in words, which are kept as a person's data are."""

    verdict: Verdict
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]


class SplitGroupPage(msgspec.Struct, frozen=True):
    """Groups, those that wait longest first; 200 at most."""

    groups: list[SplitGroup]


@get(
    "/v1/split-shipments",
    opt={"act": "split-shipments.read"},
    summary="Groups of parcels that may be parts of one order.",
)
async def list_split_groups(
    request: _AnyRequest,
    wanted: Annotated[State, QueryParameter(name="state", description="How they stand.")] = "open",
) -> SplitGroupPage:
    """Those that wait for an officer, or were decided. 200 at most, the oldest first."""
    return SplitGroupPage(await read_groups(provided(request, Processor), [wanted]))


@get(
    "/v1/split-shipments/{group_id:str}",
    opt={"act": "split-shipments.read"},
    summary="One group: its parcels, and why they were put together.",
)
async def read_split_group(request: _AnyRequest, group_id: FromPath[str]) -> SplitGroup:
    """Parcels to one address and person from one seller under one heading, within days of each other: each
    at or below the low-value limit of its law, together above it."""
    return await read_group(provided(request, Processor), parse_id(group_id))


@post(
    "/v1/split-shipments/{group_id:str}/verdict",
    opt={"act": "split-shipments.decide"},
    status_code=200,
    summary="Say whether a group is one order or separate orders.",
)
async def decide_split_group(
    request: _AnyRequest, group_id: FromPath[str], data: JSONBody[SplitVerdict]
) -> SplitGroup:
    """Separate orders: every parcel is decided again as if no group had been. One order: each stays in
    review; what they owe together is said by the law alone. The same again changes nothing."""
    return await decide_group(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(group_id),
        verdict=data.verdict,
        reason=data.reason,
    )


ROUTES = [list_split_groups, read_split_group, decide_split_group]

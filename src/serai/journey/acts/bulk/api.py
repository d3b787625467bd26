"""HTTP for one measure on many cases: draw a sample, open it, confirm."""

from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.bulk.service import (
    BulkDone,
    BulkDrawn,
    BulkLine,
    BulkOrder,
    confirm,
    draw,
    open_sample,
)
from serai.journey.documents.submission import sender_of
from serai.journey.measure_rules.measure_law import faulty
from serai.journey.processing.transaction import Processor
from serai.model.acts import MEASURES
from serai.model.message_text import MessageText

_AnyRequest = Request[Any, Any, Any]
_Number = Annotated[str, Meta(min_length=1, max_length=40)]
_Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]
_Words = Annotated[str, Meta(max_length=2_000)]


class BulkActCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case of a bulk act, by the decision that was read. reason: its own facts, in words; of an adverse
    measure each case's own. hearing, exception_code: as for a single measure."""

    case_id: _Number
    expected_decision_id: _Number
    reason: _Words = ""
    hearing: _Number | None = None
    exception_code: _Code | None = None


class BulkAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measure for many cases. reference: the sender's own. rule_id: the open reason that all have, as it
    stands among the officer's reasons of their decisions. reason: in words, for each that has none of its
    own."""

    reference: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[\x21-\x7e]+$")]
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    reason_code: _Code
    rule_id: Annotated[str, Meta(min_length=1, max_length=100)]
    cases: Annotated[list[BulkActCase], Meta(min_length=1, max_length=1_000)]
    reason: _Words = ""


@post(
    "/v1/bulk-acts",
    opt={"act": "measures.take"},
    summary="Mean one measure for many cases with the same open reason: a sample is drawn.",
    responses={201: ResponseSpec(BulkDrawn, description="What to open first", generate_examples=False)},
)
async def draw_bulk(request: _AnyRequest, data: JSONBody[BulkAct]) -> BulkDrawn:
    """Nothing is done yet. Open each case of the sample, then send the same again to confirm it. The settings
    say how many cases your role may act on at once. What needs a second person, or raises what is owed, is
    done case by case."""
    sender, settings = sender_of(actor_of(request)), provided(request, Settings)
    return await draw(provided(request, Processor), sender, order_of(data), settings.bulk_acts)


@post(
    "/v1/bulk-acts/{bulk:str}/sample/{case_id:str}",
    opt={"act": "measures.take"},
    status_code=200,
    summary="Say that one opens a case of the sample.",
)
async def open_of_sample(request: _AnyRequest, bulk: FromPath[str], case_id: FromPath[str]) -> BulkDrawn:
    """Then read it. That it was opened is kept with the bulk act."""
    sender = sender_of(actor_of(request))
    return await open_sample(provided(request, Processor), sender, parse_id(bulk), parse_id(case_id))


@post(
    "/v1/bulk-acts/{bulk:str}/confirmation",
    opt={"act": "measures.take"},
    status_code=200,
    summary="Confirm a bulk act whose sample was opened: the measure is taken on each case.",
)
async def confirm_bulk(request: _AnyRequest, bulk: FromPath[str], data: JSONBody[BulkAct]) -> BulkDone:
    """The body is the one by which the sample was drawn. Each case has its own act, decision and receipt; one
    that has changed since is refused by itself. The same again does nothing twice."""
    sender = sender_of(actor_of(request))
    return await confirm(provided(request, Processor), sender, parse_id(bulk), order_of(data))


def order_of(data: BulkAct) -> BulkOrder:
    """Return what is meant. Raises SeraiError `measure-faulty`, `not-found`."""
    if data.kind not in MEASURES:
        raise faulty(MessageText("See to it that kind is one of {listed}.", listed=", ".join(MEASURES)))
    lines = tuple(
        BulkLine(
            parse_id(one.case_id),
            parse_id(one.expected_decision_id),
            one.reason,
            None if one.hearing is None else parse_id(one.hearing),
            one.exception_code,
        )
        for one in data.cases
    )
    return BulkOrder(data.reference, data.kind, data.reason_code, data.rule_id, lines, data.reason)


ROUTES = [draw_bulk, open_of_sample, confirm_bulk]

"""HTTP of the laboratory: the explanation of a case, change it and see."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from serai.explanation.case_explanation import PURPOSE, CaseExplanation, CaseReplays, Replay, explanation_of
from serai.explanation.side_by_side import SideBySide
from serai.foundation.access.actor import Actor
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.vault.reading import Reach
from serai.journey.cases.api import Which
from serai.journey.cases.service import CaseFiles
from serai.journey.json_body import read_json
from serai.journey.processing.transaction import Processor
from serai.journey.quotes import api as quotes_api
from serai.journey.visibility.open_case import OpenCase
from serai.journey.visibility.table import show, viewer_of
from serai.laboratory.what_if_case import TryRequest, try_change
from serai.model.errors import SeraiError

_AnyRequest = Request[Any, Any, Any]


class TriedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of a change. in_short: the new calculation in a few sentences. side_by_side: what
    was decided and what would be.
    """

    case_id: str
    reference: str
    decision: dict[str, Any]
    in_short: list[str]
    side_by_side: SideBySide


@get(
    "/v1/cases/{case_id:str}/explanation",
    opt={"act": "cases.read"},
    summary="The whole calculation of a decision as a tree, calculated again and compared with the record.",
)
async def explain_case(
    request: _AnyRequest,
    case_id: FromPath[str],
    item: Annotated[int | None, QueryParameter(ge=1, description="Only this goods item.")] = None,
    consignment: Which = None,
    decision: Annotated[
        str | None, QueryParameter(description="An earlier decision; default: the newest.")
    ] = None,
) -> CaseExplanation:
    """Every figure with the law it rests on. `agrees` says whether working it out again gave exactly
    what was recorded.
    """
    wanted = None if decision is None else parse_id(decision)
    case, replay = await _replay(request, parse_id(case_id), consignment, wanted)
    return explanation_of(
        replay,
        case_id=format_id(case.case_id),
        decision_id=format_id(replay.decision.decision_id),
        sequence_number=item,
        language=language_of(request),
        shows_cumulative_allowances=case.may_see("case", "cumulative_allowances"),
    )


@post(
    "/v1/cases/{case_id:str}/try",
    opt={"act": "cases.try"},
    status_code=200,
    summary="Change a case and see: date, price, destination, buyer, scheme. Nothing is stored.",
    responses={200: ResponseSpec(TriedOut, description="What would be decided", generate_examples=False)},
)
async def try_case(
    request: _AnyRequest, case_id: FromPath[str], consignment: Which = None
) -> Response[TriedOut]:
    """The stored message with your changes under the law in use now, beside what was decided."""
    wanted = await read_json(request, _TRY_DECODER, TryRequest)
    case, replay = await _replay(request, parse_id(case_id), consignment, None)
    tried = try_change(
        replay,
        wanted,
        provided(request, Processor).law,
        kit_of(request).clock.now(),
        language_of(request),
        shows_cumulative_allowances=case.may_see("case", "cumulative_allowances"),
    )
    decision = msgspec.to_builtins(tried.decision)
    for name in ("decision_id", "mrn", "decided_at"):
        decision.pop(name)
    return Response(
        TriedOut(
            case_id=format_id(case.case_id),
            reference=replay.row.document.reference,
            decision=show(case.viewer, "decision", decision, is_sender=case.is_declared_by_viewer),
            in_short=tried.in_short,
            side_by_side=tried.side_by_side,
        )
    )


_TRY_DECODER = msgspec.json.Decoder(TryRequest)

ROUTES = [*quotes_api.ROUTES, explain_case, try_case]


async def _replay(
    request: _AnyRequest, case_id: int, consignment: str | None, decision_id: int | None
) -> tuple[OpenCase, Replay]:
    """Work a decision out again for a viewer who may see the calculation. Raises `not-found`,
    `replay-impossible`.
    """
    actor = actor_of(request)
    replays = provided(request, CaseReplays)
    return await replay_case(
        provided(request, CaseFiles),
        replays,
        actor,
        case_id,
        consignment=consignment,
        decision_id=decision_id,
    )


async def replay_case(
    case_files: CaseFiles,
    replays: CaseReplays,
    actor: Actor,
    case_id: int,
    *,
    consignment: str | None = None,
    decision_id: int | None = None,
) -> tuple[OpenCase, Replay]:
    """Work a decision (default: the newest) out again, for an actor who may see the calculation: API and
    pages alike.

    Raises `not-found`, `replay-impossible`.
    """
    async with case_files.database.read(case_files.administration_id) as connection:
        case = await case_files.open_case(connection, viewer_of(actor), case_id)
        if not case.may_see("case", "explanation"):
            raise SeraiError(
                "role-not-allowed",
                "The calculation shows prices, which your part in this case does not let you see.",
                "Ask the declarant, or read the decision and its charges.",
            )
        if decision_id is None:
            row = await case_files.consignment_of(connection, case, consignment)
        else:
            row = await case_files.consignment_of_decision(connection, case, decision_id)
        reach = Reach(
            case_files.administration_id, PURPOSE, actor.credential_id or "", case_files.clock.now()
        )
        replay = await replays.replay(connection, row, decision_id or row.decision_id, reach)
    return case, replay

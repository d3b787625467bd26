"""HTTP for other government agencies: the parcels that are before them, and what they decide on each."""

from typing import Annotated, Final, Literal

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.agencies.deciding import AgencyDecided, AgencyOrder, decide
from serai.journey.acts.agencies.seen import AgencyParcel, AgencyParcelDetail, read_parcel, read_parcels
from serai.journey.agency_controls.store import OPEN_STATES
from serai.journey.documents.submission import sender_of
from serai.web.administering_api import After, AnyRequest, Limit, problem

States = Literal["open", "waiting", "maintained", "refused", "cleared", "lapsed", "ended"]
StateWanted = Annotated[
    States, QueryParameter(description="Which parcels: those in one state, or all that are open.")
]
ALL_STATES: Final = ("waiting", "maintained", "refused", "cleared", "lapsed", "ended")


class AgencyParcelPage(msgspec.Struct, frozen=True):
    """Parcels before an agency, the oldest first. next_after: `after` of the next page; null: there is
    none."""

    parcels: list[AgencyParcel]
    next_after: str | None


class AgencyDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an agency decides on a parcel. reference: its own, once for ever. decision: it keeps the goods
    (maintained), clears them, or says that they may not come in (refused); hearing-opened: it means to refuse
    them, and whom that reaches is heard first; examination-wanted: it wants them examined, by one inspection
    with the other agencies that want it, too; examination-recorded: what it has found there. hearing: of the
    hearing before a refusal; exception_code: why there was none."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    decision: Literal[
        "maintained", "cleared", "refused", "hearing-opened", "examination-wanted", "examination-recorded"
    ]
    reason_code: Annotated[str, Meta(min_length=1, max_length=40)]
    reason: Annotated[str, Meta(max_length=4_000)] = ""
    hearing: Annotated[str, Meta(min_length=1, max_length=35)] | None = None
    exception_code: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


@get(
    "/v1/agency/parcels",
    opt={"act": "agency-parcels.read"},
    summary="The parcels that are before your agency.",
)
async def read_agency_parcels(
    request: AnyRequest, standing: StateWanted = "open", limit: Limit = 100, after: After = None
) -> AgencyParcelPage:
    """Those that a rule of its remit keeps, and no other. The oldest first."""
    states = OPEN_STATES if standing == "open" else (standing,)
    found = await read_parcels(
        provided(request, Node).processor,
        actor_of(request).party_id or 0,
        states,
        after_id=0 if after is None else parse_id(after),
        limit=limit + 1,
    )
    return AgencyParcelPage(found[:limit], found[limit - 1].parcel if len(found) > limit else None)


@get(
    "/v1/agency/parcels/{parcel:str}",
    opt={"act": "agency-parcels.read"},
    summary="One parcel that is before your agency, with what its rules need.",
    responses={404: problem("No such parcel is before your agency")},
)
async def read_agency_parcel(request: AnyRequest, parcel: FromPath[str]) -> AgencyParcelDetail:
    """The goods that a rule of its remit keeps, what it has said, and its hearings. Each reading is
    recorded."""
    actor = actor_of(request)
    return await read_parcel(
        provided(request, Node).processor,
        actor.party_id or 0,
        parse_id(parcel),
        actor=sender_of(actor).acting_user,
    )


@post(
    "/v1/agency/parcels/{parcel:str}/decisions",
    opt={"act": "agency-parcels.decide"},
    status_code=200,
    summary="Decide on a parcel that is before your agency.",
    responses={
        404: problem("No such parcel is before your agency"),
        409: problem("It was decided, the agency was silent too long, or nobody was heard"),
        422: problem("It is not decided for this reason"),
    },
)
async def post_agency_decision(
    request: AnyRequest, parcel: FromPath[str], data: JSONBody[AgencyDecision]
) -> AgencyDecided:
    """The case is decided again at once, and its parties are told. The same again changes nothing."""
    order = AgencyOrder(
        reference=data.reference,
        decision=data.decision,
        reason_code=data.reason_code,
        reason=data.reason,
        hearing_id=None if data.hearing is None else parse_id(data.hearing),
        exception_code=data.exception_code,
    )
    return await decide(
        provided(request, Node).processor, sender_of(actor_of(request)), parse_id(parcel), order
    )


ROUTES = [read_agency_parcels, read_agency_parcel, post_agency_decision]

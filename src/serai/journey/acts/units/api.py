"""HTTP for orders on transport units: hold, examine, release a bag or a flight."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.units.service import (
    UnitActDone,
    UnitActOrder,
    UnitActSeen,
    UnitMeasure,
    act_on_unit,
    read_unit_acts,
)
from serai.journey.documents.submission import sender_of
from serai.journey.measure_rules.measure_law import ExaminationResult
from serai.journey.processing.transaction import Processor
from serai.model.documents import Reference

_AnyRequest = Request[Any, Any, Any]


class UnitAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is ordered of a transport unit. reference: the sender's own. reason: in words, which are kept as a
    person's data are. result_code: of a recorded examination."""

    reference: Reference
    kind: UnitMeasure
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]
    reason: Annotated[str, Meta(max_length=2_000)] = ""
    result_code: ExaminationResult | None = None


class UnitActs(msgspec.Struct, frozen=True):
    """What was done to a transport unit, oldest first."""

    transport_unit_id: str
    acts: list[UnitActSeen]


@post(
    "/v1/transport-units/{unit_id:str}/acts",
    opt={"act": "measures.take"},
    summary="Hold, examine or release a bag, a flight or another transport unit, and all that lies in it.",
    responses={201: ResponseSpec(UnitActDone, description="The act", generate_examples=False)},
)
async def order_unit(request: _AnyRequest, unit_id: FromPath[str], data: JSONBody[UnitAct]) -> UnitActDone:
    """Each consignment in the unit has an act and a receipt of its own, and a reason that names the unit;
    what comes into it later is held when it comes. A release takes those acts back, and nothing else: what
    is held by itself stays held. The same again changes nothing."""
    return await order_of_unit(request, parse_id(unit_id), data)


async def order_of_unit(request: _AnyRequest, unit_id: int, data: UnitAct) -> UnitActDone:
    """Do what is ordered of a unit, by whichever door."""
    order = UnitActOrder(
        reference=data.reference,
        kind=data.kind,
        reason_code=data.reason_code,
        reason=data.reason,
        result_code=data.result_code,
    )
    return await act_on_unit(provided(request, Processor), sender_of(actor_of(request)), unit_id, order)


@get(
    "/v1/transport-units/{unit_id:str}/acts",
    opt={"act": "tasks.read"},
    summary="What was done to a transport unit.",
)
async def read_acts_of_unit(request: _AnyRequest, unit_id: FromPath[str]) -> UnitActs:
    """Oldest first; of each order how many consignments it has reached, and still keeps."""
    processor = provided(request, Processor)
    services = processor.services
    async with services.database.read(services.administration_id) as connection:
        return UnitActs(unit_id, await read_unit_acts(processor, connection, parse_id(unit_id)))


ROUTES = [order_unit, read_acts_of_unit]

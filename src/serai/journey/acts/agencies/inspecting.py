"""Several agencies that want one parcel examined: one inspection, one task of customs that stands for all of
them; each records what it has found, and the parcel waits until each has decided."""

from typing import Any, Final

from psycopg import AsyncConnection

from serai.journey.agency_controls import store
from serai.journey.agency_controls.store import AgencyControl, Inspection
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import JOINT_INSPECTION
from serai.model.acts import Act
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]
WANTED, RECORDED = "examination-wanted", "examination-recorded"
_AFTER: Final[dict[str, Inspection]] = {WANTED: "wanted", RECORDED: "recorded"}


def require_inspection(control: AgencyControl, decision: str) -> None:
    """Raise SeraiError `measure-not-allowed` where an agency asks twice for an inspection, or records one for
    which it has not asked."""
    if decision == WANTED and control.inspection == "wanted":
        raise SeraiError(
            "measure-not-allowed",
            "Your agency has asked for an inspection of this parcel; it is not recorded yet.",
            "Record what it has found, or decide.",
        )
    if decision == RECORDED and control.inspection != "wanted":
        raise SeraiError(
            "measure-not-allowed",
            "No inspection of this parcel is awaited for your agency.",
            "Ask for one first.",
        )


async def follow_inspection(
    services: Services, connection: Connection, control: AgencyControl, act: Act, root: int
) -> None:
    """Do what follows for the inspection of a parcel from what one agency has said: the first that wants one
    opens the task, the last that needs it no more closes it. The caller holds the case's lock."""
    key = {"administration_id": services.administration_id}
    after = _AFTER.get(act.kind.removeprefix("agency-"))
    if after is None and control.inspection != "wanted":
        return
    others = [
        one
        for one in await store.select_of_consignments(connection, [control.consignment_id], **key)
        if one.control_id != control.control_id and one.inspection == "wanted"
    ]
    # Who decides without having recorded anything needs the inspection no more.
    await store.set_inspection(connection, [control.control_id], after or "", **key)
    if others:
        return
    if after == "wanted":
        await task_store.open_act_task(
            connection,
            control.consignment_id,
            act.act_id,
            JOINT_INSPECTION,
            task_id=int(services.ids.take(1)[0]),
            at=act.at,
            due_at=None,
            **key,
        )
    else:
        await task_store.close_kind(connection, root, JOINT_INSPECTION, at=act.at, **key)

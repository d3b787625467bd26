"""`serai hold`: cases that an appeal, an enquiry, a court or a debt keeps."""

import asyncio
from typing import Annotated

from cyclopts import Parameter

from serai.cli.node import open_node, operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id, parse_id
from serai.journey.retention.holds import Hold, HoldGround, lift_hold, place_hold, select_holds
from serai.model.errors import SeraiError


def add(
    case: str,
    /,
    *,
    ground: Annotated[HoldGround, Parameter(help="What keeps the case.")],
    output: OutputOption = None,
) -> int:
    """Hold a case: neither it nor anybody in it goes until the hold is lifted.

    Parameters
    ----------
    case
        The case's number, as in its answer.
    """
    print_facts({"hold": format_id(asyncio.run(_add(parse_id(case), ground)))}, choose_output(output))
    return 0


def lift(hold: str, /, *, output: OutputOption = None) -> int:
    """Lift a hold. Who waits for erasure is erased within the hour, if nothing else forbids it.

    Parameters
    ----------
    hold
        The hold's number, as `serai hold list` prints it.
    """
    asyncio.run(_lift(parse_id(hold)))
    print_facts({"hold": hold, "state": "lifted"}, choose_output(output))
    return 0


def list_holds(*, output: OutputOption = None) -> int:
    """List all holds, those that were lifted too."""
    rows = [
        {
            "hold": format_id(one.hold_id),
            "case": format_id(one.case_id),
            "ground": one.ground,
            "placed_by": one.placed_by,
            "placed_at": one.placed_at.isoformat(timespec="seconds"),
            "lifted_at": "" if one.lifted_at is None else one.lifted_at.isoformat(timespec="seconds"),
        }
        for one in asyncio.run(_list())
    ]
    print_rows(rows, choose_output(output), ("hold", "case", "ground", "placed_by", "placed_at", "lifted_at"))
    return 0


async def _add(case_id: int, ground: str) -> int:
    async with open_node() as node, node.database.write() as connection:
        hold = Hold(int(node.ids.take(1)[0]), case_id, ground, operator_name(), node.clock.now())
        if not await place_hold(connection, hold, administration_id=node.administration_id):
            raise SeraiError(
                "case-unknown",
                "There is no such case.",
                "Check the number; a merged case is held under the number that survived.",
            )
    return hold.hold_id


async def _lift(hold_id: int) -> None:
    async with open_node() as node, node.database.write() as connection:
        is_lifted = await lift_hold(
            connection,
            hold_id,
            lifted_by=operator_name(),
            at=node.clock.now(),
            administration_id=node.administration_id,
        )
    if not is_lifted:
        raise SeraiError(
            "hold-unknown",
            "There is no such hold, or it was lifted before.",
            "See `serai hold list`.",
        )


async def _list() -> list[Hold]:
    async with open_node() as node, node.database.read(node.administration_id) as connection:
        return await select_holds(connection, administration_id=node.administration_id)

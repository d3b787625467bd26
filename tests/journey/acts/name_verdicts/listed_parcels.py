"""Parcels to people whose names resemble listed ones, and lists in several versions."""

from typing import Any

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.id_text import parse_id
from serai.journey.acts.name_verdicts.service import ListedName, Said, decide_name, read_listed_names
from serai.journey.law_in_force.service import import_list, load_law
from serai.model.frames import LANES
from tests.journey.processing.support import OFFICER, parcel, select

HEAD = "entry_id,name,kind_code,country_codes\n"
LIST = HEAD + "X-1,Zebulon Quixwood,person,SY\nX-2,Mirela Trask,person,SY\n"


def to(reference: str, name: str, street: str = "9 Quixwood Lane", **changes: Any) -> dict[str, Any]:
    """A parcel to somebody of this name at this address."""
    consignee = {"name": name, "country_code": "DE", "street": street, "city": "Berlin", "postcode": "10115"}
    return parcel(reference, consignee=consignee, **changes)


async def put_in_force(node: Node, text: str) -> None:
    """Put a list in force, in the place of the one before."""
    at, administration_id = node.clock.now(), node.administration_id
    acting = ActingUser(administration_id, "operator:test", at, lambda: int(node.ids.take(1)[0]))
    await import_list(node.database, acting, "denied-parties", "invented", text.encode())
    node.processor.law = await load_law(node.database, administration_id, at)


async def lanes(node: Node) -> dict[str, str]:
    """The lane of each parcel, by its reference without `D-`."""
    rows = await select(node, "SELECT reference, lane FROM consignment")
    return {reference.removeprefix("D-"): LANES[lane] for reference, lane in rows}


async def case_of(node: Node, reference: str) -> int:
    ((case_id,),) = await select(
        node, "SELECT case_id FROM consignment WHERE reference = %s", f"D-{reference}"
    )
    return int(case_id)


async def names_of(node: Node, reference: str) -> list[ListedName]:
    return await read_listed_names(node.processor, OFFICER, await case_of(node, reference))


async def say(
    node: Node, reference: str, verdict_code: str, entry_id: str = "X-1", remark: str = "Passport seen."
) -> list[ListedName]:
    """Let an officer say of a name who it is."""
    hit = next(one for one in await names_of(node, reference) if one.entry_id == entry_id)
    said = Said(
        parse_id(hit.consignment_id),
        hit.role,
        hit.list_code,
        hit.entry_id,
        hit.entry_version,
        verdict_code,
        remark,
    )
    return await decide_name(node.processor, OFFICER, await case_of(node, reference), said)

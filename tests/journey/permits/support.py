"""Agencies, permits and parcels of restricted goods for tests."""

from datetime import timedelta
from typing import Any

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.journey.permits import store
from serai.journey.permits.permit import Permit
from serai.journey.permits.registering import issue_permit
from serai.journey.permits.wording import PermitHolder, PermitTerms
from tests.journey.processing.support import parcel

CITES, PLANTS = 21, 22
"""Agencies: that for protected animals, and the plant health service."""


async def with_agencies(node: Node) -> None:
    """Register two agencies, each with the permits of its rule."""
    at = node.clock.now()
    async with node.database.write() as connection:
        for party_id, rule_id in ((CITES, "eu-cites"), (PLANTS, "eu-seeds")):
            values = (party_id, node.administration_id, f"Agency {party_id}", at)
            await connection.execute(
                "INSERT INTO party (party_id, administration_id, name, created_at) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                values,
            )
            await store.insert_remit(
                connection,
                remit_id=int(node.ids.take(1)[0]),
                party_id=party_id,
                rule_id=rule_id,
                at=at,
                administration_id=node.administration_id,
            )


def acting(node: Node) -> ActingUser:
    return ActingUser(node.administration_id, "key:1", node.clock.now(), lambda: int(node.ids.take(1)[0]))


async def issue(node: Node, number: str, *, agency: int = CITES, **changes: Any) -> Permit:
    """Issue a permit for ivory, for whoever names it, of ten pieces."""
    at = node.clock.now()
    terms: dict[str, Any] = {
        "number": number,
        "type_code": "C400",
        "holder": PermitHolder(kind="bearer"),
        "commodity_codes": ["9601"],
        "quantity": "10",
        "quantity_unit_code": "C62",
        "valid_from": at - timedelta(days=1),
        "valid_to": at + timedelta(days=30),
        **changes,
    }
    async with node.database.write() as connection:
        permit, _ = await issue_permit(
            connection, acting(node), agency, PermitTerms(**terms), node.services.pseudonymiser
        )
    return permit


async def drawn(node: Node, number: str, agency: int = CITES) -> int:
    """Pieces written off of a permit; they are what its entries come to."""
    key = {"administration_id": node.administration_id}
    async with node.database.write() as connection:
        permit = await store.select_permit(connection, agency, number, **key)
        assert permit is not None
        draws = await store.select_draws_of_permit(
            connection, permit.permit_id, after_id=0, limit=1_000, **key
        )
    assert sum(one.quantity_micro for one in draws) == permit.drawn_quantity_micro
    return permit.drawn_quantity_micro // 1_000_000


def ivory(name: str, permit: str | None = None, *, quantity: str = "1", **changes: Any) -> dict[str, Any]:
    """A declaration of an ivory carving. permit: that it names."""
    declared = parcel(name, **changes)
    item = declared["goods_items"][0]
    item |= {"commodity_code": "96011000", "description": "small white figurine", "quantity": quantity}
    if permit is not None:
        item["additional_documents"] = [{"type_code": "C400", "reference": permit}]
    return declared

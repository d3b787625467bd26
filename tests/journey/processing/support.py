"""A node on a test's database, parties, and documents of one parcel as each party knows it."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from serai.app import Node, open_node
from serai.foundation.clock import Clock
from serai.foundation.settings import DataSettings, Settings, SplitShipmentsSettings
from serai.foundation.vault.pseudonyms import Hasher, whole
from serai.foundation.vault.reading import Reach
from serai.journey.consignments.act_words import read_act_words
from serai.journey.documents.submission import Answer, Sender, Submission
from serai.model.frames import STATUSES
from tests.kept_law import keep_law
from tests.laid_out import rows_laid_out_async

PARTIES = {
    1: "declarant",
    2: "platform",
    3: "payment_provider",
    4: "carrier",
    5: "seller",
    6: "declarant",
    7: "carrier",
}
IDENTIFIERS = {"INVENTED-PLATFORM": 2, "INVENTED-PAYMENTS": 3, "INVENTED-CARRIER": 4}
"""Under which number of a party others name it."""
DECLARANT, PLATFORM, PROVIDER, CARRIER, STRANGER, OTHER_DECLARANT, OTHER_CARRIER = (
    Sender(number, frozenset({role})) for number, role in PARTIES.items()
)
OFFICER = Sender(90, frozenset({"officer"}))


@asynccontextmanager
async def opened(
    dsn: str,
    folder: Path | None = None,
    shorten: Hasher = whole,
    *,
    clock: Clock | None = None,
    groups_parcels: bool = False,
) -> AsyncIterator[Node]:
    """A node with the parties above. folder: of keys; one for all nodes of a database. shorten: of match
    keys. clock: instead of the machine's. groups_parcels: those that may be one order are looked for."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="serai-test-") as made:
            async with opened(dsn, Path(made), shorten, clock=clock, groups_parcels=groups_parcels) as node:
                yield node
        return
    settings = Settings(
        data=DataSettings(folder=str(folder)),
        split_shipments=SplitShipmentsSettings(is_on=groups_parcels),
    )
    async with open_node(settings, dsn, clock=clock, shorten=shorten) as node:
        keep_law(node.processor.law.book)
        await _add_parties(node)
        yield node


async def _add_parties(node: Node) -> None:
    at = node.clock.now()
    async with node.database.write() as connection:
        for number, role in {**PARTIES, 90: "officer"}.items():
            await connection.execute(
                "INSERT INTO party (party_id, administration_id, name, created_at) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (number, node.administration_id, f"Invented {number}", at),
            )
            await connection.execute(
                "INSERT INTO party_role (party_id, administration_id, role, created_at)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (number, node.administration_id, role, at),
            )
        # The platform has its payments told by the provider, whether it sends the order or not.
        await connection.execute(
            "INSERT INTO mandate (mandate_id, administration_id, grantor_id, grantee_id, reference,"
            " document_kinds, acts, accounts, has_custody, representation_code, valid_from, granted_at)"
            " VALUES (1, %(administration)s, 2, 3, 'M-1', '{payment}', '{}', '{}', false, 'direct',"
            " %(at)s, %(at)s) ON CONFLICT DO NOTHING",
            {"administration": node.administration_id, "at": at},
        )
        for identifier, number in IDENTIFIERS.items():
            await connection.execute(
                "INSERT INTO party_identifier (administration_id, identifier, party_id, added_at)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (node.administration_id, identifier, number, at),
            )


async def send(node: Node, sender: Sender, kind: str, *records: dict[str, Any]) -> list[Answer]:
    """File records of one kind; an answer each."""
    lines = [json.dumps(record).encode() for record in records]
    return (await node.processor.clear([Submission(sender, kind, lines=lines)]))[0]


async def select(node: Node, query: str, *values: Any) -> list[Any]:
    async with node.database.write_as_owner() as connection:
        return await rows_laid_out_async(connection, query, values)


async def words_of(node: Node, act_id: int) -> str | None:
    """Why somebody acted, as the vault holds it."""
    services = node.services
    reach = Reach(node.administration_id, "test", "test", node.clock.now())
    found = await read_act_words(node.database.write, services.keyring, services.codec, [act_id], reach)
    return found.get(act_id)


def decision(answer: Answer) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(answer.decision)
    return decoded


async def statuses(node: Node, *references: str) -> list[str]:
    """Status of each consignment, in the order asked for."""
    rows = dict(
        await select(
            node, "SELECT reference, status FROM consignment WHERE reference = ANY(%s)", list(references)
        )
    )
    return [STATUSES[rows[reference]] for reference in references]


def parcel(name: str, **changes: Any) -> dict[str, Any]:
    """A declaration of a parcel to Germany on which duty is due at the border."""
    return {
        "reference": f"D-{name}",
        "goods_items": [
            {
                "sequence_number": 1,
                "commodity_code": "61091000",
                "description": "T-shirt, cotton, knitted",
                "quantity": "2",
                "invoice_amount": "25.00",
                "invoice_currency_code": "EUR",
                "origin_country_code": "CN",
                "gross_mass_kg": "0.150",
            }
        ],
        "consignor": {"name": "Invented Seller Ltd", "country_code": "CN"},
        "consignee": {
            "name": "Invented Person 1",
            "country_code": "DE",
            "city": "Berlin",
            "postcode": "10115",
        },
        "logistics_channel_code": "post",
        "sale_nature_code": "B2C",
        "ucr": f"UCR-{name}",
        "house_document": f"HOUSE-{name}",
        "conveyance_reference": f"FLIGHT-{name}",
        "platform_id": "INVENTED-PLATFORM",
        "order_references": [f"ORDER-{name}"],
        "purchased_at": "2026-06-29T10:00:00Z",
        "expected_arrival_at": "2026-07-02T06:30:00+02:00",
        "detail": {"carrier": {"country_code": "DE", "party_identifier": "INVENTED-CARRIER"}},
        **changes,
    }


def order(name: str, **changes: Any) -> dict[str, Any]:
    """Its order: a coupon makes 30.00 to 25.00."""
    return {
        "reference": f"ORDER-{name}",
        "currency_code": "EUR",
        "lines": [{"sequence_number": 1, "description": "T-shirt", "quantity": "2", "amount": "30.00"}],
        "purchased_at": "2026-06-29T10:00:00Z",
        "platform_id": "INVENTED-PLATFORM",
        "discount_amount": "5.00",
        "ucr": f"UCR-{name}",
        "buyer": {"name": "Invented Person 1", "country_code": "DE", "city": "Berlin"},
        "detail": {"payment_provider_id": "INVENTED-PAYMENTS"},
        **changes,
    }


def payment(name: str, **changes: Any) -> dict[str, Any]:
    """Its payment, which knows the order and nothing else."""
    return {
        "reference": f"PAYMENT-{name}",
        "amount": "25.00",
        "currency_code": "EUR",
        "paid_at": "2026-06-29T10:00:05Z",
        "order_references": [f"ORDER-{name}"],
        **changes,
    }


def transport(name: str, **changes: Any) -> dict[str, Any]:
    """Its house waybill."""
    return {
        "reference": f"TRANSPORT-{name}",
        "house_document": f"HOUSE-{name}",
        "logistics_channel_code": "post",
        "receptacle_id": f"BAG-{name}",
        "conveyance_reference": f"FLIGHT-{name}",
        **changes,
    }


def arrival(name: str, **changes: Any) -> dict[str, Any]:
    """The landing of its flight."""
    return {
        "reference": f"ARRIVAL-{name}",
        "arrived_at": "2026-07-02T06:41:00+02:00",
        "conveyance_reference": f"FLIGHT-{name}",
        **changes,
    }

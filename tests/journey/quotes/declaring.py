"""Asking for a quote and filing what was quoted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.journey.cases.world import World, file

SHIRT = {
    "sequence_number": 1,
    "commodity_code": "61091000",
    "description": "T-shirt, cotton, knitted",
    "quantity": "2",
    "invoice_amount": "50.00",
    "invoice_currency_code": "EUR",
    "origin_country_code": "CN",
    "gross_mass_kg": "0.300",
}


def in_days(count: int) -> str:
    """The instant so many days from now."""
    return (datetime.now(UTC) + timedelta(days=count)).isoformat()


def facts(**changes: Any) -> dict[str, Any]:
    """What quote and declaration have in common: two shirts to Dublin, sold on the registered market."""
    same = {
        "goods_items": [SHIRT],
        "logistics_channel_code": "post",
        "sale_nature_code": "B2C",
        "dispatch_country_code": "CN",
        "platform_id": "INVENTED-MARKET",
        "is_platform_sale": True,
        "freight_amount": "4.00",
        "charges_currency_code": "EUR",
    }
    return same | changes


def quoted(world: World, party: str = "platform", **changes: Any) -> dict[str, Any]:
    """Ask for a quote of the facts, to Dublin unless said otherwise."""
    request = facts(destination_country_code="IE", destination_postcode="D02 AF30") | changes
    with world.client(party) as client:
        answer = client.post("/v1/quotes", json=request)
    assert answer.status_code == 200, answer.text
    quote: dict[str, Any] = answer.json()
    return quote


def declaration(reference: str, quote: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    """Return the declaration of the facts, citing a quote."""
    cited = [] if quote is None else [quote["offer"]["cite_as"]]
    people = {
        "consignor": {
            "name": "Invented Sender",
            "country_code": "CN",
            "street": "Road 1",
            "city": "Shenzhen",
        },
        "consignee": {
            "name": "Zelda Nightingale-Quux",
            "country_code": "IE",
            "street": "Long Lane 3",
            "city": "Dublin",
            "postcode": "D02 AF30",
        },
    }
    return facts(reference=reference, additional_documents=cited) | people | changes


def declare(world: World, document: dict[str, Any], party: str = "post") -> dict[str, Any]:
    """File a declaration; its answer."""
    with world.client(party) as client:
        return file(client, document, include="text")[0]


def said(answer: dict[str, Any]) -> dict[str, str]:
    """What was said of the quote, by code."""
    return {
        one["code"]: one["sentence"] for one in answer.get("findings", []) if one["code"].startswith("quote-")
    }

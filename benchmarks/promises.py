"""Signed quotes over HTTP: one parcel on fifty connections, and baskets for thirty destinations.

Bodies ask for a quote of today, so that each is signed and kept: parcels of the yardstick are of another day,
and their quotes are figures alone.

    uv run python benchmarks/promises.py --port 8000 --api-key KEY
"""

import argparse
import json
import os
import random
from collections.abc import Iterable
from typing import Any

import msgspec

from http_bulk import Address, head_of
from http_single import Request, send_each

QUOTES, BASKETS = "/v1/quotes", "/v1/quotes/baskets"
DESTINATIONS = (
    *("DE", "FR", "IT", "ES", "NL", "PL", "SE", "IE", "GB", "US", "CA", "AU", "NZ", "JP", "KR"),
    *("CN", "SG", "MY", "TH", "VN", "ID", "PH", "IN", "BR", "CL", "CH", "NO", "TR", "ZA", "KE"),
)
_CODES = ("61091000", "62044200", "95030095", "85183000", "42022290", "64041990")
_BASKET_ITEMS_COUNT_MAX = 5


def measure(address: Address, count: int, *, server_pids: Iterable[int] = ()) -> dict[str, Any]:
    """Return figures of single quotes (50 connections; at 500 a second) and of baskets, one at a time and
    four at once."""
    pids = list(server_pids)
    singles = [_request(address, QUOTES, body, 1) for body in _singles(count + 200, 1)]
    baskets_count = max(count // 20, 50)
    baskets = [_request(address, BASKETS, b, len(DESTINATIONS)) for b in _baskets(baskets_count, 2)]
    send_each(address, singles[:200], connections=50)
    send_each(address, baskets[:10], connections=2)
    return {
        "quotes": send_each(address, singles[200:], connections=50, server_pids=pids),
        "quotes_at_500_per_s": send_each(
            address, singles[200:], connections=50, rate_per_s=500.0, server_pids=pids
        ),
        "baskets": send_each(address, baskets, connections=1, server_pids=pids),
        "baskets_at_once": send_each(address, baskets, connections=4, server_pids=pids),
    }


def _request(address: Address, route: str, body: Any, items_count: int) -> Request:
    encoded = msgspec.json.encode(body)
    return Request(head_of(address, route, "application/json", len(encoded)) + encoded, items_count)


def _singles(count: int, seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [
        _basket(draw, 1) | {"destination_country_code": draw.choice(("DE", "IE", "NL"))} for _ in range(count)
    ]


def _baskets(count: int, seed: int) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    places = [{"country_code": code} for code in DESTINATIONS]
    return [
        {"baskets": [_basket(draw, draw.randint(1, _BASKET_ITEMS_COUNT_MAX))], "destinations": places}
        for _ in range(count)
    ]


def _basket(draw: random.Random, items_count: int) -> dict[str, Any]:
    return {
        "goods_items": [
            {
                "commodity_code": draw.choice(_CODES),
                "description": "Invented goods, cotton and plastic",
                "quantity": str(draw.randint(1, 3)),
                "invoice_amount": f"{draw.randint(300, 20_000) / 100:.2f}",
                "invoice_currency_code": "EUR",
                "origin_country_code": "CN",
                "gross_mass_kg": "0.400",
            }
            for _ in range(items_count)
        ]
    }


def main() -> None:
    """Print one JSON line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--api-key", default=os.environ.get("SERAI_API_KEY", ""))
    p.add_argument("--requests", type=int, default=2_000)
    p.add_argument("--server-pid", type=int, nargs="*", default=[], help="whose processor time to report")
    a = p.parse_args()
    address = Address(a.host, a.port, a.api_key)
    print(json.dumps(measure(address, a.requests, server_pids=a.server_pid)))


if __name__ == "__main__":
    main()

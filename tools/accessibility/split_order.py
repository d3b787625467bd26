"""A group of parcels that may be one order, for whoever looks at its page."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
from serai.foundation.id_text import format_id
from tests.browser.served_pages import Served
from tests.journey.cases.world import parcel


def split_group(served: Served, ask: Callable[..., Any]) -> str:
    """Return a group of parcels that may be one order; the node needs some seconds to make it."""
    for number in range(3):
        more = {"seller_id": "S-LOOKED", "consignee": {**parcel("X")["consignee"], "street": "1 Quux"}}
        document = parcel(f"LOOKED-{number}", **more)
        document["goods_items"][0]["invoice_amount"] = "90.00"
        ask("/v1/declarations", document)
    row, end = None, time.monotonic() + 30
    with psycopg.connect(served.dsn, autocommit=True) as connection:
        while row is None and time.monotonic() < end:
            time.sleep(0.3)
            row = connection.execute("SELECT group_id FROM split_shipment_group").fetchone()
    assert row is not None, "no group was made"
    return format_id(row[0])

"""Invented trade as declarations, each with its label beside it: the label is never part of what is sent."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from serai.laboratory.invented import numbers
from serai.laboratory.invented.instants import instant
from serai.laboratory.invented.parcels import decimal_of, kilograms_of
from serai.laboratory.invented.seeded_fraud.frauds import FRAUDS, sow
from serai.laboratory.invented.seeded_fraud.market import Market, draw_market
from serai.laboratory.invented.seeded_fraud.trade import LAWFUL, Trade, draw_lawful

_DECLARANTS = 12
_FLYING = timedelta(hours=9)
_SELLERS_PER_PARCEL, _ADDRESSES_PER_PARCEL = 0.02, 0.35


class LabelledParcel(NamedTuple):
    """A declaration as it is lodged, and what an examination of the goods would find: a fraud, or None."""

    declaration: dict[str, Any]
    fraud: str | None


def labelled_trade(count: int, seed: int, days: int = 60) -> tuple[Market, Trade]:
    """Draw about `count` parcels of `days` days; the same arguments give the same ones."""
    rng = np.random.default_rng([seed, 15])
    market = draw_market(
        rng, max(60, int(count * _SELLERS_PER_PARCEL)), max(200, int(count * _ADDRESSES_PER_PARCEL))
    )
    return market, sow(rng, market, draw_lawful(rng, market, count, days))


def labelled_parcels(
    count: int, seed: int, *, first_day: datetime, days: int = 60
) -> Iterator[LabelledParcel]:
    """Give the parcels of `labelled_trade` in order of time. first_day: aware; days are counted from it."""
    market, trade = labelled_trade(count, seed, days)
    for row in range(len(trade)):
        kind = int(trade.fraud[row])
        fraud = None if kind == LAWFUL else FRAUDS[kind]
        yield LabelledParcel(_declaration(market, trade, row, seed, first_day), fraud)


def _declaration(market: Market, trade: Trade, row: int, seed: int, first_day: datetime) -> dict[str, Any]:
    seller, heading = int(trade.seller[row]), market.headings[int(trade.heading[row])]
    accepted = first_day + timedelta(minutes=int(trade.minute[row]))
    is_post = bool(trade.is_post[row])
    return {
        "reference": f"SF{seed}-{row:08d}",
        "ucr": f"6CN{seed:05d}SF{row:08d}",
        "logistics_channel_code": "post" if is_post else "express",
        "transport_mode_code": "5" if is_post else "4",
        "house_document": numbers.s10("LK", row * 7919, "CN") if is_post else numbers.express(row * 7919),
        "conveyance_reference": f"CV{1000 + row // 4000}/{instant(accepted + _FLYING)[:10]}",
        "platform_id": f"PF{seller % 12:03d}",
        "seller_id": f"S{seed % 100:02d}{seller:06d}",
        "sale_nature_code": "B2C",
        "is_platform_sale": True,
        "dispatch_country_code": str(market.dispatch_country[seller]),
        "purchased_at": instant(accepted - timedelta(days=3)),
        "paid_at": instant(accepted - timedelta(days=3)),
        "accepted_at": instant(accepted),
        "expected_arrival_at": instant(accepted + _FLYING),
        "consignor": {
            "name": market.seller_names[seller],
            "country_code": str(market.dispatch_country[seller]),
            "street": f"{seller} Harbour Road",
            "city": "Invented City",
            "postcode": f"{seller % 90_000:05d}",
        },
        "consignee": _consignee(market, trade, row),
        "goods_items": [
            {
                "sequence_number": 1,
                "commodity_code": heading.commodity_code,
                "description": heading.description,
                "quantity": "1",
                "invoice_amount": decimal_of(int(trade.value_minor[row]), "EUR"),
                "invoice_currency_code": "EUR",
                "origin_country_code": str(trade.origin_country[row]),
                "gross_mass_kg": kilograms_of(int(trade.mass_g[row])),
                "merchant_product_id": f"S{seller:06d}-{heading.commodity_code}",
            }
        ],
    }


def _consignee(market: Market, trade: Trade, row: int) -> dict[str, str]:
    address, person = int(trade.address[row]), int(trade.person[row])
    usual = market.person_names[(address * 37 + person * 101) % len(market.person_names)]
    return {
        "name": _written(usual, int(trade.name_variant[row])),
        "country_code": "DE",
        "street": f"{address % 300 + 1} Mill Lane {address // 300}",
        "city": "Berlin",
        "postcode": f"{10_000 + address % 89_000:05d}",
    }


def _written(name: str, variant: int) -> str:
    """0: as usual. 1: words in the other order, or one letter less where there is one word. 2: capitals."""
    if variant == 1:
        words = name.split(" ")
        return " ".join(reversed(words)) if len(words) > 1 else name[:-1]
    return name.upper() if variant == 2 else name

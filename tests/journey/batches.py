"""Small batches for tests of the processor: shipped packs with invented rates, sound parcels to be spoilt."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from serai.journey.pipeline import Context, Processed, run_pipeline
from serai.journey.screening.list_entry import ListEntry
from serai.journey.screening.lists import Lists, build_lists
from serai.law.book import LawBook
from serai.law.exchange import ExchangeRate
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import load_book
from serai.law.tariff import TariffLine
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.documents import Consignment, GoodsItem, Person

ROOT = Path(__file__).parents[2]
LAWS = ROOT / "laws"
AT_MS = int(dt.datetime(2026, 7, 2, 8, tzinfo=dt.UTC).timestamp() * 1000)
DAY_MS = 86_400_000
LISTED_NAME = "Invented Zoltan Dürer-Łoś"
_EVER: Any = {"valid_from": dt.date(2000, 1, 1), "valid_to": None, "source": "invented"}


@cache
def pack_files() -> dict[str, bytes]:
    paths = (path for path in LAWS.rglob("*") if path.is_file() and path.parent.name != "exchange")
    return {str(path.relative_to(LAWS)): path.read_bytes() for path in paths}


@cache
def book() -> LawBook:
    """The packs of the Union and of screening, with an invented tariff and the only rate of exchange."""
    tariff = [
        TariffLine(measure="duty", commodity_prefix=prefix, territory_code="EU", ad_valorem_ppm=ppm, **_EVER)
        for prefix, ppm in (("61", 120_000), ("64", 169_000), ("42", 37_000), ("9503", 0), ("3926", 65_000))
    ]
    rates = [
        ExchangeRate(
            table=table,
            home="EUR",
            currency="USD",
            numerator=9,
            denominator=10,
            direction="home_per_foreign",
            **_EVER,
        )
        for table in ("eu-customs-monthly", "ecb-daily")
    ]
    codes = ["EU-2021", "EU-2026", "EU-RESTRICTED", "EU-VAT", "SCREENING"]
    return load_book(pack_files(), codes=codes, tariff_lines=tariff, exchange_rates=rates)


@cache
def lists() -> Lists:
    entry = ListEntry(
        list_code="INVENTED", entry_id="I-1", kind_code="person", names=(LISTED_NAME, "Zed Alias")
    )
    files = pack_files()
    return build_lists([entry], read_vague_words(files[VAGUE_WORDS]), read_goods_kinds(files))


def item(**changes: Any) -> GoodsItem:
    sound = {
        "sequence_number": 1,
        "commodity_code": "61091000",
        "description": "Cotton t-shirt, knitted",
        "quantity": "2",
        "invoice_amount": "25.00",
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
        "gross_mass_kg": "0.400",
        "merchant_product_id": "M-1",
    }
    return GoodsItem(**sound | changes)  # type: ignore[arg-type]


def person(**changes: Any) -> Person:
    sound = {"name": "Invented Person", "country_code": "DE", "postcode": "10115"}
    return Person(**sound | changes)


def parcel(reference: str = "T-1", *items: GoodsItem, **changes: Any) -> Consignment:
    sound = {
        "reference": reference,
        "goods_items": list(items) or [item()],
        "consignor": Person(name="Invented Sender Ltd", country_code="CN"),
        "consignee": person(),
        "logistics_channel_code": "post",
        "sale_nature_code": "B2C",
        "purchased_at": "2026-06-30T10:00:00Z",
        "paid_at": "2026-06-30T10:00:00Z",
        "expected_arrival_at": "2026-07-04T10:00:00Z",
    }
    return Consignment(**sound | changes)  # type: ignore[arg-type]


def run(*documents: Consignment, at_ms: int = AT_MS, context: Context | None = None) -> Processed:
    """Walk documents through processing; nothing else is known unless a context says so."""
    known = Context.empty(len(documents)) if context is None else context
    return run_pipeline(documents, ["filer"] * len(documents), at_ms, book(), lists(), context=known)


def context(count: int = 1, **columns: Any) -> Context:
    """Context in which only some columns are known; a single value stands for every document."""
    empty = Context.empty(count)
    values = {field: getattr(empty, field) for field in Context.__dataclass_fields__}
    for name, value in columns.items():
        values[name] = values[name].copy()
        values[name][:] = value
    return Context(**values)


def rule_ids(processed: Processed, row: int) -> set[str]:
    """Which rules spoke of a consignment."""
    bits = processed.consignments.bit_sets("reason_bits")[row]
    reason_set = processed.reason_sets[int(processed.consignments.numbers("law_number")[row])]
    return {rule_id for place, rule_id in enumerate(reason_set.rule_ids) if bits >> place & 1}


def outcome(processed: Processed, row: int) -> Any:
    """Everything processing said of one accepted consignment, independent of its place in the batch."""
    frames: dict[str, Any] = {}
    columns = processed.consignments
    law = int(columns.numbers("law_number")[row])
    frames["consignment"] = _row(columns, row, skip={"law_number", "reason_bits"})
    frames["rules"] = sorted(rule_ids(processed, row))
    frames["law"] = processed.reason_sets[law].set_hash
    first = int(processed.first_items[row])
    owned = [n for n, owner in enumerate(processed.items.numbers("owner").tolist()) if owner == row]
    frames["items"] = [_row(processed.items, n, skip={"owner", "reason_bits"}) for n in owned]
    for name, frame in (("charges", processed.charges), ("findings", processed.findings)):
        rows = [n for n, owner in enumerate(frame.numbers("consignment").tolist()) if owner == row]
        frames[name] = [
            _row(frame, n, skip={"consignment", "item", "law_number"})
            | {"item": int(frame.numbers("item")[n]) - (first if frame.numbers("item")[n] >= 0 else 0)}
            for n in rows
        ]
    frames["hits"] = [hit[1:] for hit in processed.hits if hit.row == row]
    return msgspec.to_builtins(frames)


def _row(frame: Any, row: int, skip: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in frame.columns.items():
        if name not in skip:
            found[name] = column.texts()[row] if hasattr(column, "texts") else column[row].item()
    return found

"""Small packs and books for tests: one shipped folder, and packs written as text."""

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np

from serai.journey.assessment.rules import Assessment, assess
from serai.journey.validation.columns import read_columns
from serai.law.book import LawBook, LoadedPack, build_book
from serai.law.exchange import Exchange, ExchangeRate
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import load_book
from serai.law.load import decode_pack
from serai.law.registration import SchemeEntry, SchemeRegister
from serai.law.tariff import Tariff, TariffLine
from serai.law.territory import Territories
from serai.model.documents import Consignment, GoodsItem, Person

LAWS = Path(__file__).parents[2] / "laws"
EVER = dt.date(2000, 1, 1)
LAW_WAS_ANOTHER = frozenset({"EU26-14", "KE-03"})
"""Shared worked examples that a source proved wrong, so that they fail: argued in `tools/law_cases.yaml`."""


@cache
def shipped_files() -> dict[str, bytes]:
    return {str(path.relative_to(LAWS)): path.read_bytes() for path in LAWS.rglob("*") if path.is_file()}


def shipped_book(*lines: TariffLine, schemes: tuple[SchemeEntry, ...] = ()) -> LawBook:
    return load_book(shipped_files(), tariff_lines=lines, scheme_entries=schemes)


def rate(table: str, home: str, currency: str, numerator: int, denominator: int) -> ExchangeRate:
    return ExchangeRate(
        table=table,
        home=home,
        currency=currency,
        numerator=numerator,
        denominator=denominator,
        direction="home_per_foreign",
        valid_from=EVER,
        valid_to=None,
        source="test",
    )


HEAD = """format: serai-pack/1
code: {code}
title: "A law for tests"
jurisdiction: {jurisdiction}
layer: {layer}
status: in_force
confidence: sourced
valid_from: {valid_from}
valid_to: {valid_to}
currency: EUR
law_moment: accepted
sources:
  act: {{title: "Test Act"}}
conversions:
- {{name: customs, table: ecb-daily, moment: accepted, source: act}}
relief: [{{code: none}}]
declaration_form: [{{code: H1}}]
"""


def pack_text(
    body: str = "",
    *,
    code: str = "XX-TEST",
    jurisdiction: str = "XX",
    layer: str = "base",
    valid_from: str = "2020-01-01",
    valid_to: str = "null",
) -> str:
    head = HEAD.format(
        code=code, jurisdiction=jurisdiction, layer=layer, valid_from=valid_from, valid_to=valid_to
    )
    return head + body


def load(*texts: str) -> LawBook:
    packs = [
        LoadedPack(decode_pack(text.encode(), f"{number}/pack.yaml"), str(number))
        for number, text in enumerate(texts)
    ]
    return build_book(packs, Territories([]), Tariff([]), Exchange([]), SchemeRegister([], []))


def compile_pack(body: str) -> None:
    """Load a pack and compile its program, as `serai law check` does."""
    book = load(pack_text(body))
    book.program_number(tuple(book.packs))


def item(number: int = 1, **fields: str) -> GoodsItem:
    given = {
        "commodity_code": "610910",
        "description": "cotton shirt",
        "quantity": "1",
        "invoice_amount": "20.00",
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
        "gross_mass_kg": "0.200",
    }
    return GoodsItem(sequence_number=number, **{**given, **fields})  # type: ignore[arg-type]


def consignment(
    *items: GoodsItem, country: str = "DE", postcode: str | None = "10115", **fields: object
) -> Consignment:
    given: dict[str, object] = {
        "reference": "T-1",
        "goods_items": list(items) or [item()],
        "consignor": Person(name="Invented Sender", country_code="CN"),
        "consignee": Person(name="Invented Buyer", country_code=country, postcode=postcode),
        "logistics_channel_code": "express",
        "transport_mode_code": "4",
        "sale_nature_code": "B2C",
        "accepted_at": "2026-08-01T10:00:00+00:00",
    }
    return Consignment(**{**given, **fields})  # type: ignore[arg-type]


def assessed(book: LawBook, *documents: Consignment) -> Assessment:
    """Assess documents, of which only what restricted goods they name was screened."""
    columns = read_columns(list(documents), ["filer"] * len(documents), 0, book)
    consignments = columns.consignments.with_columns(
        is_value_contradicted=np.zeros(len(documents), dtype=np.bool_)
    )
    items = columns.items
    kinds = read_goods_kinds(shipped_files()).name_all(
        items.words("description"), items.words("commodity_code")
    )
    return assess(consignments, items.with_columns(goods_kind_codes=kinds), columns.first_items, book)


def findings_of(result: Assessment) -> set[tuple[str | None, str | None]]:
    """Code and word of what stands in the way; what screening would have looked at is left out."""
    words = zip(result.findings.words("code").texts(), result.findings.words("word").texts(), strict=True)
    return {row for row in words if row[1] not in ("is_party_listed", "is_description_vague")}


def charges_of(result: Assessment) -> list[tuple[str | None, str | None, int]]:
    """Kind, where it is due and amount of each charge, in order."""
    return list(
        zip(
            result.charges.words("kind_code").texts(),
            result.charges.words("due_code").texts(),
            result.charges.numbers("amount_minor").tolist(),
            strict=True,
        )
    )

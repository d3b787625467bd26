"""An additional code of the tariff, from the declaration to the duty that is owed."""

import datetime as dt
from typing import Any

from serai.journey.assessment.rules import assess
from serai.journey.validation.columns import read_columns
from serai.law.book import LoadedPack, build_book
from serai.law.exchange import Exchange
from serai.law.load import decode_pack
from serai.law.registration import SchemeRegister
from serai.law.tariff import Tariff, TariffLine
from serai.law.territory import Territories, Territory
from serai.model.documents import GoodsItem, GoodsItemDetail
from tests.law.packs import charges_of, consignment, item, pack_text

BODY = """tariff_rates:
- {name: dumping_rate, measure: dumping, meaning: "Anti-dumping duty"}
charges:
- rule_id: xx-dumping
  tax_type_code: A30
  kind: duty
  level: item
  title: "Anti-dumping duty"
  when: "TRUE"
  amount: TARIFF_DUTY(line_value, dumping_rate)
  law_ref: "Act s. 1"
  due: border
  debtor: [{code: buyer}]
"""


def _line(**fields: Any) -> TariffLine:
    given: dict[str, Any] = {
        "valid_from": dt.date(2020, 1, 1),
        "valid_to": None,
        "source": "Reg.",
        "territory_code": "XX",
    }
    return TariffLine(measure="dumping", commodity_prefix="8712", origin_code="CN", **given, **fields)


def test_the_producers_code_brings_the_producers_duty() -> None:
    everywhere = Territory(
        country_code="XX",
        customs_territory_code="XX",
        tax_territory_code="XX",
        time_zone="UTC",
        valid_from=dt.date(1993, 1, 1),
        valid_to=None,
        source="Act",
        name="XX",
    )
    tariff = Tariff([_line(ad_valorem_ppm=485_000), _line(ad_valorem_ppm=192_000, additional_code="B772")])
    pack = LoadedPack(decode_pack(pack_text(BODY).encode(), "XX-TEST/pack.yaml"), "1")
    book = build_book([pack], Territories([everywhere]), tariff, Exchange([]), SchemeRegister([], []))
    items: list[GoodsItem] = [item(1, commodity_code="871200"), item(2, commodity_code="871200")]
    claimed = GoodsItemDetail(additional_commodity_codes=["TRA:B772", "GN:VATZ"])
    items += [item(3, commodity_code="871200", detail=claimed)]  # type: ignore[arg-type]
    document = consignment(*items, country="XX", postcode=None)
    columns = read_columns([document], ["filer"], 0, book)

    result = assess(columns.consignments, columns.items, columns.first_items, book)

    assert [amount for _, _, amount in charges_of(result)] == [970, 970, 384]

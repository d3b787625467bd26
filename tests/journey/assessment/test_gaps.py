"""What the law does not say is a finding, never the last known; what is prohibited waits for its document."""

import pytest

from serai.law.book import LawBook
from serai.model.documents import AdditionalDocument
from tests.law.packs import assessed, charges_of, consignment, findings_of, item, shipped_book


def _australia(accepted: str, mode: str = "4") -> set[tuple[str | None, str | None]]:
    watch = item(commodity_code="847130", invoice_amount="2000.00", invoice_currency_code="AUD")
    document = consignment(
        watch, country="AU", postcode="2000", accepted_at=accepted, transport_mode_code=mode
    )
    return findings_of(assessed(shipped_book(), document))


def test_charge_whose_amount_the_law_does_not_give_is_a_finding() -> None:
    assert _australia("2025-06-30T02:00:00Z") == set()
    assert _australia("2025-07-01T02:00:00Z") == {("parameter-not-known", "biosecurity_charge")}
    assert _australia("2023-06-01T02:00:00Z") == {("parameter-not-known", "biosecurity_charge")}


def test_mode_without_a_rate_is_a_finding() -> None:
    assert _australia("2025-03-01T02:00:00Z", mode="5") == {("parameter-not-known", "biosecurity_charge")}


def test_currency_without_a_rate_for_the_day_is_a_finding_and_no_charge() -> None:
    dollars = item(invoice_amount="20.00", invoice_currency_code="USD")

    result = assessed(shipped_book(), consignment(dollars))

    assert ("no-exchange-rate", "line_value") in findings_of(result)
    assert charges_of(result) == []


def test_amount_too_large_says_so() -> None:
    palace = item(invoice_amount="99999999999.00")

    assert ("amount-out-of-range", "line_value") in findings_of(assessed(shipped_book(), consignment(palace)))


def _applies(rule_id: str, result_book: LawBook, **fields: object) -> bool:
    goods = fields.pop("goods", item())
    result = assessed(result_book, consignment(goods, **fields))  # type: ignore[arg-type]
    run = result.runs[0].run
    number = next(n for n, rule in enumerate(run.program.rules) if rule.rule_id == rule_id)
    return any(bool(flags.any()) for place, flags in run.applying if place == number)


@pytest.mark.parametrize(
    ("rule_id", "code", "document", "where"),
    [
        ("eu-firearms", "930320", "911", {"country": "DE"}),
        ("eu-cites", "960110", "C400", {"country": "DE"}),
        ("gb-ivory", "960110", "C400", {"country": "GB", "postcode": "SW1A 1AA"}),
        ("au-vaping-goods", "240412", "911", {"country": "AU", "postcode": "2000"}),
    ],
)
def test_prohibited_goods_wait_until_their_document_is_there(
    rule_id: str, code: str, document: str, where: dict[str, str]
) -> None:
    book = shipped_book()
    document_entries = [AdditionalDocument(document, "REF-1")]
    other = [AdditionalDocument("N380", "INV-1")]

    assert _applies(rule_id, book, goods=item(commodity_code=code), **where)
    assert _applies(rule_id, book, goods=item(commodity_code=code), additional_documents=other, **where)
    assert not _applies(
        rule_id, book, goods=item(commodity_code=code), additional_documents=document_entries, **where
    )
    assert not _applies(rule_id, book, goods=item(commodity_code="610910"), **where)


def test_british_sale_waits_for_the_seller_s_number_and_a_business_does_not() -> None:
    book = shipped_book()
    shirt = item(invoice_currency_code="GBP")
    britain = {"country": "GB", "postcode": "SW1A 1AA", "goods": shirt}

    assert _applies("gb-seller-number", book, **britain)
    assert not _applies("gb-seller-number", book, sale_nature_code="gift", **britain)


def test_every_rule_that_holds_or_raises_has_remedy_and_appeal() -> None:
    book = shipped_book()
    for code in ("EU-2021", "EU-2026", "GB-2021", "AU-2018", "FR-TPC-2026", "IT-FEE-2026", "RO-FEE-2026"):
        pack = book.packs[code].pack
        for reason in pack.reasons:
            if reason.lane != "proceed":
                assert reason.remedy, reason.rule_id
                assert reason.appeal, reason.rule_id
        for exclusion in pack.exclusions:
            assert len(exclusion.remedy) > 40, exclusion.rule_id

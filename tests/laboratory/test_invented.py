"""The generator: the yardstick's parcels byte for byte, and documents that the model reads."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from stdnum.au import abn
from stdnum.gb import vat

from serai.laboratory.invented import numbers, parcels
from serai.laboratory.invented.draws import draws
from serai.laboratory.invented.flights import flights
from serai.laboratory.invented.named_parcels import named_parcels
from serai.laboratory.invented.names import listed_names
from serai.laboratory.invented.registers import COMMON_NAME, denied_parties, scheme_register
from serai.model.documents import Consignment, Order, Payment
from tests.beside import SHARED, needs
from tests.costs import costs_at_most

AT = datetime(2026, 6, 30, 20, tzinfo=UTC)
FIRST = datetime(2026, 6, 30, tzinfo=UTC)
COUNT = 9_000
YARDSTICK = SHARED / "bench"
MODELS = {"declaration": Consignment, "order": Order, "payment": Payment}


@pytest.fixture(scope="module")
def drawn() -> list[parcels.Parcel]:
    return list(parcels.parcels(COUNT, at=AT, first_acceptance=FIRST))


@pytest.mark.in_turn
@needs(YARDSTICK)
def test_draws_are_the_yardsticks_byte_for_byte() -> None:
    theirs = subprocess.run(
        [sys.executable, YARDSTICK / "parcels.py", "--count", "3000", "--seed", "5"],
        check=True,
        capture_output=True,
    ).stdout

    ours = [json.dumps(d.record, ensure_ascii=False, separators=(",", ":")).encode() for d in draws(3_000, 5)]

    assert ours == theirs.splitlines()


@pytest.mark.in_turn
def test_same_arguments_give_the_same_documents(drawn: list[parcels.Parcel]) -> None:
    again = parcels.parcels(COUNT, at=AT, first_acceptance=FIRST)

    assert all(a == b for a, b in zip(drawn, again, strict=True))


@pytest.mark.in_turn
def test_every_sound_record_is_a_document_the_model_reads(drawn: list[parcels.Parcel]) -> None:
    for d, parcel in zip(draws(COUNT), drawn, strict=True):
        if d.fault in {"missing"}:
            with pytest.raises(msgspec.ValidationError, match="missing required field"):
                msgspec.convert(parcel.consignment, Consignment)
        else:
            msgspec.convert(parcel.consignment, Consignment)


@pytest.mark.in_turn
def test_faults_stay_faults_and_repeats_stay_repeats(drawn: list[parcels.Parcel]) -> None:
    lines = [msgspec.json.encode(p.consignment) for p in drawn]
    by_reference: dict[str, set[bytes]] = {}
    for parcel, line in zip(drawn, lines, strict=True):
        by_reference.setdefault(parcel.consignment["reference"], set()).add(line)
    faults = Counter(d.fault for d in draws(COUNT))
    items = [p.consignment["goods_items"][0] for p in drawn]

    assert len(set(lines)) < len(lines)
    assert any(len(contents) > 1 for contents in by_reference.values())
    assert {"missing", "country", "weight", "currency", "duplicate"} <= set(faults)
    assert any(i.get("invoice_currency_code") == "EURO" for i in items)
    assert any(i["origin_country_code"] == "XX" for i in items)
    assert any(i.get("gross_mass_kg", "").startswith("-") for i in items)


def test_flights_land_within_twelve_hours_and_carry_the_consignments(drawn: list[parcels.Parcel]) -> None:
    planned = list(flights(COUNT, at=AT))
    landings = [datetime.fromisoformat(f.scheduled_arrival_at) for f in planned]
    carried = {p.consignment["conveyance_reference"] for p in drawn}

    assert [f.consignments_count for f in planned] == [4_000, 4_000, 1_000]
    assert all(AT < landing <= AT + timedelta(hours=12) for landing in landings)
    assert carried == {f.conveyance_reference for f in planned}


def test_moments_follow_each_other_on_both_sides_of_first_july() -> None:
    at = AT + timedelta(hours=6)
    last = datetime(2026, 7, 2, tzinfo=UTC)
    days = Counter()  # type: Counter[str]

    for c in parcels.consignments(2_000, at=at, first_acceptance=FIRST, last_acceptance=last):
        moments = [c[f"{m}_at"] for m in ("purchased", "paid", "exported", "accepted", "expected_arrival")]
        assert moments == sorted(moments)
        days[c["accepted_at"][:10]] += 1

    assert set(days) == {"2026-06-30", "2026-07-01"}
    assert min(days.values()) > 20


@pytest.mark.in_turn
def test_amounts_are_exact_and_carry_the_currencys_places(drawn: list[parcels.Parcel]) -> None:
    for d, parcel in zip(draws(COUNT), drawn, strict=True):
        if d.fault is not None:
            continue
        for ours, theirs in zip(parcel.consignment["goods_items"], d.record["goodsItems"], strict=True):
            places = 0 if ours["invoice_currency_code"] in {"JPY", "KRW"} else 2
            amount = Decimal(ours["invoice_amount"])
            assert amount.scaleb(places) == theirs["invoiceAmount"]["minor"]
            assert -amount.as_tuple().exponent == places  # type: ignore[operator]
            assert Decimal(ours["gross_mass_kg"]) * 1000 == theirs["grossWeightGrams"]


def test_payment_is_lines_and_freight_less_the_coupon(drawn: list[parcels.Parcel]) -> None:
    pairs = [(p.order, p.payment) for p in drawn if p.order and p.payment]

    for order, payment in pairs:
        msgspec.convert(order, Order)
        msgspec.convert(payment, Payment)
        total = sum(Decimal(line["amount"]) for line in order["lines"])
        total += Decimal(order.get("freight_amount", "0")) - Decimal(order.get("discount_amount", "0"))
        assert Decimal(payment["amount"]) == total
        assert payment["order_references"] == [order["reference"]]

    assert any("discount_amount" in order for order, _ in pairs)
    assert len(pairs) > COUNT // 12


def test_scheme_numbers_have_the_kind_of_their_destination(drawn: list[parcels.Parcel]) -> None:
    register = scheme_register(COUNT)
    status = {s.number: "ended" if s.valid_to else "valid" for s in register.entries}
    status |= dict.fromkeys(register.unknown, "unknown")
    seen = Counter()  # type: Counter[tuple[str, str]]

    for c in (p.consignment for p in drawn):
        if "additional_fiscal_references" in c:
            (reference,) = c["additional_fiscal_references"]
            assert reference["role"] == "FR5"
            country = c["consignee"]["country_code"]
            kinds = {"GB": {"GB-VAT"}, "AU": {"ABN", "ARN"}}.get(country, {"IOSS"})
            assert c["scheme_kind_code"] in kinds
            seen[c["scheme_kind_code"], status[reference["identification_number"]]] += 1

    assert {("IOSS", "valid"), ("IOSS", "ended"), ("IOSS", "unknown"), ("GB-VAT", "valid")} <= set(seen)
    assert all(vat.is_valid(numbers.gb_vat(n)) and abn.is_valid(numbers.abn(n)) for n in range(300))


@pytest.mark.in_turn
def test_lists_say_that_they_are_invented() -> None:
    denied, register = denied_parties(), scheme_register(100)

    assert "INVENTED" in denied.title
    assert "INVENTED" in register.title
    assert {e.name for e in denied.entries} == {COMMON_NAME, *listed_names()}
    assert len({e.entry_id for e in denied.entries}) == len(denied.entries)


def test_named_parcels_are_documents_and_tell_their_story() -> None:
    stories = named_parcels(AT)
    documents = [d for story in stories for d in story.documents]
    declared = [d.content for d in documents if d.kind == "declaration"]

    for document in documents:
        msgspec.convert(document.content, MODELS[document.kind])

    assert len(stories) == 8
    assert len({c["reference"] for c in declared}) == len(declared) == 10
    assert [c["goods_items"][0]["invoice_amount"] for c in declared[2:4]] == ["150.00", "150.01"]
    june, july = declared[4:6]
    assert (june["accepted_at"][:10], june["expected_arrival_at"][:10]) == ("2026-06-30", "2026-06-30")
    assert (july["accepted_at"][:10], july["goods_items"]) == ("2026-07-01", june["goods_items"])
    assert all("additional_fiscal_references" in c for c in declared[:-1])
    assert "additional_fiscal_references" not in declared[-1]


def test_flat_duty_stories_never_fall_under_the_old_law() -> None:
    stories = named_parcels(datetime(2026, 1, 1, tzinfo=UTC))

    assert stories[0].documents[0].content["accepted_at"] >= "2026-07-01"


@pytest.mark.slow
def test_hundred_thousand_are_written_in_bounded_time(tmp_path: Path) -> None:
    with costs_at_most(cpu_s=60):
        count = parcels.write_ndjson(
            tmp_path / "parcels.ndjson", parcels.consignments(100_000, at=AT, first_acceptance=FIRST)
        )

    assert count == 100_000

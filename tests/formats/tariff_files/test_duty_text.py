"""Duties as tariffs write them, into exact terms; what a line cannot say is refused with a code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.formats.tariff_files.duty_text import Terms, read_duty
from serai.formats.tariff_files.outcome import Refused


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("0.00%", Terms()),
        ("Free", Terms()),
        ("12.5 %", Terms(ad_valorem_ppm=125_000)),
        ("10.00% + 93.100 GBP / 100 kg", Terms(100_000, 93_100_000, "kg", currency="GBP")),
        ("176.800 EUR / DTN", Terms(0, 176_800_000, "kg", currency="EUR")),
        ("8.800 % + 2.500 EUR DTN", Terms(88_000, 2_500_000, "kg", currency="EUR")),
        (
            "10 % MIN 22.000 EUR / 100 kg MAX 56.000 EUR / 100 kg",
            Terms(100_000, 0, "kg", 22_000_000, 56_000_000, 0, None, "EUR"),
        ),
        ("0.300 EUR / p/st MAX 5.0 %", Terms(0, 30_000_000, "piece", 0, None, 0, 50_000, "EUR")),
        ("1,200.00 GBP / 1,000 p/st", Terms(0, 120_000_000, "piece", currency="GBP")),
        ("0.600 GBP / % vol / hl + 3.200 GBP / hl", None),
        ("4.4¢/kg + 8.5%", Terms(85_000, 4_400_000, "kg", currency="USD")),
        ("$1.03/kg", Terms(0, 103_000_000, "kg", currency="USD")),
        ("33¢ each", Terms(0, 33_000_000, "piece", currency="USD")),
        ("24¢/doz.", Terms(0, 2_000_000, "piece", currency="USD")),
        ("13 JPY / kg", Terms(0, 13_000_000, "kg", currency="JPY")),
    ],
)
def test_a_duty_is_read_exactly(text: str, terms: Terms | None) -> None:
    if terms is None:
        with pytest.raises(Refused) as refused:
            read_duty(text)
        assert refused.value.code == "two-units"
    else:
        assert read_duty(text) == terms


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "duty-missing"),
        ("9.00 % + EA", "duty-not-understood"),
        ("10 % - 2 %", "duty-not-understood"),
        ("10 % MAX 5 % MAX 6 %", "duty-not-understood"),
        ("Cond: A cert: D-008 (01):0.000 %", "duty-by-condition"),
        ("-5 %", "duty-not-understood"),
        ("5 EUR / firkin", "unit-unknown"),
        ("5 QQQ / kg", "currency-unknown"),
        ("0.00001 %", "rate-too-fine"),
        ("1 EUR / kg + 1 GBP / kg", "two-units"),
        ("0.1234567 JPY / 1000 kg", "amount-too-fine"),
    ],
)
def test_what_a_line_cannot_say_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_duty(text)

    assert refused.value.code == code
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("12.8 % + 10 EUR / DTN E", "DTN of drained net mass"),
        ("10 EUR DTN G", "DTN of gross mass"),
        ("10 EUR / DTN Z", "DTN of each per cent of sucrose"),
        ("10 EUR / TNE R", "TNE of standard quality"),
        ("10 EUR / KGM A", "KGM of total alcohol"),
        ("10 EUR / 100 kg/net eda", "drained net mass"),
        ("10 EUR / TJO", "terajoules of gross calorific value"),
        ("10 EUR / MTQ", "cubic metres"),
        ("9 % + EA MAX 20 % + ADSZ", "agricultural component"),
        ("9 % MAX 20 % + AD F/M", "additional duty on flour"),
    ],
)
def test_what_a_line_cannot_say_is_refused_by_its_name(text: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        read_duty(text)

    assert name in refused.value.reason


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        terms = read_duty(text)
    except Refused:
        return
    assert terms.ad_valorem_ppm >= 0
    assert terms.specific_micro >= 0

"""Values of a pack as they are written, and what was meant by those written otherwise."""

import datetime as dt
from typing import Any

import pytest

from serai.law.notation import read_values
from serai.law.written_values import write_value


def read(value: Any, kind: str, currency: str | None = "EUR") -> tuple[Any, Any, list[str]]:
    """Return what a value becomes, the currency it names, and what is wrong with it."""
    parameter: dict[str, Any] = {"kind": kind, "values": [{"value": value}]}
    faults = read_values({"currency": currency, "parameters": [parameter]})
    return parameter["values"][0]["value"], parameter.get("currency"), [fault.message for fault in faults]


@pytest.mark.parametrize(
    ("written", "kind", "number"),
    [
        ("25 %", "rate", 250_000),
        ("2.5 %", "rate", 25_000),
        ("0.3464 %", "rate", 3_464),
        ("150.00 EUR", "money", 15_000),
        ("10000 JPY", "money", 10_000),
        ("2.500 KWD", "money", 2_500),
        ("31.5 kg", "mass", 31_500),
        ("500 g", "mass", 500),
        ("2026-11-01", "date", "2026-11-01"),
    ],
)
def test_a_value_is_read_and_written_back_as_it_was(written: str, kind: str, number: Any) -> None:
    found, named, faults = read(written, kind)

    assert (found, faults) == (number, [])
    assert write_value(number, kind, named or "EUR") == written


def test_a_day_needs_no_quotation_marks() -> None:
    assert read(dt.date(2026, 11, 1), "date") == ("2026-11-01", None, [])


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [
        ("25%", "rate", ["25 %"]),
        ("25,5 %", "rate", ["25.5 %"]),
        ("25 percent", "rate", ["25 %"]),
        ("3464 ppm", "rate", ["0.3464 %"]),
        (0.25, "rate", ["25 %", "0.25 %"]),
        (25, "rate", ["25 %"]),
        (250_000, "rate", ["25 %"]),
        (15_000, "money", ["150.00 EUR", "15000.00 EUR"]),
        (2_000, "mass", ["2 kg", "2000 kg"]),
        ("0.25", "rate", ["25 %", "0.25 %"]),
        ("150 EUR", "money", ["150.00 EUR"]),
        ("€150", "money", ["150.00 EUR"]),
        ("EUR 150.00", "money", ["150.00 EUR"]),
        ("150,00 EUR", "money", ["150.00 EUR"]),
        ("1,500.00 EUR", "money", ["1500.00 EUR"]),
        ("1.500 EUR", "money", ["1500.00 EUR"]),
        ("150.00 EUX", "money", ["150.00 EUR"]),
        ("100.00 JPY", "money", ["100 JPY"]),
        ("2kg", "mass", ["2 kg"]),
        ("2 kilograms", "mass", ["2 kg"]),
        ("1.11.2026", "date", ["2026-11-01"]),
    ],
)
def test_a_value_written_otherwise_is_told_what_was_meant(written: Any, kind: str, meant: list[str]) -> None:
    found, _, faults = read(written, kind)

    said = " or ".join(f"`{one}`" for one in meant)
    assert found is None
    assert [fault.partition("Did you mean ")[2] for fault in faults] == [f"{said}?"]


@pytest.mark.parametrize(
    ("written", "kind"), [("much", "rate"), (True, "rate"), ("2 lb", "mass"), ([], "money")]
)
def test_a_value_that_nothing_comes_near_is_told_how_its_kind_is_written(written: Any, kind: str) -> None:
    _, _, faults = read(written, kind)

    assert len(faults) == 1
    assert "Did you mean" not in faults[0]
    assert faults[0].endswith("`.")


def test_the_currency_of_a_parameter_is_that_of_its_amounts() -> None:
    assert read("150.00 EUR", "money")[1] is None
    assert read("75.00 USD", "money")[1] == "USD"
    assert read("75.00 USD", "money", currency=None)[1] == "USD"


def test_a_currency_beside_amounts_that_name_theirs_is_refused() -> None:
    parameter = {"kind": "money", "currency": "EUR", "values": [{"value": "1.00 EUR"}]}

    faults = read_values({"currency": "EUR", "parameters": [parameter]})

    assert ["leave `currency` out" in fault.message for fault in faults] == [True]


def test_amounts_of_one_parameter_are_in_one_currency() -> None:
    values = [{"value": "1.00 EUR"}, {"value": "1.00 USD"}]

    faults = read_values({"currency": "EUR", "parameters": [{"kind": "money", "values": values}]})

    assert ["in EUR and USD" in fault.message for fault in faults] == [True]

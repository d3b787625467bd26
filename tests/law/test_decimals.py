"""Decimal text of the wire: exact, or no decimal at all."""

import pytest

from serai.model.money import read_decimal, read_decimals


@pytest.mark.parametrize(
    ("text", "millionths"),
    [
        ("0", 0),
        ("-1.5", -1_500_000),
        ("999999999999.999999", 10**18 - 1),
        ("007.10", 7_100_000),
        ("-8999999999999.999999", 1 - 9 * 10**18),
    ],
)
def test_decimal_is_read_exactly(text: str, millionths: int) -> None:
    read, is_decimal = read_decimals([text])

    assert (read.tolist(), is_decimal.tolist()) == ([millionths], [True])


@pytest.mark.parametrize("text", ["9999999999999", "1e5", "+1", "1,5", " 1", "", "1.", "0.0000001", "NaN"])
def test_what_is_no_decimal_or_too_large_is_not_read(text: str) -> None:
    read, is_decimal = read_decimals([text, None])

    assert (read.tolist(), is_decimal.tolist()) == ([0, 0], [False, False])


@pytest.mark.parametrize(
    "text", ["0", "-0.5", "-1.5", "007.10", "999999999999.999999", "9999999999999", "1e5", "1.", "\u0661", ""]
)
def test_one_text_alone_is_read_as_among_many(text: str) -> None:
    read, is_decimal = read_decimals([text] * 1_000)

    alone = read_decimal(text)

    assert set(is_decimal.tolist()) == {alone is not None}
    assert set(read.tolist()) == {alone or 0}

"""Scheme numbers: shape, check and dated register; a declarant's own word decides nothing."""

import datetime as dt

import pytest

from serai.law.load import decode_table
from serai.law.pack import Checksum, Registration
from serai.law.registration import SchemeEntry, SchemeRegister
from serai.law.tariff import day_number

DAY = day_number(dt.date(2026, 8, 1))
ABN = Checksum(weights=[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19], modulus=89, first_digit_less=1)
IRD = Checksum(weights=[3, 2, 7, 6, 5, 4, 3, 2, 1], modulus=11, weights_if_ten=[7, 4, 3, 2, 5, 2, 7, 6, 1])
SHAPES = [
    Registration(kind="ABN", title="t", pattern="[0-9]{11}", check=ABN, register="au-gst", source="s"),
    Registration(kind="IRD", title="t", pattern="[0-9]{8,9}", check=IRD, source="s"),
    Registration(kind="IOSS", title="t", pattern="IM[0-9]{10}", register="ioss", source="s"),
    Registration(kind="OPEN", title="t", pattern="[A-Z]{3}", source="s"),
]


def _entry(number: str, *filers: str, to: dt.date | None = None) -> SchemeEntry:
    return SchemeEntry(kind="IOSS", number=number, valid_from=dt.date(2026, 1, 1), valid_to=to, filers=filers)


@pytest.mark.parametrize(
    ("kind", "number", "status"),
    [
        ("IOSS", None, "none"),
        ("IOSS", "IM12", "malformed"),
        ("ABN", "51824753557", "malformed"),
        ("ABN", "51824753556", "unknown"),
        ("IRD", "049091850", "valid"),
        ("IRD", "49091850", "valid"),
        ("IRD", "049091851", "malformed"),
        # Eleven asks for a check digit of ten, so that the second weights decide.
        ("IRD", "136410132", "valid"),
        ("IRD", "136410133", "malformed"),
        ("NONE", "IM0000000001", "malformed"),
        (None, "IM0000000001", "malformed"),
        ("OPEN", "ABC", "valid"),
        ("IOSS", "IM0000000001", "valid"),
        ("IOSS", "IM0000000002", "ended"),
        ("IOSS", "IM0000000003", "not-allowed"),
        ("IOSS", "IM0000000004", "unknown"),
    ],
)
def test_standing_of_a_number(kind: str | None, number: str | None, status: str) -> None:
    register = SchemeRegister(
        SHAPES,
        [
            _entry("IM0000000001"),
            _entry("IM0000000002", to=dt.date(2026, 8, 1)),
            _entry("IM0000000003", "somebody else"),
        ],
    )

    assert register.status(kind, number, "filer", DAY) == status


def test_a_register_as_a_table_names_who_may_use_a_number() -> None:
    table = b"kind,number,valid_from,valid_to,filers\nIOSS,IM1,2026-01-01,,10 11\nIOSS,IM2,2026-01-01,,\n"

    entries = list(decode_table(table, SchemeEntry, "scheme-register.csv"))

    assert [entry.filers for entry in entries] == [("10", "11"), ()]

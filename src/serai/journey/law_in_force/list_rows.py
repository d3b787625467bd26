"""Lists that laws count with, out of the bytes that they are kept as."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from serai.law.exchange import ExchangeRate
from serai.law.load import decode_table
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine


class ListFile(Protocol):
    """A list as it is kept. kind: of LIST_KINDS."""

    @property
    def kind(self) -> str:
        """What it is a list of."""
        ...

    @property
    def name(self) -> str:
        """Name of the file."""
        ...

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...


class ListRows(NamedTuple):
    """What the lists of a generation say that laws count with."""

    lines: list[TariffLine]
    rates: list[ExchangeRate]
    scheme_entries: list[SchemeEntry]


def read_list_rows(files: Iterable[ListFile]) -> ListRows:
    """Decode the lists among files. Raises LawPackError."""
    rows = ListRows([], [], [])
    for one in files:
        if one.kind == "exchange-rates":
            rows.rates.extend(decode_table(one.content, ExchangeRate, one.name))
        elif one.kind == "tariff":
            rows.lines.extend(decode_table(one.content, TariffLine, one.name))
        elif one.kind == "scheme-register":
            rows.scheme_entries.extend(decode_table(one.content, SchemeEntry, one.name))
    return rows

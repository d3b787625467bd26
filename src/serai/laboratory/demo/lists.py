"""The lists of the demo as the files that `serai list import` reads; all invented, as their names say."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from serai.laboratory.compare.assumed_rates import DUTY_RATES_PPM
from serai.laboratory.invented.registers import denied_parties, scheme_register

_WITHOUT_TARIFF = "US"
"""The one customs territory of the demo whose packs bring no tariff: they leave it to the tariff in use."""
_TARIFF_FROM = "2015-01-01"
_TARIFF_COLUMNS = (
    "measure",
    "commodity_prefix",
    "ad_valorem_ppm",
    "valid_from",
    "valid_to",
    "territory_code",
    "source",
)


class ListFile(NamedTuple):
    """A list's file. kind: as `serai list import` names it."""

    kind: str
    name: str
    content: bytes


def invented_lists(count: int, seed: int, exchange_rates: bytes) -> list[ListFile]:
    """Return what screening and assessment of `count` invented consignments of a seed need.

    exchange_rates: the file of invented rates that travels with the examples.
    """
    denied = [(one.entry_id, one.name, one.kind_code) for one in denied_parties().entries]
    schemes = [
        (one.kind_code, one.number, one.valid_from, one.valid_to or "")
        for one in scheme_register(count, seed).entries
    ]
    duties = [
        ("duty", prefix, rate_ppm, _TARIFF_FROM, "", _WITHOUT_TARIFF, "INVENTED for demonstration and tests")
        for prefix, rate_ppm in DUTY_RATES_PPM.items()
    ]
    return [
        ListFile("tariff", "invented-tariff.csv", _csv(_TARIFF_COLUMNS, duties)),
        ListFile("exchange-rates", "invented-exchange-rates.csv", exchange_rates),
        ListFile(
            "denied-parties", "invented-denied-parties.csv", _csv(("entry_id", "name", "kind_code"), denied)
        ),
        ListFile(
            "scheme-register",
            "invented-scheme-register.csv",
            _csv(("kind", "number", "valid_from", "valid_to"), schemes),
        ),
    ]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()

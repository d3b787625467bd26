"""Published customs scenarios: a declaration, and the tax lines that the customs service answered.

A folder holds `scenarios.csv` (scenario, set, request_file, lrn_match ...), `tax_lines.csv`
(a line of DMSTAX each; `is_oracle` 1 for the answer to compare with) and the requests they name.
"""

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serai.model.errors import SeraiError
from serai.model.money import MICRO, read_decimals

ORACLE_SET = "oracle"
_MICRO_OF_MINOR = MICRO // 100


@dataclass(frozen=True, slots=True)
class StatedLine:
    """One tax line of an answer. Amounts in pence; None where the answer says nothing.

    rate_ppm: ad valorem. item: number of the goods item; None for a line of the declaration.
    """

    item: int | None
    tax_type: str
    base_minor: int | None
    rate_ppm: int | None
    assessed_minor: int | None
    payment_minor: int | None

    @property
    def is_security(self) -> bool:
        """Say whether the line is money kept as security: it is assessed, and no payment is asked for it."""
        return self.payment_minor is None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. answered_at: when
    the customs service did. is_answer_to_request: the answer bears the request's own reference.
    is_consistent: its own figures follow from each other by its own rates. earlier_lines: those of other
    answers in the course of the scenario, which show how the service rounds.
    """

    name: str
    request: bytes
    answered_at: dt.datetime
    is_answer_to_request: bool
    is_consistent: bool
    lines: tuple[StatedLine, ...]
    earlier_lines: tuple[StatedLine, ...] = ()


def read_scenarios(folder: Path) -> Iterator[Scenario]:
    """Give the scenarios of a folder that have tax lines. Raises SeraiError `scenarios-unreadable`."""
    try:
        answers: dict[str, list[dict[str, str]]] = {}
        earlier: dict[str, list[dict[str, str]]] = {}
        for row in _rows(folder / "tax_lines.csv"):
            rows = answers if row["is_oracle"] == "1" else earlier
            rows.setdefault(row["scenario"], []).append(row)
        for row in _rows(folder / "scenarios.csv"):
            if row["set"] == ORACLE_SET:
                yield _read(folder, row, answers[row["scenario"]], earlier.get(row["scenario"], []))
    except (OSError, KeyError, ValueError) as fault:
        raise SeraiError(
            "scenarios-unreadable",
            f"{folder} holds no customs scenarios that can be read: {fault!r}.",
            "Name a folder with scenarios.csv, tax_lines.csv and the requests they name.",
        ) from fault


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _read(
    folder: Path, row: dict[str, Any], answer: list[dict[str, str]], earlier: list[dict[str, str]]
) -> Scenario:
    # Format 304 writes the hours of the offset alone, or Z.
    issued = answer[0]["issued"].replace("Z", "+00") + "00"
    return Scenario(
        row["scenario"],
        (folder / row["request_file"]).read_bytes(),
        dt.datetime.strptime(issued, "%Y%m%d%H%M%S%z"),
        row["lrn_match"] == "1",
        row["self_consistent"] == "1",
        tuple(_line(one) for one in answer),
        tuple(_line(one) for one in earlier),
    )


def _line(row: dict[str, str]) -> StatedLine:
    rate = _micro(row["rate"])
    return StatedLine(
        int(row["item"]) if row["item"] else None,
        row["tax_type"],
        _minor(row["base_amount"]),
        None if rate is None else rate // 100,
        _minor(row["assessed_amount"]),
        _minor(row["payment_amount"]),
    )


def _minor(text: str) -> int | None:
    micro = _micro(text)
    return None if micro is None else micro // _MICRO_OF_MINOR


def _micro(text: str) -> int | None:
    if not text:
        return None
    micro, is_decimal = read_decimals([text])
    if not is_decimal[0]:
        raise ValueError(f"{text} is no decimal")
    return int(micro[0])

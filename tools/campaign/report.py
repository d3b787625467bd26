"""The figures of campaigns, kept as they come, and the page that shows them."""

from pathlib import Path
from typing import Final

import msgspec

from tools.campaign.samples import ROOT
from tools.campaign.trial import Outcome

FIGURES: Final = ROOT / "docs" / "reference" / "campaigns.json"


class OperationOutcome(msgspec.Struct, frozen=True):
    """What came of requests to one operation. statuses: how often each was answered."""

    operation: str
    requests_count: int
    statuses: dict[str, int]
    slowest_ms: float
    faults_count: int
    faults: list[str]


class EndpointsOutcome(msgspec.Struct, frozen=True):
    """What came of requests to a running server. memory_bytes: of the web processes after each round."""

    seed: int
    operations: list[OperationOutcome]
    memory_bytes: list[int]
    faults: list[str]


class BadCase(msgspec.Struct, frozen=True):
    """One bad input to one form. code: of the first finding; `taken`: it was no fault."""

    form: str
    case: str
    code: str
    is_harmless: bool = False
    over_http: str = ""


class BadInputOutcome(msgspec.Struct, frozen=True):
    """Codes by form and case. faults: what must not be."""

    cases: list[BadCase]
    faults: list[str]


class Figures(msgspec.Struct):
    """Everything that is kept."""

    readers_seed: int = 0
    readers: dict[str, Outcome] = {}
    endpoints: EndpointsOutcome | None = None
    bad_input: BadInputOutcome | None = None


def keep_reader(file: Path, seed: int, outcome: Outcome) -> None:
    """Keep what came of one reader."""
    figures = read_figures(file)
    figures.readers_seed = seed
    figures.readers = {**figures.readers, outcome.reader: outcome}
    _write(file, figures)


def keep_endpoints(file: Path, outcome: EndpointsOutcome) -> int:
    """Keep what came of the endpoints; return the number of faults."""
    figures = read_figures(file)
    figures.endpoints = outcome
    _write(file, figures)
    return len(outcome.faults) + sum(one.faults_count for one in outcome.operations)


def keep_bad_input(file: Path, outcome: BadInputOutcome) -> int:
    """Keep what came of bad input; return the number of faults."""
    figures = read_figures(file)
    figures.bad_input = outcome
    _write(file, figures)
    return len(outcome.faults)


def read_figures(file: Path) -> Figures:
    """Read what was kept so far."""
    return msgspec.json.decode(file.read_bytes(), type=Figures) if file.exists() else Figures()


def line_of(outcome: Outcome) -> str:
    """Say in a line what came of a reader."""
    faults = "".join(f"\n    {one.number}: {one.what}" for one in outcome.faults)
    return (
        f"{outcome.reader}: {outcome.inputs_count:,} tried, {outcome.taken_count:,} taken,"
        f" {outcome.refused_count:,} refused, slowest {outcome.slowest_ms} ms"
        f" ({outcome.slowest_ms_per_kb} ms/KB), memory {outcome.memory_growth_bytes / 2**20:+.1f} MB,"
        f" {outcome.faults_count} faults{faults}"
    )


def _write(file: Path, figures: Figures) -> None:
    file.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n")


def write_page(file: Path) -> None:
    """Write the page."""
    raise NotImplementedError(file)

"""The figures of campaigns, kept as they come, and the page that shows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tools.campaign.audiences.outcome import AudienceOutcome
from tools.campaign.risk_reads.reading import RiskReadsOutcome, readers_named
from tools.campaign.samples import ROOT
from tools.campaign.trial import Outcome
from tools.campaign.wrong_parties.asking import READ_LEFT_OUT, WRITTEN_LEFT_OUT
from tools.campaign.wrong_parties.fingerprint import ADDED, COLUMNS_LEFT_OUT, LEFT_OUT
from tools.campaign.wrong_parties.outcome import WrongOutcome

FIGURES: Final = ROOT / "docs" / "reference" / "campaigns.json"
PAGE: Final = FIGURES.with_suffix(".md")
_INTRODUCTION: Final = (Path(__file__).parent / "introduction.md").read_text("utf-8")


class OperationOutcome(msgspec.Struct, frozen=True):
    """What came of requests to one operation. statuses: how often each was answered."""

    operation: str
    requests_count: int
    statuses: dict[str, int]
    slowest_ms: float
    faults_count: int
    faults: list[str]


class EndpointsOutcome(msgspec.Struct, frozen=True):
    """What came of requests to a running server. memory_bytes: of the web processes after each round.
    repeated_count: requests of the last round, sent again as they were. repeated_memory_bytes: each time.
    """

    seed: int
    operations: list[OperationOutcome]
    memory_bytes: list[int]
    faults: list[str]
    repeated_count: int = 0
    repeated_memory_bytes: list[int] = []


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
    wrong_parties: WrongOutcome | None = None
    audiences: AudienceOutcome | None = None
    risk_reads: RiskReadsOutcome | None = None


def keep_reader(file: Path, seed: int, outcome: Outcome) -> None:
    """Keep what came of one reader."""
    figures = read_statistics(file)
    if figures.readers_seed != seed:
        figures.readers_seed, figures.readers = seed, {}
    figures.readers = {**figures.readers, outcome.reader: outcome}
    _write(file, figures)


def kept_reader(file: Path, seed: int, reader: str, inputs_count: int) -> Outcome | None:
    """Return what came of a reader tried with so many inputs of this seed; None where it was not."""
    figures = read_statistics(file)
    kept = figures.readers.get(reader) if figures.readers_seed == seed else None
    return kept if kept is not None and kept.inputs_count == inputs_count else None


def keep_endpoints(file: Path, outcome: EndpointsOutcome) -> int:
    """Keep what came of the endpoints; return the number of faults."""
    figures = read_statistics(file)
    figures.endpoints = outcome
    _write(file, figures)
    return len(outcome.faults) + sum(one.faults_count for one in outcome.operations)


def keep_bad_input(file: Path, outcome: BadInputOutcome) -> int:
    """Keep what came of bad input; return the number of faults."""
    figures = read_statistics(file)
    figures.bad_input = outcome
    _write(file, figures)
    return len(outcome.faults)


def kept_wrong_parties(file: Path, seed: int) -> WrongOutcome:
    """Return what a run of this seed has kept so far; nothing where it is another's."""
    kept = read_statistics(file).wrong_parties
    return kept if kept is not None and kept.seed == seed else WrongOutcome(seed=seed)


def keep_wrong_parties(file: Path, outcome: WrongOutcome) -> None:
    """Keep what came of wrong parties so far."""
    figures = read_statistics(file)
    figures.wrong_parties = outcome
    _write(file, figures)


def kept_audiences(file: Path, seed: int) -> AudienceOutcome:
    """Return what a run of this seed has kept so far; nothing where it is another's."""
    kept = read_statistics(file).audiences
    return kept if kept is not None and kept.seed == seed else AudienceOutcome(seed=seed)


def keep_audiences(file: Path, outcome: AudienceOutcome) -> None:
    """Keep what came of reads by audience so far."""
    figures = read_statistics(file)
    figures.audiences = outcome
    _write(file, figures)


def kept_risk_reads(file: Path, seed: int) -> RiskReadsOutcome:
    """Return what came of earlier reads of hits of this seed, to go on from."""
    kept = read_statistics(file).risk_reads
    return kept if kept is not None and kept.seed == seed else RiskReadsOutcome(seed=seed)


def keep_risk_reads(file: Path, outcome: RiskReadsOutcome) -> None:
    """Keep what came of reads of hits so far."""
    figures = read_statistics(file)
    figures.risk_reads = outcome
    _write(file, figures)


def read_statistics(file: Path) -> Figures:
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
    """Write the page beside the figures."""
    figures = read_statistics(file)
    parts = [
        _INTRODUCTION,
        *_readers_part(figures),
        *_endpoints_part(figures),
        *_wrong_parties_part(figures),
        *_audiences_part(figures),
        *_risk_reads_part(figures),
        *_bad_input_part(figures),
    ]
    PAGE.write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _readers_part(figures: Figures) -> Iterator[str]:
    outcomes = list(figures.readers.values())
    inputs_count = sum(one.inputs_count for one in outcomes)
    bytes_count = sum(one.bytes_count for one in outcomes)
    faults_count = sum(one.faults_count for one in outcomes)
    yield "## Readers\n"
    yield (
        f"**{inputs_count:,} spoilt inputs** ({bytes_count / 2**20:,.0f} MB) through {len(outcomes)} readers"
        f" and checkers, seed {figures.readers_seed}: **{faults_count:,} faults** found by this run.\n"
    )
    yield "Slowest: of one input, in time of the processor; memory: growth over the second half.\n"
    yield "| reader | inputs | taken | refused | slowest, ms | memory, MB | faults |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for one in outcomes:
        yield (
            f"| {one.reader} | {one.inputs_count:,} | {one.taken_count:,} | {one.refused_count:,} |"
            f" {one.slowest_ms:,.0f} | {one.memory_growth_bytes / 2**20:.1f} | {one.faults_count} |"
        )
    for one in outcomes:
        yield from (f"\n- {one.reader}, input {fault.number}: {fault.what}" for fault in one.faults)
    yield ""


def _endpoints_part(figures: Figures) -> Iterator[str]:
    outcome = figures.endpoints
    if outcome is None:
        return
    requests_count = sum(one.requests_count for one in outcome.operations)
    faults_count = len(outcome.faults) + sum(one.faults_count for one in outcome.operations)
    yield "## Endpoints\n"
    yield (
        f"**{requests_count:,} requests** to {len(outcome.operations)} operations of a running server, seed"
        f" {outcome.seed}: **{faults_count:,} faults** found by this run. Memory of the web process after"
        f" each of {len(outcome.memory_bytes)} rounds of other requests: {_megabytes(outcome.memory_bytes)}."
        f" Then the {outcome.repeated_count:,} requests of the last round were sent again as they were,"
        f" {len(outcome.repeated_memory_bytes)} times: {_megabytes(outcome.repeated_memory_bytes)}.\n"
    )
    yield "Slowest: answer of the operation on the wall clock, on a machine that did other things as well.\n"
    yield "| operation | requests | answers by status | slowest, ms | faults |"
    yield "|---|---:|---|---:|---:|"
    for one in outcome.operations:
        statuses = ", ".join(f"{status}: {count}" for status, count in one.statuses.items())
        yield (
            f"| `{one.operation}` | {one.requests_count:,} | {statuses} | {one.slowest_ms:,.0f} |"
            f" {one.faults_count} |"
        )
    for fault in outcome.faults:
        yield f"\n- {fault}"
    for one in outcome.operations:
        yield from (f"\n- `{one.operation}`: {fault}" for fault in one.faults)
    yield ""


def _wrong_parties_part(figures: Figures) -> Iterator[str]:
    outcome = figures.wrong_parties
    if outcome is None:
        return
    yield "## Wrong parties\n"
    yield (
        f"**{outcome.reads_count:,} reads and {outcome.writes_count:,} writes** by {outcome.parties_count}"
        f" wrong parties, seed {outcome.seed}: **{outcome.faults_count:,} faults**."
        f" {outcome.watched_rows_count:,} rows of {outcome.watched_tables_count} tables were watched, and"
        f" looked at {outcome.fingerprints_count:,} times. Statements of {outcome.statement_pairs_count:,}"
        f" pairs were compared: {len(outcome.statements):,} differ.\n"
    )
    yield "Not watched: " + "; ".join(f"`{table}` ({why})" for table, why in LEFT_OUT.items()) + "."
    yield (
        "New rows that name the honest are allowed in "
        + "; ".join(f"`{table}` ({why})" for table, why in ADDED.items())
        + "."
    )
    yield (
        "Columns not watched: "
        + "; ".join(f"`{table}`: {', '.join(columns)}" for table, columns in COLUMNS_LEFT_OUT.items())
        + "."
    )
    left_out = READ_LEFT_OUT | WRITTEN_LEFT_OUT
    yield "Not asked: " + "; ".join(f"`{path}` ({why})" for path, why in left_out.items()) + ".\n"
    if outcome.timings:
        yield "| timed, not yours against not there | pairs | medians, ms | ratio | 95 of 100 |"
        yield "|---|---:|---:|---:|---:|"
    for one in outcome.timings:
        yield (
            f"| `{one.route}` | {one.pairs_count:,} | {one.known_ms:.2f}, {one.absent_ms:.2f} |"
            f" {one.ratio:.2f} | {one.ratio_low:.2f} to {one.ratio_high:.2f} |"
        )
    yield "\n| route | requests | answers by status | faults |"
    yield "|---|---:|---|---:|"
    for name, route in sorted(outcome.routes.items()):
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(route.statuses.items()))
        yield f"| `{name}` | {route.requests_count:,} | {statuses} | {route.faults_count} |"
    for fault in (*outcome.changes, *outcome.statements):
        yield f"\n- {fault}"
    for name, route in sorted(outcome.routes.items()):
        yield from (f"\n- `{name}`: {fault}" for fault in route.faults)
    yield ""


def _audiences_part(figures: Figures) -> Iterator[str]:
    outcome = figures.audiences
    if outcome is None:
        return
    yield "## Fields and reasons by audience\n"
    seen = ", ".join(f"{kind} {count:,}" for kind, count in sorted(outcome.seen.items()))
    yield (
        f"**{outcome.reads_count:,} reads** by {len(outcome.viewers)} readers of every role, seed"
        f" {outcome.seed}: **{outcome.leaks_count:,} leaks**. {outcome.cases_count:,} cases hold"
        f" {outcome.tokens_count:,} invented words, each in one field of one document; a word in an answer is"
        " held against [the table of sight](visibility.md), one of people may be in none. Read by somebody"
        f" for whom it is: {seen}."
        f" {outcome.fields_count:,} fields of decisions were held against the table, and"
        f" {outcome.officer_reasons_count:,} reasons that are for officers alone were looked for.\n"
    )
    yield "| route | reads | answers by status |"
    yield "|---|---:|---|"
    for route, statuses in sorted(outcome.reads.items()):
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
        yield f"| `{route}` | {sum(statuses.values()):,} | {told} |"
    yield from (f"\n- {one}" for one in outcome.leaks)
    yield ""


def _risk_reads_part(figures: Figures) -> Iterator[str]:
    outcome = figures.risk_reads
    if outcome is None:
        return
    yield "## Reads of what was selected, listed, recalled or needs a permit\n"
    yield (
        f"**{outcome.reads_count:,} reads** of {outcome.cases_count} cases, seed {outcome.seed}:"
        f" **{outcome.leaks_count:,} leaks**. No answer to anybody but officers named a score, a rule, how"
        " likely a selection was, a list or an entry of one; none told a reader without a part in the case"
        f" its reference, its permit or a listed person's name. Answered: {readers_named(outcome)}.\n"
    )
    yield "| route | answers by status |"
    yield "|---|---|"
    for route, statuses in sorted(outcome.reads.items()):
        told = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
        yield f"| `{route}` | {told} |"
    yield from (f"\n- {one}" for one in outcome.leaks)
    yield ""


def _megabytes(sizes: list[int]) -> str:
    return ", ".join(f"{one / 2**20:.0f} MB" for one in sizes)


def _bad_input_part(figures: Figures) -> Iterator[str]:
    outcome = figures.bad_input
    if outcome is None:
        return
    yield "## Bad input, form by form\n"
    yield (
        f"{len(outcome.cases):,} cases, {len(outcome.faults)} of them taken in silence. A code is that of the"
        " first finding; *taken*: the message is odd, not bad. `serai check` and the routes give the same"
        " findings.\n"
    )
    cases = list(dict.fromkeys(one.case for one in outcome.cases))
    for case in cases:
        by_code: dict[str, list[str]] = {}
        for one in outcome.cases:
            if one.case == case:
                by_code.setdefault(one.code, []).append(one.form)
        said = "; ".join(f"{_code(code)}: {', '.join(forms)}" for code, forms in by_code.items())
        yield f"- **{case}**: {said}"
    yield ""


def _code(code: str) -> str:
    return "*taken*" if code == "taken" else f"`{code}`"

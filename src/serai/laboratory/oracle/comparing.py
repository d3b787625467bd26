"""Line by line: what the customs service stated, and what we compute from the same declaration."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from serai.laboratory.oracle.codes import CDS
from serai.laboratory.oracle.computing import EXCISE, Computed, ComputedLine, compute
from serai.laboratory.oracle.scenarios import Scenario, StatedLine
from serai.laboratory.oracle.scope import (
    DUTY,
    REMEDIES,
    TAX,
    TAX_ON_DUTY,
    is_excise,
    stated_and_known,
    why_out_of_scope,
)
from serai.law.library import PackFiles
from serai.model.money import format_minor

Result = Literal["matched", "differs", "out_of_scope"]
RESULTS: tuple[Result, ...] = ("matched", "differs", "out_of_scope")
Rounding = Literal["down", "half_up", "either", "neither"]
ROUNDINGS: tuple[Rounding, ...] = ("down", "half_up", "either", "neither")
_PPM = 1_000_000
OUR_DUTY = CDS.our_duty_type


@dataclass(frozen=True, slots=True)
class LinePair:
    """A line of an item, stated and computed; amounts in pence.

    tax_types: as stated, several where they are held against one of ours. base_stated_minor: None where the
    answer gives none. is_given: the amount itself was taken from the answer, so that it proves nothing.
    """

    item: int
    tax_types: tuple[str, ...]
    base_stated_minor: int | None
    base_computed_minor: int
    stated_minor: int
    computed_minor: int
    is_given: bool

    @property
    def is_same(self) -> bool:
        """Say whether base and amount agree to the penny."""
        is_base_same = self.base_stated_minor in (None, self.base_computed_minor)
        return is_base_same and self.stated_minor == self.computed_minor


@dataclass(slots=True)
class ScenarioResult:
    """What became of a scenario.

    is_consistent: the answer's own figures follow from its rates. law: the pack it is judged by, of Great
    Britain or of Northern Ireland. reasons: why it differs or is out of scope;
    notes: what was taken otherwise than declared, in any case. roundings: of the stated lines, those
    of earlier answers too, whose base and rate come to no whole penny, how their amount was made whole.
    """

    scenario: str
    is_consistent: bool
    result: Result
    reasons: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[LinePair] = field(default_factory=list)
    roundings: list[Rounding] = field(default_factory=list)
    law: str = ""

    @property
    def is_of_nothing(self) -> bool:
        """Say whether every line it compares comes to nothing: a match proves the base, and no amount."""
        return not any(pair.stated_minor for pair in self.lines if not pair.is_given)


def hold_against(scenario: Scenario, files: PackFiles) -> ScenarioResult:
    """Compute a scenario and compare it line by line. Raises LawPackError."""
    result = _held(scenario, files)
    result.roundings = [
        how for line in (*scenario.lines, *scenario.earlier_lines) if (how := rounding_of(line)) is not None
    ]
    return result


def rounding_of(line: StatedLine) -> Rounding | None:
    """Say how a stated amount was made whole; None where base and rate come to a whole penny, or one of the
    three is not stated.
    """
    if line.base_minor is None or line.rate_ppm is None or line.assessed_minor is None:
        return None
    cut_down, rest = divmod(line.base_minor * line.rate_ppm, _PPM)
    if not rest:
        return None
    half_up = cut_down + (2 * rest >= _PPM)
    if line.assessed_minor not in (cut_down, half_up):
        return "neither"
    if cut_down == half_up:
        return "either"
    return "down" if line.assessed_minor == cut_down else "half_up"


def _held(scenario: Scenario, files: PackFiles) -> ScenarioResult:
    if reasons := why_out_of_scope(scenario):
        return ScenarioResult(scenario.name, scenario.is_consistent, "out_of_scope", reasons)
    computed = compute(scenario, files)
    if computed.fault:
        return ScenarioResult(
            scenario.name, scenario.is_consistent, "out_of_scope", [computed.fault], list(computed.notes)
        )
    pairs = pair_lines(scenario.lines, computed)
    reasons = [reason for pair in pairs if not pair.is_same for reason in _differences(pair)]
    notes = [*computed.notes, *_unstated(pairs, computed)]
    if reasons:
        reasons += _why(scenario, computed, pairs)
    result: Result = "differs" if reasons else "matched"
    return ScenarioResult(
        scenario.name, scenario.is_consistent, result, reasons, notes, pairs, law=computed.law_code
    )


def pair_lines(lines: Sequence[StatedLine], computed: Computed) -> list[LinePair]:
    """Hold the lines of an answer against ours, by item and kind; several of a kind are summed."""
    stated: dict[tuple[int, str], list[StatedLine]] = {}
    for line in stated_and_known(lines):
        if line.item is not None:
            stated.setdefault((line.item, _kind(line)), []).append(line)
    pairs = []
    for (item, kind), some in stated.items():
        ours = computed.lines.get((item, kind), ComputedLine())
        bases = [line.base_minor for line in some if line.base_minor is not None]
        amount = sum(line.assessed_minor or 0 for line in some)
        if kind == OUR_DUTY and not amount:
            amount = _secured(some, lines)
        is_given = kind == EXCISE or (kind != TAX and all(line.rate_ppm is None for line in some))
        pairs.append(
            LinePair(
                item,
                tuple(dict.fromkeys(line.tax_type for line in some)),
                sum(bases) if bases and not is_given and (amount or ours.base_minor) else None,
                ours.base_minor,
                amount,
                ours.amount_minor,
                is_given,
            )
        )
    return pairs


def _secured(duty: Sequence[StatedLine], lines: Sequence[StatedLine]) -> int:
    """Return a duty that its answer assesses at nothing and takes as a security: what base and rate come to,
    where a security of the item is just that (UCC art. 90); else nothing.
    """
    items = {line.item for line in duty}
    securities = {line.assessed_minor for line in lines if line.is_security and line.item in items}
    due = sum((line.base_minor or 0) * (line.rate_ppm or 0) for line in duty)
    return due // _PPM if due % _PPM == 0 and due // _PPM in securities else 0


def _kind(line: StatedLine) -> str:
    if line.tax_type in DUTY:
        return OUR_DUTY
    if line.tax_type in (TAX, TAX_ON_DUTY):
        return TAX
    return EXCISE if is_excise(line) else line.tax_type


def _differences(pair: LinePair) -> list[str]:
    place = f"item {pair.item}, {' and '.join(pair.tax_types)}"
    found = []
    if pair.base_stated_minor not in (None, pair.base_computed_minor):
        found.append(
            f"{place}: base {_gbp(pair.base_stated_minor)} stated, {_gbp(pair.base_computed_minor)} here"
        )
    if pair.stated_minor != pair.computed_minor:
        found.append(f"{place}: {_gbp(pair.stated_minor)} stated, {_gbp(pair.computed_minor)} here")
    return found


def _unstated(pairs: Sequence[LinePair], computed: Computed) -> list[str]:
    stated = {(pair.item, _of_ours(pair)) for pair in pairs}
    return [
        f"item {item}, {kind}: {_gbp(line.amount_minor)} here; the answer has no such line and no rate"
        for (item, kind), line in sorted(computed.lines.items())
        if (item, kind) not in stated and line.amount_minor
    ]


def _of_ours(pair: LinePair) -> str:
    first = pair.tax_types[0]
    if first in DUTY:
        return OUR_DUTY
    if first in REMEDIES:
        return first
    return TAX if first in (TAX, TAX_ON_DUTY) else EXCISE


def _why(scenario: Scenario, computed: Computed, pairs: Sequence[LinePair]) -> list[str]:
    """Say what explains a difference, where the scenario itself or the law tells it."""
    reasons = [
        f"item {item}: the law ({computed.law_code}) gives relief ({code})"
        for item, code in computed.reliefs.items()
    ]
    if not scenario.is_answer_to_request:
        reasons.append("the published answer bears another reference than the request")
    differing = {pair.computed_minor - pair.stated_minor for pair in pairs if not pair.is_same}
    reasons += [
        f"the same {_gbp(line.assessed_minor)} is taken as a security ({line.tax_type})"
        for line in scenario.lines
        if line.is_security and line.assessed_minor in differing
    ]
    short = {
        pair.base_computed_minor - (pair.base_stated_minor or 0)
        for pair in pairs
        if not pair.is_same and TAX in pair.tax_types
    }
    reasons += [
        f"the answer has the suspended duty of {_gbp(line.assessed_minor)} in no base of a tax"
        for line in scenario.lines
        if line.tax_type in DUTY and line.assessed_minor in short and not line.payment_minor
    ]
    in_bases = {
        (pair.base_stated_minor or 0) - pair.base_computed_minor for pair in pairs if not pair.is_same
    }
    reasons += [
        f"the answer has its security of {_gbp(line.assessed_minor)} ({line.tax_type}) in the base of a tax"
        for line in scenario.lines
        if line.is_security and line.assessed_minor in in_bases
    ]
    return reasons


def _gbp(minor: int | None) -> str:
    return format_minor(minor or 0, CDS.currency)


def report(results: Iterable[ScenarioResult]) -> dict[str, Any]:
    """Return counts and results, as `serai law oracle --output json` prints them."""
    scenarios = list(results)
    counts = Counter(one.result for one in scenarios)
    lines = [pair for one in scenarios for pair in one.lines]
    roundings = Counter(how for one in scenarios for how in one.roundings)
    matched = [one for one in scenarios if one.result == "matched"]
    northern = [one for one in scenarios if one.law == CDS.northern_ireland.law_code]
    return {
        **{name: counts[name] for name in RESULTS},
        "matched_of_nothing": sum(one.is_of_nothing for one in matched),
        "northern": len(northern),
        "northern_matched": sum(one.result == "matched" for one in northern),
        "northern_matched_of_nothing": sum(one.is_of_nothing for one in northern if one.result == "matched"),
        "consistent": sum(one.is_consistent for one in scenarios),
        "consistent_matched": sum(one.is_consistent and one.result == "matched" for one in scenarios),
        "lines_compared": sum(not pair.is_given for pair in lines),
        "lines_matched": sum(pair.is_same and not pair.is_given for pair in lines),
        "lines_given": sum(pair.is_given for pair in lines),
        "roundings": {how: roundings[how] for how in ROUNDINGS},
        "scenarios": [msgspec.to_builtins(one) for one in scenarios],
    }

"""What becomes of the customs scenarios of the reference: read, outside scope, assessed, or what is missing.

`python -m tools.cds_report ../shared/reference/cds > docs/reference/cds-scenarios.md`
"""

import csv
import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from serai.formats.wco_dec import decode_dec
from serai.formats.wco_dec_scope import (
    OTHER_DECLARATION_TYPES,
    OTHER_DIRECTIONS,
    OTHER_PROCEDURES,
    SIMPLIFIED,
    UNIT_PRICES,
)
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.pipeline import Context, Processed, run_pipeline
from serai.journey.screening.lists import Lists
from serai.law.book import LawBook
from serai.law.library import PackFiles, load_book
from serai.law.tariff import TariffLine
from serai.model.documents import Consignment
from serai.model.money import format_minor

MEANINGS = {
    **OTHER_PROCEDURES,
    **OTHER_DECLARATION_TYPES,
    **OTHER_DIRECTIONS,
    **UNIT_PRICES,
    **SIMPLIFIED,
}
SETS = ("plain", "oracle")
LOW_VALUE = ("TT_IM077a", "TT_IM079a", "TT_IM124a")
COMPARED = ("A00", "B00")
"""Customs duty and value-added tax of Great Britain."""

DAY_OF_PLAIN = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
"""For scenarios that come without an answer and state no acceptance: a day for which rates are published."""

FIRST_DAY_OF_XI = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
"""The law of Northern Ireland begins here: what was answered before is judged as if made on this day."""

MISSING = {
    "no-law": "a law for the day and place",
    "no-tariff-line": "the tariff line of the commodity code",
    "no-exchange-rate": "the rate of exchange",
    "territory-unresolved": "the place of destination",
    "data-needed": "a datum of the declaration",
    "additional-procedure-not-known": "the law of an additional procedure",
}


@dataclass
class Scenario:
    """One scenario and what became of its request.

    verdict: assessed, missing (code: of the finding), outside (code: of the declaration), not-computed
    (code: what we cannot reckon with) or fault. at: when it was answered, else DAY_OF_PLAIN. taxes: assessed
    amount and rate by tax type, as the answer states. is_of_xi: judged by the law of Northern Ireland.
    """

    name: str
    set: str
    procedure_codes: str
    declaration_type: str
    at: dt.datetime
    taxes: dict[str, tuple[str, str]]
    verdict: str = ""
    code: str = ""
    consignment: Consignment | None = None
    unread: int = 0
    form: str | None = None
    is_of_xi: bool = False
    amounts: dict[str, str] = field(default_factory=dict)

    @property
    def is_standard_import(self) -> bool:
        """Say whether it is 40 00 000 without trade remedy or excise."""
        is_plain = self.procedure_codes == "4000+000" and self.declaration_type[:2] == "IM"
        return is_plain and not _other_taxes(self)


def _other_taxes(scenario: Scenario) -> list[str]:
    """Tax types of trade remedies (A30 to A45, A70 to A99) and of excise (three digits)."""
    return [
        kind
        for kind in scenario.taxes
        if kind.isdigit() or (kind[:1] == "A" and kind[1:].isdigit() and kind not in ("A00", "A50"))
    ]


def read_scenarios(folder: Path) -> list[Scenario]:
    """Read every scenario of the index and decode its request."""
    answers: dict[str, list[dict[str, str]]] = {}
    with (folder / "tax_lines.csv").open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            if line["is_oracle"] == "1":
                answers.setdefault(line["scenario"], []).append(line)
    with (folder / "scenarios.csv").open(encoding="utf-8", newline="") as lines:
        return [_read(folder, row, answers.get(row["scenario"], [])) for row in csv.DictReader(lines)]


def _read(folder: Path, row: dict[str, str], answer: Sequence[dict[str, str]]) -> Scenario:
    issued = next((line["issued"] for line in answer), None)
    at = DAY_OF_PLAIN
    if issued:
        # Format 304 writes the hours of the offset alone, or Z.
        at = dt.datetime.strptime(issued.replace("Z", "+00") + "00", "%Y%m%d%H%M%S%z")
    taxes = {line["tax_type"]: (line["assessed_amount"], line["rate"]) for line in answer}
    scenario = Scenario(
        row["scenario"], row["set"], row["procedure_codes"], row["declaration_type"], at, taxes
    )
    message, faults = decode_dec((folder / row["request_file"]).read_bytes())
    if message is None:
        scenario.verdict = "outside" if faults[0].code == "procedure-not-here" else "fault"
        scenario.code = faults[0].parameters.get("code", faults[0].code)
    else:
        scenario.consignment, scenario.unread = message.consignment, len(message.unread)
    return scenario


def assess_scenario(scenario: Scenario, book: LawBook) -> None:
    """Walk the declaration of a scenario through the pipeline, and say what became of it."""
    _assess(scenario, book, scenario.at)
    if scenario.code == "no-law":
        _assess(scenario, book, FIRST_DAY_OF_XI)
        scenario.is_of_xi = scenario.code != "no-law"


def _assess(scenario: Scenario, book: LawBook, at: dt.datetime) -> None:
    assert scenario.consignment is not None
    at_ms = int(at.timestamp() * 1000)
    processed = run_pipeline(
        [scenario.consignment], ["cds"], at_ms, book, Lists.empty(), context=Context.empty(1)
    )
    if not len(processed.accepted_rows):
        fault = processed.faults[0][0]
        if fault.code == "valuation-charge-unsupported":
            scenario.verdict, scenario.code = "not-computed", fault.parameters["value"]
        else:
            scenario.verdict, scenario.code = "fault", fault.code
        return
    missing = _missing(processed)
    scenario.verdict, scenario.code = ("missing", missing[0]) if missing else ("assessed", "")
    scenario.form = processed.consignments.words("declaration_form_code").texts()[0]
    scenario.amounts = _amounts(processed, book)


def _missing(processed: Processed) -> list[str]:
    frame = processed.findings
    return [
        code or ""
        for code, severity in zip(frame.words("code").texts(), frame.words("severity").texts(), strict=True)
        if severity == "hold"
    ]


def _amounts(processed: Processed, book: LawBook) -> dict[str, str]:
    charges = processed.charges
    sums: Counter[str] = Counter()
    for law, number, amount in zip(
        charges.numbers("law_number").tolist(),
        charges.numbers("charge_number").tolist(),
        charges.numbers("amount_minor").tolist(),
        strict=True,
    ):
        sums[book.programs[law].charges[number].charge.tax_type_code] += amount
    return {kind: format_minor(amount, "GBP") for kind, amount in sums.items()}


# ---- the answers of the customs service beside ours ----


def stated_lines(scenario: Scenario) -> list[TariffLine]:
    """Return the rates that the answer of the customs service states, as lines of a tariff for a test."""
    assert scenario.consignment is not None
    ever: dict[str, Any] = {"valid_from": dt.date(2000, 1, 1), "valid_to": None, "source": scenario.name}
    lines = []
    for kind, measure in (("A00", "duty"), ("B00", "tax")):
        rate = scenario.taxes.get(kind, ("", ""))[1]
        for item in scenario.consignment.goods_items if rate else ():
            preference = item.preference_code if measure == "duty" else None
            lines.append(
                TariffLine(
                    measure=measure,
                    commodity_prefix=item.commodity_code,
                    preference_code="" if preference in (None, "100") else str(preference),
                    ad_valorem_ppm=int(Decimal(rate) * 10_000),
                    **ever,
                )
            )
    return lines


def why_not_comparable(scenario: Scenario) -> str:
    """Say why the answer of the customs service cannot be held against ours; empty: it can."""
    if scenario.consignment is None:
        return f"outside scope ({scenario.code})"
    if scenario.verdict == "not-computed":
        return f"not computed here ({scenario.code})"
    if others := _other_taxes(scenario):
        return f"trade remedy or excise ({', '.join(others)})"
    if not scenario.taxes.get("A00", ("", ""))[1]:
        return "duty by quantity: the answer states no rate"
    return ""


def compare(scenario: Scenario, files: PackFiles) -> list[str]:
    """Assess a scenario at the rates its answer states; return each amount of duty and tax that differs."""
    ours = replace(scenario)
    assess_scenario(ours, load_book(files, tariff_lines=stated_lines(scenario)))
    if ours.verdict != "assessed":
        return [f"not assessed: {ours.code}"]
    return [
        f"{kind}: {scenario.taxes[kind][0]} in the answer, {ours.amounts.get(kind, '0.00')} here"
        for kind in COMPARED
        if kind in scenario.taxes and Decimal(scenario.taxes[kind][0]) != Decimal(ours.amounts.get(kind, "0"))
    ]


# ---- the page ----


def main() -> None:
    """Print the page."""
    folder = Path(sys.argv[1])
    sys.stdout.write(build_page(folder))


def build_page(folder: Path) -> str:
    """Write the figures as a page."""
    files = read_law_files(find_shipped("laws"))
    scenarios = read_scenarios(folder)
    book = load_book(files)
    for scenario in scenarios:
        if scenario.consignment is not None:
            assess_scenario(scenario, book)
    totals = Counter(scenario.set for scenario in scenarios)
    low_value = [one for one in scenarios if one.name in LOW_VALUE]
    return "\n".join(
        [
            "# Customs scenarios that we read",
            "",
            "Made by `tools/cds_report.py` from the declarations that HMRC publishes with its customs",
            "declaration service. A declaration that is no import into free circulation is answered *outside",
            "scope*, naming the code that says so. Every other one is read, each element with text into a",
            "field of our documents, and walks through the pipeline under the shipped law, on the day it was",
            f"answered or, where no answer is published, on {DAY_OF_PLAIN:%d %B %Y}.",
            "",
            f"| what became of it | plain, of {totals['plain']} | with tax lines, of {totals['oracle']} |",
            "|---|---|---|",
            *_verdict_rows(scenarios),
            "",
            f"Elements of the read declarations that no field holds: {sum(one.unread for one in scenarios)}.",
            f"Later acts that are read: {_later_acts(folder)}.",
            "",
            "The shipped tariff of Great Britain is an extract for goods of parcels, so the scenarios, which",
            "declare cargo, lack their line; that is said, the goods wait, and nothing is counted as free.",
            "What goes to Northern Ireland is judged by its own law (`XI-2026`), which begins in July 2026:",
            "scenarios of earlier days as if they were made on its first day.",
            "",
            "## Standard imports",
            "",
            "Procedure 40 00, additional procedure 000, neither trade remedy nor excise:",
            "",
            *_counted(one for one in scenarios if one.is_standard_import),
            "",
            "## Low-value consignments",
            "",
            "Reduced data set (1H7), all three into Northern Ireland. Read in full; presented and amended by",
            "messages. TT_IM077a announces an amendment inside its presentation notice, and the published",
            "file holds none, so the test writes it. Sent to Great Britain instead, they get its forms.",
            "",
            *(f"- {one.name}: {_said(one)}" for one in low_value),
            "",
            "## Amounts next to those of the customs service",
            "",
            "Duty (A00) and tax (B00), at the rates the answer states: base, order of the charges, rounding",
            "and sums are compared, not the rates.",
            "",
            *_comparison([one for one in scenarios if one.set == "oracle"], files),
            "",
            "## By verdict",
            "",
            *_lists(scenarios),
            "",
        ]
    )


def _said(scenario: Scenario) -> str:
    return _verdict_of(scenario) + (", by the law of Northern Ireland" if scenario.is_of_xi else "")


def _verdict_of(scenario: Scenario) -> str:
    if scenario.verdict == "missing":
        return f"{MISSING.get(scenario.code, scenario.code)} is missing (`{scenario.code}`)"
    if scenario.verdict == "not-computed":
        return f"not computed: an addition or deduction of type {scenario.code} to the price"
    if scenario.verdict == "outside":
        return f"outside scope: {scenario.code}, {MEANINGS.get(scenario.code, '')}"
    return scenario.verdict if not scenario.code else f"{scenario.verdict}: {scenario.code}"


def _verdict_rows(scenarios: Sequence[Scenario]) -> list[str]:
    counts = Counter((_said(one), one.set) for one in scenarios)
    return [
        f"| {said} | " + " | ".join(str(counts[said, name]) for name in SETS) + " |"
        for said in _ordered({said for said, _ in counts})
    ]


def _ordered(sayings: Iterable[str]) -> list[str]:
    return sorted(sayings, key=lambda said: (said.startswith("outside"), said))


def _counted(scenarios: Iterable[Scenario]) -> list[str]:
    counts = Counter(_said(one) for one in scenarios)
    return [f"- {said}: {counts[said]}" for said in _ordered(counts)]


def _later_acts(folder: Path) -> str:
    acts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        message = decode_dec(path.read_bytes())[0] if path.suffix.lower() == ".xml" else None
        if message is not None and message.act != "original":
            acts[message.act] += 1
    return ", ".join(f"{count} x {act}" for act, count in sorted(acts.items()))


def _comparison(scenarios: Sequence[Scenario], files: PackFiles) -> list[str]:
    reasons: dict[str, list[str]] = {}
    matched, of_zero, differing = [], [], []
    for scenario in scenarios:
        if why := why_not_comparable(scenario):
            reasons.setdefault(why, []).append(scenario.name)
        elif different := compare(scenario, files):
            differing.append(f"{scenario.name} ({'; '.join(different)})")
        elif all(not Decimal(scenario.taxes[kind][0]) for kind in COMPARED if kind in scenario.taxes):
            of_zero.append(scenario.name)
        else:
            matched.append(scenario.name)
    rest = sum(map(len, reasons.values()))
    return [
        f"- the same to the penny, {len(matched)}: {', '.join(matched)}. By the law of Northern Ireland "
        f"{', '.join(one.name for one in scenarios if one.is_of_xi and one.name in matched) or 'none'}.",
        f"- the same, but every amount is nothing, {len(of_zero)}: {', '.join(of_zero) or 'none'}",
        f"- different, {len(differing)}: {', '.join(differing)}. {WHY_DIFFERENT}",
        f"- not comparable, {rest}:",
        *(f"    - {why}, {len(names)}: {', '.join(names)}" for why, names in sorted(reasons.items())),
    ]


WHY_DIFFERENT = (
    "TT_IM102a declares fruit and vegetables by valuation method 4 (1FV): the service takes the duty, the "
    "same 120.00, as a security (ACS) and states A00 as nothing. Northern Ireland asks where goods come "
    "from, which TT_IM097a does not say, and which of two tariffs holds, of which the answer to TT_IM118a "
    "states none."
)


def _lists(scenarios: Sequence[Scenario]) -> list[str]:
    named: dict[str, list[str]] = {}
    for scenario in scenarios:
        named.setdefault(_said(scenario), []).append(scenario.name)
    return [f"- {said}: {', '.join(sorted(named[said]))}" for said in _ordered(named)]


if __name__ == "__main__":
    main()

"""One law, three programs, one run: the packs EU-2026 and EU-VAT in Serai, in OpenFisca-core and by hand.

The same invented parcels for ten countries of the European Union, the same invented rates of exchange and of
duty. Before anything is timed the three must say the same of every goods item: relief, duty, VAT, where it is
due, who owes it, the claim, and which rules speak. Processor time of one process, the least of some rounds:

| shape | Serai | OpenFisca | by hand |
|---|---|---|---|
| columns | columns in memory to the whole assessment | columns in memory to its outcomes | - |
| lines | lines to the text of decisions: the pure pipeline with screening, quality and findings | read with \
pydantic, a batch a simulation, text written | read with pydantic, text written |
| single | one line to the text of its decision | one document, read, by its web API's function | one line |

    uv run --frozen --group bench python benchmarks/law_peers.py --count 20000       one JSON line
"""
# mypy: ignore-errors

import argparse
import datetime as dt
import gc
import json
import time
from pathlib import Path

import msgspec
import numpy as np
from serai.formats.json_lines import decode_to_read
from serai.journey.assessment.rules import assess
from serai.journey.decision.text_arrays import array_of
from serai.journey.pipeline import Context, check_documents, run_checked
from serai.journey.recording.decision_json import write_decisions
from serai.journey.screening.lists import build_lists
from serai.laboratory.compare.assumed_rates import assumed_exchange, assumed_tariff
from serai.laboratory.decide_file import VAGUE_WORDS
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.invented.parcels import consignments
from serai.law.library import decode_packs, load_book
from serai.law.load import decode_table
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from serai.law.vague_words import read_vague_words
from serai.model.documents import Consignment

import eu_2026 as law
import eu_2026_openfisca as openfisca

ROOT = Path(__file__).parents[1]
CODES = ("EU-2026", "EU-RESTRICTED", "EU-TARIFF", "EU-VAT")
AT = dt.datetime(2026, 7, 20, tzinfo=dt.UTC)
AT_MS = int(AT.timestamp() * 1_000)
SINGLES = 200
BATCH = 4_000


def law_files():
    """Read `laws/`."""
    folder = ROOT / "laws"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def lines_of(count):
    """Return lines of sound parcels for mainland addresses of the ten countries."""
    lines = []
    for document in consignments(count * 3, 1, at=AT, first_acceptance=AT - dt.timedelta(days=8)):
        line = msgspec.json.encode(document)
        try:
            read = msgspec.json.decode(line, type=Consignment)
        except msgspec.ValidationError:
            continue
        if read.consignee.country_code in law.VAT_PPM:
            lines.append(line)
            if len(lines) == count:
                break
    return lines


class Ours:
    """Serai with the packs compared."""

    def __init__(self, files, schemes):
        packs = decode_packs({path: c for path, c in files.items() if path.partition("/")[0] in CODES})
        own = [*decode_table(files["EU-TARIFF/tariff.csv"], TariffLine, "EU-TARIFF/tariff.csv")]
        self.exchange = assumed_exchange(packs.values())
        self.tariff = assumed_tariff(own, AT.date())
        kept = {
            path: content
            for path, content in files.items()
            if path.partition("/")[0] in CODES or path == "tables/territories.csv"
        }
        self.book = load_book(
            kept,
            codes=CODES,
            tariff_lines=self.tariff,
            exchange_rates=self.exchange,
            scheme_entries=schemes,
        )
        self.own = own
        self.lists = build_lists([], read_vague_words(files[VAGUE_WORDS]))

    def checked(self, lines):
        """Decode and check lines."""
        decoded = decode_to_read(lines, Consignment)
        documents = [one for one in decoded.documents if one is not None]
        return documents, check_documents(documents, ["bench"] * len(documents), AT_MS, self.book)

    def decide(self, lines):
        """Walk lines down the whole corridor; return what came of them and the text of the decisions."""
        _, checked = self.checked(lines)
        context = Context.empty(len(checked.accepted_rows))
        processed = run_checked(checked, AT_MS, self.book, self.lists, context)
        return processed, array_of(write_decisions(processed, self.book)).to_pylist()

    def tables(self):
        """Return what the other programs look up: the same rows."""
        factors = {}
        for rate in self.exchange:
            factors[rate.table, rate.currency] = self.book.reference.exchange.factor(
                rate.table, "EUR", rate.currency, AT_MS // 86_400_000
            )
        day = AT.date()
        lines = [
            line
            for line in (*self.tariff, *self.own)
            if line.measure == "duty"
            and line.valid_from <= day
            and (not line.valid_to or day < line.valid_to)
        ]
        return law.Tables({line.commodity_prefix: line.ad_valorem_ppm for line in lines}, factors, {})


def figures_of(processed):
    """Bring Serai's answers into the form of `eu_2026.decide`; None where it does not say everything."""
    (governed,) = processed.runs
    program, run = governed.run.program, governed.run
    charges = processed.charges
    count, items = processed.consignments.row_count, processed.items.row_count
    owner = processed.items.numbers("owner").tolist()
    of_items = [[0, 0, "", "", 0] for _ in range(items)]
    columns = (
        charges.numbers("item").tolist(),
        charges.words("kind_code").texts(),
        charges.numbers("amount_minor").tolist(),
        charges.words("due_code").texts(),
        charges.words("debtor_code").texts(),
    )
    for item, kind, amount, due, liable in zip(*columns):
        row = of_items[item]
        if kind in ("duty", "excise"):
            row[0] += amount
        elif kind == "tax":
            row[1:4] = amount, due, liable
        elif kind == "claim":
            row[4] += amount
    reliefs = processed.items.words("relief_code").texts()
    said = [set() for _ in range(items)]
    for number, flags in run.applying:
        rule = program.rules[number]
        here = flags if rule.level == "item" else flags[run.owner]
        for item in governed.item_rows[here].tolist():
            said[item].add(rule.rule_id)
    answers = [[] for _ in range(count)]
    for item, row in enumerate(owner):
        answers[row].append(law.Answer(reliefs[item], *of_items[item], frozenset(said[item])))
    findings = processed.findings
    holds = findings.words("severity").map_flags([w == "hold" for w in findings.words("severity").words])
    for row in np.unique(findings.numbers("consignment")[holds]).tolist():
        answers[row] = None
    return answers


def compare(name, ours, theirs):
    """Raise where a program says something else of a consignment that both can price."""
    both = [(n, a, b) for n, (a, b) in enumerate(zip(ours, theirs)) if a is not None and b is not None]
    if len(both) < 0.95 * len(ours):
        raise SystemExit(f"{name}: only {len(both)} of {len(ours)} consignments are decided by both")
    for n, a, b in both:
        if a != b:
            raise SystemExit(f"{name} differs on consignment {n}:\n{a}\n{b}")
    return len(both)


def least_s(act, rounds):
    """Return the least processor time of some calls; what others take of the machine only adds."""
    act()
    gc.collect()
    gc.disable()
    try:
        times = []
        for _ in range(rounds):
            begin = time.process_time_ns()
            act()
            times.append(time.process_time_ns() - begin)
    finally:
        gc.enable()
    return min(times) / 1e9


def run(count, rounds=3):
    """Prove that the programs agree, then time them."""
    lines = lines_of(count)
    files = law_files()
    register = next(one for one in invented_lists(count * 3, 1, b"") if one.kind == "scheme-register")
    schemes = [*decode_table(register.content, SchemeEntry, register.name)]
    ours = Ours(files, schemes)
    tables = ours.tables()._replace(register={one.number: (one.valid_from, one.valid_to) for one in schemes})

    processed, _ = ours.decide(lines)
    lines = [lines[row] for row in processed.accepted_rows.tolist()]
    documents = [law.Consignment.model_validate_json(line) for line in lines]
    codes = sorted({i.commodity_code for c in documents for i in c.goods_items})
    currencies = sorted({i.invoice_currency_code for c in documents for i in c.goods_items} | {"EUR"})
    currencies = sorted({*currencies, *(c.charges_currency_code or "EUR" for c in documents)})
    system = openfisca.system_of(tables, codes, currencies)
    items, whole, owner = openfisca.inputs_of(documents, tables)
    given = openfisca.encoded(system, items, whole)

    answers = figures_of(processed)
    equal = compare("by hand", answers, [law.decide(one, tables) for one in documents])
    columns = openfisca.assess(system, given, owner, len(documents))
    compare("OpenFisca", answers, openfisca.answers_of(columns, owner))

    _, checked = ours.checked(lines)
    frames = checked.columns
    no = np.zeros(len(lines), dtype=np.bool_)
    none = np.zeros(len(lines), dtype=np.int64)
    matched = frames.consignments.with_columns(
        has_order=no,
        has_payment=no,
        has_transport_document=no,
        is_value_contradicted=no,
        allowance_used=none,
        same_day_value=none,
    )
    batches = [lines[begin : begin + BATCH] for begin in range(0, len(lines), BATCH)]
    some = [(line, document) for line, document in zip(lines[:SINGLES], documents[:SINGLES])]
    n = len(owner)
    us = {
        "columns": {
            "serai": least_s(lambda: assess(matched, frames.items, frames.first_items, ours.book), rounds),
            "openfisca": least_s(lambda: openfisca.assess(system, given, owner, len(documents)), rounds),
        },
        "lines": {
            "serai": least_s(lambda: [ours.decide(batch) for batch in batches], rounds),
            "openfisca": least_s(
                lambda: [openfisca.decide_lines(system, batch, tables) for batch in batches], rounds
            ),
            "by_hand": least_s(lambda: [law.decide_line(line, tables) for line in lines], rounds),
        },
        "single": {
            "serai": least_s(lambda: [ours.decide([line]) for line, _ in some], rounds),
            "openfisca": least_s(
                lambda: [openfisca.decide_one(system, one, tables) for _, one in some], rounds
            ),
            "by_hand": least_s(lambda: [law.decide_line(line, tables) for line, _ in some], rounds),
        },
    }
    items_of = dict.fromkeys(us, n) | {"single": sum(len(document.goods_items) for _, document in some)}
    return {
        "consignments": len(lines),
        "goods_items": n,
        "batch_consignments": min(BATCH, len(lines)),
        "consignments_equal": equal,
        "us_per_item": {
            shape: {name: round(s / items_of[shape] * 1e6, 3) for name, s in found.items()}
            for shape, found in us.items()
        },
        "times_faster": {
            shape: {name: round(s / found["serai"], 2) for name, s in found.items() if name != "serai"}
            for shape, found in us.items()
        },
    }


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    print(json.dumps(run(a.count, a.rounds)))


if __name__ == "__main__":
    main()

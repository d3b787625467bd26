"""What safety costs in bulk over HTTP: the same parcels to servers side by side, in turns, in one run.

`core`: the law and short lists. `names, rules, draws`: beside it 50,000 listed names, twenty officers' rules, the budget
of selection with its random share, a recall in force. `all`: the learned model, too. Everything else (keys of split
shipments, permits, word marks) is a part of every server.

    uv run python benchmarks/safety_in_bulk.py        writes docs/reference/safety-in-bulk.{json,md}
"""

# ruff: noqa: E501, the lines of a page

import argparse
import csv
import io
import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx2
import msgspec
import numpy as np
import psycopg
from serai.foundation.shipped import find_shipped, read_law_files
from serai.journey.law_in_force.risk_model import MODEL_NAME, RISK_MODEL
from serai.journey.recall_rules.in_force import TAKEN_UP
from serai.journey.risk_model.model_file import write_model
from serai.journey.risk_model.training import OF_DECLARATIONS, train
from serai.journey.screening.list_formats.un_xml import decode_un_list
from serai.journey.selection.risk_file import (
    FILE_NAME,
    RISK_RULES,
    RiskParameter,
    RiskRule,
    empty_file,
    write_risk_file,
)
from serai.journey.selection.rules import MODEL, RANDOM, RULE, Hits
from serai.laboratory.demo.lists import ListFile
from serai.laboratory.invented.seeded_fraud.parcels import labelled_parcels
from serai.law.library import load_book
from serai.model.documents import Consignment

import convert
import growth
import http_bulk
import parcels
import wire_lines
from names import SETS, hard, words_of
from risk_seeded_fraud import FIRST_DAY, stream_of
from served import Served, served

REPORT: Final = Path(__file__).parents[1] / "docs" / "reference" / "safety-in-bulk"
LISTED_COUNT, RULES_COUNT, TRAINED_COUNT = 50_000, 20, 8_000
_DOCUMENTS_COUNT = 20_000
_RECALL: Final = {
    "reference": "BENCH",
    "reason_code": "small-magnets",
    "effect": "suspension",
    "ground_code": "dangerous-product",
    "rule": {"gtins": ["4006381333931"], "lots": ["L2407B"], "names": ["magic magnet balls"]},
}
_SOURCES: Final = {RULE: "rules", MODEL: "model", RANDOM: "random share"}
CORE, WITHOUT_MODEL, ALL = "core", "names, rules, draws", "all"


def main() -> None:
    """Measure, write figures and page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--report", type=Path, default=REPORT)
    asked = parser.parse_args()
    figures = run(asked.rounds)
    asked.report.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
    asked.report.with_suffix(".md").write_text(page(figures))


def run(rounds: int) -> dict[str, Any]:
    """Send the same parcels to each server in turn; the first round warms up."""
    more = [listed_names(), rules()]
    kinds = {CORE: [], WITHOUT_MODEL: more, ALL: [*more, model()]}
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in kinds}
    with tempfile.TemporaryDirectory(prefix="serai-bench-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        source, wire, part = folder / "parcels.ndjson", folder / "wire.ndjson", folder / "part.ndjson"
        parcels.write(str(source), _DOCUMENTS_COUNT + _DOCUMENTS_COUNT // 10)
        convert.convert(source, wire, suffix="a")
        sound = list(islice(wire_lines.sound_documents(wire), _DOCUMENTS_COUNT))
        servers = {
            name: stack.enter_context(
                served(_DOCUMENTS_COUNT, roles=("carrier", "officer"), more_lists=lists)
            )
            for name, lists in kinds.items()
        }
        for name in (WITHOUT_MODEL, ALL):
            post_recall(servers[name])
        # What came before a recall was taken up is looked through once: of that docs/reference/recalls.md tells.
        time.sleep(TAKEN_UP.total_seconds() + 1)
        for number in range(rounds + 1):
            wire_lines.write_documents(part, growth.documents_for(sound, _DOCUMENTS_COUNT, f"r{number}"))
            # The one that goes first finds another machine than the one that goes last.
            order = list(servers)[number % 3 :] + list(servers)[: number % 3]
            for name in order:
                here = servers[name]
                answer = http_bulk.send_file(here.address, part, server_pids=here.pids)
                if not answer["complete"]:
                    raise SystemExit(f"answers are missing: {answer['faults']}")
                print(number, name, answer["server_us"], answer["seconds"], answer["statuses"], flush=True)
                if number:
                    taken[name].append(answer)
        selected = selections(servers[ALL])
    return {
        "rounds": rounds,
        "consignments_each": _DOCUMENTS_COUNT,
        "listed_names": LISTED_COUNT,
        "rules": RULES_COUNT,
        "selected": selected,
        "server_us": {
            name: round(median(one["server_us"] for one in each), 2) for name, each in taken.items()
        },
        "seconds": {name: round(median(one["seconds"] for one in each), 3) for name, each in taken.items()},
        "processor_ratio": {name: ratio(taken, name, "server_us") for name in (WITHOUT_MODEL, ALL)},
        "processor_ratio_of_rounds": {
            name: sorted(
                round(one["server_us"] / core["server_us"], 3)
                for one, core in zip(taken[name], taken[CORE], strict=True)
            )
            for name in (WITHOUT_MODEL, ALL)
        },
        "clock_ratio": {name: ratio(taken, name, "seconds") for name in (WITHOUT_MODEL, ALL)},
        "model_share": round(
            median(
                all_on["server_us"] / without["server_us"] - 1
                for all_on, without in zip(taken[ALL], taken[WITHOUT_MODEL], strict=True)
            ),
            4,
        ),
    }


def ratio(taken: dict[str, list[dict[str, Any]]], name: str, figure: str) -> float:
    """Return the median of the rounds' ratios to the core."""
    pairs = zip(taken[name], taken[CORE], strict=True)
    return round(median(one[figure] / core[figure] for one, core in pairs), 4)


def listed_names() -> ListFile:
    """Return a list of names made of the words of the UN's list."""
    words, rng = words_of(decode_un_list((SETS / "UN_consolidated.xml").read_bytes())), random.Random(15)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("entry_id", "name", "kind_code"))
    writer.writerows((f"N{number}", hard(words, rng)[0], "person") for number in range(LISTED_COUNT))
    return ListFile("denied-parties", "fifty-thousand.csv", text.getvalue().encode())


def rules() -> ListFile:
    """Return rules of officers, each of some goods that are declared too low."""
    made = [
        RiskRule(
            f"cheap-goods-{number}",
            "item",
            f"commodity_code = '{code}' AND COALESCE(IN_CURRENCY(line_value, 'EUR') < too_low_{number}, FALSE)",
            "examine",
            "The price is far below that of such goods.",
            [RiskParameter(f"too_low_{number}", "money", f"{2 + number}.00 EUR")],
        )
        for number, code in enumerate(islice(codes(), RULES_COUNT))
    ]
    return ListFile(RISK_RULES, FILE_NAME, write_risk_file(msgspec.structs.replace(empty_file(), rules=made)))


def codes() -> Iterator[str]:
    """Return commodity codes of invented parcels, each once."""
    drawn = labelled_parcels(2_000, 1, first_day=FIRST_DAY)
    yield from dict.fromkeys(
        str(item["commodity_code"]) for one in drawn for item in one.declaration["goods_items"]
    )


def model() -> ListFile:
    """Return a model trained on invented trade with fraud sown in."""
    drawn = list(labelled_parcels(TRAINED_COUNT, 1_001, first_day=FIRST_DAY))
    documents = [msgspec.convert(one.declaration, Consignment) for one in drawn]
    book = load_book(read_law_files(find_shipped("laws")))
    no_rules = Hits(np.zeros((0, len(documents)), dtype=np.bool_))
    known = stream_of(documents, book, no_rules, np.array([one.fraud is not None for one in drawn])).known
    trained = train(known, OF_DECLARATIONS)
    return ListFile(RISK_MODEL, MODEL_NAME, write_model(trained.model, trained.cross_validated, known.rows))


def post_recall(here: Served) -> None:
    """Put a recall in force."""
    answer = _client(here).post("/v1/recalls", json=_RECALL)
    if answer.status_code != 201:
        raise SystemExit(answer.text)


def selections(here: Served) -> dict[str, int]:
    """Return how many parcels were selected by what: a model that is not asked costs nothing."""
    with psycopg.connect(here.dsn) as connection:
        rows = connection.execute("SELECT source, count(*) FROM risk_selection GROUP BY source").fetchall()
    return {_SOURCES[source]: count for source, count in rows}


def _client(here: Served) -> httpx2.Client:
    url = f"http://{here.address.host}:{here.address.port}"
    return httpx2.Client(
        base_url=url, headers={"authorization": f"Bearer {here.address.api_key}"}, timeout=60
    )


def page(figures: dict[str, Any]) -> str:
    """Return the page."""
    lines = "\n".join(
        f"| {name} | {figures['server_us'][name]} | {figures['processor_ratio'].get(name, 1.0)} "
        f"| {figures['seconds'][name]} | {figures['clock_ratio'].get(name, 1.0)} |"
        for name in figures["server_us"]
    )
    return f"""# What safety costs in bulk

Written by `benchmarks/safety_in_bulk.py`. The same {figures["consignments_each"]:,} invented consignments went over HTTP to servers
side by side, in turns, {figures["rounds"]} rounds after one that warmed up; medians, and medians of the rounds' ratios to the core.

| server | processor time, µs a goods item | ratio | seconds by the clock | ratio |
|---|---|---|---|---|
{lines}

*core*: the law and short lists. *names, rules, draws*: beside it {figures["listed_names"]:,} listed names, {figures["rules"]} rules of officers,
the budget of selection with its random share, a recall in force that all processes have taken up. *all*: the learned model, too.

| goal | must | reached |
|---|---|---|
| bulk with all of it on, to the core, by processor time | 1.10 | {figures["processor_ratio"]["all"]} |
| by the clock | 1.10 | {figures["clock_ratio"]["all"]} |
| what the model adds to a consignment's processor time | 8 % | {figures["model_share"]:.1%} |

Rounds lie far apart, for the servers share two processors: ratios of processor time of *all* from {figures["processor_ratio_of_rounds"]["all"][0]}
to {figures["processor_ratio_of_rounds"]["all"][-1]}.

Selected in all rounds, by what spoke for it: {", ".join(f"{name} {count:,}" for name, count in sorted(figures["selected"].items()))}.
"""


if __name__ == "__main__":
    main()

"""Intake beside the floor, in one run: WCO XML, China's four messages, an aircraft, matching, words.

The floor reads, checks, decides and commits consignments of one document; each figure here is also told as a
share of it, by processor time, so that others on the machine do not count. Writes the figures, and the page
from them:

    cd benchmarks; uv run python intake.py --out ../docs/reference/intake-speed.json
    uv run python intake.py --page ../docs/reference/intake-speed.json > ../docs/reference/intake-speed.md
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from serai.foundation.shipped import find_shipped
from serai.journey.descriptions.description import describe
from serai.journey.descriptions.goods_words import shipped_goods_words
from serai.journey.descriptions.weights import shipped_weights
from serai.law.vague_words import VAGUE_WORDS, read_vague_words

import aircraft
import ceb
import floor
import match
import parcels
import wco_xml

Figures = dict[str, Any]


def measure(*, scale: float) -> Figures:
    """Measure everything in turn. scale: 1 for the whole, less for a shorter run."""
    figures: Figures = {"floor": _floor(round(50_000 * scale))}
    render(figures)
    figures["wco_xml"] = _wco_xml(round(20_000 * scale))
    render(figures)
    figures["ceb"] = ceb.run(round(5_000 * scale), 16)
    render(figures)
    figures["aircraft"] = aircraft.run(round(100_000 * scale))
    render(figures)
    figures["descriptions"] = _descriptions(round(20_000 * scale))
    figures["matching"] = _matching()
    return figures


def render(figures: Figures) -> None:
    """Tell the newest figure while the rest is measured."""
    name = list(figures)[-1]
    sys.stderr.write(f"{name}: {json.dumps(figures[name])}\n")


def _floor(count: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="serai-intake-") as folder:
        source = Path(folder) / "parcels.ndjson"
        parcels.write(str(source), count)
        found = floor.run_floor(str(source), 1)
    cost_us = float(found["client_us"]) + float(found["server_us"])
    # What the floor takes for a document: a consignment with all its items.
    return {
        "consignments": count,
        "items_per_s": found["items_per_s"],
        "document_us": round(cost_us * int(found["items"]) / count, 2),
    }


def _wco_xml(count: int) -> Figures:
    done = [one for one in wco_xml.run_all(count)[2:] if one.form == "multipart"]
    best = min(done, key=lambda one: one.cpu_web_us + one.cpu_postgres_us)
    return {
        "documents": best.count,
        "decided": best.decided,
        "documents_per_s": round(best.count / best.seconds),
        "server_us": round(best.cpu_web_us + best.cpu_postgres_us, 1),
        "documents_per_s_by_processor_time": round(best.budget_per_s),
    }


def _descriptions(count: int) -> Figures:
    words = read_vague_words((find_shipped("laws") / VAGUE_WORDS).read_bytes())
    texts = [f"{text} {number % 97}" for number, text in zip(range(count), _texts() * count, strict=False)]
    describe(texts[:100], vague_words=words, weights=shipped_weights(), goods_words=shipped_goods_words())
    begun = time.process_time()
    describe(texts, vague_words=words, weights=shipped_weights(), goods_words=shipped_goods_words())
    used_s = time.process_time() - begun
    return {"texts": count, "us": round(used_s / count * 1e6, 1), "texts_per_s": round(count / used_s)}


def _texts() -> list[str]:
    return [drawn["goodsItems"][0].get("description") or "parts" for drawn in parcels.parcels(500)]


def _matching() -> Figures:
    largest: Figures = match.run(match.QUICK, render=lambda _: None)["sizes"][-1]
    return {name: largest[name] for name in ("cases", "us_per_case", "cases_per_s", "precision", "recall")}


# ---- the page ----

_HEAD = """<!-- Written by benchmarks/intake.py from intake-speed.json. -->
# Speed of intake

Everything was measured in one run on two cores. The **floor** is the least code that reads, checks, decides
and commits parcels on the same machine ([performance](performance.md)): {floor_us} µs of processor time a
consignment. *Share* is the floor's processor time over ours, a document each; ours keeps the message,
matches, explains, seals and proves.

| what | documents | a second, clock | a second, processor | µs a document | share of the floor | goal |
|---|---|---|---|---|---|---|
"""
_ROW = "| {title} | {documents:,} | {clock} | {processor:,} | {us} | {share:.3f} | {goal} |"


def page(figures: Figures) -> str:
    """Write the page."""
    floor_us = figures["floor"]["document_us"]
    rows = [
        _row("WCO XML, one declaration a part", figures["wco_xml"], floor_us, "5,000 documents/s"),
        _row("China's order, payment, waybill, list", figures["ceb"], floor_us, "5,000 documents/s"),
    ]
    plane, texts, cases = figures["aircraft"], figures["descriptions"], figures["matching"]
    minute = {
        "documents": plane["documents"],
        "documents_per_s": plane["documents_per_s"],
        "server_us": plane["server_us_a_document"],
        "documents_per_s_by_processor_time": round(
            plane["documents"] / max(plane["seconds_by_processor_time"], 0.1)
        ),
    }
    title = f"one aircraft, {plane['pieces']:,} pieces with four documents each"
    rows.append(_row(title, minute, floor_us, "100,000 pieces in 60 s"))
    kinds = "\n".join(
        f"| {name} | {one['us']} | {one['reading_us']} |" for name, one in figures["ceb"]["kinds"].items()
    )
    return (
        _HEAD.format(floor_us=floor_us)
        + "\n".join(rows)
        + f"""

**The aircraft** took {plane["seconds"]} s from the first byte to the last decision by the clock, and
{plane["seconds_by_processor_time"]} s of two cores by processor time.

| message of China | µs a document, whole | of these reading |
|---|---|---|
{kinds}

Matching alone, from columns in memory ([matching](matching.md)): {cases["cases_per_s"]:,} cases of four
documents a second on one core, {cases["us_per_case"]} µs a case; the goal is 20,000.

Descriptions ([how right](descriptions.md)): {texts["texts_per_s"]:,} a second on one core, {texts["us"]} µs
each; the goal is 5,000.

Bulk NDJSON with all checks and matching beside the floor: [performance](performance.md).
"""
    )


def _row(title: str, figures: Figures, floor_us: float, goal: str) -> str:
    return _ROW.format(
        title=title,
        documents=figures["documents"],
        clock=f"{figures['documents_per_s']:,}",
        processor=figures["documents_per_s_by_processor_time"],
        us=figures["server_us"],
        share=floor_us / figures["server_us"],
        goal=goal,
    )


def main() -> None:
    """Measure, or write the page of earlier figures."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--scale", type=float, default=1.0, help="less for a shorter run")
    p.add_argument("--out", type=Path)
    p.add_argument("--page", type=Path, help="figures to write the page of")
    a = p.parse_args()
    if a.page:
        sys.stdout.write(page(json.loads(a.page.read_text(encoding="utf-8"))))
        return
    figures = measure(scale=a.scale)
    text = json.dumps(figures, indent=1) + "\n"
    if a.out:
        a.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()

"""The page on the speed of the law from what `serai bench --law --output json` printed.

uv run serai bench --law --output json > docs/reference/law-speed.json
uv run python benchmarks/law_report.py
"""

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs" / "reference"
_BUSY_CORES = 0.3
_BUSY = """**The machine was busy**: other programs took {floor_others} cores while the floor ran. Seconds are
too uncertain to be quoted; processor time is nearer."""

TEXT = """# Speed of the law

Written by benchmarks/law_report.py from law-speed.json, which `serai bench --law --output json` printed on
{machine}, commit {commit}.

Machines drift, so a figure counts beside another of the same run. The **floor** is the least code that
reads, checks, decides and durably commits parcels ([more](performance.md)); here it took {floor_us:.1f} µs of
processor time for a goods item, and did {floor_items:,} a second on two cores. {busy}

## One regime, many goods items

{items:,} goods items in a Parquet file of {megabytes} MB ([its form](parcel-file.md)), through one regime
with its real pack, on one core, from the start of the command to its end.

| regime | seconds | of them processor | goods items a second | of the floor's two cores \
| µs an item | floor's µs by it | peak memory |
|---|---|---|---|---|---|---|---|
{regimes}

Everything that the main job asks of the law is computed: conversion, shares, values, relief, declaration
form, each charge with base, rate, who owes it and where it is due, reasons, requirements, exclusions, and
what is missing; then the sums that `serai law compare` shows. Not in it: reading documents, screening,
people, answers.
Parcels, exchange rates, and duty where the pack's tariff says nothing, are invented; the parcels of the file
are drawn again and again from some thousands, with other prices and masses.

## Fifteen regimes

{parcels:,} parcels under each of fifteen regimes on two cores, reading included: **{ndjson_s} s** from NDJSON
({ndjson_processor_s} s of processor time), **{parquet_s} s** from Parquet ({parquet_processor_s} s). Regimes:
{laws}.

## Loading

{packs} packs are decoded in {loading_s} s, and all {programs} compositions that a day can bring into force
compiled in {compiling_s} s: together **{loaded_s} s**, {loading_processor_s} s of processor time.
Law that is changed while parcels come in loses no request and leaves each decision to exactly one generation:
tests/scenarios/test_law_while_serving.py.

## The same law in other programs

{peers}

## Measure it yourself

```console shown
$ serai bench --law --quick
$ serai bench --law
```

The quick one takes a minute or two, the other five to fifteen. The other programs are fetched for the
run into an environment of their own; without them their part is left out.
"""

PEERS = """The packs EU-2026 and EU-VAT written once more in OpenFisca-core, and by hand with pydantic and
plain Python; {equal:,} of {consignments:,} invented consignments were decided by all three, and on each
goods item they said the same: relief, duty, VAT, where it is due, who owes it, the claim against the seller,
and which rules speak. Processor time of a goods item, one process:

| what | Serai | OpenFisca-core | by hand |
|---|---|---|---|
{rows}

- **Columns**: from columns in memory to all outcomes, {items:,} goods items at once. OpenFisca's columns are
  lent.
- **Lines**: from NDJSON to the text of each answer, {batch:,} consignments at once. Serai walks its whole
  processor: repeated keys are seen, names screened, quality scored, time limits and special territories
  minded, and every gap told. The others read the whole document with pydantic and check its codes; they know
  the mainland of ten countries, and stop at the amounts and rules above.
- **One**: one consignment a call, as from a web API; reading is in Serai's and the program's by hand. Serai's
  time is a batch of one: it is the same for a few dozen."""


def main() -> None:
    """Write the page."""
    figures = json.loads((DOCS / "law-speed.json").read_bytes())
    (DOCS / "law-speed.md").write_text(page_of(figures))


def page_of(figures: dict[str, Any]) -> str:
    """Return the page for the figures of a run."""
    world, loading = figures["world"], figures["loading"]
    is_busy = figures["floor_others"] > _BUSY_CORES
    return TEXT.format(
        machine=figures["machine"],
        commit=figures["commit"],
        floor_us=figures["floor_us_per_item"],
        floor_items=figures["floor_items_per_s"],
        items=figures["items"],
        megabytes=figures["file_megabytes"],
        busy=_BUSY.format_map(figures) if is_busy else "Other programs took no notable share of the machine.",
        regimes="\n".join(_regime(code, one) for code, one in figures["regimes"].items()),
        parcels=world["parcels"],
        ndjson_s=world["ndjson"]["seconds"],
        parquet_s=world["parquet"]["seconds"],
        ndjson_processor_s=world["ndjson"]["processor_s"],
        parquet_processor_s=world["parquet"]["processor_s"],
        laws=", ".join(world["laws"]),
        packs=loading["packs"],
        programs=loading["programs"],
        loading_s=loading["loading_s"],
        compiling_s=loading["compiling_s"],
        loaded_s=loading["seconds"],
        loading_processor_s=loading["processor_s"],
        peers=_peers(figures["peers"]),
    )


def _regime(code: str, one: dict[str, Any]) -> str:
    return (
        f"| {code} | **{one['seconds']}** | {one['processor_s']} | {one['items_per_s']:,} "
        f"| {one['of_floor']} | {one['us_per_item']} "
        f"| {one['of_floor_by_processor_time']} | {one['peak_memory_mib']} MiB |"
    )


def _peers(peers: dict[str, Any] | None) -> str:
    if not peers or "skipped" in peers:
        return "Not measured in this run."
    return PEERS.format(
        equal=peers["consignments_equal"],
        consignments=peers["consignments"],
        items=peers["goods_items"],
        batch=peers["batch_consignments"],
        rows="\n".join(_shape(name, peers, key) for key, name in _SHAPES.items()),
    )


_SHAPES = {"columns": "Columns", "lines": "Lines", "single": "One"}


def _shape(name: str, peers: dict[str, Any], key: str) -> str:
    us, times = peers["us_per_item"][key], peers["times_faster"][key]
    cells = [
        f"{us[one]:,.1f} µs, {times[one]:.2f} of Serai's" if one in us else ""
        for one in ("openfisca", "by_hand")
    ]
    return f"| {name} | {us['serai']:,.1f} µs | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

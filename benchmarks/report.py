"""The page of figures from what `serai bench --output json` printed: text and picture, both made.

uv run serai bench --full --output json > docs/reference/performance.json
uv run python benchmarks/report.py
"""

import json
from pathlib import Path
from typing import Any

import altair as alt

DOCS = Path(__file__).parents[1] / "docs" / "reference"
PEERS = {
    "DuckDB, one SQL statement": 0.57,
    "OpenFisca-core, vector": 0.58,
    "SQL over jsonb in PostgreSQL": 0.35,
    "pydantic + SQLAlchemy, 1000 a commit": 0.18,
}
"""Of floor, as benchmarks/peers.py measured them on two calm cores, 200,000 consignments, median of three."""
_BUSY_CORES = 0.3
_ONLY_THE_YARDSTICK, _EVERYTHING = "the yardstick's work only", "everything on, over HTTP"

TEXT = """# Performance

Written by benchmarks/report.py from performance.json, which `serai bench --output json` printed. All parcels
are invented.

![Goods items a second as a share of the floor](performance.svg)

The **floor** is the least code that reads, checks, decides and durably commits these parcels on the same
machine: no HTTP, no message kept, no proof, no dated law. The other programs do the floor's work. Serai does
the whole main job: HTTP in both directions, the message kept encrypted, people in the vault, screening,
matching, dated law with reasons, the log, a receipt, a durable commit before each answer line. Machines
drift, so what counts is a ratio of runs that take turns; what is said in seconds is for orientation.

| what | figure |
|---|---|
{rows}

**Checked in the same run.** {consignments:,} consignments were sent. Every stored charge of the {equal:,}
decided ones equals that of the pure pipeline on the same file, and {drawn:,} drawn consignments are explained
to the same cent. Of the goods items that a law in force governs, {complete:.1%} got all their charges. A run
with a wrong cent gives no figures.

{busy}

## Measure it yourself

```console shown
$ make bench ARGS=--quick
$ make bench
$ make bench ARGS=--full
```

The quick one takes two minutes on 20,000 consignments, the middle one measures three pairs on 100,000. The
full one adds single requests beside pydantic and SQLAlchemy, a million goods items in one file, the pure
pipeline, the growth from ten thousand to two million stored cases, a flight that lands and a new list; it
takes half an hour.
"""
_BUSY = """**The machine was busy**: other programs took {others} cores while Serai was measured,
{floor_others} while the floor was. The ratio is too uncertain to be quoted."""


def main() -> None:
    """Write page and picture."""
    figures = json.loads((DOCS / "performance.json").read_bytes())
    (DOCS / "performance.md").write_text(_page(figures))
    _picture(figures["of_floor"]).save(DOCS / "performance.svg")


def _page(figures: dict[str, Any]) -> str:
    pairs = ", ".join(f"{ratio:.3f}" for ratio in figures["of_floor_of_each_pair"])
    rows = {
        "main job over HTTP, of floor": f"**{figures['of_floor']:.3f}** (pairs: {pairs})",
        "the same by processor time an item": f"{figures['of_floor_by_processor_time']:.3f}",
        "goods items a second, decided and durable": f"{figures['items_per_s']:,}",
        "floor, goods items a second": f"{figures['floor_items_per_s']:,}",
        "processor time an item, server and its PostgreSQL": f"{figures['server_us']:.0f} µs",
        "processor time an item, sender": f"{figures['client_us']:.1f} µs",
        "processor time an item, floor": f"{figures['floor_us']:.1f} µs",
        "one consignment a request, 50 connections": _latency(figures["single"]),
        "peak memory of the web processes": " and ".join(
            f"{one:,} MiB" for one in figures["peak_memory_mib"]
        ),
    }
    if figures.get("quotes"):
        rows["quote, 50 connections"] = _latency(figures["quotes"]["closed_loop"])
        rows["quote, 500 a second"] = _latency(figures["quotes"]["at_500_per_s"])
    if figures.get("promises"):
        rows["signed quote, 50 connections"] = _latency(figures["promises"]["quotes"])
        rows["signed quote, 500 a second"] = _latency(figures["promises"]["quotes_at_500_per_s"])
        rows["basket for 30 destinations, signed, one at a time"] = _latency(figures["promises"]["baskets"])
        rows["basket for 30 destinations, signed, four at once"] = _latency(
            figures["promises"]["baskets_at_once"]
        )
    if figures.get("memory"):
        rows["peak memory, a million goods items in one file"] = " and ".join(
            f"{one:,} MiB" for one in figures["memory"]["peak_memory_mib"]
        )
    if figures.get("pure"):
        rows["pure pipeline (`serai decide`), of floor"] = f"{figures['pure']['of_floor']:.2f}"
    if "items_per_s" in figures.get("peer_single", {}):
        rows["pydantic and SQLAlchemy, one consignment a commit, no HTTP"] = _beside(
            figures["single"]["items_per_s"], figures["peer_single"]["items_per_s"]
        )
    if figures.get("consignment"):
        rows["a consignment in the database"] = _bytes(figures["consignment"])
    if figures.get("landed"):
        rows |= _landed(figures["landed"]["landed"])
    if figures.get("scanned"):
        rows |= _scanned(figures["scanned"])
    if figures.get("growth"):
        rows |= _growth(figures["growth"])
    is_busy = max(figures["others"], figures["floor_others"]) > _BUSY_CORES
    return TEXT.format(
        rows="\n".join(f"| {name} | {value} |" for name, value in rows.items()),
        consignments=figures["consignments"],
        equal=figures["stored_and_pure"]["consignments_equal"],
        drawn=figures["explained"]["consignments"],
        complete=figures["complete_share"],
        busy=_BUSY.format_map(figures) if is_busy else "Other programs took no notable share of the machine.",
    )


def _beside(ours: float, peers: float) -> str:
    return f"{peers:,.0f} goods items a second; Serai with everything on and HTTP: {ours:,.0f}"


def _bytes(each: dict[str, Any]) -> str:
    return f"{each['stored_bytes']:,} bytes stored, {each['wal_bytes']:,} bytes of WAL"


def _landed(landed: dict[str, Any]) -> dict[str, str]:
    """Return the row of a flight's arrival."""
    after = ", ".join(f"{count:,} {status}" for status, count in landed["after"].items())
    return {
        f"arrival and release of {landed['pieces']:,} pieces of one flight": (
            f"{landed['seconds']:.1f} s by the clock, {landed['seconds_by_processor_time']:.1f} s of two"
            f" cores by processor time, {_bytes(landed)} a piece ({after})"
        )
    }


def _scanned(scanned: dict[str, Any]) -> dict[str, str]:
    """Return the row of a new list's scan."""
    what = f"{scanned['read']:,} consignments in flight among {scanned['stored']:,} stored"
    return {
        f"a new list of denied parties held against {what}, names opened from the vault": (
            f"{scanned['seconds']:.1f} s by the clock, {scanned['seconds_by_processor_time']:.1f} s of two"
            f" cores by processor time, {scanned['ledger_lines']:,} lines of the ledger"
        )
    }


def _growth(growth: dict[str, Any]) -> dict[str, str]:
    """Return the rows of growth: with the store, and with the goods items of a consignment."""
    store, of_one = growth["store"], growth["items"]["of_one_item"]
    ratios = ", ".join(f"{ratio:.2f}" for ratio in store["ratios"])
    return {
        f"cost an item with {growth['cases']:,} stored cases, of that with 10,000": (
            f"{store['large_of_small']:.2f} (pairs: {ratios})"
        ),
        "cost an item in consignments of several, of that alone": ", ".join(
            f"{count} items {ratio:.2f}" for count, ratio in of_one.items() if count != "1"
        ),
    }


def _latency(single: dict[str, Any]) -> str:
    return (
        f"{single['requests_per_s']:,.0f} a second, median {single['p50_ms']:.0f} ms, "
        f"99 of 100 within {single['p99_ms']:.0f} ms"
    )


def _picture(of_floor: float) -> alt.LayerChart:
    rows = [
        {"program": name, "of_floor": ratio, "does": _ONLY_THE_YARDSTICK} for name, ratio in PEERS.items()
    ]
    rows.append({"program": "floor", "of_floor": 1.0, "does": _ONLY_THE_YARDSTICK})
    rows.append({"program": "Serai", "of_floor": of_floor, "does": _EVERYTHING})
    order = [str(row["program"]) for row in sorted(rows, key=lambda row: -float(str(row["of_floor"])))]
    colours = alt.Scale(domain=[_ONLY_THE_YARDSTICK, _EVERYTHING], range=["#b1b4b6", "#0b5c58"])
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar()
        .encode(
            y=alt.Y("program:N", sort=order, title=None, axis=alt.Axis(labelLimit=260)),
            x=alt.X("of_floor:Q", title="goods items a second, of floor", scale=alt.Scale(domain=[0, 1.1])),
            color=alt.Color("does:N", scale=colours, legend=alt.Legend(title=None, orient="bottom")),
        )
    )
    words = bars.mark_text(align="left", dx=4).encode(
        text=alt.Text("of_floor:Q", format=".2f"), color=alt.value("#0b0c0c")
    )
    return (bars + words).properties(width=460, height=180)


if __name__ == "__main__":
    main()

"""The page of the reference that says how pages do on a slow network, and what their readers cost others."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from tools.page_speed.beside_readers import READERS_COUNT, Beside
from tools.page_speed.first_content import KBIT_PER_SECOND, LATENCY_MS, FirstContent


def write_network_report(
    first: Sequence[FirstContent], beside: Sequence[Beside], path: Path, at: dt.datetime
) -> None:
    """Write both tables."""
    shown = [
        f"| {one.page} | {one.first_ms / 1000:.1f} | {one.first_bytes / 1000:.0f} |"
        f" {one.again_ms / 1000:.1f} | {one.again_bytes / 1000:.0f} | {one.strange_count} |"
        for one in first
    ]
    waited = [
        f"| {one.page} | {one.alone_ms:.0f} | {one.beside_ms:.0f} | {one.beside_ms / one.alone_ms:.1f} |"
        f" {one.pages_per_second:,.0f} |"
        for one in beside
    ]
    lines = "\n".join
    path.write_text(
        f"""# Pages on a slow network, and their readers

Written by `python -m tools.page_speed network` on {at:%-d %B %Y}.

## First content

A phone's browser (Chromium) at {KBIT_PER_SECOND:,} kbit/s and {LATENCY_MS} ms, which its developer tools call
3G. *First content*: seconds until the page showed something. *kB*: all that was sent for the page,
compressed, with style and script; *again*: on a second visit. *Elsewhere*: requests to other addresses than
ours.

| page | first content, s | kB | again, s | kB again | elsewhere |
|---|---|---|---|---|---|
{lines(shown)}

## A filing beside readers

One party files one consignment a request, first alone, then while {READERS_COUNT} connections read a page as
fast as it is answered. Two web processes, and all who ask, share two cores. Milliseconds, 95th percentile.

| page | alone | beside readers | ratio | pages a second |
|---|---|---|---|---|
{lines(waited)}
""",
        encoding="utf-8",
    )

"""Writes docs/reference/declaration-time.md."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.declaration_time.driving import KBIT_PER_SECOND, LATENCY_MS
from tools.declaration_time.person import CHARACTERS_A_WORD, PACES, Effort, Pace

LIMIT_SECONDS: Final = 300
_HANDSHAKES_SECONDS: Final = 3 * LATENCY_MS / 1000
_HEAD: Final = f"""# Time of a filing on a slow network

Written by `python -m tools.declaration_time` on {{day}}. A seller signs in on a phone (390 x 844),
answers every question of `/declare`, checks the answers and sends the parcel, in a real Chromium whose
network is held to {KBIT_PER_SECOND} kbit/s each way with {LATENCY_MS} ms of latency a request. One process
serves it on a machine with two cores that did other work at the same time. The goal is below five minutes
for a person of average pace who does it for the first time.

| | first parcel | another one, with what the device kept |
|---|---|---|
"""
_MODEL: Final = f"""
*Waited* is measured, from the tap until what was asked for is seen; {_HANDSHAKES_SECONDS:.1f} s are added
to the first for finding the name and greeting the server over TLS, which the browser's throttling leaves
out. The worker that keeps the form for times without network fetches it once more while the first answer is
typed; that is not counted. What a person does is counted by the program that drives the page (characters
typed, lists chosen from, taps, words on the screens, screens) and turned into time by this model:

| pace | words typed a minute | words read a minute | a list, s | a tap, s | thought before a screen, s |
|---|---|---|---|---|---|
{{paces}}

A word has {CHARACTERS_A_WORD} characters. Typing on phones is the mean of 37,370 people (Palin and others,
*How do people type on mobile devices?*, MobileHCI 2019), silent reading that of 190 studies (Brysbaert, *How
many words do we read per minute?*, 2019); a tap and a thought are those of the keystroke-level model (Card,
Moran and Newell, 1980), and a list is one thought and two taps. Every word on a screen is read, also what is
proposed and not taken. *Half as fast* takes twice as long for everything. No person was timed: nothing is
typed twice or corrected, and the seller knows mass, price and addresses, and is registered already.

## What was waited for

"""


def write_report(first: Effort, second: Effort, path: Path, at: dt.datetime) -> None:
    """Write the page."""
    lines = [_HEAD.replace("{day}", f"{at:%-d %B %Y}").rstrip()]
    for pace in PACES:
        both = total_seconds(first, pace, is_first=True), total_seconds(second, pace)
        lines.append(f"| all of it, {pace.name} | {_minutes(both[0])} | {_minutes(both[1])} |")
    waited = first.waited_seconds + _HANDSHAKES_SECONDS
    lines += [
        f"| waited, all | {waited:.1f} s | {second.waited_seconds:.1f} s |",
        f"| kB received | {_kb(first, 'down_bytes')} | {_kb(second, 'down_bytes')} |",
        f"| kB sent | {_kb(first, 'up_bytes')} | {_kb(second, 'up_bytes')} |",
        f"| characters typed | {first.characters_count} | {second.characters_count} |",
        f"| chosen from lists | {first.choices_count} | {second.choices_count} |",
        f"| taps | {first.taps_count} | {second.taps_count} |",
        f"| words read | {first.words_count} | {second.words_count} |",
        f"| screens | {first.screens_count} | {second.screens_count} |",
    ]
    paces = "\n".join(
        f"| {one.name} | {one.typing_wpm:.0f} | {one.reading_wpm:.0f} | {one.choice_s:.1f} | {one.tap_s:.1f}"
        f" | {one.thought_s:.1f} |"
        for one in PACES
    )
    lines.append(_MODEL.replace("{paces}", paces).rstrip() + "\n")
    lines += [*_waits(first, "first parcel"), "", *_waits(second, "another parcel")]
    path.write_text("\n".join(lines) + "\n")


def total_seconds(effort: Effort, pace: Pace, *, is_first: bool = False) -> float:
    """Return how long a filing takes somebody, waits and all."""
    return effort.seconds_at(pace) + effort.waited_seconds + (_HANDSHAKES_SECONDS if is_first else 0)


def _waits(effort: Effort, name: str) -> Sequence[str]:
    head = [f"| {name} | s | kB received | kB sent |", "|---|---|---|---|"]
    return head + [
        f"| {one.what} | {one.seconds:.1f} | {one.down_bytes / 1000:.1f} | {one.up_bytes / 1000:.1f} |"
        for one in effort.waits
    ]


def _kb(effort: Effort, name: str) -> str:
    return f"{sum(getattr(one, name) for one in effort.waits) / 1000:.0f}"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"

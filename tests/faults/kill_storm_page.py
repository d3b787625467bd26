"""Figures of the kill storm, kept by round, and the page that shows them."""

import msgspec


class Round(msgspec.Struct, frozen=True):
    """What one node bore. seconds_by_blow: how long after each blow strangers were served again.
    answers_count: declarations answered; faults: what must not be, in words."""

    seed: int
    seconds_by_blow: dict[str, list[float]]
    answers_count: int
    journeys_count: int
    receipts_count: int
    events_count: int
    troubles: dict[str, int]
    faults: list[str]


def write_page(rounds: list[Round]) -> str:
    """Write the page of docs/reference from the rounds that were kept."""
    by_name: dict[str, list[float]] = {}
    for one in rounds:
        for name, seconds in one.seconds_by_blow.items():
            by_name.setdefault(name, []).extend(seconds)
    every = sorted(second for seconds in by_name.values() for second in seconds)
    faults = [fault for one in rounds for fault in one.faults]
    lines = [
        "<!-- Written by tests/faults/kill_storm.py from kill-storm.json. -->",
        "# Kill storm",
        "",
        f"**{len(every)} blows** to running nodes (`serai serve`, two web processes, embedded PostgreSQL),",
        "drawn by chance, under files, single declarations, journeys of six documents and acts, and a",
        "webhook. After each round:",
        "",
        "| what was answered | how many |",
        "|---|---:|",
        _count("declarations, each stored once with the decision that was answered", rounds, "answers_count"),
        _count("journeys, each with one payment, nothing due, released", rounds, "journeys_count"),
        _count(
            "receipts, genuine, of a log whose leaves, tiles and checkpoints agree", rounds, "receipts_count"
        ),
        _count("events, each in the feed once and told by the webhook", rounds, "events_count"),
        f"| lost, doubled, not proven, not balanced, not told | **{len(faults)}** |",
        "",
        "How long a stranger who files one declaration at a time met failures after the blow (for the full",
        "disk: after there was room again), in seconds:",
        "",
        "| blow | times | median | 95 of 100 | longest |",
        "|---|---:|---:|---:|---:|",
        *(_line(name, sorted(seconds)) for name, seconds in sorted(by_name.items())),
        _line("**all**", every),
        "",
        *(f"- {words}" for words in count_alike(faults)),
        *([""] if faults else []),
        "`python -m tests.faults.kill_storm --count 300 --seed 2` goes on where it was ended; three",
        "blows are part of the slow tests.",
        "",
    ]
    return "\n".join(lines)


def _line(name: str, seconds: list[float]) -> str:
    late = seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))]
    return f"| {name} | {len(seconds)} | {seconds[len(seconds) // 2]:.1f} | {late:.1f} | {seconds[-1]:.1f} |"


def _count(words: str, rounds: list[Round], name: str) -> str:
    return f"| {words} | {sum(getattr(one, name) for one in rounds):,} |"


def blows_count(one: Round) -> int:
    return sum(map(len, one.seconds_by_blow.values()))


def count_alike(faults: list[str]) -> list[str]:
    """Say faults that differ in their numbers once, with how many there are and one of them."""
    alike: dict[str, list[str]] = {}
    for fault in faults:
        alike.setdefault(" ".join(word for word in fault.split() if not _is_number(word)), []).append(fault)
    return [f"{len(group)}: {group[0]}" for group in alike.values()]


def _is_number(word: str) -> bool:
    return any(letter.isdigit() for letter in word)

"""Figures of generated adverse decisions, and the page that shows them."""

import msgspec


class Figures(msgspec.Struct, frozen=True):
    """What was tried. taken, refused: how many, by ground. faults: what must not be, in words."""

    count: int
    seed: int
    seconds: float
    taken: dict[str, int]
    refused: dict[str, int]
    faults: list[str]


def write_page(by_rule: Figures, on_node: Figures) -> str:
    """Write the page of docs/reference."""
    lines = [
        "<!-- Written by tests/journey/acts/hearing_campaign from hearings.json. -->",
        "# Hearings before adverse decisions",
        "",
        f"**{by_rule.count:,} generated adverse decisions**: histories of a hearing that was opened or not,",
        "of which the declarant heard by its own confirmation, a webhook, an e-mail that was reported as",
        "delivered and may have come back, or by nothing; that it answered, in part, or not; and an officer",
        "who then refuses release, with the hearing, with an exception, or with neither. A second judge",
        "works out from the hours alone, by another way, what may be decided.",
        "",
        "| what must not be | by the rule | on a node |",
        "|---|---:|---:|",
        f"| decisions | {by_rule.count:,} | {on_node.count:,} |",
        _faults("decided before the hearing ended, or without a coded exception", "taken", by_rule, on_node),
        _faults("refused though the law allows it", "refused", by_rule, on_node),
        _faults("clocks that began before notification, or without any", "a clock", by_rule, on_node),
        "",
        "By the rule: `hearing_rules.check_heard`, which every adverse act passes. On a node: a real one",
        "with its own PostgreSQL, whose clock goes on by days; hearings, confirmations, answers and refusals",
        "are acts, e-mails are queued, reported and bounce in its tables, and its job (`follow-notices`)",
        "takes them into account.",
        "",
        "| ground | by the rule: taken | refused | on a node: taken | refused |",
        "|---|---:|---:|---:|---:|",
    ]
    grounds = sorted({*by_rule.taken, *by_rule.refused, *on_node.taken, *on_node.refused})
    for ground in grounds:
        cells = [
            f"{counts.get(ground, 0):,}"
            for counts in (by_rule.taken, by_rule.refused, on_node.taken, on_node.refused)
        ]
        lines.append(f"| {ground} | {' | '.join(cells)} |")
    lines += [
        "",
        f"`python -m tests.journey.acts.hearing_campaign --count {by_rule.count} --stored {on_node.count}"
        f" --seed {by_rule.seed}`",
        "writes this page; a hundredth of it is part of the quick tests, the whole of the rule and some",
        "cases on a node of the slow ones.",
        "",
    ]
    return "\n".join(lines)


def _faults(what: str, begins: str, *figures: Figures) -> str:
    counts = [str(sum(one.startswith(begins) for one in some.faults)) for some in figures]
    return f"| {what} | **{counts[0]}** | **{counts[1]}** |"

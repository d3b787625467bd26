"""The answer of a what-if as people read it: titled sections of sentences and rows, wherever shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from serai.explanation.wording import render_money
from serai.laboratory.compare.measuring import PPM
from serai.laboratory.compare.table import percent, whole_units
from serai.laboratory.what_if.features import BANDED, BY
from serai.laboratory.what_if.result import Assessment, Example, Group, WhatIf

SENTENCES_MAX = 12
GROUPS_MAX = 10
_LINES_MAX = 5

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """sentences stand above the rows; rows have equal keys, which are the heads of the columns."""

    title: str
    sentences: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def sections_of(result: WhatIf) -> Iterator[Section]:
    """Give the sections in the order in which they are read."""
    yield Section(f"{result.draft.name} against {result.current.name}", [*_sample(result)])
    yield Section("What differs", [*_differences(result)])
    yield Section("Parcels", [*_missing(result)], [*_parcels(result)])
    yield Section("Revenue", rows=[*_revenue(result), *_free(result)])
    yield Section("Lanes", rows=[*_lanes(result)])
    for by in BY:
        groups = [group for group in result.groups if group.by == by]
        # Bands are read in their order; of the others those that change least can wait.
        more = 0 if by in BANDED else len(groups) - GROUPS_MAX
        rest = [f"The {GROUPS_MAX} that change most; {more} more in the JSON."] if more > 0 else []
        shown = groups[:GROUPS_MAX] if more > 0 else groups
        yield Section(f"By {by}", rest, [_group(group) for group in shown])
    yield Section("Parcels that change most", [line for one in result.examples for line in _example(one)])


def _sample(result: WhatIf) -> Iterator[str]:
    yield f"Tried on {result.sample}."
    for side, laws in (("Current", result.current.laws), ("Draft", result.draft.laws)):
        named = [f"{code} ({count:,})" for code, count in laws.items()]
        more = f" and {len(named) - _LINES_MAX} more" if len(named) > _LINES_MAX else ""
        yield (
            f"{side} law of the compared parcels: {', '.join(named[:_LINES_MAX])}{more}."
            if named
            else (f"{side} law: it decides none of them.")
        )
    yield from result.assumed
    if result.invented_tariff is not None:
        yield f"{result.invented_tariff:,} compared parcels pay duty by an invented line of the tariff."
    yield from _stored(result)


def _stored(result: WhatIf) -> Iterator[str]:
    check = result.stored
    if check is None:
        return
    if check.equal == check.parcels:
        yield f"Worked out again under the law they were decided by, all {check.parcels:,} are as recorded."
        return
    why = ", ".join(f"{name} {count:,}" for name, count in check.differing.items())
    yield (
        f"Worked out again under the law they were decided by, {check.parcels - check.equal:,} of "
        f"{check.parcels:,} are not as recorded: {why}. Such as {', '.join(check.names[:_LINES_MAX])}."
    )


def _differences(result: WhatIf) -> Iterator[str]:
    if not result.differences:
        yield "The two say the same of these parcels."
    yield from result.differences[:SENTENCES_MAX]
    more = len(result.differences) - SENTENCES_MAX
    if more > 0:
        yield f"And {more} more: see `serai law diff`, or the JSON."


def _parcels(result: WhatIf) -> Iterator[Row]:
    counts = result.counts
    for name, count in (
        ("all", counts.read),
        ("with faults, left out", counts.refused),
        ("erased, left out", counts.erased),
        ("withdrawn, left out", counts.withdrawn),
        ("not in question, left out", counts.untouched),
        ("undecided under the current law alone", counts.undecided_current),
        ("undecided under the draft alone", counts.undecided_draft),
        ("undecided under both", counts.undecided_both),
        ("compared", counts.compared),
        ("pay more", counts.more),
        ("pay less", counts.less),
        ("pay the same", counts.same),
        ("pay more in one currency, less in another", counts.mixed),
    ):
        if count or name in _ALWAYS:
            yield {"parcels": name, "how many": f"{count:,}", "of all": _share(count, counts.read)}


_ALWAYS = ("all", "compared", "pay more", "pay less", "pay the same")


def _missing(result: WhatIf) -> Iterator[str]:
    for side, missing in (("current law", result.missing_current), ("draft", result.missing_draft)):
        lacking = [f"{what} ({count:,})" for what, count in missing.items()]
        if lacking:
            yield f"What the {side} lacks: {', '.join(lacking[:_LINES_MAX])}."


def _revenue(result: WhatIf) -> Iterator[Row]:
    for one in result.revenue:
        yield {
            "of compared parcels": f"{one.kind} in {one.currency}",
            "current": whole_units(one.current_minor, one.currency),
            "draft": whole_units(one.draft_minor, one.currency),
            "change": _change(one.draft_minor - one.current_minor, one.currency),
        }


def _free(result: WhatIf) -> Iterator[Row]:
    compared = result.counts.compared
    for one in result.free:
        tenths = (one.draft - one.current) * 1_000 // compared if compared else 0
        sign = "-" if tenths < 0 else "+"
        yield {
            "of compared parcels": f"free of {one.kind}",
            "current": _share(one.current, compared),
            "draft": _share(one.draft, compared),
            "change": f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10} points" if tenths else "0",
        }


def _lanes(result: WhatIf) -> Iterator[Row]:
    for one in result.lanes:
        yield {"lane, current": one.current, "lane, draft": one.draft, "parcels": f"{one.parcels:,}"}


def _group(group: Group) -> Row:
    return {
        group.by: group.key,
        "parcels": f"{group.parcels:,}",
        "pay more": f"{group.more:,}",
        "pay less": f"{group.less:,}",
        "current": whole_units(group.current_minor, group.currency),
        "draft": whole_units(group.draft_minor, group.currency),
        "change": _change(group.draft_minor - group.current_minor, group.currency),
    }


def _example(one: Example) -> Iterator[str]:
    place = f"case {one.case_id}, {one.name}" if one.case_id else f"parcel {one.name}"
    yield (
        f"{place}: {render_money(one.value_minor, one.currency)} of goods, chapter {one.chapter}, from "
        f"{one.origin}, {one.channel}. Now {render_money(one.current.total_minor, one.currency)}, under the "
        f"draft {render_money(one.draft.total_minor, one.currency)}."
    )
    for side, under in (("Now", one.current), ("Draft", one.draft)):
        yield f"  {side} ({under.law}, {under.lane}): {_text_of(under)}"


def _text_of(under: Assessment) -> str:
    charges = "; ".join(under.charges) or "nothing is charged"
    return " ".join((f"{charges}.", *under.rules))


def _share(part: int, whole: int) -> str:
    return percent(part * PPM // whole) if whole else ""


def _change(minor: int, currency: str) -> str:
    if not minor:
        return "0"
    sign = "+" if minor > 0 else "-"
    return f"{sign}{whole_units(abs(minor), currency)}"

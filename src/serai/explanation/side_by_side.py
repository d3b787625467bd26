"""Two explanations beside each other: for 'change it and see', and for the day before and the day after a
law began.
"""

from collections.abc import Iterable, Iterator

import msgspec

from serai.explanation.phrases import Phrases, read_phrases
from serai.explanation.steps import Explanation, ItemExplained, Step
from serai.explanation.wording import render_money

KINDS = ("duty", "excise", "tax", "fee")
_COMPARED = ("result", "formula", "filled", "law_ref", "source", "valid_from")


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step or figure in both explanations. a, b: results, None where it is not there. changed: what
    differs, of the step's fields; `added` where only b has it, `removed` where only a has it. depth: how far
    below a section it stands.
    """

    id: str
    meaning: str
    a: str | None
    b: str | None
    a_law_ref: str | None = None
    b_law_ref: str | None = None
    changed: list[str] = []
    depth: int = 0


class SideBySide(msgspec.Struct, frozen=True):
    """figures: law, day, each item's value, relief and charges by kind, totals.

    steps: every step, aligned by id.
    """

    figures: list[Row]
    steps: list[Row]

    def changed_steps(self) -> list[Row]:
        """Return the steps that differ."""
        return [row for row in self.steps if row.changed]


def side_by_side(a: Explanation, b: Explanation, *, language: str = "en") -> SideBySide:
    """Align two explanations of like consignments; goods items meet by sequence number.

    Raises SeraiError `language-unknown`.
    """
    phrases = read_phrases(language)
    return SideBySide(
        list(_aligned(_figures(a, phrases), _figures(b, phrases))), list(_aligned(_steps(a), _steps(b)))
    )


def _aligned(a: dict[str, tuple[Step, int]], b: dict[str, tuple[Step, int]]) -> Iterator[Row]:
    for id_ in _merged(list(a), list(b)):
        left, right = a.get(id_), b.get(id_)
        shown = right or left
        assert shown is not None
        yield Row(
            id=id_,
            meaning=shown[0].meaning,
            a=None if left is None else left[0].result,
            b=None if right is None else right[0].result,
            a_law_ref=None if left is None else left[0].law_ref,
            b_law_ref=None if right is None else right[0].law_ref,
            changed=_changes(left and left[0], right and right[0]),
            depth=shown[1],
        )


def _changes(a: Step | None, b: Step | None) -> list[str]:
    if a is None:
        return ["added"]
    if b is None:
        return ["removed"]
    return [name for name in _COMPARED if getattr(a, name) != getattr(b, name)]


def _merged(a: list[str], b: list[str]) -> list[str]:
    """Return the ids of both in one order: those of b alone stand after the one they follow in b."""
    after: dict[str | None, list[str]] = {}
    here: str | None = None
    known = set(a)
    for id_ in b:
        if id_ in known:
            here = id_
        else:
            after.setdefault(here, []).append(id_)
    merged = after.get(None, [])
    for id_ in a:
        merged = [*merged, id_, *after.get(id_, ())]
    return merged


def _steps(explanation: Explanation) -> dict[str, tuple[Step, int]]:
    found: dict[str, tuple[Step, int]] = {}

    def walk(steps: Iterable[Step], depth: int) -> None:
        for step in steps:
            if not step.is_repeat:
                found.setdefault(step.id, (step, depth))
                walk(step.children, depth + 1)

    walk(explanation.sections(), 0)
    return found


# ---- figures ----


def _figures(explanation: Explanation, phrases: Phrases) -> dict[str, tuple[Step, int]]:
    steps = [] if explanation.law is None else [explanation.law, explanation.law.children[0]]
    steps += [
        msgspec.structs.replace(step, result=f"{step.result}: {step.filled}") if step.filled else step
        for step in explanation.thresholds
    ]
    for item in explanation.items:
        steps += [item.value] if item.value is not None else []
        steps += [item.relief, *_sums(explanation, item, phrases)]
    steps += [total.step for total in explanation.totals]
    return {step.id: (step, 0) for step in steps}


def _sums(explanation: Explanation, item: ItemExplained, phrases: Phrases) -> Iterator[Step]:
    """Return what an item is charged of each kind, in the law's currency; nothing of a kind is named only
    for duty and tax.
    """
    for kind in KINDS:
        charges = [
            charge
            for charge in item.charges
            if charge.kind == kind and charge.currency == explanation.currency and not charge.is_waived
        ]
        if not charges and kind not in ("duty", "tax"):
            continue
        law_refs = list(dict.fromkeys(charge.step.law_ref for charge in charges if charge.step.law_ref))
        unknown = any(not step.is_known for step in item.not_charged)
        nothing = phrases.phrases["unknown"] if unknown and not charges else phrases.phrases["none"]
        amount = sum(charge.amount_minor for charge in charges)
        yield Step(
            id=f"{item.relief.id}.{kind}",
            kind="total",
            name=kind,
            meaning=phrases.side_by_side[kind].format(item=item.sequence_number),
            result=render_money(amount, explanation.currency, phrases.language) if charges else nothing,
            law_ref="; ".join(law_refs) or item.relief.law_ref,
        )

"""Rules that their agencies have cleared goods of, or whose suspension the law has ended: they are open for
these goods as a permit would open them, by the same column."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from serai.journey.consignments.rows import Row
from serai.journey.permits.opening import OpeningRules
from serai.journey.pipeline import Checked
from serai.law.pack import opening_code
from serai.model.acts import ACT_KINDS, OPENING, Act
from serai.model.columns import Frame, encode_words


def cleared_rules(acts: Sequence[Act]) -> frozenset[str]:
    """Return the rules of which the newest that an agency has said of goods is that they are free of them."""
    said: dict[str, bool] = {}
    for act in acts:
        effects = ACT_KINDS[act.kind].effects
        if "agency" in effects:
            for rule_id in act.parameters["rules"].split():
                said[rule_id] = OPENING in effects
    return frozenset(rule_id for rule_id, is_open in said.items() if is_open)


def open_cleared(rows: Sequence[Row], checked: Checked, rules: OpeningRules) -> Checked:
    """Return documents in which what agencies have cleared is open. Where they have cleared nothing the
    documents stay as they are."""
    cleared = {
        place: found for place, row in enumerate(rows) if row.acts and (found := cleared_rules(row.acts))
    }
    if not cleared:
        return checked
    items = checked.columns.items
    owners = items.numbers("owner")
    texts = items.words("document_type_codes").texts()
    for item in np.flatnonzero(np.isin(owners, list(cleared))).tolist():
        codes = {*(texts[item] or "").split(), *_codes(cleared[int(owners[item])], rules)}
        texts[item] = " ".join(sorted(codes))
    columns = {**items.columns, "document_type_codes": encode_words(texts)}
    return replace(checked, columns=replace(checked.columns, items=Frame(items.row_count, columns)))


def _codes(cleared: frozenset[str], rules: OpeningRules) -> Iterator[str]:
    for code, its in rules.items():
        for rule in its:
            if rule.rule_id in cleared:
                yield opening_code(rule.rule_id, code)

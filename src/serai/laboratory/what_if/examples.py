"""The parcels that change most, told in words while their figures are at hand; the rest is forgotten."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from serai.explanation.wording import render_money
from serai.journey.decision.rendered_reasons import Texts, render_reasons
from serai.journey.decision.rules import reason_set_of
from serai.laboratory.what_if.compared import Compared
from serai.laboratory.what_if.outcome import Outcome
from serai.laboratory.what_if.result import Assessment, Example
from serai.model.columns import Coded
from serai.model.frames import LANES

LANGUAGE = "en"


@dataclass(slots=True)
class Examples:
    """Up to `most` parcels of each currency that pay more, and as many that pay less; earlier ones first."""

    most: int
    _kept: dict[tuple[str, bool], list[Example]] = field(default_factory=lambda: defaultdict(list))

    def add(self, found: Compared) -> None:
        """Look at the compared parcels of a batch."""
        if self.most < 1:
            return
        lines, change = found.lines, found.lines.change_minor
        for number, currency in enumerate(lines.currencies):
            for sign in (1, -1):
                kept = self._kept[currency, sign > 0]
                least = abs(kept[-1].change_minor) if len(kept) == self.most else 0
                places = np.flatnonzero((lines.currency == number) & (sign * change > least))
                places = places[np.argsort(-sign * change[places], kind="stable")][: self.most]
                both = [*kept, *(_tell(found, place) for place in places.tolist())]
                kept[:] = sorted(both, key=lambda one: -abs(one.change_minor))[: self.most]

    def rows(self) -> list[Example]:
        """Return them by currency, those that pay more first."""
        keys = sorted(self._kept, key=lambda key: (key[0], not key[1]))
        return [one for key in keys for one in self._kept[key]]


def _tell(found: Compared, place: int) -> Example:
    batch, lines, features = found.batch, found.lines, found.features
    row = int(lines.parcel[place])
    current, draft = int(lines.current[place]), int(lines.draft[place])
    return Example(
        name=batch.names[row],
        case_id=None if batch.case_ids is None else batch.case_ids[row],
        currency=lines.currencies[int(lines.currency[place])],
        value_minor=int(found.values_minor[row]),
        origin=_word(features["origin"], row),
        chapter=_word(features["chapter"], row),
        channel=_word(features["channel"], row),
        change_minor=draft - current,
        current=_assessment_of(found.current, row, current),
        draft=_assessment_of(found.draft, row, draft),
    )


def _word(coded: Coded, row: int) -> str:
    return coded.words[int(coded.codes[row])]


def _assessment_of(outcome: Outcome, row: int, total_minor: int) -> Assessment:
    program = outcome.program(row)
    assert program is not None, "what is compared is governed"
    bits = outcome.consignments.bit_sets("reason_bits")[row]
    rendered = render_reasons(reason_set_of(program), bits, "public", Texts(program.packs, LANGUAGE))
    return Assessment(
        law=program.code,
        total_minor=total_minor,
        lane=LANES[int(outcome.consignments.numbers("lane_number")[row])],
        charges=_charges(outcome, row),
        rules=[one.sentence for one in rendered],
    )


def _charges(outcome: Outcome, row: int) -> list[str]:
    """Return what is charged on a parcel, each rule once with its sum."""
    charges = outcome.assessed.charges
    sums: dict[tuple[str, str], int] = {}
    for place in np.flatnonzero(charges.numbers("consignment") == row).tolist():
        program = outcome.book.programs[int(charges.numbers("law_number")[place])]
        charge = program.charges[int(charges.numbers("charge_number")[place])]
        amount = int(charges.numbers("amount_minor")[place])
        if amount and charge.charge.kind != "claim" and not charges.flags("is_waived")[place]:
            key = charge.charge.title, charge.currency
            sums[key] = sums.get(key, 0) + amount
    return [f"{title}: {render_money(amount, currency)}" for (title, currency), amount in sums.items()]

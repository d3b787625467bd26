"""What becomes of parcels under one law: processing's own assessment and lanes, charges in columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from serai.journey.assessment.rules import Assessment, assess
from serai.journey.decision.rules import decide
from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.what_if.batch import Batch
from serai.law.book import LawBook
from serai.law.program import Program
from serai.model.columns import Flags, Frame, Int64s


@dataclass(frozen=True, slots=True)
class Outcome:
    """A batch under one law. consignments: with law, lane and reasons. is_decided: the law could say
    everything.
    """

    book: LawBook
    consignments: Frame
    assessed: Assessment
    is_decided: Flags

    @property
    def law_numbers(self) -> Int64s:
        """Return the program that governed each parcel, by its place in the book; -1 where there is none."""
        return self.consignments.numbers("law_number")

    def program(self, row: int) -> Program | None:
        """Return the program that governed a parcel."""
        number = int(self.law_numbers[row])
        return self.book.programs[number] if number >= 0 else None

    def currencies(self) -> list[str]:
        """Return the currency of each program of the book."""
        return [program.currency for program in self.book.programs]

    def is_governed_by(self, codes: frozenset[str]) -> Flags:
        """Say which parcels are governed by a law with one of some packs in it."""
        answers = [bool(codes & {pack.code for pack in one.packs}) for one in self.book.programs]
        return np.array([*answers, False], dtype=np.bool_)[self.law_numbers]


def outcome_under(batch: Batch, book: LawBook) -> Outcome:
    """Ask a law about a batch."""
    assessed = assess(batch.consignments, batch.items, batch.first_items, book)
    consignments, _ = decide(
        assessed.consignments, assessed.items, batch.first_items, assessed.findings, assessed.runs
    )
    is_decided = np.ones(batch.count, dtype=np.bool_)
    is_decided[assessed.findings.numbers("consignment")] = False
    return Outcome(book, consignments, assessed, is_decided)


def sum_charges_by_kind(outcome: Outcome, currencies: Sequence[str]) -> dict[str, Int64s]:
    """Return by kind what is charged on each parcel (a row) in each of some currencies (a column).

    Minor units. What is waived or only claimed back is in no sum.
    """
    charges = outcome.assessed.charges
    kind, currency = charges.words("kind_code"), charges.words("currency_code")
    place_of = {word: place for place, word in enumerate(currencies)}
    column = np.array([*(place_of[word] for word in currency.words), 0], dtype=np.int64)[currency.codes]
    amount = np.where(charges.flags("is_waived"), 0, charges.numbers("amount_minor"))
    sums = {}
    for name in KINDS:
        rows = kind.map_flags([word == name for word in kind.words])
        sums[name] = np.zeros((outcome.consignments.row_count, len(currencies)), dtype=np.int64)
        np.add.at(sums[name], (charges.numbers("consignment")[rows], column[rows]), amount[rows])
    return sums


def values_minor(outcome: Outcome, items: Frame) -> Int64s:
    """Return the price of each parcel's goods in the currency of its law, minor units; 0 where not known."""
    values = np.zeros(outcome.consignments.row_count, dtype=np.int64)
    owner = items.numbers("owner")
    for governed in outcome.assessed.runs:
        price = governed.run.read("line_value")
        known = np.where(price.known_flags(), np.maximum(price.data, 0), 0)
        np.add.at(values, owner[governed.item_rows], known)
    return values

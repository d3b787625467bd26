"""What the decisions of a batch enter: charges of each debtor and tax type as they stand now, less as they
stood before. Pure, one entry an account however many consignments there are.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from serai.journey.ledger.posting_rules import NO_PHASE, PostingRules
from serai.law.small_arrays import distinct_rows
from serai.model.columns import Coded, Frame, Int64s
from serai.model.ledger import Account, Entry, net_entries
from serai.model.owed_charges import owed_rows
from serai.model.packed_detail import DUES, PackedCharge


class Standing(NamedTuple):
    """How a consignment stood, or stands: its declarant, destination, place of its status in STATUSES, and
    charges."""

    party_id: int
    country_code: str
    status: int
    charges: Sequence[PackedCharge]


class _Sum(NamedTuple):
    """What is summed together. due: place in DUES; phase: in PHASES."""

    party_id: int
    country_code: str
    phase: int
    due: int
    debtor_code: str
    tax_type_code: str
    currency_code: str


def assessed_entries(
    consignments: Frame, charges: Frame, party_ids: Int64s, before: Sequence[Standing], rules: PostingRules
) -> list[Entry]:
    """Return what a decided batch enters.

    consignments, charges: of the pipeline. party_ids: the declarant of each consignment. before: those that
    had a decision, as they stood.
    """
    sums = _sum_frame(consignments, charges, party_ids, rules)
    _add_standing(sums, before, rules, sign=-1)
    return _entries(sums, rules)


def moved_entries(before: Sequence[Standing], after: Sequence[Standing], rules: PostingRules) -> list[Entry]:
    """Return what a few consignments enter that stood in one way and stand in another."""
    sums: Counter[_Sum] = Counter()
    _add_standing(sums, before, rules, sign=-1)
    _add_standing(sums, after, rules, sign=1)
    return _entries(sums, rules)


def _sum_frame(consignments: Frame, charges: Frame, party_ids: Int64s, rules: PostingRules) -> Counter[_Sum]:
    owners = charges.numbers("consignment")
    phases = np.array(rules.phases, dtype=np.int64)[consignments.numbers("status_number")]
    due = charges.words("due_code")
    rows = np.flatnonzero(
        owed_rows(charges)
        & due.map_flags([rules.assessed[DUES.index(word)] is not None for word in due.words])
        & (phases[owners] != NO_PHASE)
    )
    if not len(rows):
        return Counter()
    country = consignments.words("consignee_country_code")
    debtor, tax, currency = (
        charges.words(name) for name in ("debtor_code", "tax_type_code", "currency_code")
    )
    own = owners[rows]
    groups = distinct_rows(
        [
            party_ids[own],
            country.codes[own],
            phases[own],
            due.codes[rows],
            debtor.codes[rows],
            tax.codes[rows],
            currency.codes[rows],
        ]
    )
    amounts = np.zeros(len(groups.first_rows), dtype=np.int64)
    # In integers: floats are for no money.
    np.add.at(amounts, groups.inverse, charges.numbers("amount_minor")[rows])
    sums: Counter[_Sum] = Counter()
    for first, amount in zip(groups.first_rows, amounts.tolist(), strict=True):
        row, owner = int(rows[first]), int(own[first])
        sums[
            _Sum(
                party_id=int(party_ids[owner]),
                country_code=_word(country, owner),
                phase=int(phases[owner]),
                due=DUES.index(_word(due, row)),
                debtor_code=_word(debtor, row),
                tax_type_code=_word(tax, row),
                currency_code=_word(currency, row),
            )
        ] += amount
    return sums


def _word(column: Coded, row: int) -> str:
    code = int(column.codes[row])
    return column.words[code] if code >= 0 else ""


def _add_standing(
    sums: Counter[_Sum], standing: Sequence[Standing], rules: PostingRules, *, sign: int
) -> None:
    for one in standing:
        phase = rules.phases[one.status]
        if phase == NO_PHASE:
            continue
        for charge in one.charges:
            if charge.is_owed and rules.assessed[charge.due] is not None:
                key = _Sum(
                    one.party_id,
                    one.country_code,
                    phase,
                    charge.due,
                    charge.debtor_code,
                    charge.tax_type_code,
                    charge.currency_code,
                )
                sums[key] += sign * charge.amount_minor


def _entries(sums: Counter[_Sum], rules: PostingRules) -> list[Entry]:
    entries = []
    for one, amount in sums.items():
        sides = rules.assessed[one.due]
        assert sides is not None, "what is not entered is not summed"
        debit, credit = sides.places
        owed = Account(
            debit,
            one.currency_code,
            party_id=one.party_id,
            debtor_code=one.debtor_code,
            tax_type_code=one.tax_type_code,
        )
        earned = Account(
            credit, one.currency_code, tax_type_code=one.tax_type_code, country_code=one.country_code
        )
        entries += [Entry(owed, one.phase, amount), Entry(earned, one.phase, -amount)]
    return net_entries(entries)

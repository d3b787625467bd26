"""Decisions of a batch the plain way, a struct for each charge: as `decision_text` writes them."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from serai.foundation.id_text import format_id, format_ids
from serai.journey.assessment.rules import sum_charges
from serai.journey.consignments.rows import Row
from serai.journey.decision.answer import (
    ChargeOut,
    DecisionOut,
    GoodsItemOut,
    LawPackOut,
    ReasonOut,
    Totals,
    law_packs_of,
)
from serai.journey.decision.rendered_reasons import public_reasons
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Processed
from serai.journey.recording.recorded_facts import officer_bits
from serai.law.program import Program
from serai.law.tariff import day_of
from serai.model.columns import Frame, Int64s
from serai.model.findings import FindingOut
from serai.model.frames import ABSENT, LANES, STATUSES
from serai.model.money import format_minor, percent_text


def format_by_currency(amounts: Int64s, currencies: Sequence[str | None]) -> list[str | None]:
    """Write amounts one by one."""
    return [
        None if currency is None or amount == ABSENT else format_minor(amount, currency)
        for amount, currency in zip(amounts.tolist(), currencies, strict=True)
    ]


_TOTALS = ("duty", "tax", "excise", "fee", "due_at_border", "due_at_sale")


def build_decisions(
    rows: Sequence[Row],
    processed: Processed,
    law: LawState,
    registration_numbers: Sequence[str],
    *,
    kind: str,
    decided_at: str,
) -> list[DecisionOut]:
    """Return the decision of each consignment of a batch, in order."""
    consignments = processed.consignments
    numbers = consignments.numbers("law_number").tolist()
    programs: dict[int, Program | None] = {
        number: law.book.programs[number] if number >= 0 else None for number in set(numbers)
    }
    currencies = [_currency(programs[number]) for number in numbers]
    totals = _totals(processed, currencies)
    of_consignment, items = _goods_items(processed, programs, numbers, currencies)
    reasons = _Reasons(processed)
    bits, statuses = (
        consignments.bit_sets("reason_bits").tolist(),
        consignments.numbers("status_number").tolist(),
    )
    lanes, days = consignments.numbers("lane_number").tolist(), consignments.numbers("law_on").tolist()
    forms = consignments.words("declaration_form_code").texts()
    provisional = processed.is_provisional.tolist()
    findings = _findings(processed)
    first_items = [*processed.first_items.tolist(), len(items)]
    decision_ids = format_ids(np.array([row.decision_id for row in rows], dtype=np.int64))
    day_texts = {day: day_of(day).isoformat() for day in set(days)}
    return [
        DecisionOut(
            decision_id=decision_ids[place],
            mrn=registration_numbers[place],
            version=row.version,
            kind=kind,
            lane=LANES[lanes[place]],
            status=STATUSES[statuses[place]],
            decided_at=decided_at,
            goods_items=items[first_items[place] : first_items[place + 1]],
            law=_law(programs[numbers[place]]),
            law_on=day_texts[days[place]],
            law_not_confirmed_since=_not_confirmed(programs[numbers[place]], day_texts[days[place]]),
            basis=law.basis_hashes[numbers[place]],
            currency_code=currencies[place],
            form_code=forms[place],
            totals=totals[place],
            charges=of_consignment.get(place, []),
            reasons=reasons.public(numbers[place], bits[place]),
            findings=findings.get(place, []),
            is_provisional=provisional[place],
            supersedes=format_id(row.previous.decision_id) if row.previous else None,
        )
        for place, row in enumerate(rows)
    ]


def _currency(program: Program | None) -> str | None:
    return program.currency if program else None


def _law(program: Program | None) -> list[LawPackOut]:
    return law_packs_of(program.code, program.versions) if program else []


def _not_confirmed(program: Program | None, day: str) -> str | None:
    days = [pack.verified_until for pack in program.packs] if program else []
    last = min((one.isoformat() for one in days if one is not None), default=None)
    return last if last is not None and last < day else None


class _Reasons:
    """Public reasons of reason bits; few combinations turn up, so each is worked out once."""

    def __init__(self, processed: Processed) -> None:
        self._processed = processed
        self._officer_bits = {number: officer_bits(processed, number) for number in processed.reason_sets}
        self._known: dict[tuple[int, int], list[ReasonOut]] = {}

    def public(self, number: int, bits: int) -> list[ReasonOut]:
        key = (number, bits)
        found = self._known.get(key)
        if found is None:
            reason_set = self._processed.reason_sets[number]
            found = self._known[key] = public_reasons(reason_set, bits, self._officer_bits[number])
        return found


def _totals(processed: Processed, currencies: Sequence[str | None]) -> list[Totals | None]:
    sums = sum_charges(processed.charges, [currency or "XXX" for currency in currencies], len(currencies))
    columns = [format_by_currency(sums[f"{name}_minor"], currencies) for name in _TOTALS]
    unknown = processed.consignments.flags("has_unknown_charge").tolist()
    return [
        None if currency is None or is_unknown else Totals(*amounts)
        for currency, is_unknown, *amounts in zip(currencies, unknown, *columns, strict=True)
    ]


def _goods_items(
    processed: Processed,
    programs: Mapping[int, Program | None],
    numbers: Sequence[int],
    currencies: Sequence[str | None],
) -> tuple[dict[int, list[ChargeOut]], list[GoodsItemOut]]:
    """Return the charges of consignments as a whole, and all goods items in order with theirs."""
    charges, items = processed.charges, processed.items
    rule_ids = _rule_ids(charges.numbers("law_number"), charges.numbers("charge_number"), programs)
    built = build_charges(charges, rule_ids)
    by_item: list[list[ChargeOut]] = [[] for _ in range(items.row_count)]
    of_consignment: dict[int, list[ChargeOut]] = {}
    places = zip(
        charges.numbers("item").tolist(), charges.numbers("consignment").tolist(), built, strict=True
    )
    for item, consignment, charge in places:
        if item >= 0:
            by_item[item].append(charge)
        else:
            of_consignment.setdefault(consignment, []).append(charge)
    owner = items.numbers("owner")
    owner_list = owner.tolist()
    values = format_by_currency(items.numbers("customs_value_minor"), [currencies[row] for row in owner_list])
    reasons = _Reasons(processed)
    listed = [
        GoodsItemOut(
            sequence,
            LANES[lane],
            its_charges,
            value,
            relief,
            reasons.public(numbers[row], bits) if bits else [],
        )
        for sequence, lane, its_charges, value, relief, row, bits in zip(
            items.numbers("sequence_number").tolist(),
            items.numbers("lane_number").tolist(),
            by_item,
            values,
            items.words("relief_code").texts(),
            owner_list,
            items.bit_sets("reason_bits").tolist(),
            strict=True,
        )
    ]
    # In the order in which they are read back, whatever order they were declared in.
    order = np.lexsort((items.numbers("sequence_number"), owner))
    if (np.diff(order) != 1).any():
        listed = [listed[place] for place in order.tolist()]
    return of_consignment, listed


def _rule_ids(
    law_numbers: Int64s, charge_numbers: Int64s, programs: Mapping[int, Program | None]
) -> list[str]:
    key = law_numbers * 1_000 + charge_numbers
    unique, inverse = np.unique(key, return_inverse=True)
    names = []
    for one in unique.tolist():
        program = programs[one // 1_000]
        assert program is not None
        names.append(program.charges[one % 1_000].charge.rule_id)
    return [names[place] for place in inverse.tolist()]


def _findings(processed: Processed) -> dict[int, list[FindingOut]]:
    frame, found = processed.findings, dict[int, list[FindingOut]]()
    words = [frame.words(name).texts() for name in ("code", "pointer", "severity", "word", "parameters")]
    sequence = processed.items.numbers("sequence_number").tolist()
    for consignment, item, code, pointer, severity, word, parameters in zip(
        frame.numbers("consignment").tolist(), frame.numbers("item").tolist(), *words, strict=True
    ):
        named = msgspec.json.decode(parameters) if parameters else {"value": word} if word else {}
        number = sequence[item] if item >= 0 else None
        one = FindingOut(code or "", pointer or "", severity or "", named, sequence_number=number)
        found.setdefault(consignment, []).append(one)
    # In the order in which they are read back, so that the record is byte for byte what was committed to.
    return {
        place: sorted(all_of_it, key=lambda one: (one.sequence_number or 0, one.code))
        for place, all_of_it in found.items()
    }


def build_charges(charges: Frame, rule_ids: Sequence[str]) -> list[ChargeOut]:
    """Turn a frame of charges into structs, same order. rule_ids: one for each row."""
    currencies = charges.words("currency_code").texts()
    columns = (
        rule_ids,
        charges.words("kind_code").texts(),
        charges.words("tax_type_code").texts(),
        format_by_currency(charges.numbers("amount_minor"), currencies),
        currencies,
        charges.words("due_code").texts(),
        [who or "none" for who in charges.words("debtor_code").texts()],
        [
            base if denominator else None
            for base, denominator in zip(
                format_by_currency(charges.numbers("base_minor"), currencies),
                charges.numbers("rate_denominator").tolist(),
                strict=True,
            )
        ],
        [
            percent_text(numerator, denominator) if denominator else None
            for numerator, denominator in zip(
                charges.numbers("rate_numerator").tolist(),
                charges.numbers("rate_denominator").tolist(),
                strict=True,
            )
        ],
        charges.flags("is_waived").tolist(),
    )
    return [ChargeOut(*row) for row in zip(*columns, strict=True)]

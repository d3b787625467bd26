"""Assess: every consignment under its law, in one go for each law of the batch.

The one place where duty and tax come from.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from serai.law.book import LawBook
from serai.law.conversion import is_beyond
from serai.law.exact import sum_by_owner
from serai.law.program import DUE_CODES, Program
from serai.law.run import LawRun
from serai.law.tariff_duty import is_code_too_short, say_short_codes
from serai.law.unknown import Missing
from serai.model.columns import Coded, Flags, Frame, Int32s, Int64s, encode_words, fill_word
from serai.model.frames import ABSENT

KINDS = ("duty", "tax", "excise", "fee", "claim")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What assessing a batch gives.

    consignments, items: the frames with the columns of stage `assess`. charges, findings: frames of
    `model/frames.py`. runs: each law's run with the rows (consignments, items) it governed: explanation and
    reasons read them.
    """

    consignments: Frame
    items: Frame
    charges: Frame
    findings: Frame
    runs: tuple["GovernedRun", ...]


@dataclass(frozen=True, slots=True)
class GovernedRun:
    """One law's run on its rows of the batch."""

    number: int
    run: LawRun
    consignment_rows: Int64s
    item_rows: Int64s


def assess(consignments: Frame, items: Frame, first_items: Int64s, book: LawBook) -> Assessment:
    """Assess a batch.

    consignments, items: with the columns of stages `advise` and `match`. Rows without a law get finding
    `no-law` and nothing else.
    """
    numbers, days = book.choose(consignments)
    owner = items.numbers("owner")
    batch = Batch(consignments, items, owner, first_items, numbers, days)
    runs = tuple(_run_law(int(number), book, batch) for number in np.unique(numbers) if number >= 0)
    charges = _join_charges(runs)
    findings = _findings(consignments, numbers, runs, owner)
    consignments = consignments.with_columns(
        law_number=numbers,
        law_on=days,
        declaration_form_code=_gather_codes(
            runs, "declaration_form_code", consignments.row_count, is_item=False
        ),
        threshold_value_minor=_gather(runs, "intrinsic_value", consignments.row_count, is_item=False),
    )
    items = items.with_columns(
        customs_value_minor=_gather(runs, "customs_value", items.row_count, is_item=True),
        relief_code=_gather_codes(runs, "relief_code", items.row_count, is_item=True),
    )
    return Assessment(consignments, items, charges, findings, runs)


class Batch(NamedTuple):
    """A batch with the program and the law day of each consignment."""

    consignments: Frame
    items: Frame
    owner: Int64s
    first_items: Int64s
    numbers: Int64s
    days: Int64s


def govern(number: int, book: LawBook, batch: Batch) -> GovernedRun:
    """Return the run of one law on the rows it governs, nothing computed yet."""
    program, reference = book.programs[number], book.reference
    consignments, items, owner, first_items, numbers, days = batch
    if (numbers == number).all():
        run = LawRun(program, reference, consignments, items, owner, first_items, days)
        return GovernedRun(number, run, np.arange(len(numbers)), np.arange(len(owner)))
    rows = np.flatnonzero(numbers == number)
    item_rows = np.flatnonzero(numbers[owner] == number)
    place = np.zeros(len(numbers), dtype=np.int64)
    place[rows] = np.arange(len(rows))
    owner_here = place[owner[item_rows]]
    first_here = np.searchsorted(owner_here, np.arange(len(rows)))
    here = consignments.take(rows), items.take(item_rows)
    run = LawRun(program, reference, *here, owner_here, first_here, days[rows])
    return GovernedRun(number, run, rows, item_rows)


def _run_law(number: int, book: LawBook, batch: Batch) -> GovernedRun:
    governed = govern(number, book, batch)
    governed.run.execute()
    return governed


def _join_charges(runs: tuple[GovernedRun, ...]) -> Frame:
    parts: dict[str, list[Int64s]] = {name: [] for name in _CHARGE_NUMBERS}
    texts: dict[str, list[tuple[tuple[str, ...], Int32s]]] = {name: [] for name in _CHARGE_TEXTS}
    waived = []
    for governed in runs:
        for rows in governed.run.charges:
            charge = rows.charge.charge
            is_item = charge.level == "item"
            item = governed.item_rows[rows.rows] if is_item else np.full(len(rows.rows), -1, dtype=np.int64)
            local = governed.run.owner[rows.rows] if is_item else rows.rows
            count = len(rows.rows)
            parts["consignment"].append(governed.consignment_rows[local])
            parts["item"].append(item)
            parts["charge_number"].append(np.full(count, rows.charge.number, dtype=np.int64))
            parts["law_number"].append(np.full(count, governed.number, dtype=np.int64))
            parts["base_minor"].append(rows.base_minor)
            parts["rate_numerator"].append(rows.rate_numerator)
            parts["rate_denominator"].append(rows.rate_denominator)
            parts["amount_minor"].append(rows.amount_minor)
            waived.append(rows.is_waived)
            texts["due_code"].append((tuple(code for code, _, _ in rows.charge.due.rows), rows.due))
            texts["liable_code"].append((tuple(code for code, _, _ in rows.charge.liable.rows), rows.liable))
            for name, word in (
                ("kind_code", charge.kind),
                ("tax_type_code", charge.tax_type_code),
                ("currency_code", rows.charge.currency),
            ):
                texts[name].append(((word,), np.zeros(count, dtype=np.int32)))
    if not waived:
        return _no_charges()
    numbers = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    coded = {name: _join_coded(pieces) for name, pieces in texts.items()}
    frame = Frame(len(numbers["consignment"]), {**numbers, **coded, "is_waived": np.concatenate(waived)})
    # Consignment, then item, then the order of the law: the order in which people read a bill.
    order = np.lexsort((numbers["charge_number"], numbers["item"], numbers["consignment"]))
    return frame.take(order)


_CHARGE_NUMBERS = (
    "consignment",
    "item",
    "charge_number",
    "law_number",
    "base_minor",
    "rate_numerator",
    "rate_denominator",
    "amount_minor",
)
_CHARGE_TEXTS = ("due_code", "liable_code", "kind_code", "tax_type_code", "currency_code")


def _no_charges() -> Frame:
    none = np.zeros(0, dtype=np.int64)
    return Frame(
        0,
        {
            **dict.fromkeys(_CHARGE_NUMBERS, none),
            **{name: fill_word(None, 0) for name in _CHARGE_TEXTS},
            "is_waived": none.astype(np.bool_),
        },
    )


def _join_coded(pieces: list[tuple[tuple[str, ...], Int32s]]) -> Coded:
    number_of: dict[str, int] = {}
    codes = []
    for words, local in pieces:
        table = np.array(
            [*(number_of.setdefault(word, len(number_of)) for word in words), -1], dtype=np.int32
        )
        codes.append(table[local])
    return Coded(tuple(number_of), np.concatenate(codes))


def _gather(runs: tuple[GovernedRun, ...], name: str, count: int, *, is_item: bool) -> Int64s:
    """Bring one named value of every law back into the order of the batch; absent where a law has no such
    name or does not know.
    """
    column = np.full(count, ABSENT, dtype=np.int64)
    for governed in runs:
        if name not in governed.run.program.definition_of:
            continue
        value = governed.run.read(name)
        rows = governed.item_rows if is_item else governed.consignment_rows
        column[rows] = np.where(value.known_flags(), value.data, ABSENT)
    return column


def _gather_codes(runs: tuple[GovernedRun, ...], name: str, count: int, *, is_item: bool) -> Coded:
    number_of: dict[str, int] = {}
    codes = np.full(count, -1, dtype=np.int32)
    for governed in runs:
        value = governed.run.values[name]
        table = np.array(
            [*(number_of.setdefault(word, len(number_of)) for word in value.words), -1], dtype=np.int32
        )
        codes[governed.item_rows if is_item else governed.consignment_rows] = table[value.data]
    return Coded(tuple(number_of), codes)


# ---- findings ----

_FINDING_OF_WORD = {
    "duty_rate": "no-tariff-line",
    "third_country_duty_rate": "no-tariff-line",
    "line_value": "no-exchange-rate",
    "line_value_sale": "no-exchange-rate",
    "freight": "no-exchange-rate",
    "insurance": "no-exchange-rate",
    "discount": "no-exchange-rate",
    "import_charges": "no-exchange-rate",
    "excise": "no-exchange-rate",
}


def _findings(consignments: Frame, numbers: Int64s, runs: tuple[GovernedRun, ...], owner: Int64s) -> Frame:
    rows: list[_Found] = []
    territories = consignments.words("customs_territory_code").texts()
    for row in np.flatnonzero(numbers < 0).tolist():
        # The word names the territory, so that the sentence can say whose law is lacking (XI is neither GB
        # nor EU).
        territory = territories[row]
        code = "no-law" if territory else "territory-unresolved"
        rows.append(_Found(row, -1, code, territory or ""))
    for governed in runs:
        for missing in governed.run.missing:
            rows.extend(_explain_missing(governed, missing, owner))
    unique = list(dict.fromkeys(rows))
    return Frame(
        len(unique),
        {
            "consignment": np.array([r[0] for r in unique], dtype=np.int64),
            "item": np.array([r[1] for r in unique], dtype=np.int64),
            "code": encode_words(r[2] for r in unique),
            "word": encode_words(r[3] for r in unique),
            "detail": encode_words(r[4] or None for r in unique),
        },
    )


class _Found(NamedTuple):
    """A finding. detail: what is known of the gap; it goes to who reads, instead of the word."""

    consignment: int
    item: int
    code: str
    word: str
    detail: str = ""


def _explain_missing(governed: GovernedRun, missing: Missing, owner: Int64s) -> list[_Found]:
    symbol = governed.run.program.symbols.get(missing.word)
    is_measure = symbol is not None and symbol.measure is not None
    code = "no-tariff-line" if is_measure else _FINDING_OF_WORD.get(missing.word)
    if code is None:
        code = "parameter-not-known" if missing.word in governed.run.program.parameters else "data-needed"
    is_item = missing.level == "item"
    better = {"no-tariff-line": "commodity-code-too-short", "no-exchange-rate": "amount-out-of-range"}.get(
        code
    )
    holds = _is_better_known(governed, missing.word, code, is_item=is_item) if better else None
    places = missing.rows.tolist()
    details: dict[int, str] = {}
    if code == "no-tariff-line" and is_item and holds is not None:
        measure = governed.run.program.symbols[missing.word].measure or "duty"
        details = say_short_codes(governed.run, measure, (local for local in places if holds[local]))
    found = []
    for local in places:
        exact = better if better and holds is not None and holds[local] else code
        if is_item:
            item = int(governed.item_rows[local])
            found.append(_Found(int(owner[item]), item, exact, missing.word, details.get(local, "")))
        else:
            found.append(_Found(int(governed.consignment_rows[local]), -1, exact, missing.word))
    return found


def _is_better_known(governed: GovernedRun, word: str, code: str, *, is_item: bool) -> Flags | None:
    """Say where a closer reason is known: the code ends above lines that differ, the amount is too large."""
    run = governed.run
    measure = run.program.symbols[word].measure or "duty"
    holds = is_code_too_short(run, measure) if code == "no-tariff-line" else is_beyond(run, word)
    if holds is None:
        return None
    is_of_items = run.program.symbols[word].level == "item"
    if is_item == is_of_items:
        return holds
    return holds[run.owner] if is_item else np.logical_or.reduceat(holds, run.first_items)


# ---- sums ----


def sum_charges(charges: Frame, program_currency: list[str], consignment_count: int) -> dict[str, Int64s]:
    """Sum the charges of each consignment in its law's currency: duty, tax, excise, fee, due at border, due
    at sale.

    program_currency: the currency of each consignment's law. Claims are asked back, so they are in no sum;
    waived charges neither.
    """
    currency = charges.words("currency_code")
    home = encode_words(program_currency)
    translate = np.array(
        [*(home.words.index(word) if word in home.words else -2 for word in currency.words), -3],
        dtype=np.int64,
    )
    consignment = charges.numbers("consignment")
    counts = (translate[currency.codes] == home.codes[consignment]) & ~charges.flags("is_waived")
    amount = np.where(counts, charges.numbers("amount_minor"), 0)
    kind, due = charges.words("kind_code"), charges.words("due_code")
    is_claim = kind.map_flags([word == "claim" for word in kind.words])
    sums = {}
    for name in ("duty", "tax", "excise", "fee"):
        is_kind = kind.map_flags([word == name for word in kind.words])
        sums[f"{name}_minor"] = _sum(amount, is_kind, consignment, consignment_count)
    for name in DUE_CODES[:3]:
        is_due = due.map_flags([word == name for word in due.words]) & ~is_claim
        sums[f"due_at_{name}_minor"] = _sum(amount, is_due, consignment, consignment_count)
    return sums


def _sum(amount: Int64s, holds: Flags, consignment: Int64s, count: int) -> Int64s:
    totals = np.zeros(count, dtype=np.int64)
    np.add.at(totals, consignment[holds], amount[holds])
    return totals


def program_of(book: LawBook, number: int) -> Program | None:
    """Return the program that governed a consignment, or None where there was no law."""
    return book.programs[number] if number >= 0 else None


__all__ = [
    "Assessment",
    "Batch",
    "GovernedRun",
    "assess",
    "govern",
    "program_of",
    "sum_by_owner",
    "sum_charges",
]

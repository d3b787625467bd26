"""Assess: every consignment under its law, in one go for each law of the batch.

The one place where duty and tax come from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from serai.law.book import LawBook
from serai.law.conversion import is_beyond
from serai.law.exact import sum_by_owner
from serai.law.plain import PlainFrame
from serai.law.program import DUE_CODES, Program
from serai.law.run import ChargeRows, LawRun
from serai.law.small_arrays import together, without
from serai.law.small_batch import SmallBatchRun
from serai.law.tariff_duty import is_code_too_short, render_short_codes
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


SMALL_ROWS_MAX = 24
"""Goods items of one law in a batch up to which each consignment by itself costs less than columns."""


def assess(
    consignments: Frame,
    items: Frame,
    first_items: Int64s,
    book: LawBook,
    *,
    small_rows_max: int = SMALL_ROWS_MAX,
    chosen: tuple[Int64s, Int64s] | None = None,
) -> Assessment:
    """Assess a batch.

    consignments, items: with the columns of stages `advise` and `match`. Rows without a law get finding
    `no-law` and nothing else. small_rows_max: goods items of one law up to which its consignments are
    computed one by one; both ways come to the same. chosen: what the book chose, where it was asked already.
    """
    numbers, days = book.choose(consignments) if chosen is None else chosen
    owner = items.numbers("owner")
    batch = Batch(consignments, items, owner, first_items, numbers, days)
    frames = PlainFrame(consignments), PlainFrame(items)
    runs = tuple(
        _run_law(number, book, batch, frames, small_rows_max)
        for number in np.unique(numbers).tolist()
        if number >= 0
    )
    charges = _join_charges(runs)
    findings = _findings(consignments, numbers, runs, owner, book)
    consignments = consignments.with_columns(
        law_number=numbers,
        law_on=days,
        declaration_form_code=_gather_codes(
            runs, "declaration_form_code", consignments.row_count, is_item=False
        ),
        threshold_value_minor=_gather(runs, "intrinsic_value", consignments.row_count, is_item=False),
        has_unknown_charge=_where_unknown(runs, consignments.row_count),
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


def govern(number: int, book: LawBook, batch: Batch, *, program: Program | None = None) -> GovernedRun:
    """Return the run of one law on the rows it governs, nothing computed yet. program: stands in for that of
    the book."""
    program, reference = program or book.programs[number], book.reference
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
    here = consignments.view(rows), items.view(item_rows)
    run = LawRun(program, reference, *here, owner_here, first_here, days[rows])
    return GovernedRun(number, run, rows, item_rows)


def _run_law(
    number: int, book: LawBook, batch: Batch, frames: tuple[PlainFrame, PlainFrame], small_rows_max: int
) -> GovernedRun:
    governed = govern(number, book, batch)
    if len(governed.item_rows) <= small_rows_max:
        governed = replace(governed, run=_small(governed, frames))
    governed.run.execute()
    return governed


def _small(governed: GovernedRun, frames: tuple[PlainFrame, PlainFrame]) -> SmallBatchRun:
    run = governed.run
    return SmallBatchRun(
        run.program,
        run.reference,
        run.consignments,
        run.items,
        run.owner,
        run.first_items,
        run.law_days,
        frames=frames,
        rows=governed.consignment_rows.tolist(),
        item_rows=governed.item_rows[run.first_items].tolist(),
    )


def _join_charges(runs: tuple[GovernedRun, ...]) -> Frame:
    """Join the charges of all laws: by consignment, then item, then the order of the law, in which people
    read a bill.
    """
    charged = [(governed, rows) for governed in runs for rows in governed.run.charges]
    if not charged:
        return _no_charges()
    consignments, items = zip(*(_places(governed, rows) for governed, rows in charged), strict=True)
    consignment, item = np.concatenate(consignments), np.concatenate(items)
    which = np.repeat(np.arange(len(charged)), [len(rows.rows) for _, rows in charged])
    # Each charge's rows ascend, so a sort that takes what is in order as it is has little to do.
    place = consignment * (int(item.max(initial=-1)) + 2) + item + 1
    order = np.argsort(place * len(charged) + which, kind="stable")
    which = which[order]

    def numbers(name: str) -> Int64s:
        return np.concatenate([getattr(rows, name) for _, rows in charged])[order]

    def of_charge(given: list[int]) -> Int64s:
        return np.array(given, dtype=np.int64)[which]

    def word(given: list[str]) -> Coded:
        coded = encode_words(given)
        return Coded(coded.words, coded.codes[which])

    due = _join_coded([([code for code, _, _ in rows.charge.due.rows], rows.due) for _, rows in charged])
    debtor = _join_coded(
        [([code for code, _, _ in rows.charge.debtor.rows], rows.debtor) for _, rows in charged]
    )
    return Frame(
        len(order),
        {
            "consignment": consignment[order],
            "item": item[order],
            "charge_number": of_charge([rows.charge.number for _, rows in charged]),
            "law_number": of_charge([governed.number for governed, _ in charged]),
            "base_minor": numbers("base_minor"),
            "rate_numerator": numbers("rate_numerator"),
            "rate_denominator": numbers("rate_denominator"),
            "amount_minor": numbers("amount_minor"),
            "due_code": due.take(order),
            "debtor_code": debtor.take(order),
            "kind_code": word([rows.charge.charge.kind for _, rows in charged]),
            "tax_type_code": word([rows.charge.charge.tax_type_code for _, rows in charged]),
            "currency_code": word([rows.charge.currency for _, rows in charged]),
            "is_waived": np.concatenate([rows.is_waived for _, rows in charged])[order],
        },
    )


def _places(governed: GovernedRun, rows: ChargeRows) -> tuple[Int64s, Int64s]:
    """Return the consignment and the item (-1: of the consignment) of each row of a charge."""
    if rows.charge.charge.level == "item":
        return governed.consignment_rows[governed.run.owner[rows.rows]], governed.item_rows[rows.rows]
    return governed.consignment_rows[rows.rows], np.full(len(rows.rows), -1, dtype=np.int64)


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
_CHARGE_TEXTS = ("due_code", "debtor_code", "kind_code", "tax_type_code", "currency_code")


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


def _join_coded(pieces: list[tuple[list[str], Int32s]]) -> Coded:
    """Join columns, each with words of its own."""
    number_of: dict[str, int] = {}
    table: list[int] = []
    ends = []
    for words, _ in pieces:
        table += [number_of.setdefault(word, len(number_of)) for word in words]
        # The last place of each is the absent word: -1 counts from its end.
        table.append(-1)
        ends.append(len(table))
    codes = np.concatenate([local for _, local in pieces])
    sizes = [len(local) for _, local in pieces]
    starts = np.array([0, *ends[:-1]], dtype=np.int32).repeat(sizes)
    lasts = np.array(ends, dtype=np.int32).repeat(sizes) - 1
    return Coded(tuple(number_of), np.array(table, np.int32)[np.where(codes < 0, lasts, starts + codes)])


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
        value = governed.run.read(name)
        table = np.array(
            [*(number_of.setdefault(word, len(number_of)) for word in value.words), -1], dtype=np.int32
        )
        codes[governed.item_rows if is_item else governed.consignment_rows] = table[value.data]
    return Coded(tuple(number_of), codes)


def _where_unknown(runs: tuple[GovernedRun, ...], count: int) -> Flags:
    """Say of which consignments a charge is unknown; where there is no law, none is."""
    unknown = np.zeros(count, dtype=np.bool_)
    for governed in runs:
        if governed.run.charges_known is not None:
            unknown[governed.consignment_rows] = ~governed.run.charges_known
    return unknown


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


def _findings(
    consignments: Frame, numbers: Int64s, runs: tuple[GovernedRun, ...], owner: Int64s, book: LawBook
) -> Frame:
    rows = _explain_lawless(consignments, np.flatnonzero(numbers < 0), book)
    for governed in runs:
        rows += _find_unknown_reliefs(governed)
        for missing in _each_once(governed.run.missing):
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


def _explain_lawless(consignments: Frame, rows: Int64s, book: LawBook) -> list["_Found"]:
    """Say why no law governs some consignments."""
    if not len(rows):
        return []
    here = consignments.view(rows)
    places = [
        here.words(name).texts()
        for name in ("customs_territory_code", "direction_code", "requested_procedure_code")
    ]
    found = []
    for row, territory, direction, procedure, is_outside in zip(
        rows.tolist(), *places, book.is_outside(here).tolist(), strict=True
    ):
        if is_outside:
            found.append(_Found(row, -1, "outside-scope", f"{direction} {procedure}"))
        elif territory:
            # The word names the territory, so that the sentence can say whose law is lacking (XI is neither
            # GB nor EU).
            found.append(_Found(row, -1, "no-law", territory))
        else:
            found.append(_Found(row, -1, "territory-unresolved", ""))
    return found


_NO_ADDITIONAL_PROCEDURE = "000"
"""Says in the lists of the Union and the United Kingdom that none is asked for."""


def _find_unknown_reliefs(governed: GovernedRun) -> Iterator["_Found"]:
    """Tell each additional procedure that is asked for and that no pack of the law knows."""
    asked = governed.run.consignments.words("additional_procedure_codes")
    known = {one.code for pack in governed.run.program.packs for one in pack.additional_procedures}
    known.add(_NO_ADDITIONAL_PROCEDURE)
    strange = [" ".join(code for code in word.split() if code not in known) for word in asked.words]
    if not any(strange):
        return
    for row in np.flatnonzero(asked.map_flags([bool(codes) for codes in strange])).tolist():
        codes = strange[asked.codes[row]]
        yield _Found(int(governed.consignment_rows[row]), -1, "additional-procedure-not-known", codes)


def _each_once(missing: Iterable[Missing]) -> Iterator[Missing]:
    """Leave out rows of which another rule has already said that the same word is missing."""
    told: dict[tuple[str, str], Int64s] = {}
    for one in missing:
        key = (one.word, one.level)
        before = told.get(key)
        fresh = one.rows if before is None else without(one.rows, before)
        told[key] = fresh if before is None else together(before, fresh)
        yield replace(one, rows=fresh)


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
        details = render_short_codes(governed.run, measure, (local for local in places if holds[local]))
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

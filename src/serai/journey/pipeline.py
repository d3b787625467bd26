"""The processor: the rooms' rules in order on a batch.

Pure: what the store knew, the lists and the time are arguments. Clearance, quote, explanation, test bench and
laboratory all call `run_pipeline`; there is no second calculation anywhere.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

import numpy as np

from serai.journey.assessment.drawing import Standings, add_balances
from serai.journey.assessment.rules import Batch, GovernedRun, assess, govern
from serai.journey.decision.rules import ReasonSet, decide, reason_set_of
from serai.journey.descriptions.better_words import NO_WORD, better_words
from serai.journey.release.rules import add_release, apply_acts, before_acts, find_time_limits, with_effect
from serai.journey.screening.lists import Lists
from serai.journey.screening.rules import NamesOfRole, PartyHit, Screened, screen
from serai.journey.selection.compiled import compile_risk
from serai.journey.selection.risk_file import RiskFile
from serai.journey.selection.rules import (
    Hits,
    Selected,
    SelectionContext,
    find_hits,
    select,
    with_recorded,
    with_selected,
)
from serai.journey.validation.columns import Columns, KnownMoments, columns_of, set_moments
from serai.journey.validation.data_quality.checks import find_marks
from serai.journey.validation.data_quality.marks import Marks
from serai.journey.validation.data_quality.reference_values import ReferenceValues
from serai.journey.validation.fields import DocumentFields, PeopleOfRole, fields_of_documents, gather_people
from serai.journey.validation.remarks import Remark
from serai.journey.validation.rules import find_remarks
from serai.law.book import LawBook
from serai.law.conversion import minor_step
from serai.law.program import Program
from serai.law.vague_words import VagueWords
from serai.law.vocabulary import WORDS
from serai.model.columns import Coded, Column, Flags, Frame, Int64s, encode_words, fill_word
from serai.model.documents import Consignment
from serai.model.findings import Finding, encode_parameters
from serai.model.frames import ABSENT


@dataclass(frozen=True, slots=True)
class Context:
    """What the store knew when the batch was read, one row for each document.

    is_disputed: two carriers or two declarants claim its number, so that it is not known whose the goods are.
    is_value_contradicted: documents of its case say that more was paid than is declared.
    allowance_used: in what the law's allowance counts; same_day_value: minor units of the law's currency;
    ABSENT: not read. arrived_at: of a reported arrival or presentation, ABSENT: not reported; it takes the
    place of the expected one and, with it, picks the day whose law applies. lodged_at: when the first version
    came in, ABSENT: now. standings: of the cumulative allowances the batch adds to, by the word they give;
    they take the place of the two words. acts: frame ACTS of those that stand; None: there are none.
    is_split_suspected: it is in a group of parcels that may be one order; None: none is.
    selection: rules and budget to select by, None: nothing is selected now. risk_score_ppm: of the learned
    model, likelihood that an examination finds something; ABSENT where it gives none; None: no model is in
    force. hits: of names on lists, held against officers' verdicts; None: names are looked up, and no verdict
    is known.
    """

    has_order: Flags
    has_payment: Flags
    has_transport_document: Flags
    is_paid_or_secured: Flags
    is_disputed: Flags
    is_value_contradicted: Flags
    allowance_used: Int64s
    same_day_value: Int64s
    arrived_at: Int64s
    lodged_at: Int64s
    accepted_at: Int64s
    standings: Standings = field(default_factory=dict)
    acts: Frame | None = None
    is_split_suspected: Flags | None = None
    selection: SelectionContext | None = None
    risk_score_ppm: Int64s | None = None
    hits: Sequence[PartyHit] | None = None

    @staticmethod
    def empty(count: int) -> "Context":
        """Return the context of documents about which nothing else is known."""
        no = np.zeros(count, dtype=np.bool_)
        absent = np.full(count, ABSENT, dtype=np.int64)
        return Context(no, no, no, no, no, no, absent, absent, absent, absent, absent)

    def take(self, rows: Int64s) -> "Context":
        """Return the rows asked for."""
        assert self.acts is None, "what was done bears on what was accepted before"
        assert self.selection is None, "what is selected is so when it is recorded"
        assert self.hits is None, "hits are held against verdicts when they are recorded"
        columns = {
            one.name: column[rows]
            for one in fields(self)
            if one.name not in ("standings", "acts", "selection", "hits")
            and (column := getattr(self, one.name)) is not None
        }
        return Context(**columns, standings={word: one.take(rows) for word, one in self.standings.items()})


class _Law(NamedTuple):
    """Which consignments a law governed: all that release needs to know of a run."""

    program: Program
    consignment_rows: Int64s


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of a batch.

    accepted_rows: documents without a fault, in order; rows of all frames count over these. faults: for each
    document all that was said about one that cannot be accepted; empty where it was. consignments, items,
    charges, findings: frames of `model/frames.py`. reason_sets: by law_number, -1 for no law. hits: of names
    on lists, for officers alone. selected: what is looked at and why, likewise; None: nothing was selected
    now.
    """

    accepted_rows: Int64s
    faults: list[list[Finding]]
    consignments: Frame
    items: Frame
    first_items: Int64s
    charges: Frame
    findings: Frame
    runs: tuple[GovernedRun, ...]
    reason_sets: dict[int, ReasonSet]
    hits: tuple[PartyHit, ...]
    is_provisional: Flags
    is_paid_or_secured: Flags
    selected: Selected | None = None


class Facts(NamedTuple):
    """Columns that stand for people and surroundings when a document is decided again without them.

    consignments: replace columns of stage `advise`. is_party_listed: as screening found it. is_selected: for
    review and for examination, as selection did.
    """

    consignments: dict[str, Column]
    is_party_listed: Flags
    is_selected: tuple[Flags, Flags] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Documents read and checked, before anything is asked of the store. Frames, people and remarks are of
    the accepted rows only.

    facts: what an earlier decision recorded of people and surroundings, in columns of its own; None where
    people are at hand. marks: what the score of data quality asks; None where nobody wants one. fields: of
    all documents that were read, `accepted_rows` are their rows.
    """

    accepted_rows: Int64s
    faults: list[list[Finding]]
    columns: Columns
    people: list[PeopleOfRole]
    remarks: list[Remark]
    facts: Facts | None = None
    marks: Marks | None = None
    fields: DocumentFields | None = None

    def sellers(self) -> Coded:
        """Return the seller of each consignment as declared."""
        if self.fields is None:
            return fill_word(None, len(self.accepted_rows))
        return self.fields.consignments.words("seller_id").take(self.accepted_rows)

    def take(self, rows: Int64s) -> "Checked":
        """Return some of the accepted rows (ascending places among them)."""
        if len(rows) == len(self.accepted_rows):
            return self
        return replace(
            self,
            accepted_rows=self.accepted_rows[rows],
            columns=_keep_columns(self.columns, rows),
            people=_keep_people(self.people, rows),
            remarks=_keep_remarks(self.remarks, rows, self.columns),
            marks=self.marks and self.marks.take(rows, _item_rows(self.columns, rows)),
        )


def check_documents(
    documents: Sequence[Consignment],
    declarants: Sequence[str],
    at_ms: int,
    book: LawBook,
    reference_values: ReferenceValues | None = None,
) -> Checked:
    """Read and check a batch. A document with a fault stops here and touches no other.

    declarants: identifier of who sent each document. at_ms: now, milliseconds of UTC. reference_values: what
    was seen of prices and masses; None: nobody wants a score, nor the advice that only the score asks for.
    """
    return check_fields(fields_of_documents(documents), declarants, at_ms, book, reference_values)


def check_fields(
    fields: DocumentFields,
    declarants: Sequence[str],
    at_ms: int,
    book: LawBook,
    reference_values: ReferenceValues | None = None,
) -> Checked:
    """Check a batch, whichever reader read it. Arguments as above."""
    columns = columns_of(fields, declarants, at_ms, book)
    people = gather_people(fields)
    marks = None if reference_values is None else find_marks(fields, columns, people, reference_values)
    remarks = find_remarks(fields, columns, people, marks)
    faults, accepted = _part(fields.count, remarks)
    everyone = Checked(np.arange(fields.count), faults, columns, people, remarks, marks=marks, fields=fields)
    return everyone.take(accepted)


def recall_documents(
    documents: Sequence[Consignment], declarants: Sequence[str], at_ms: int, book: LawBook, facts: Facts
) -> Checked:
    """Read documents that were accepted before and have lost their people; recorded facts stand for them."""
    read = fields_of_documents(documents)
    columns = columns_of(read, declarants, at_ms, book)
    frame = columns.consignments
    columns = replace(columns, consignments=Frame(frame.row_count, {**frame.columns, **facts.consignments}))
    return Checked(np.arange(len(documents)), [[] for _ in documents], columns, [], [], facts, fields=read)


def run_pipeline(
    documents: Sequence[Consignment],
    declarants: Sequence[str],
    at_ms: int,
    book: LawBook,
    lists: Lists,
    *,
    context: Context,
) -> Processed:
    """Walk a batch through advise, match, screen, assess, decide and release. context: one row for each
    document."""
    return run_fields(fields_of_documents(documents), declarants, at_ms, book, lists, context=context)


def run_fields(
    fields: DocumentFields,
    declarants: Sequence[str],
    at_ms: int,
    book: LawBook,
    lists: Lists,
    *,
    context: Context,
) -> Processed:
    """Walk a batch, whichever reader read it, through all stages. Arguments as above."""
    checked = check_fields(fields, declarants, at_ms, book)
    return run_checked(checked, at_ms, book, lists, context.take(checked.accepted_rows))


def run_checked(checked: Checked, at_ms: int, book: LawBook, lists: Lists, context: Context) -> Processed:
    """Walk checked documents through the rest of processing. context: one row for each accepted
    document."""
    remarks = checked.remarks
    columns, screened = screen_checked(checked, lists, context)
    counted = add_balances(
        screened.consignments, screened.items, columns.first_items, book, context.standings
    )
    chosen = selected = None
    if context.selection is not None:
        chosen = book.choose(counted)
        batch = Batch(counted, screened.items, columns.items.numbers("owner"), columns.first_items, *chosen)
        selected = select(
            find_risk_hits(batch, book, context.selection.file, context.selection.file_hash),
            context.risk_score_ppm,
            context.selection,
        )
        counted = with_selected(counted, selected.lane)
    assessed = assess(counted, screened.items, columns.first_items, book, chosen=chosen)
    consignments, items = decide(
        assessed.consignments, assessed.items, columns.first_items, assessed.findings, assessed.runs
    )
    has_arrived: Flags = context.arrived_at != ABSENT
    reason_sets = {-1: reason_set_of(None), **{g.number: reason_set_of(g.run.program) for g in assessed.runs}}
    rule_ids = {number: one.rule_ids for number, one in reason_sets.items()}
    decided = before_acts(consignments, assessed.charges, context.is_paid_or_secured, rule_ids)
    acted = apply_acts(decided, context.acts)
    consignments = add_release(acted, has_arrived, context.is_disputed, at_ms)
    laws = [_Law(governed.run.program, governed.consignment_rows) for governed in assessed.runs]
    rows = _assessed_findings(assessed.findings)
    rows += [
        _Row(
            r.row,
            r.item,
            r.finding.code,
            r.finding.pointer,
            r.finding.severity,
            _word(r),
            encode_parameters(r.finding.parameters),
        )
        for r in remarks
    ]
    rows += _token_rows(consignments)
    rows += _vague_rows(items, lists.vague_words)
    rows += [
        _Row(limit.row, -1, limit.code, "", "advice", _day_of(limit.ends_at))
        for limit in find_time_limits(consignments, has_arrived, laws, at_ms)
    ]
    return Processed(
        checked.accepted_rows,
        checked.faults,
        consignments,
        items,
        columns.first_items,
        acted.charges,
        _findings_frame(rows, columns.first_items),
        assessed.runs,
        reason_sets,
        screened.hits,
        (columns.stated_accepted_at == ABSENT) & ~has_arrived,
        acted.is_paid_or_secured,
        selected,
    )


def find_risk_hits(batch: Batch, book: LawBook, file: RiskFile, file_hash: bytes) -> Hits:
    """Ask officers' rules about a batch, each consignment under its law. Where no law governs none speaks."""
    governed = []
    for number in np.unique(batch.numbers).tolist():
        if number >= 0 and file.rules:
            compiled = compile_risk(book.programs[number], file, file_hash)
            governed.append((govern(number, book, batch, program=compiled.program), compiled))
    return find_hits(governed, len(file.rules), batch.consignments.row_count)


def _set_determined(columns: Columns, contradicted: Flags, acts: Frame) -> tuple[Columns, Flags]:
    """Put what an officer has determined in the place of what was declared. The price is of all goods: shared
    over the goods items as they were declared, cut to minor units, the last takes the rest; no document
    contradicts it. Commodity code, origin and quantity are of one goods item."""
    determined = acts.take(with_effect(acts, "determination"))
    if not determined.row_count:
        return columns, contradicted
    columns = _set_of_items(columns, determined)
    determined = determined.take(np.flatnonzero(determined.numbers("amount_minor") != ABSENT))
    if not determined.row_count:
        return columns, contradicted
    places = determined.numbers("consignment")
    prices, currencies = determined.numbers("amount_minor"), determined.words("currency_code").texts()
    owner, micro = columns.items.numbers("owner"), columns.items.numbers("invoice_amount_micro").copy()
    for place, price, currency in zip(places.tolist(), prices.tolist(), currencies, strict=True):
        rows = np.flatnonzero(owner == place).tolist()
        declared = [int(micro[row]) for row in rows]
        # Integers without a limit: a hostile price must not wrap around.
        shares = [price * one // max(sum(declared), 1) for one in declared]
        shares[-1] = price - sum(shares[:-1])
        step = minor_step(currency or "")
        micro[rows] = [share * step for share in shares]
    contradicted = contradicted.copy()
    contradicted[places] = False
    items = Frame(columns.items.row_count, {**columns.items.columns, "invoice_amount_micro": micro})
    return replace(columns, items=items), contradicted


def _set_of_items(columns: Columns, determined: Frame) -> Columns:
    """Put determined commodity codes, origins and quantities on the goods items that they name."""
    items = columns.items
    owner, sequence = items.numbers("owner"), items.numbers("sequence_number")
    quantities = items.numbers("quantity_micro").copy()
    words = {name: items.words(name).texts() for name in ("commodity_code", "origin_country_code")}
    given = {
        "commodity_code": determined.words("commodity_code").texts(),
        "origin_country_code": determined.words("country_code").texts(),
    }
    amounts = determined.numbers("quantity_micro").tolist()
    places, numbers = (
        determined.numbers("consignment").tolist(),
        determined.numbers("subject_number").tolist(),
    )
    for act, (place, number) in enumerate(zip(places, numbers, strict=True)):
        for row in np.flatnonzero((owner == place) & (sequence == number)).tolist():
            for name, said in given.items():
                words[name][row] = said[act] or words[name][row]
            if amounts[act] != ABSENT:
                quantities[row] = amounts[act]
    changed = {name: encode_words(texts) for name, texts in words.items()} | {"quantity_micro": quantities}
    return replace(columns, items=Frame(items.row_count, {**items.columns, **changed}))


def screen_checked(checked: Checked, lists: Lists, context: Context) -> tuple[Columns, Screened]:
    """Walk checked documents up to where their law is asked: moments, what else is in the case, lists.

    The laboratory asks several laws about what comes out. context: one row for each accepted document.
    """
    known = KnownMoments(context.lodged_at, context.arrived_at, context.accepted_at)
    columns = set_moments(checked.columns, known)
    contradicted = context.is_value_contradicted
    if context.acts is not None:
        columns, contradicted = _set_determined(columns, contradicted, context.acts)
    matched = columns.consignments.with_columns(
        has_order=context.has_order,
        has_payment=context.has_payment,
        has_transport_document=context.has_transport_document,
        is_value_contradicted=contradicted,
        allowance_used=context.allowance_used,
        same_day_value=context.same_day_value,
        is_split_suspected=_suspected(columns.consignments.row_count, context),
    )
    screened = screen(
        matched, columns.items, names_on(checked.people), lists, hits=context.hits, sellers=checked.sellers
    )
    return columns, screened if checked.facts is None else _recall_hits(screened, checked.facts)


def names_on(people: Sequence[PeopleOfRole]) -> list[NamesOfRole]:
    """Return the names of the persons of a batch, as they are looked up."""
    return [
        NamesOfRole(one.role, one.rows, one.fields.words("name"), one.fields.words("country_code"))
        for one in people
    ]


def _suspected(count: int, context: Context) -> Flags:
    known = context.is_split_suspected
    return np.zeros(count, dtype=np.bool_) if known is None else known


def _recall_hits(screened: Screened, facts: Facts) -> Screened:
    frame = screened.consignments
    columns = {**frame.columns, "is_party_listed": facts.is_party_listed}
    recalled = Frame(frame.row_count, columns)
    if facts.is_selected is not None:
        recalled = with_recorded(recalled, *facts.is_selected)
    return replace(screened, consignments=recalled)


# ---- documents with faults leave ----


def _part(count: int, remarks: Sequence[Remark]) -> tuple[list[list[Finding]], Int64s]:
    """Return what was said of each document that cannot be accepted, and the rows of those that can."""
    faulty = {remark.row for remark in remarks if remark.finding.severity == "fault"}
    faults: list[list[Finding]] = [[] for _ in range(count)]
    if not faulty:
        return faults, np.arange(count)
    for remark in remarks:
        if remark.row in faulty:
            faults[remark.row].append(remark.finding)
    return faults, np.array([row for row in range(count) if row not in faulty], dtype=np.int64)


def _keep_columns(columns: Columns, accepted: Int64s) -> Columns:
    place = np.full(columns.consignments.row_count, -1, dtype=np.int64)
    place[accepted] = np.arange(len(accepted))
    owner = place[columns.items.numbers("owner")]
    item_rows = np.flatnonzero(owner >= 0)
    kept = columns.items.take(item_rows)
    items = Frame(kept.row_count, {**kept.columns, "owner": owner[item_rows]})
    first_items = np.searchsorted(owner[item_rows], np.arange(len(accepted)))
    return replace(
        columns,
        consignments=columns.consignments.take(accepted),
        items=items,
        first_items=first_items,
        stated_accepted_at=columns.stated_accepted_at[accepted],
    )


def _item_rows(columns: Columns, rows: Int64s) -> Int64s:
    """Return the goods items of some consignments."""
    return np.flatnonzero(np.isin(columns.items.numbers("owner"), rows))


def _keep_people(people: Sequence[PeopleOfRole], accepted: Int64s) -> list[PeopleOfRole]:
    kept = []
    for one in people:
        is_kept = np.isin(one.rows, accepted)
        rows = np.searchsorted(accepted, one.rows[is_kept])
        kept.append(PeopleOfRole(one.role, rows, one.fields.take(np.flatnonzero(is_kept))))
    return kept


def _keep_remarks(remarks: Sequence[Remark], accepted: Int64s, columns: Columns) -> list[Remark]:
    place = {row: number for number, row in enumerate(accepted.tolist())}
    is_kept = np.isin(columns.items.numbers("owner"), accepted)
    item_place = np.cumsum(is_kept) - 1
    return [
        Remark(place[one.row], int(item_place[one.item]) if one.item >= 0 else -1, one.finding)
        for one in remarks
        if one.row in place
    ]


# ---- findings ----


class _Row(NamedTuple):
    """One row of the frame of findings."""

    consignment: int
    item: int
    code: str
    pointer: str
    severity: str
    word: str | None
    parameters: str | None = None


def _assessed_findings(findings: Frame) -> list[_Row]:
    """Give findings of stage `assess` the place where the datum they ask for can be given."""
    rows = (
        _Row(
            consignment,
            item,
            code or "",
            WORDS[word].pointer if word in WORDS else "",
            "hold",
            detail or word or None,
        )
        for consignment, item, code, word, detail in zip(
            findings.numbers("consignment").tolist(),
            findings.numbers("item").tolist(),
            findings.words("code").texts(),
            findings.words("word").texts(),
            findings.words("detail").texts(),
            strict=True,
        )
    )
    # Two words of the law may lack the same line of the tariff; it is told once.
    return list(dict.fromkeys(rows))


def _token_rows(consignments: Frame) -> list[_Row]:
    """Say of each scheme number whose token does not prove it why: by how it stands, which is recorded."""
    standing = consignments.words("scheme_status_code")
    of_tokens = standing.map_flags([word.startswith("token-") for word in standing.words])
    rows = np.flatnonzero(of_tokens)
    return [
        _Row(row, -1, f"tax-paid-{status}", "/tax_paid_token", "advice", None)
        for row, status in zip(rows.tolist(), standing.take(rows).texts(), strict=True)
    ]


def _vague_rows(items: Frame, vague_words: VagueWords) -> list[_Row]:
    """Tell each vague item which words make it so, and words that would do for goods of its code."""
    places = np.flatnonzero(items.flags("is_description_vague"))
    codes = items.words("commodity_code").take(places).texts()
    descriptions = items.words("description").take(places).texts()
    words = better_words(codes)
    rows = []
    for owner, item, code, description in zip(
        items.numbers("owner")[places].tolist(), places.tolist(), codes, descriptions, strict=True
    ):
        terms = ", ".join(vague_words.find_terms(description or "")) or NO_WORD
        parameters = encode_parameters({"terms": terms, "value": words[code]})
        pointer = "/goods_items/*/description"
        rows.append(_Row(owner, item, "description-vague", pointer, "advice", words[code], parameters))
    return rows


def _word(remark: Remark) -> str | None:
    return next(iter(remark.finding.parameters.values()), None)


def _day_of(instant_ms: int) -> str:
    return dt.datetime.fromtimestamp(instant_ms / 1000, dt.UTC).date().isoformat()


def _findings_frame(rows: Sequence[_Row], first_items: Int64s) -> Frame:
    """Build the frame, by consignment, then item, in the order of the stages.

    first_items: of consignments; an item's pointer gets its place among those of its consignment.
    """
    ordered = sorted(rows, key=lambda row: (row.consignment, row.item))
    first = first_items.tolist()
    pointers = [
        row.pointer.replace("*", str(row.item - first[row.consignment])) if row.item >= 0 else row.pointer
        for row in ordered
    ]
    return Frame(
        len(ordered),
        {
            "consignment": np.array([row.consignment for row in ordered], dtype=np.int64),
            "item": np.array([row.item for row in ordered], dtype=np.int64),
            "code": encode_words(row.code for row in ordered),
            "pointer": encode_words(pointers),
            "severity": encode_words(row.severity for row in ordered),
            "word": encode_words(row.word for row in ordered),
            "parameters": encode_words(row.parameters for row in ordered),
        },
    )

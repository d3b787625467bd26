"""The whole of matching: documents in, cases with verdict, score and named differences out."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from serai.journey.differences.codes import CODES, DIFFERENCES
from serai.journey.differences.differences import find_sum_differences
from serai.journey.differences.document_differences import find_document_differences
from serai.journey.differences.found import Limits, Rows
from serai.journey.differences.orders_elsewhere import find_orders_elsewhere
from serai.journey.matching.evidence import Weighed
from serai.journey.matching.joining import DocumentLimits, Joined, join_doubtful, join_exactly
from serai.journey.reconciliation.case_sums import CARRIED, DECLARED, ORDERED, PAID, Factor, sum_cases
from serai.law.pack import Matching
from serai.model.columns import Coded, Frame, Int64s
from serai.model.frames import MATCH_VERDICTS

EVERY_KIND: Final = 1 << DECLARED | 1 << ORDERED | 1 << PAID | 1 << CARRIED
_MATCHED, _WITH_REASONS, _MISMATCH, _WAITING = range(len(MATCH_VERDICTS))
_COSTS = np.array([DIFFERENCES[code].cost_ppm for code in CODES], dtype=np.int64)
_IS_AGAINST = np.array([DIFFERENCES[code].weight == "against" for code in CODES])
_IS_AWAITED = np.array([DIFFERENCES[code].weight == "awaited" for code in CODES])


class Matched(NamedTuple):
    """cases: MATCH_CASES. differences: MATCH_DIFFERENCES, by case. case_of: place of each document's case.

    joined_ppm: score of the join that brought each document in. possible: pairs for a person to look at.
    """

    cases: Frame
    differences: Frame
    case_of: Int64s
    joined_ppm: Int64s
    possible: Weighed


def match_documents(
    documents: Frame,
    numbers: Frame,
    limits: Sequence[Matching],
    factor: Factor,
    *,
    expected_kinds: int = EVERY_KIND,
) -> Matched:
    """Find which documents belong together, how surely, and what they say against each other.

    documents: MATCH_DOCUMENTS; numbers: MATCH_NUMBERS, sorted by document. factor: as in `case_sums`.
    expected_kinds: bit by kind number of what every case needs.
    """
    its_limits = DocumentLimits(tuple(limits), documents.numbers("limits_number"))
    known = _Known(documents, numbers, its_limits, factor)
    label = join_exactly(documents, numbers)
    rows = _render(known, label, EVERY_KIND)
    case_of = _places(label)
    is_doubtful = np.zeros(int(case_of.max(initial=-1)) + 1, dtype=np.bool_)
    is_doubtful[rows.case[_IS_AGAINST[rows.code] | _IS_AWAITED[rows.code]]] = True
    if not is_doubtful.any():
        return compare_cases(
            documents,
            numbers,
            limits,
            factor,
            label=label,
            joined_ppm=np.full(len(label), 1_000_000, dtype=np.int64),
            expected_kinds=expected_kinds,
        )
    joined = join_doubtful(
        documents, numbers, label, is_doubtful=is_doubtful[case_of], limits=its_limits, factor=factor
    )
    # What agrees over exact numbers stays as it is; only what was in doubt is looked at again.
    again = np.flatnonzero(is_doubtful[case_of])
    payment_status = Rows(*(column[~is_doubtful[rows.case]] for column in rows))
    payment_status = payment_status._replace(
        case=np.flatnonzero(label == np.arange(len(label)))[payment_status.case]
    )
    looked_at = _say_of(known, again, joined.label, expected_kinds)
    return _judge(known, joined, _sorted(payment_status, looked_at))


def _say_of(known: "_Known", documents: Int64s, label: Int64s, expected_kinds: int) -> Rows:
    """Say what some documents say, of whole cases; cases and documents in the result are rows of all."""
    place = np.full(known.documents.row_count, -1, dtype=np.int64)
    place[documents] = np.arange(len(documents))
    owners = place[known.numbers.numbers("document")]
    its_numbers = known.numbers.take(np.flatnonzero(owners >= 0))
    numbers = Frame(its_numbers.row_count, {**its_numbers.columns, "document": owners[owners >= 0]})
    limits = DocumentLimits(known.limits.limits, known.limits.place[documents])
    few = _Known(known.documents.take(documents), numbers, limits, known.factor)
    its_label = place[label[documents]]
    rows = _render(few, its_label, expected_kinds)
    lowest = documents[np.flatnonzero(its_label == np.arange(len(its_label)))]
    return rows._replace(
        case=lowest[rows.case], document=np.where(rows.document < 0, -1, documents[rows.document])
    )


def compare_cases(
    documents: Frame,
    numbers: Frame,
    limits: Sequence[Matching],
    factor: Factor,
    *,
    label: Int64s,
    joined_ppm: Int64s,
    expected_kinds: int | Int64s = EVERY_KIND,
) -> Matched:
    """Say what documents of known cases say against each other: the second half of `match_documents`.

    label: lowest document of the case of each document. joined_ppm: how surely each is in it. expected_kinds:
    of all, or by case in the order of their lowest documents.
    """
    its_limits = DocumentLimits(tuple(limits), documents.numbers("limits_number"))
    nothing = Weighed(*(np.zeros(0, dtype=np.int64) for _ in Weighed._fields))
    known = _Known(documents, numbers, its_limits, factor)
    rows = _render(known, label, expected_kinds)
    rows = rows._replace(case=np.flatnonzero(label == np.arange(len(label)))[rows.case])
    return _judge(known, Joined(label, joined_ppm, nothing), rows)


class _Known(NamedTuple):
    documents: Frame
    numbers: Frame
    limits: DocumentLimits
    factor: Factor


def _judge(known: _Known, joined: Joined, rows: Rows) -> Matched:
    """rows: with the lowest document for the case."""
    case_of = _places(joined.label)
    lowest = np.flatnonzero(joined.label == np.arange(len(joined.label)))
    rows = rows._replace(case=case_of[rows.case])
    count = len(lowest)
    is_against, is_awaited = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    is_against[rows.case[_IS_AGAINST[rows.code]]] = True
    is_awaited[rows.case[_IS_AWAITED[rows.code]]] = True
    has_any = np.bincount(rows.case, minlength=count) > 0
    verdict = np.where(has_any, _WITH_REASONS, _MATCHED)
    verdict[is_awaited] = _WAITING
    verdict[is_against] = _MISMATCH
    score = np.full(count, 1_000_000, dtype=np.int64)
    np.minimum.at(score, case_of, joined.score_ppm)
    np.subtract.at(score, rows.case, _COSTS[rows.code])
    cases = Frame(count, {"case": lowest, "verdict_number": verdict, "score_ppm": np.maximum(score, 0)})
    return Matched(cases, _frame_of(rows, known.documents), case_of, joined.score_ppm, joined.possible)


def _render(known: _Known, label: Int64s, expected_kinds: int | Int64s) -> Rows:
    case_of = _places(label)
    count = int(case_of.max(initial=-1)) + 1
    place = np.zeros(count, dtype=np.int64)
    np.maximum.at(place, case_of, known.limits.place)
    case_limits = Limits(*(known.limits.column(name)[place] for name in Limits._fields))
    expected = np.broadcast_to(np.asarray(expected_kinds, dtype=np.int64), (count,))
    elsewhere = find_orders_elsewhere(known.documents, known.numbers, case_of, count)
    has_undeclared = np.zeros(count, dtype=np.bool_)
    has_undeclared[case_of[elsewhere.is_undeclared]] = True
    sums = sum_cases(known.documents, case_of, count, known.factor, is_undeclared=elsewhere.is_undeclared)
    of_sums = find_sum_differences(
        sums,
        case_limits,
        expected,
        known.documents,
        known.factor,
        paid_count=elsewhere.paid_count,
        has_undeclared=has_undeclared,
    )
    of_documents = find_document_differences(known.documents, known.numbers, case_of, count)
    return _sorted(of_sums, of_documents)


def _sorted(one: Rows, other: Rows) -> Rows:
    joined = [np.concatenate(columns) for columns in zip(one, other, strict=True)]
    order = np.argsort(joined[0], kind="stable")
    return Rows(*(column[order] for column in joined))


def _places(label: Int64s) -> Int64s:
    """Return the place of each document's case among the cases, by lowest document."""
    is_lowest = np.zeros(len(label), dtype=np.int64)
    is_lowest[label] = 1
    return (np.cumsum(is_lowest) - 1)[label]


def _frame_of(rows: Rows, documents: Frame) -> Frame:
    return Frame(
        len(rows.case),
        {
            "case": rows.case,
            "code": Coded(CODES, rows.code.astype(np.int32)),
            "document": rows.document,
            "amount_minor": rows.amount_minor,
            "has_minor": rows.has_minor,
            "expected_minor": rows.expected_minor,
            "currency_code": Coded(documents.words("currency_code").words, rows.currency.astype(np.int32)),
            "counted": rows.counted,
            "counted_expected": rows.counted_expected,
        },
    )

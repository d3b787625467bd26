"""What single documents of a case say against the rest: names and numbers."""

import numpy as np

from serai.journey.differences.found import Found, Rows
from serai.journey.matching import number_relation, people
from serai.journey.matching.candidates import mix
from serai.journey.matching.grouping import are_among
from serai.journey.matching.number_relation import number_table, relate_numbers
from serai.journey.matching.people import compare_people, same_name
from serai.journey.reconciliation.case_sums import CARRIED, DECLARED, KINDS_COUNT, ORDERED, PAID
from serai.model.columns import Frame, Int64s

_NAMED_BY = {CARRIED: (DECLARED, ORDERED), PAID: (ORDERED, DECLARED), DECLARED: (ORDERED,)}
"""Whose names a document is compared with, the nearest first: buyers pay, receivers stand on waybills."""
_NUMBERED_BY = ((PAID, ORDERED, 3), (DECLARED, ORDERED, 3), (CARRIED, DECLARED, 2))
"""Kind, the kind it must share a number with, and the field."""
_NUMBER_CODES = {
    number_relation.WRITTEN_OTHERWISE: "number-written-otherwise",
    number_relation.OTHER_FIELD: "number-in-wrong-field",
    number_relation.SWAPPED_SIGNS: "number-mistyped",
    number_relation.HEAD: "number-mistyped",
    number_relation.TAIL: "number-mistyped",
    number_relation.STRANGE: "number-differs",
}


def find_document_differences(documents: Frame, numbers: Frame, case_of: Int64s, case_count: int) -> Rows:
    """Find whose name or number is another's, or is only written otherwise."""
    kinds = documents.numbers("kind_number")
    first_of = _first_documents(kinds, case_of, case_count)
    found = Found()
    _add_names(found, documents, kinds, case_of, first_of)
    _add_numbers(found, documents, numbers, case_of, first_of)
    return found.rows()


def _first_documents(kinds: Int64s, case_of: Int64s, case_count: int) -> Int64s:
    """Return the first document of each kind of each case; -1: none."""
    none = np.iinfo(np.int64).max
    first = np.full(case_count * (KINDS_COUNT + 1), none, dtype=np.int64)
    np.minimum.at(first, case_of * (KINDS_COUNT + 1) + kinds, np.arange(len(kinds)))
    return np.where(first == none, -1, first).reshape(case_count, KINDS_COUNT + 1)


def _add_names(found: Found, documents: Frame, kinds: Int64s, case_of: Int64s, first_of: Int64s) -> None:
    for kind, others in _NAMED_BY.items():
        rows = np.flatnonzero(kinds == kind)
        reference = np.full(len(rows), -1, dtype=np.int64)
        for other in others:
            reference = np.where(reference < 0, first_of[case_of[rows], other], reference)
        rows, reference = rows[reference >= 0], reference[reference >= 0]
        differs = ~same_name(documents, rows, reference)
        rows, reference = rows[differs], reference[differs]
        relation = compare_people(documents, rows, reference)
        for code, is_it in (
            ("name-written-otherwise", (relation == people.SIMILAR) | (relation == people.PERHAPS)),
            ("person-differs", relation == people.STRANGERS),
        ):
            found.add(code, case_of[rows[is_it]], documents=rows[is_it])


def _add_numbers(found: Found, documents: Frame, numbers: Frame, case_of: Int64s, first_of: Int64s) -> None:
    kinds = documents.numbers("kind_number")
    owners, fields, exact = (numbers.numbers(name) for name in ("document", "field_number", "exact"))
    unmet: list[tuple[Int64s, Int64s, int]] = []
    for kind, other, field in _NUMBERED_BY:
        in_field = np.flatnonzero(fields == field)
        values = mix(exact[in_field], case_of[owners[in_field]])
        is_other = kinds[owners[in_field]] == other
        is_own = kinds[owners[in_field]] == kind
        is_met = np.zeros(documents.row_count, dtype=np.bool_)
        is_met[owners[in_field][is_own][are_among(values[is_own], values[is_other])]] = True
        rows = np.flatnonzero((kinds == kind) & ~is_met)
        reference = first_of[case_of[rows], other]
        unmet.append((rows[reference >= 0], reference[reference >= 0], field))
    looked_at = np.unique(
        np.concatenate([part for rows, reference, _ in unmet for part in (rows, reference)])
    )
    table = number_table(numbers, looked_at, documents.row_count)
    for rows, reference, field in unmet:
        places = np.searchsorted(looked_at, rows), np.searchsorted(looked_at, reference)
        relation = relate_numbers(table, *places, field=field)
        for number, code in _NUMBER_CODES.items():
            is_it = relation == number
            found.add(code, case_of[rows[is_it]], documents=rows[is_it])

"""Which documents are compared when likeness is looked for: those of one case, however large the batch."""

import pytest

from serai.journey.linking.join_candidates import pairs_of_cases
from serai.journey.matching.joining import EXACT_DOCUMENTS_COUNT_MAX
from serai.journey.matching.store import CountingRow

_DECLARATION, _ORDER = 1, 2


@pytest.mark.parametrize("count", [3, 3_000])
def test_a_batch_compares_each_comer_with_its_own_case_alone(count: int) -> None:
    counting = [counts(case_id, 1_000_000 + case_id) for case_id in range(1, count + 1)]
    incoming = [waits(2_000_000 + case_id) for case_id in range(1, count + 1)]
    wanted = {2_000_000 + case_id: {case_id} for case_id in range(1, count + 1)}

    first, second = pairs_of_cases(counting, incoming, wanted)

    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [
        (row, count + row) for row in range(count)
    ]


def test_comers_of_one_case_are_compared_with_one_another() -> None:
    first, second = pairs_of_cases([counts(1, 10)], [waits(20), waits(30)], {20: {1}, 30: {1}})

    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_a_case_that_too_many_are_like_says_nothing() -> None:
    incoming = [waits(10 + number) for number in range(EXACT_DOCUMENTS_COUNT_MAX)]

    first, _ = pairs_of_cases([counts(1, 1)], incoming, {one.document_id: {1} for one in incoming})

    assert not len(first)


def counts(case_id: int, document_id: int) -> CountingRow:
    return CountingRow(case_id, document_id, _DECLARATION, 0, 0, 0)


def waits(document_id: int) -> CountingRow:
    return CountingRow(-1, document_id, _ORDER, 0, 0, 0)

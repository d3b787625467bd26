"""A parcel is free when it has arrived and nothing is owed; until then its status says what it waits for."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from serai.journey.measure_rules.measure_law import reasons_of, shipped_measure_rules
from serai.journey.release.rules import MOVES, find_outstanding, is_allowed
from serai.journey.texts.catalogue import decode_sentences
from serai.model.acts import FREE, GOODS_STATES, UNIT_FINDINGS
from serai.model.columns import Frame, encode_words
from serai.model.frames import LANES, STATUSES
from tests.journey.batches import AT_MS, DAY_MS, LISTED_NAME, ROOT, context, item, parcel, person, run

MESSAGES = decode_sentences((ROOT / "src/serai/journey/release/messages/en.yaml").read_bytes())
FREE_GIFT = {"sale_nature_code": "gift"}
FREE_ITEM = item(invoice_amount="20.00")


def status(*documents: Any, at_ms: int = AT_MS, **known: Any) -> str:
    processed = run(*documents, at_ms=at_ms, context=context(len(documents), **known))
    return STATUSES[int(processed.consignments.numbers("status_number")[0])]


def preloading(document: Any, **known: Any) -> str | None:
    return run(document, context=context(**known)).consignments.words("preloading_code").texts()[0]


@pytest.mark.parametrize(
    ("has_arrived", "is_paid", "expected"),
    [
        (False, False, "arrival-expected"),
        (False, True, "assessed"),
        (True, False, "payment-due"),
        (True, True, "released"),
    ],
)
def test_released_only_when_arrived_and_paid(has_arrived: bool, is_paid: bool, expected: str) -> None:
    known = {"is_paid_or_secured": is_paid} | ({"arrived_at": AT_MS} if has_arrived else {})

    assert status(parcel(), **known) == expected


@pytest.mark.parametrize("is_paid", [False, True])
@pytest.mark.parametrize("arrived_at", [{}, {"arrived_at": AT_MS}], ids=["in the air", "landed"])
def test_what_two_carriers_claim_is_held_until_an_officer_knows_whose_it_is(
    is_paid: bool, arrived_at: dict[str, Any]
) -> None:
    known = {"is_paid_or_secured": is_paid, "is_disputed": True, **arrived_at}

    assert status(parcel(), **known) == "under-documentary-control"
    assert preloading(parcel(), **known) is None


def test_only_what_is_truly_due_at_the_border_is_outstanding() -> None:
    rows = [
        ("border", "duty", 300, False),
        ("border", "fee", 1, False),
        ("border", "duty", 300, True),
        ("border", "claim", 300, False),
        ("sale", "tax", 300, False),
        ("border", "tax", 0, False),
        ("none", "tax", 5, False),
    ]
    charges = Frame(
        len(rows),
        {
            "consignment": np.arange(len(rows)),
            "due_code": encode_words(due for due, _, _, _ in rows),
            "kind_code": encode_words(kind for _, kind, _, _ in rows),
            "amount_minor": np.array([amount for _, _, amount, _ in rows]),
            "is_waived": np.array([is_waived for _, _, _, is_waived in rows]),
        },
    )

    assert find_outstanding(charges, len(rows) + 1).tolist() == [True, True] + [False] * 6


def test_nothing_due_needs_no_payment() -> None:
    gift = parcel("T-1", FREE_ITEM, **FREE_GIFT)

    assert status(gift) == "assessed"
    assert status(gift, arrived_at=AT_MS) == "released"


@pytest.mark.parametrize("has_arrived", [False, True])
def test_a_lane_other_than_release_keeps_even_what_is_paid(has_arrived: bool) -> None:
    known: dict[str, Any] = {"is_paid_or_secured": True} | ({"arrived_at": AT_MS} if has_arrived else {})

    assert status(parcel("T-1", item(description="gift")), **known) == "document-missing"
    assert status(parcel("T-1", consignee=person(name=LISTED_NAME)), **known) == "under-documentary-control"


def test_a_reported_arrival_brings_its_own_law() -> None:
    document = parcel(expected_arrival_at="2026-06-30T21:00:00Z")

    expected = run(document)
    actual = run(document, context=context(arrived_at=AT_MS))

    (old,), (new,) = expected.runs, actual.runs
    assert old.run.program.base.code == "EU-2021"
    assert new.run.program.base.code == "EU-2026"


def test_a_stated_acceptance_stands_against_an_arrival() -> None:
    document = parcel(accepted_at="2026-06-30T10:00:00Z", expected_arrival_at="2026-06-30T12:00:00Z")

    (governed,) = run(document, context=context(arrived_at=AT_MS)).runs

    assert governed.run.program.base.code == "EU-2021"


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (parcel(), "assessment-complete"),
        (parcel("T-1", item(description="gift")), "request-for-information"),
        (parcel("T-1", consignee=person(name=LISTED_NAME)), None),
    ],
)
def test_answer_before_loading_follows_the_lane(document: Any, answer: str | None) -> None:
    assert preloading(document) == answer


def test_there_is_no_answer_before_loading_once_the_goods_have_left() -> None:
    assert preloading(parcel(exported_at="2026-07-01T10:00:00Z")) is None
    assert preloading(parcel(exported_at="2026-07-03T10:00:00Z")) == "assessment-complete"
    assert preloading(parcel(), arrived_at=AT_MS) is None


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (0, None),
        (26, None),
        (27, "prelodged-ends-soon"),
        (29, "prelodged-ends-soon"),
        (30, "prelodged-ended"),
    ],
)
def test_a_declaration_lodged_before_the_goods_warns_before_it_ends(days: int, code: str | None) -> None:
    processed = run(parcel(), at_ms=AT_MS + days * DAY_MS, context=context(lodged_at=AT_MS))

    assert processed.findings.words("code").texts() == ([code] if code else [])


@pytest.mark.parametrize(
    ("days", "code"),
    [(86, None), (87, "storage-ends-soon"), (89, "storage-ends-soon"), (90, "storage-ended")],
)
def test_storage_warns_before_it_ends(days: int, code: str | None) -> None:
    known = context(lodged_at=AT_MS, arrived_at=AT_MS)

    processed = run(parcel(), at_ms=AT_MS + days * DAY_MS, context=known)

    assert processed.findings.words("code").texts() == ([code] if code else [])
    assert [word for word in processed.findings.words("word").texts() if word] == (
        ["2026-09-30"] if code else []
    )


def test_what_is_released_has_no_limit_left() -> None:
    known = context(lodged_at=AT_MS, arrived_at=AT_MS, is_paid_or_secured=True)

    assert run(parcel(), at_ms=AT_MS + 200 * DAY_MS, context=known).findings.row_count == 0


def test_moves_name_every_status_and_ends_are_ends() -> None:
    assert MOVES.keys() == set(STATUSES)
    assert all(after in STATUSES for moves in MOVES.values() for after in moves)
    assert [state for state in STATUSES if not MOVES[state]] == ["released", "invalidated"]


@pytest.mark.parametrize(("before", "after"), [*product(STATUSES, repeat=2)])
def test_what_is_free_is_never_taken_back(before: str, after: str) -> None:
    assert is_allowed(before, after) is (before == after or before not in ("released", "invalidated"))


def test_every_status_limit_and_answer_has_its_words() -> None:
    statuses = {f"status-{name.replace('_', '-')}" for name in STATUSES}
    answers = {
        f"preloading-{name}"
        for name in ("assessment-complete", "request-for-information", "request-for-screening", "do-not-load")
    }
    limits = {f"{name}-{end}" for name in ("prelodged", "storage") for end in ("ends-soon", "ended")}

    measures = {f"measure-{state}" for state in GOODS_STATES if state != FREE} | set(UNIT_FINDINGS.values())
    reasons = {f"measure-reason-{code}" for code in reasons_of(shipped_measure_rules())}

    agencies = {"agency-maintained", "agency-refused"}

    assert MESSAGES.keys() == statuses | answers | limits | measures | reasons | agencies
    assert len(LANES) == 5

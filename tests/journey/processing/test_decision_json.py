"""The text that is committed to is byte for byte the structs, encoded."""

from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest

from serai.formats.decoded import Document
from serai.journey.consignments.rows import Row
from serai.journey.documents.submission import Sender
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Processed
from serai.journey.recording import recorded_facts
from serai.journey.recording.decision_json import build_decisions, encode_decisions
from serai.laboratory.invented.parcels import consignments
from serai.model.documents import Consignment
from tests.journey.batches import LISTED_NAME, book, item, lists, parcel, person, run
from tests.journey.processing import plain_decisions

AT = datetime(2026, 7, 1, tzinfo=UTC)
DECIDED = {"kind": "pre-arrival", "decided_at": "2026-07-02T08:00:00.000Z"}
LINES_MIXED_UP = parcel(
    "MIXED",
    *(item(sequence_number=number, commodity_code=code) for number, code in ((3, "640299"), (1, "61091000"))),
)
HOSTILE = [
    parcel("LISTED", consignee=person(name=LISTED_NAME)),
    parcel("NO-LAW", consignee=person(country_code="BR", postcode=None)),
    parcel("NO-LINE", item(commodity_code="99999999")),
    parcel("NO-RATE", item(invoice_currency_code="JPY", invoice_amount="1000")),
    parcel("TOO-LARGE", item(invoice_amount="99999999999.00")),
    parcel("DEAR", item(invoice_amount="2500.00"), is_duty_charged_to_buyer=True),
    LINES_MIXED_UP,
]


def invented(count: int) -> list[Consignment]:
    records = consignments(count, 7, at=AT, first_acceptance=AT)
    found: list[Consignment] = []
    for record in records:
        try:
            found.append(msgspec.convert(record, Consignment))
        except msgspec.ValidationError:
            continue
    return found


def ruled(documents: list[Consignment]) -> tuple[list[Row], Processed, LawState, list[str]]:
    processed = run(*documents)
    accepted: list[Document] = [documents[row] for row in processed.accepted_rows.tolist()]
    rows = [
        Row(
            declaration=document,  # type: ignore[arg-type]
            sender=Sender(1, frozenset()),
            document_id=10**17 + place,
            consignment_id=10**17 + place,
            case_id=10**17 + place,
            decision_id=10**17 + 10**6 + place,
            version=1 + place % 3,
        )
        for place, document in enumerate(accepted)
    ]
    law = LawState(1, (), book(), lists())
    for number in set(processed.consignments.numbers("law_number").tolist()):
        law.basis_hashes[number] = f"{number + 2:064x}"
    return rows, processed, law, [f"26TL{place:014}" for place in range(len(rows))]


@pytest.mark.parametrize(
    "documents", [HOSTILE, [LINES_MIXED_UP], invented(1_500)], ids=["hostile", "one", "many"]
)
def test_contexts_of_few_rows_are_those_of_many(
    documents: list[Consignment], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, processed, _, _ = ruled(documents)
    for place, row in enumerate(rows):
        row.is_paid_or_secured, row.arrived_at_ms = place % 2 == 0, None if place % 3 else 10**12 + place

    monkeypatch.setattr(recorded_facts, "_FEW", 0)
    columns = recorded_facts.encode_contexts(rows, processed).to_pylist()
    monkeypatch.setattr(recorded_facts, "_FEW", len(rows))
    few = recorded_facts.encode_contexts(rows, processed)

    assert few == columns
    assert msgspec.msgpack.encode(recorded_facts.read_context(few[0])) == few[0]


@pytest.mark.parametrize(
    "documents", [HOSTILE, [LINES_MIXED_UP], invented(1_500)], ids=["hostile", "one", "many"]
)
def test_text_is_byte_for_byte_the_structs_encoded(documents: list[Consignment]) -> None:
    rows, processed, law, numbers = ruled(documents)

    texts = encode_decisions(rows, processed, law, numbers, **DECIDED)

    plain = plain_decisions.build_decisions(rows, processed, law, numbers, **DECIDED)
    assert texts == [msgspec.json.encode(one) for one in plain]
    assert build_decisions(rows, processed, law, numbers, **DECIDED) == plain


def test_hostile_parcels_say_all_that_a_decision_can_say() -> None:
    rows, processed, law, numbers = ruled(HOSTILE)

    made = build_decisions(rows, processed, law, numbers, **DECIDED)

    assert any(not one.law and one.law_on for one in made)
    assert any("control-under-way" in {reason.code for reason in one.reasons} for one in made)
    assert any(one.findings for one in made)
    assert any(finding.sequence_number for one in made for finding in one.findings)
    assert any(reason.law_reference for one in made for reason in one.reasons)
    assert any(one.is_provisional for one in made)
    (mixed,) = [one for one in made if len(one.goods_items) > 1]
    assert all(one.sequence_number < two.sequence_number for one, two in pairwise(mixed.goods_items))

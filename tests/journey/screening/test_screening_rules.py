"""Rules over every law: a name leads to review, a price far too low is looked at; no rate, no hit."""

import numpy as np
import pytest

from serai.law.load import decode_pack
from serai.model.frames import LANES
from tests.journey.batches import LAWS, LISTED_NAME, context, item, parcel, person, rule_ids, run


def lane(*documents: object, row: int = 0) -> str:
    return LANES[int(run(*documents).consignments.numbers("lane_number")[row])]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", [LISTED_NAME, LISTED_NAME.upper(), "DURER-LOS Invented, zoltan", "Zed Alias", "alias zed"]
)
def test_a_listed_name_leads_to_review_and_never_further(name: str) -> None:
    processed = run(parcel("T-1", consignee=person(name=name)), parcel("T-2"))

    assert LANES[int(processed.consignments.numbers("lane_number")[0])] == "review"
    assert "screening-listed-name" in rule_ids(processed, 0)
    assert "screening-listed-name" not in rule_ids(processed, 1)
    assert [hit.row for hit in processed.hits] == [0]


@pytest.mark.parametrize("role", ["consignor", "buyer", "seller", "importer", "payer", "declarant"])
def test_every_person_on_the_document_is_looked_up(role: str) -> None:
    (hit,) = run(parcel("T-1", **{role: person(name=LISTED_NAME)})).hits

    assert (hit.role, hit.list_code, hit.entry_id, hit.score_ppm) == (role, "INVENTED", "I-1", 1_000_000)


def test_a_hit_says_which_words_agree_and_which_do_not() -> None:
    (hit,) = run(parcel("T-1", buyer=person(name="Łos-Durer Zoltn Maria Invented"))).hits

    assert {one.asked for one in hit.agrees} >= {"los", "durer", "zoltn", "invented"}
    assert [(one.what, one.asked) for one in hit.differs if one.what == "word"] == [("word", "maria")]
    assert 800_000 <= hit.score_ppm < 1_000_000


def test_a_firm_without_name_is_looked_up_nowhere() -> None:
    assert run(parcel("T-1", seller=person(name=None, party_identifier="X1"))).hits == ()


@pytest.mark.parametrize(
    ("amount", "currency", "code", "is_hit"),
    [
        ("0.40", "EUR", "610910", False),
        ("0.39", "EUR", "610910", True),
        ("0.43", "USD", "610910", True),
        ("0.44", "USD", "610910", False),
        ("0.10", "GBP", "610910", False),
        ("0.01", "EUR", "100630", False),
        ("11.99", "EUR", "85171300", True),
        ("12.00", "EUR", "85171300", False),
        ("0.39", "EUR", "851830", True),
        ("0.40", "EUR", "851830", False),
    ],
)
def test_the_longest_prefix_gives_the_floor_and_an_unknown_one_gives_none(
    amount: str, currency: str, code: str, is_hit: bool
) -> None:
    # 0.4 kg: the floor is EUR 0.40 in chapters 61 and 85, EUR 12 for telephones, none for cereals.
    one = item(commodity_code=code, invoice_amount=amount, invoice_currency_code=currency)

    assert ("screening-price-in-doubt" in rule_ids(run(parcel("T-1", one)), 0)) is is_hit


def test_screening_speaks_under_every_law_of_the_batch() -> None:
    early = parcel("T-1", item(description="gift"), accepted_at="2026-06-01T00:00:00Z")
    late = parcel("T-2", item(description="gift"), accepted_at="2026-07-03T00:00:00Z")

    processed = run(early, late)

    assert len(set(processed.consignments.numbers("law_number").tolist())) == 2
    assert all("screening-vague-description" in rule_ids(processed, row) for row in (0, 1))


def test_the_pack_says_for_each_withheld_reason_what_the_public_reads_and_why() -> None:
    pack = decode_pack((LAWS / "SCREENING" / "pack.yaml").read_bytes(), "SCREENING/pack.yaml")
    withheld = [reason for reason in pack.reasons if reason.audience == "officer"]

    assert withheld
    for reason in withheld:
        assert reason.public_sentence
        assert reason.withheld_ground
        assert reason.remedy
        assert reason.appeal
        assert "list" not in reason.public_sentence.lower()


def test_what_was_matched_is_known_to_the_rules() -> None:
    processed = run(parcel(), context=context(has_order=True))

    assert processed.consignments.flags("has_order").tolist() == [True]
    assert np.array_equal(processed.consignments.flags("has_payment"), [False])

"""What is recorded of people with a decision, so that it can be made again without them."""

import msgspec

from serai.journey.recording.recorded_facts import FACT_WORDS, DecisionContext


def context(*facts: str | None) -> DecisionContext:
    recorded = DecisionContext(
        facts, flags=0, lodged_at_ms=0, accepted_at_ms=0, law_on=0, declarant=1, version=1
    )
    return msgspec.json.decode(msgspec.json.encode(recorded), type=DecisionContext)


def test_the_state_within_a_country_is_recorded_since_its_tax_may_hang_on_it() -> None:
    words = context("BR", "BR", "America/Sao_Paulo", "valid", "BR-SP").as_facts().words

    assert words["consignee_region_code"] == "BR-SP"
    assert tuple(words) == FACT_WORDS


def test_what_was_recorded_before_a_fact_was_added_is_still_read() -> None:
    words = context("BR", "BR", "America/Sao_Paulo", "valid").as_facts().words

    assert (words["scheme_status_code"], words["consignee_region_code"]) == ("valid", None)

"""A hundredth of the campaign of reads: only officers read what selected a parcel, or an entry of a list."""

import os

import pytest

from tests.journey.cases.world import World
from tools.campaign.audiences.cast import Cast, cast_in
from tools.campaign.risk_reads import reading
from tools.campaign.risk_reads.hits import Hits, make_hits
from tools.campaign.risk_reads.reading import RiskReadsOutcome, read_hits

READS_COUNT = int(os.environ.get("SERAI_RISK_READS", "1000"))


@pytest.fixture(scope="module")
def cast(world: World) -> Cast:
    return cast_in(world)


@pytest.fixture(scope="module")
def hits(cast: Cast) -> Hits:
    return make_hits(cast)


def test_reads_by_all_others_show_no_score_rule_list_entry_or_other_partys_datum(
    cast: Cast, hits: Hits
) -> None:
    outcome = RiskReadsOutcome(seed=7)

    read_hits(cast, hits, outcome, lambda _: None, reads_count=READS_COUNT)

    assert outcome.leaks == []
    assert outcome.reads_count == READS_COUNT
    for reader in ("post", "agency", "buyer"):
        assert outcome.told_counts[reader] > READS_COUNT // 100, outcome.told_counts
    # What an earlier run has done is not done again.
    read_hits(cast, hits, outcome, lambda _: None, reads_count=READS_COUNT)
    assert outcome.reads_count == READS_COUNT


def test_a_leak_is_found(cast: Cast, hits: Hits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_OFFICERS_ALONE", ("control-under-way",))
    outcome = RiskReadsOutcome(seed=7)

    read_hits(cast, hits, outcome, lambda _: None, reads_count=60)

    assert outcome.leaks_count > 0
    assert outcome.leaks

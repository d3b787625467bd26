"""A part of the campaign of reads: only officers read what selected a parcel, or an entry of a list."""

import os
from collections import Counter
from functools import reduce
from operator import and_
from typing import Any

import httpx2
import pytest
from psycopg import AsyncCursor

from tests.journey.cases.world import World
from tools.campaign.audiences.cast import Cast, cast_in
from tools.campaign.risk_reads import reading
from tools.campaign.risk_reads.hits import Hits, make_hits
from tools.campaign.risk_reads.reading import RiskReadsOutcome, read_hits

READS_COUNT = int(os.environ.get("SERAI_RISK_READS", "100"))
TRIES_COUNT = 3


@pytest.fixture(scope="module")
def cast(world: World) -> Cast:
    return cast_in(world)


@pytest.fixture(scope="module")
def hits(cast: Cast) -> Hits:
    return make_hits(cast)


@pytest.mark.in_turn
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


@pytest.mark.in_turn
def test_reads_of_a_hit_and_of_none_run_the_same_statements(
    cast: Cast, hits: Hits, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    execute = AsyncCursor.execute

    async def note(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        ran.append(str(query))
        return await execute(cursor, query, *args, **options)

    monkeypatch.setattr(AsyncCursor, "execute", note)

    def statements(client: httpx2.Client, path: str) -> Counter[str]:
        """Those of each of some tries: what the node does by the clock is in some of them alone."""
        tries = []
        for _ in range(1 + TRIES_COUNT):  # the first says that it was served, which is kept once
            ran.clear()
            client.get(path)
            tries.append(Counter(ran))
        return reduce(and_, tries[1:])

    by_kind = {one.kind: one.case_id for one in hits.cases}
    for name in ("post", "rival", "agency"):
        headers = {"authorization": f"Bearer {cast.readers[name].key}"}
        with httpx2.Client(base_url=cast.world.address, headers=headers, timeout=60) as client:
            for path in ("", "/decision?include=text", "/receipt"):
                plain = statements(client, f"/v1/cases/{by_kind['plain']}{path}")
                assert plain, "nothing is noted"
                for kind in ("rule", "model", "listed name"):
                    assert statements(client, f"/v1/cases/{by_kind[kind]}{path}") == plain, (name, kind, path)


@pytest.mark.slow
def test_a_leak_is_found(cast: Cast, hits: Hits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_OFFICERS_ALONE", ("control-under-way",))
    outcome = RiskReadsOutcome(seed=7)

    read_hits(cast, hits, outcome, lambda _: None, reads_count=60)

    assert outcome.leaks_count > 0
    assert outcome.leaks

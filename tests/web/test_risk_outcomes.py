"""What examinations found comes out of the store as lines without people, and rows of a model out of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from serai.journey.risk_model.rows import hash_column
from serai.laboratory.risk.declarations import read_lines, rows_of_lines
from serai.laboratory.risk.outcomes import PURPOSE, is_in_share
from serai.law.library import load_book
from serai.model.columns import encode_words
from tests.cli.typing_commands import Typed, typed
from tests.journey.cases.world import World, rows
from tests.law.packs import shipped_files
from tests.web.examinations import examine, lodge

AT_MS = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.in_turn
def test_outcomes_are_written_without_people_and_read_as_rows(
    world: World, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.client("post") as post, world.client("officer") as officer:
        cases = [lodge(post, f"OUT-{number}") for number in range(3)]
        examine(officer, cases[0], "value-differs")
        examine(officer, cases[1], "conforms")
    for name in ("BROWSER", "CHROMIUM"):
        monkeypatch.delenv(f"SERAI_{name}", raising=False)  # of the tests of pages, and no setting
    for name, value in (
        ("DATABASE_DSN", world.dsn),
        ("DATA_FOLDER", str(world.folder)),
        ("ADMINISTRATION_CODE", "TEST"),
    ):
        monkeypatch.setenv(f"SERAI_{name}", value)
    monkeypatch.chdir(tmp_path)

    def written(percent: int) -> Typed:
        return typed(
            capfd, "risk", "outcomes", "--output-file", "o.ndjson", "--unexamined-percent", str(percent)
        )

    few = written(0)
    assert few.code == 0, few.err
    assert few.json() == {"file": "o.ndjson", "declarations": 2, "examined": 2, "found": 1}
    every = written(100).json()
    assert (every["declarations"], every["examined"]) == (3, 2)

    content = Path("o.ndjson").read_bytes()
    assert b"Nightingale" not in content
    assert b"Long Lane" not in content
    lines = read_lines(content.splitlines())
    assert [one.is_found for one in lines] == [True, False, None]
    known = rows_of_lines(lines, load_book(shipped_files()), AT_MS).examined
    assert known.is_found.tolist() == [1.0, 0.0, 0.0]
    assert known.flags.tolist() == [True, True, False]
    # As the running node names them when it scores: a history made of these lines speaks of the same parties.
    assert set(known.rows.keys["seller"].tolist()) == set(
        hash_column("seller", encode_words(["INVENTED-SHOP"])).tolist()
    )
    assert set(known.rows.keys["filer"].tolist()) == set(hash_column("filer", encode_words(["10"])).tolist())
    assert rows(world.dsn, "SELECT count(*) > 0 FROM vault_read WHERE purpose = %s", PURPOSE) == [(True,)]
    refused = typed(capfd, "risk", "outcomes", "--output-file", "o.ndjson", "--weeks", "0")
    assert refused.code == 2
    assert "Weeks are 1 to" in refused.err


def test_the_same_cases_are_in_a_share_each_time_and_as_many_as_it_says() -> None:
    base = 7_000_000_000_000_000
    chosen = [is_in_share(base + 4_096 * number, 100_000) for number in range(20_000)]

    assert 1_900 < sum(chosen) < 2_100
    assert all(is_in_share(base + number, 1_000_000) for number in range(100))
    assert not any(is_in_share(base + number, 0) for number in range(100))

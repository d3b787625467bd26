"""`serai law try` on stored cases: the record is worked out again as it was, and the draft beside it."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pyarrow.parquet as pq
import pytest

from serai.app import Node, change_components, load_law, open_node
from serai.foundation.settings import DatabaseSettings, DataSettings, Settings
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.sealing import Kind
from serai.journey.assess.store import Component, make_component
from serai.journey.clearance.filing import Filing, Sender
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.invented.parcels import consignments
from serai.laboratory.what_if import stored
from tests.cli.typing_commands import ROOT, typed
from tests.journey.follow.world import parcel
from tests.laboratory.test_law_try import changed_pack, groups, revenue

COUNT = 300
POST = Sender(10, frozenset({"post"}))
JUNE = dt.datetime(2026, 6, 28, tzinfo=dt.UTC)
JULY = "2026-07-02T10:00:00Z"
RATES = (ROOT / "examples" / "lists" / "invented-exchange-rates.csv").read_bytes()
KEPT = ("decision", "charge", "goods_item", "consignment", "event", "document", "law_generation", "basis")


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture(autouse=True)
def _here(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    monkeypatch.setenv("SERAI_DATA_FOLDER", str(tmp_path / "data"))


@pytest.fixture
def dearer(tmp_path: Path) -> Path:
    """A line costs five euros instead of three."""
    before = "value: 300, source: flat_duty"
    return changed_pack(tmp_path / "dearer", "EU-2026", before, before.replace("300", "500"))


def store(database: str, *documents: dict[str, Any], work: Any = None) -> list[int]:
    """File declarations as the post does, under the law and lists of the demo; then do more with the node."""

    async def fill() -> list[int]:
        settings = Settings(
            data=DataSettings(folder=str(Path("data").absolute())), database=DatabaseSettings(dsn=database)
        )
        async with open_node(settings, database) as node:
            lists = [make_component(*one) for one in invented_lists(COUNT, 7, RATES)]
            await put_in_force(node, lambda present: [*present, *lists])
            lines = [msgspec.json.encode(one) for one in documents]
            (answers,) = await node.corridor.clear([Filing(POST, "consignment", lines=lines)])
            if work is not None:
                await work(node)
            return [one.document_id for one in answers if one.status == "decided"]

    return asyncio.run(fill())


async def put_in_force(node: Node, change: Callable[[list[Component]], list[Component]]) -> None:
    await change_components(node.database, node.administration_id, node.clock.now(), "test", change)
    node.corridor.law = await load_law(node.database, node.administration_id, node.clock.now())


def invented() -> list[dict[str, Any]]:
    july = JUNE + dt.timedelta(days=8)
    return list(consignments(COUNT, 7, at=july, first_acceptance=JUNE, last_acceptance=july))


def rows(database: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database, autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def tried(capfd: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    said = typed(capfd, "law", "try", *words, "--output", "json")
    assert said.code == 0, said.err
    answer: dict[str, Any] = said.json()
    return answer


def test_recorded_sums_come_out_again_and_the_draft_stands_beside_them(
    capfd: pytest.CaptureFixture[str], database: str, dearer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = store(database, *invented())
    before = {table: rows(database, f"SELECT count(*) FROM {table}") for table in KEPT}

    answer = tried(capfd, dearer)

    assert answer["stored"] == {"parcels": len(ids), "equal": len(ids), "differing": {}, "names": []}
    counts = answer["counts"]
    assert counts["read"] == len(ids)
    assert 0 < counts["compared"] < len(ids), "parcels of June and of other territories are left out"
    assert counts["more"] > 50
    assert counts["less"] == counts["mixed"] == 0
    # What the record says of the same parcels, by another way: in SQL.
    recorded = rows(
        database,
        """SELECT charge.kind, sum(amount_minor)::bigint
        FROM charge JOIN decision USING (decision_id) JOIN basis USING (basis_id)
        WHERE program_code LIKE 'EU-2026+%' AND currency_code = 'EUR' AND charge.kind < 2 AND NOT is_waived
            AND NOT EXISTS (SELECT FROM finding WHERE finding.decision_id = decision.decision_id
                AND severity = 'hold')
        GROUP BY charge.kind ORDER BY charge.kind""",
    )
    sums = revenue(answer)
    assert recorded == [(0, sums["EUR", "duty"][0]), (1, sums["EUR", "tax"][0])]
    assert {table: rows(database, f"SELECT count(*) FROM {table}") for table in KEPT} == before
    assert rows(database, "SELECT count(DISTINCT purpose) FROM vault_read WHERE purpose = 'what-if'") == [
        (1,)
    ]

    monkeypatch.setattr(stored, "PAGE_COUNT", 37)
    assert tried(capfd, dearer) == answer, "some at a time or all at once"


def test_each_parcel_keeps_the_law_it_was_decided_by(
    capfd: pytest.CaptureFixture[str], database: str, dearer: Path
) -> None:
    """The law in force has been changed since; the record is still worked out as it was."""

    async def change(node: Node) -> None:
        def cheaper(present: list[Component]) -> list[Component]:
            return [
                make_component(
                    one.kind, one.name, one.content.replace(b"value: 300, source", b"value: 100, source")
                )
                if one.name == "EU-2026/pack.yaml"
                else one
                for one in present
            ]

        await put_in_force(node, cheaper)

    store(database, *(parcel(name, accepted_at=JULY) for name in ("A", "B")), work=change)

    answer = tried(capfd, dearer)
    now = tried(capfd, dearer, "--against", "EU-2026")

    assert answer["stored"]["equal"] == 2
    assert now["stored"] is None
    assert now["current"]["name"] == "EU-2026"
    assert revenue(now)["EUR", "duty"] == (200, 1000)


def test_a_record_that_was_tampered_with_is_told(
    capfd: pytest.CaptureFixture[str], database: str, dearer: Path
) -> None:
    store(database, *(parcel(name, accepted_at=JULY) for name in ("A", "B", "C")))
    rows(database, "UPDATE charge SET amount_minor = amount_minor + 1 WHERE kind = 0 RETURNING 1")

    said = typed(capfd, "law", "try", dearer, "--output", "json")

    assert said.code == 1
    check = said.json()["stored"]
    assert (check["equal"], check["differing"]) == (0, {"charges": 3})
    assert len(check["names"]) == 3
    table = typed(capfd, "law", "try", dearer, "--output", "table").out
    assert "3 of 3 are not as" in " ".join(table.split())


def test_what_was_erased_or_withdrawn_is_left_out_and_counted(
    capfd: pytest.CaptureFixture[str], database: str, dearer: Path, tmp_path: Path
) -> None:
    names = ("A", "B", "C")
    ids = store(database, *(parcel(name, accepted_at=JULY) for name in names))
    rows(database, f"UPDATE consignment SET status = 8 WHERE document_id = {ids[0]} RETURNING 1")

    async def forget(node: Node) -> None:
        keyring = Keyring(tmp_path / "data" / "keys" / "epochs")
        erasure = Erasure(
            Kind.MESSAGE, node.administration_id, ids[1], "time-is-over", "test", node.clock.now()
        )
        await erase(node.database.write, keyring, erasure)

    store(database, work=forget)

    counts = tried(capfd, dearer)["counts"]

    assert (counts["read"], counts["withdrawn"], counts["erased"], counts["compared"]) == (3, 1, 1, 1)


def test_nothing_personal_leaves_the_store(
    capfd: pytest.CaptureFixture[str], database: str, dearer: Path, tmp_path: Path
) -> None:
    store(database, parcel("REFERENCE-1", accepted_at=JULY))
    written, report = tmp_path / "rows.parquet", tmp_path / "try.md"

    answer = tried(capfd, dearer, "--parquet", written, "--report", report)

    table = pq.read_table(written).to_pylist()
    assert groups(answer, "seller size").keys() == {"1"}
    (example,) = answer["examples"]
    assert [(example["name"],)] == rows(database, "SELECT mrn FROM consignment")
    assert example["case_id"]
    assert table[0]["case_id"] == example["case_id"]
    everything = json.dumps([answer, table]) + report.read_text("utf-8")
    for personal in ("Nightingale", "Long Lane", "Dublin", "Invented Sender", "INVENTED-SHOP", "REFERENCE-1"):
        assert personal not in everything


def test_an_empty_store_says_so(capfd: pytest.CaptureFixture[str], database: str) -> None:
    said = typed(capfd, "law", "try", "EU-2028-PLANNED")

    assert (said.code, "no-parcels" in said.err) == (2, True)
    assert rows(database, "SELECT count(*) FROM law_generation") == [(0,)], "nothing was put in force"


def test_a_draft_that_is_not_there_is_told_as_everywhere(
    capfd: pytest.CaptureFixture[str], database: str
) -> None:
    store(database, parcel("A"))

    assert "law-unknown" in typed(capfd, "law", "try", "EU-2999").err
    assert "draft-governs-nothing" in typed(capfd, "law", "try", "CH-2019").err
    assert "command-misused" in typed(capfd, "law", "try", "EU-2021", "--format", "csv").err

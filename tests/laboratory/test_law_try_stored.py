"""`serai law try` on stored cases: the record is worked out again as it was, and the draft beside it."""

import asyncio
import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pyarrow.parquet as pq
import pytest

from serai.app import Node, open_node
from serai.foundation.id_text import format_id
from serai.foundation.settings import DatabaseSettings, DataSettings, Settings
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.sealing import Kind
from serai.journey.assessment.store import Component, make_component
from serai.journey.documents.submission import Sender, Submission
from serai.journey.law_in_force.service import derive_law, load_law
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.invented.parcels import consignments
from serai.laboratory.what_if import stored
from tests.cli.typing_commands import ROOT, typed
from tests.journey.cases.world import parcel
from tests.laboratory.test_law_try import changed_pack, revenue
from tests.laid_out import charges_raised, rows_laid_out

COUNT = 300
POST = Sender(10, frozenset({"post"}))
JUNE = dt.datetime(2026, 6, 28, tzinfo=dt.UTC)
JULY = "2026-07-02T10:00:00Z"
RATES = (ROOT / "examples" / "lists" / "invented-exchange-rates.csv").read_bytes()
KEPT = ("decision", "consignment", "event", "document", "law_generation", "basis")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("node")


@pytest.fixture(scope="module")
def filled(database: str, folder: Path) -> list[int]:
    """The module's database with invented parcels on both sides of 1 July, and one that is named."""
    return store(database, folder, *invented(), parcel("REFERENCE-1", accepted_at=JULY))


@pytest.fixture
def here(database: str, folder: Path, filled: list[int], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where commands find that database; gives the ids of its documents."""
    enter(monkeypatch, database, folder)
    return filled


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def enter(monkeypatch: pytest.MonkeyPatch, database: str, folder: Path) -> None:
    """Let commands work on a database, under no settings but these."""
    for name in os.environ:
        if name.startswith("SERAI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    monkeypatch.setenv("SERAI_DATA_FOLDER", str(folder))


@pytest.fixture
def dearer(tmp_path: Path) -> Path:
    """A line costs five euros instead of three."""
    before = "value: 3.00 EUR, source: flat_duty"
    return changed_pack(tmp_path / "dearer", "EU-2026", before, before.replace("3.00", "5.00"))


def store(database: str, folder: Path, *documents: dict[str, Any], work: Any = None) -> list[int]:
    """File declarations as the post does, under the law and lists of the demo; then do more with the node."""

    async def fill() -> list[int]:
        settings = Settings(data=DataSettings(folder=str(folder)), database=DatabaseSettings(dsn=database))
        async with open_node(settings, database) as node:
            lists = [make_component(*one) for one in invented_lists(COUNT, 7, RATES)]
            await put_in_force(node, lambda present: [*present, *lists])
            lines = [msgspec.json.encode(one) for one in documents]
            (answers,) = await node.processor.clear([Submission(POST, "declaration", lines=lines)])
            if work is not None:
                await work(node)
            return [one.document_id for one in answers if one.status == "decided"]

    return asyncio.run(fill())


async def put_in_force(node: Node, change: Callable[[list[Component]], list[Component]]) -> None:
    await derive_law(node.database, node.administration_id, node.clock.now(), "test", change)
    node.processor.law = await load_law(node.database, node.administration_id, node.clock.now())


def invented() -> list[dict[str, Any]]:
    july = JUNE + dt.timedelta(days=8)
    return list(consignments(COUNT, 7, at=july, first_acceptance=JUNE, last_acceptance=july))


def rows(database: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database, autocommit=True) as connection:
        return rows_laid_out(connection, statement)


def tried(capfd: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    said = typed(capfd, "law", "try", *words, "--output", "json")
    assert said.code == 0, said.err
    answer: dict[str, Any] = said.json()
    return answer


@pytest.mark.in_turn
def test_recorded_sums_come_out_again_and_the_draft_stands_beside_them(
    capfd: pytest.CaptureFixture[str],
    database: str,
    here: list[int],
    dearer: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {table: rows(database, f"SELECT count(*) FROM {table}") for table in KEPT}

    answer = tried(capfd, dearer)

    assert answer["stored"] == {"parcels": len(here), "equal": len(here), "differing": {}, "names": []}
    counts = answer["counts"]
    assert counts["read"] == len(here)
    assert 0 < counts["compared"] < len(here), "parcels of June and of other territories are left out"
    assert counts["more"] > 50
    assert counts["less"] == counts["mixed"] == 0
    # What the record says of the same parcels, by another way: in SQL.
    recorded = rows(
        database,
        """SELECT charge.kind, sum(amount_minor)::bigint
        FROM charge JOIN decision USING (decision_id) JOIN basis USING (basis_id)
        WHERE program_code LIKE 'EU-2026+%' AND charge.currency_code = 'EUR' AND charge.kind < 2
            AND NOT is_waived AND NOT EXISTS (
                SELECT FROM finding WHERE finding.decision_id = decision.decision_id AND severity = 'hold')
        GROUP BY charge.kind ORDER BY charge.kind""",
    )
    sums = revenue(answer)
    assert recorded == [(0, sums["EUR", "duty"][0]), (1, sums["EUR", "tax"][0])]
    assert {table: rows(database, f"SELECT count(*) FROM {table}") for table in KEPT} == before
    assert rows(database, "SELECT DISTINCT purpose FROM vault_read") == [("what-if",)]

    monkeypatch.setattr(stored, "PAGE_COUNT", 37)
    assert tried(capfd, dearer) == answer, "some at a time or all at once"


@pytest.mark.in_turn
@pytest.mark.usefixtures("here")
def test_nothing_personal_leaves_the_store(
    capfd: pytest.CaptureFixture[str], database: str, dearer: Path, tmp_path: Path
) -> None:
    written, report = tmp_path / "rows.parquet", tmp_path / "try.md"

    answer = tried(capfd, dearer, "--examples", "400", "--parquet", written, "--report", report)

    table = pq.read_table(written).to_pylist()
    (mrn, case_id), *_ = rows(
        database, "SELECT mrn, case_id FROM consignment WHERE reference = 'REFERENCE-1'"
    )
    mine = [one for one in answer["examples"] if one["name"] == mrn]
    assert [one["case_id"] for one in mine] == [format_id(case_id)]
    assert {row["case_id"] for row in table if row["parcel"] == mrn} == {format_id(case_id)}
    everything = json.dumps([answer, table]) + report.read_text("utf-8")
    people = {str(one[role].get("name")) for one in invented() for role in ("consignee", "consignor")}
    sellers = {str(one.get("seller_id")) for one in invented()} - {"None"}
    assert len(people) > 100
    for personal in ("Nightingale", "Long Lane", "INVENTED-SHOP", "REFERENCE-1", *people, *sellers):
        assert personal not in everything


@pytest.mark.in_turn
@pytest.mark.usefixtures("here")
def test_a_draft_that_is_not_there_is_told_as_everywhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert "law-unknown" in typed(capfd, "law", "try", "EU-2999").err
    assert "draft-governs-nothing" in typed(capfd, "law", "try", "CH-2019").err
    assert "command-misused" in typed(capfd, "law", "try", "EU-2021", "--format", "csv").err


@pytest.mark.slow
def test_the_record_is_held_against_what_it_gives_again(
    capfd: pytest.CaptureFixture[str],
    make_database: Callable[[], str],
    dearer: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The law in force has been changed since; then one is erased, one withdrawn, and a sum tampered with."""
    database, folder = make_database(), tmp_path / "node"
    enter(monkeypatch, database, folder)
    ids: list[int] = []

    async def change(node: Node) -> None:
        def cheaper(present: list[Component]) -> list[Component]:
            content = next(one.content for one in present if one.name == "EU-2026/pack.yaml")
            changed = content.replace(b"value: 3.00 EUR, source", b"value: 1.00 EUR, source")
            kept = [one for one in present if one.name != "EU-2026/pack.yaml"]
            return [*kept, make_component("law-file", "EU-2026/pack.yaml", changed)]

        await put_in_force(node, cheaper)

    async def forget(node: Node) -> None:
        keyring = Keyring(folder / "keys" / "epochs")
        at = node.clock.now()
        erasure = Erasure(Kind.MESSAGE, node.administration_id, ids[1], "time-is-over", "test", at)
        await erase(node.database.write, keyring, erasure)

    names = ("A", "B", "C")
    ids += store(database, folder, *(parcel(name, accepted_at=JULY) for name in names), work=change)

    as_decided = tried(capfd, dearer)
    now = tried(capfd, dearer, "--against", "EU-2026")

    assert as_decided["stored"]["equal"] == 3
    assert revenue(as_decided)["EUR", "duty"] == (900, 1500)
    assert now["stored"] is None
    assert revenue(now)["EUR", "duty"] == (300, 1500)

    store(database, folder, work=forget)
    rows(database, f"UPDATE declared_consignment SET status = 8 WHERE document_id = {ids[0]} RETURNING 1")
    with psycopg.connect(database) as connection:
        for number, detail in connection.execute("SELECT consignment_id, detail FROM consignment").fetchall():
            connection.execute(
                "UPDATE declared_consignment SET detail = %s WHERE consignment_id = %s",
                [charges_raised(detail, {0}), number],
            )
    said = typed(capfd, "law", "try", dearer, "--output", "json")

    assert said.code == 1
    counts, check = said.json()["counts"], said.json()["stored"]
    assert (counts["read"], counts["withdrawn"], counts["erased"], counts["compared"]) == (3, 1, 1, 1)
    assert (check["parcels"], check["equal"], check["differing"]) == (1, 0, {"charges": 1})
    assert check["names"] == [
        rows(database, f"SELECT mrn FROM consignment WHERE document_id = {ids[2]}")[0][0]
    ]
    table = typed(capfd, "law", "try", dearer, "--output", "table").out
    assert "1 of 1 are not as recorded: charges 1" in " ".join(table.split())


def test_an_empty_store_says_so(
    capfd: pytest.CaptureFixture[str],
    make_database: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = make_database()
    enter(monkeypatch, database, tmp_path / "node")

    said = typed(capfd, "law", "try", "EU-2028-PLANNED")

    assert (said.code, "no-parcels" in said.err) == (2, True)
    assert rows(database, "SELECT count(*) FROM law_generation") == [(0,)], "nothing was put in force"

"""`serai demo` from an empty folder: it sends, adds up, goes on, and stops cleanly whenever it is told to."""

import ast
import asyncio
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.app import running_database
from serai.cli.main import run
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from serai.foundation.settings import DataSettings, Settings
from serai.journey.history.service import History
from serai.journey.selection.risk_file import Budget, RiskRule
from serai.laboratory.demo.lists import invented_lists
from serai.laboratory.demo.running_sums import RunningSums
from serai.laboratory.demo.safety import RULE, RULE_ID, budget_of
from serai.laboratory.demo.sending import Answered, AnswerRead, DecisionRead, TotalsRead
from serai.laboratory.demo.story import SENT_TOGETHER_COUNT, lots, named_stories
from serai.law.load import decode_table
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from tests.cli.typing_commands import ROOT, start

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PATIENCE_S = 120
DEMO = ".serai/demo"
SCRIPT = ROOT / "examples" / "recompute-revenue" / "recompute_revenue.py"


@pytest.mark.in_turn
def test_every_parcel_is_in_one_lot_of_its_filer() -> None:
    sent = list(lots(5_000, 1, at=AT))

    assert sum(len(lot.lines) for lot in sent) == 5_000
    assert all(len(lot.lines) <= SENT_TOGETHER_COUNT for lot in sent)
    for lot in sent:
        channels = {json.loads(line)["logistics_channel_code"] for line in lot.lines}
        assert channels == {"post" if lot.role == "post" else "express"}
        assert lot.items_count == sum(len(json.loads(line)["goods_items"]) for line in lot.lines)


def test_the_named_parcels_are_the_same_for_the_same_instant() -> None:
    assert named_stories(AT) == named_stories(AT)
    assert len(named_stories(AT)) == 8


@pytest.mark.parametrize("count", [0, 1_000, 100_000, 10_000_000])
def test_the_budget_gives_chance_enough_to_show_groups(count: int) -> None:
    budget = msgspec.convert(budget_of(count), Budget)

    chance_ppm = budget.random_ppm(is_exploring=False)
    assert count * chance_ppm // 1_000_000 >= min(count // 10, 400)
    assert budget.targeted_ppm(is_exploring=False) >= 10_000
    assert msgspec.convert({"rule_id": RULE_ID, **RULE}, RiskRule).lane == "examine"


def test_invented_lists_are_files_that_an_import_reads() -> None:
    rates = (ROOT / "examples" / "lists" / "invented-exchange-rates.csv").read_bytes()

    by_kind = {one.kind: one for one in invented_lists(1_000, 1, rates)}

    register = list(decode_table(by_kind["scheme-register"].content, SchemeEntry, "register"))
    assert {entry.kind for entry in register} == {"IOSS", "GB-VAT", "ABN", "ARN"}
    tariff = list(decode_table(by_kind["tariff"].content, TariffLine, "tariff"))
    assert {line.territory_code for line in tariff} == {"US"}
    assert all("INVENTED" in line.source for line in tariff)
    assert all(one.name.startswith("invented-") for one in by_kind.values())


def test_sums_are_of_decided_consignments_by_currency() -> None:
    sums = RunningSums()
    totals = TotalsRead("3.00", "1.10", "0.00", "4.10", "0.00")
    decided = AnswerRead("decided", "A", decision=DecisionRead("proceed", "EUR", totals))
    lawless = AnswerRead("decided", "B", decision=DecisionRead("review"))

    sums.add(Answered([decided, decided, lawless, AnswerRead("rejected", "C")], 0.5), 9)

    assert sums.statuses == Counter(decided=3, rejected=1)
    assert sums.lanes == Counter(proceed=2, review=1)
    assert sums.without_law_count == 1
    assert sums.sums() == [
        {
            "currency": "EUR",
            "parcels": "2",
            "duty": "6.00",
            "tax": "2.20",
            "fee": "0.00",
            "due_at_border": "8.20",
            "due_at_sale": "0.00",
        }
    ]
    assert sums.waits_s() == (0.5, 0.5)


def test_a_port_in_use_is_said_before_anything_starts(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:

    with socket.create_server(("127.0.0.1", 0)) as taken:
        code = run(["demo", "--port", str(taken.getsockname()[1])])

    assert code == 2
    assert capfd.readouterr().err.startswith("port-in-use: ")
    assert not (tmp_path / ".serai").exists()


def test_a_demo_sends_and_adds_up(tmp_path: Path) -> None:
    facts = once(tmp_path, count=300)

    assert facts["consignments"] == 300
    assert facts["statuses"]["decided"] > 280
    assert sum(facts["lanes"].values()) == facts["statuses"]["decided"]
    assert {row["currency"] for row in facts["sums"]} == {"EUR", "GBP", "AUD", "USD"}
    assert len(facts["named"]) == 8
    # A recalled batch, a permit; rule and chance have selected, and some of that was examined.
    assert [row["lanes"] for row in facts["safety"]] == [
        ["suspended", "proceed", "proceed"],
        ["proceed", "await"],
    ]
    assert facts["lanes"]["examine"] >= facts["examined"] >= 10
    others_add_up_its_books(tmp_path)


@pytest.mark.in_turn
def test_a_demo_goes_on_where_it_ended(tmp_path: Path) -> None:
    first = once(tmp_path, count=600)
    second = once(tmp_path, count=200)

    assert (first["consignments"], second["consignments"]) == (600, 200)
    assert first["statuses"]["decided"] > 560
    assert second["statuses"]["decided"] > 180  # a new seed: nothing is sent twice
    assert [row["pages"] for row in second["named"]] == [row["pages"] for row in first["named"]]
    assert second["safety"] == first["safety"]
    others_add_up_its_books(tmp_path)


@pytest.mark.slow
def test_the_link_opens_a_page_while_parcels_are_sent_and_ctrl_c_ends_it_all(tmp_path: Path) -> None:
    demo = start("demo", "--count", "200000", "--port", "0", folder=tmp_path, start_new_session=True)
    try:
        address = read_until(demo, r"(http://\S+/enter/\S+)")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar := CookieJar()))
        with opener.open(address, timeout=30) as opened:
            page = opened.read().decode()
        assert "Where to look in this demo" in page
        for link in re.findall(r'<dt[^>]*><a href="([^"]+)"', page):
            with opener.open(f"{address.partition('/enter')[0]}{link}", timeout=30) as shown:
                assert shown.status == 200, link
        assert len(jar) > 0
        time.sleep(1)

        os.killpg(demo.pid, signal.SIGINT)  # as a terminal does: every process gets it

        _, said = demo.communicate(timeout=PATIENCE_S)
    finally:
        if demo.poll() is None:
            demo.kill()
    assert demo.returncode == 130
    assert b"Traceback" not in said
    assert processes_in(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.8, 2.5, 5.0])
def test_ctrl_c_while_starting_ends_it_all(tmp_path: Path, delay_s: float) -> None:
    demo = start("demo", "--count", "10", "--port", "0", folder=tmp_path, start_new_session=True)
    time.sleep(delay_s)

    os.killpg(demo.pid, signal.SIGINT)
    _, said = demo.communicate(timeout=PATIENCE_S)

    assert demo.returncode in (130, -signal.SIGINT, 0)
    assert b"Traceback" not in said
    assert processes_in(tmp_path) == []


@pytest.mark.slow
def test_the_wheel_in_an_empty_folder_runs_the_demo(tmp_path: Path) -> None:
    command = installed_from_wheel(tmp_path)
    folder = tmp_path / "empty"
    folder.mkdir()

    facts = once(folder, count=1_000, command=[command])
    refused = subprocess.run(
        [command, "bench", "--quick"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert facts["consignments"] == 1_000
    assert len(facts["examples"]) >= 15
    assert refused.returncode == 2
    assert "bench-needs-checkout" in refused.stderr


def others_add_up_its_books(folder: Path) -> None:
    """Beancount takes the journal; a script that imports nothing of Serai finds the same revenue, to the
    cent."""
    with open_server(folder) as dsn:
        asyncio.run(write_history(dsn, folder / "history"))
        for words, file in (
            (["balance", "--output", "json"], "balances.json"),
            (["export"], "books.beancount"),
        ):
            (folder / file).write_bytes(command(folder, "ledger", *words, "--administration", "DEMO"))
    added = [sys.executable, "-I", str(SCRIPT), "history"]

    found = subprocess.run(
        [*added, "--balances", "balances.json"], cwd=folder, capture_output=True, text=True, check=False
    )
    checked = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", "books.beancount"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stderr) == (0, "")
    rows = list(csv.DictReader(found.stdout.splitlines()))
    assert {row["currency_code"] for row in rows} == {"EUR", "GBP", "AUD", "USD"}
    assert "serai" not in {name.partition(".")[0] for name in imports_of(SCRIPT)}
    assert (checked.returncode, checked.stderr) == (0, "")
    # A cent more in the books is found.
    balances = json.loads((folder / "balances.json").read_text())
    revenue = next(one for one in balances if one["account"] == "revenue")
    revenue["balance"] = str(Decimal(revenue["balance"]) - Decimal("0.01"))
    (folder / "other.json").write_text(json.dumps(balances))
    differs = subprocess.run(
        [*added, "--balances", "other.json"], cwd=folder, capture_output=True, check=False
    )
    assert differs.returncode == 1
    assert revenue["tax_type_code"].encode() in differs.stderr


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@contextmanager
def open_server(folder: Path) -> Iterator[str]:
    with running_database(Settings(data=DataSettings(folder=str(folder / DEMO))), SystemClock()) as dsn:
        yield dsn


async def write_history(dsn: str, to: Path) -> None:
    """As it will be two hours from now, when the hour of the demo is closed."""
    own = 1
    async with Database(
        dsn, administration_id=own, pool_size_count=1, statement_timeout_ms=60_000
    ) as database:
        later = SystemClock().now() + timedelta(hours=2)
        assert [one async for one in History(database, own, to).write(at=later)]


def command(folder: Path, *words: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", "from serai.cli.main import main; main()", *words],
        cwd=folder,
        env=os.environ | {"SERAI_DATA_FOLDER": str(folder / DEMO)},
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def once(folder: Path, *, count: int, command: list[str] | None = None) -> Any:
    words = command or [sys.executable, "-c", "from serai.cli.main import main; main()"]
    done = subprocess.run(
        [*words, "demo", "--count", str(count), "--port", "0", "--once", "--output", "json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert processes_in(folder) == []
    return json.loads(done.stdout)


def read_until(process: subprocess.Popen[bytes], pattern: str) -> str:
    assert process.stdout is not None
    said = ""
    while line := process.stdout.readline().decode():
        said += line
        if found := re.search(pattern, line):
            return found[1]
    _, errors = process.communicate(timeout=PATIENCE_S)
    raise AssertionError(f"{pattern} was never said:\n{said}\n{errors.decode()}")


def processes_in(folder: Path) -> list[str]:
    """Commands of processes that work in a folder, or name it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            is_here = folder in (process / "cwd").resolve().parents or (process / "cwd").resolve() == folder
            is_here = is_here and int(process.name) != os.getpid()
        except OSError:
            continue
        if is_here or str(folder) in command:
            found.append(command)
    return found


def installed_from_wheel(folder: Path) -> str:
    """Install the built wheel into an environment of its own, beside the packages of this one."""
    uv = os.environ.get("UV", "uv")
    subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", folder / "dist", ROOT], check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    environment = folder / "environment"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], check=True
    )
    # Its own serai comes first; the editable one of the checkout is no package of that folder.
    (site,) = environment.glob("lib/python*/site-packages")
    (theirs,) = Path(sys.prefix).glob("lib/python*/site-packages")
    (site / "others.pth").write_text(f"{theirs}\n")
    return str(environment / "bin" / "serai")

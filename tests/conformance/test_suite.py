"""The public suite: green against our own server; every seeded fault is found by the rule it breaks."""

import asyncio
import json
from itertools import count
from pathlib import Path

import pytest
from lxml import etree
from psycopg import AsyncConnection

from serai.cli.main import run
from serai.foundation.access.administering import ActingUser
from serai.foundation.settings import AdministrationSettings
from serai.laboratory.conform.files import choose_standard
from serai.laboratory.conform.outcomes import Outcome, gather
from serai.laboratory.conform.report_html import write_html
from serai.laboratory.conform.report_junit import write_junit
from serai.laboratory.conform.running import Target, check_references, run_suite
from serai.laboratory.conform.suite import read_suite
from serai.laboratory.sandbox import PARTIES, open_sandbox
from tests.conformance.faulty_server import FAULTS, KEYS, faulty_server
from tests.conformance.node import AT, RunningNode

SUITE = read_suite(Path(__file__).parents[2] / "conformance")
STANDARD_OF = {rule: standard for standard in SUITE for rule in standard.rules}
_RUNS = count(1)


@pytest.fixture(scope="module")
def sandbox(node: RunningNode) -> str:
    """The address of our own server, its sandbox open."""

    async def furnish() -> None:
        numbers = count(1_000)
        async with await AsyncConnection.connect(node.dsn) as connection:
            acting_user = ActingUser(1, "operator:test", AT, lambda: next(numbers))
            await open_sandbox(connection, acting_user, AdministrationSettings())
            await open_sandbox(connection, acting_user, AdministrationSettings())

    asyncio.run(furnish())
    return node.address


def outcomes_of(address: str, *names: str, run_word: str = "") -> list[Outcome]:
    standards = [one for one in SUITE if not names or one.name in names]
    return list(run_suite(Target(address, KEYS, run_word or f"T{next(_RUNS)}"), standards))


def failed_of(outcomes: list[Outcome]) -> list[str]:
    return [f"{one.rule} {one.case}: {'; '.join(one.why)}" for one in outcomes if one.state != "passed"]


@pytest.mark.in_turn
def test_our_own_server_passes_every_case(sandbox: str) -> None:
    outcomes = outcomes_of(sandbox)

    assert failed_of(outcomes) == []
    assert len(outcomes) == sum(len(standard.cases) for standard in SUITE) > 90


@pytest.mark.in_turn
def test_a_server_that_has_seen_the_suite_passes_again(sandbox: str) -> None:
    for _ in range(2):
        assert failed_of(outcomes_of(sandbox, "events", "receipts")) == []


@pytest.mark.slow
def test_through_a_proxy_without_a_fault_every_case_passes(sandbox: str) -> None:
    with faulty_server(sandbox, []) as address:
        assert failed_of(outcomes_of(address)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_found_by_the_rule_it_breaks(sandbox: str, name: str) -> None:
    fault = FAULTS[name]
    with faulty_server(sandbox, [fault]) as address:
        outcomes = outcomes_of(address, STANDARD_OF[fault.rule].name)

    found = [one for one in outcomes if one.state == "failed" and one.rule == fault.rule]
    assert found
    assert all(one.why for one in found)


@pytest.mark.slow
def test_a_server_with_all_faults_at_once_has_each_rule_fail(sandbox: str) -> None:
    with faulty_server(sandbox, list(FAULTS.values())) as address:
        outcomes = outcomes_of(address)

    failed = {one.rule for one in outcomes if one.state == "failed"}
    assert {fault.rule for fault in FAULTS.values()} <= failed


def test_the_suite_names_nothing_that_is_not_there() -> None:
    check_references(SUITE)
    assert {
        actor for standard in SUITE for case in standard.cases for actor in (s.as_ for s in case.steps)
    } <= {
        *(party.name for party in PARTIES),
        "nobody",
    }


def test_who_has_one_key_is_told_what_was_left_out(sandbox: str) -> None:
    target = Target(sandbox, {"filer": KEYS["filer"]}, "ONE")
    outcomes = list(run_suite(target, [one for one in SUITE if one.name == "rights"]))

    skipped = [one for one in outcomes if one.state == "skipped"]
    assert skipped
    assert all("No key was given for" in one.why[0] for one in skipped)
    assert all(one.state != "failed" for one in outcomes)


@pytest.mark.in_turn
def test_the_command_writes_every_report(
    sandbox: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page, junit = tmp_path / "report.html", tmp_path / "report.xml"
    words = [
        "--sandbox",
        "--standard",
        "json",
        "--html",
        str(page),
        "--junit",
        str(junit),
        "--output",
        "json",
    ]

    code = run(["conform", sandbox, *words])

    report = json.loads(capfd.readouterr().out)
    assert (code, report["is_conforming"], report["failed_count"]) == (0, True, 0)
    assert "All rules hold" in page.read_text()
    suite = etree.parse(junit).getroot()[0]
    assert suite.get("name") == "json"
    assert int(suite.get("tests")) == report["passed_count"]


def test_a_failure_ends_with_1_and_is_told_by_standard_and_rule(
    sandbox: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with faulty_server(sandbox, [FAULTS["sends no trailer"]]) as address:
        code = run(["conform", address, "--sandbox", "--standard", "ndjson", "--output", "table"])

    said = capfd.readouterr()
    assert code == 1
    assert "NDJSON-TRAILER" in said.err
    assert "entries expected" in said.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["http://127.0.0.1:9", "--sandbox", "--standard", "telex"], "standard-unknown"),
        (["http://127.0.0.1:9", "--key", "king=x"], "actor-unknown"),
        (["http://127.0.0.1:9"], "key-missing"),
        (["ftp://127.0.0.1"], "input-unreadable"),
    ],
)
def test_misuse_is_told(
    words: list[str], code: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERAI_KEY", raising=False)
    assert run(["conform", *words, "--output", "json"]) == 2
    assert json.loads(capfd.readouterr().err)["code"] == code


def test_a_folder_of_messages_is_checked_by_standard_and_rule(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parents[2] / "examples"
    for name in ("standards/ceb-order.xml", "messages/declaration.json", "messages/declaration-wco-dec.xml"):
        (tmp_path / Path(name).name).write_bytes((root / name).read_bytes())
    faulty = (root / "standards/ics-entry-summary.xml").read_text().replace(">4<", ">1<")
    (tmp_path / "by-sea.xml").write_text(faulty)
    (tmp_path / "notes.txt").write_text("nothing")

    code = run(["conform", str(tmp_path), "--output", "json"])

    report = json.loads(capfd.readouterr().out)
    states = {
        (standard["standard"], rule["rule"]): rule["state"]
        for standard in report["standards"]
        for rule in standard["rules"]
    }
    assert code == 1
    assert states[("ceb", "valid")] == states[("json", "valid")] == states[("cds", "valid")] == "passed"
    assert states[("ics", "8107")] == states[("unknown", "standard")] == "failed"


STANDARDS = Path(__file__).parents[2] / "examples" / "standards"
BARE_EVENT = (
    b'{"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "type": "ObjectEvent"}'
)


@pytest.mark.parametrize(
    ("content", "name", "standard"),
    [
        *(
            ((STANDARDS / file).read_bytes(), f"message{Path(file).suffix}", standard)
            for file, standard in (
                ("cuscar.edi", "cuscar"),
                ("cardit.edi", "cardit"),
                ("itmatt.xml", "itmatt"),
                ("cusitm.xml", "cusitm"),
                ("cusrsp.xml", "cusrsp"),
                ("epcis-events.json", "epcis"),
                ("epcis-events.xml", "epcis"),
                ("ics-entry-summary.xml", "ics"),
                ("ceb-order.xml", "ceb"),
                ("h7-ioss.xml", "cds"),
            )
        ),
        (BARE_EVENT, "message.json", "epcis"),
        (b'<e:ObjectEvent xmlns:e="urn:epcglobal:epcis:xsd:2"/>', "message.xml", "epcis"),
        (b'{"reference": "A"}', "message.json", "json"),
        (b"<Invoice/>", "message.xml", None),
    ],
)
def test_a_message_says_itself_what_it_is(content: bytes, name: str, standard: str | None) -> None:
    assert choose_standard(Path(name), content, None) == standard


def test_what_a_server_says_cannot_break_the_report() -> None:
    nasty = "<script>alert(1)</script>\x00\ud800"
    report = gather(
        [Outcome("json", "R", "says", "case", "title", "failed", [nasty])],
        subject=nasty,
        at="now",
        version="1",
    )

    assert b"<script>" not in write_html(report)
    assert etree.fromstring(write_junit(report)) is not None

"""`serai decide`: order, exit codes, forms, one decision whatever the way in, the words of the structs."""

import io
import json
import os
import subprocess
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.cli.decide import read_lists_folder
from serai.cli.law_folder import read_chosen_laws
from serai.formats.csv_rows import read_csv
from serai.formats.json_lines import decode_lines
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.text_arrays import array_of
from serai.journey.law_in_force.list_files import list_kind_of
from serai.journey.pipeline import Context, run_pipeline
from serai.journey.recording.decision_json import write_decisions
from serai.laboratory import line_blocks, shared_slots
from serai.laboratory.csv_batches import read_csv_batches
from serai.laboratory.decide_file import Decider, Setup, decide_blocks, read_blocks
from serai.law.book import LawBook
from serai.law.exchange import ExchangeRate
from serai.law.library import load_book
from serai.law.load import decode_table
from serai.model.documents import Consignment
from serai.model.frames import LANES
from tests.cli.parcels_file import EXCHANGE_RATES, invented_lines
from tests.cli.typing_commands import MESSAGES, start, typed
from tests.journey.processing.plain_decisions import build_charges

AT_MS = 1_782_900_000_000  # 1 July 2026, 10:00 UTC


def setup_of(law: str | None = None) -> Setup:
    return Setup(read_chosen_laws(None), {"exchange-rates.csv": EXCHANGE_RATES.encode()}, law, AT_MS)


def answers_of(content: bytes, *, workers_count: int) -> bytes:
    blocks = read_blocks(io.BytesIO(content), "ndjson")
    return b"".join(part.answers for part in decide_blocks(setup_of(), blocks, workers_count=workers_count))


def test_one_answer_a_line_in_the_order_of_the_file(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = invented_lines(300).splitlines()
    lines[7] = b'{"reference": "CUT-OFF", "goods'
    (tmp_path / "parcels.ndjson").write_bytes(b"\n".join(lines))

    said = typed(capfd, "decide", "parcels.ndjson", "--at", "2026-07-01", "--output", "ndjson")

    answers = said.lines()
    assert said.code == 1
    assert [answer["line"] for answer in answers] == list(range(1, 301))
    references = [json.loads(line)["reference"] for line in lines[:7] + lines[8:]]
    assert [answer["reference"] for answer in answers[:7] + answers[8:]] == references
    assert answers[7]["status"] == "rejected"
    assert answers[7]["findings"][0]["code"] == "truncated-json"
    assert {answer["status"] for answer in answers} == {"decided", "rejected"}


@pytest.mark.in_turn
@pytest.mark.parametrize("slot_bytes", [shared_slots.SLOT_BYTES, 50_000], ids=["shared", "piped"])
def test_workers_change_nothing(monkeypatch: pytest.MonkeyPatch, slot_bytes: int) -> None:
    monkeypatch.setattr(line_blocks, "BLOCK_BYTES", 100_000)
    monkeypatch.setattr(shared_slots, "SLOT_BYTES", slot_bytes)
    content = invented_lines(1_000)

    alone = answers_of(content, workers_count=1)
    together = answers_of(content, workers_count=3)

    assert together == alone
    assert len(alone.splitlines()) == 1_000


def test_answers_larger_than_what_workers_share_come_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_blocks, "BLOCK_BYTES", 300)
    monkeypatch.setattr(shared_slots, "SLOT_BYTES", 400)
    content = b"{}\n" * 1_000

    answers = answers_of(content, workers_count=2)

    assert answers == answers_of(content, workers_count=1)
    assert len(answers.splitlines()) == 1_000


def test_blocks_are_cut_between_lines_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"".join(b"%d" % number * 7 + b"\n" for number in range(500)) + b"last without a line end"
    monkeypatch.setattr(line_blocks, "BLOCK_BYTES", 101)

    blocks = list(read_blocks(io.BytesIO(content), "ndjson"))

    assert b"".join(block.content for block in blocks) == content
    assert all(block.content.endswith(b"\n") for block in blocks[:-1])
    numbers = [1 + sum(b.content.count(b"\n") for b in blocks[:place]) for place in range(len(blocks))]
    assert [block.first_line for block in blocks] == numbers


@pytest.mark.in_turn
def test_a_sender_that_waits_for_answers_gets_them(tmp_path: Path) -> None:
    lines = invented_lines(12).splitlines(keepends=True)
    process = start("decide", "-", "--workers", "2", folder=tmp_path, stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None

    answers = []
    for part in (lines[:10], lines[10:11], [lines[11][:100]]):
        process.stdin.write(b"".join(part))
        process.stdin.flush()
        # Of the last part, which is half a line, no answer can come.
        answers += [json.loads(process.stdout.readline()) for line in part if line.endswith(b"\n")]
    rest, _ = process.communicate(lines[11][100:], timeout=60)
    answers.append(json.loads(rest))

    assert [answer["line"] for answer in answers] == list(range(1, 13))
    assert [answer["reference"] for answer in answers] == [json.loads(line)["reference"] for line in lines]


@pytest.mark.in_turn
def test_a_sender_of_csv_that_waits_for_answers_gets_them(tmp_path: Path) -> None:
    header, row, *_ = (MESSAGES / "declarations.csv").read_bytes().splitlines(keepends=True)
    reference = row.partition(b",")[0]
    process = start("decide", "-", "--format", "csv", folder=tmp_path, stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None

    answers = []
    process.stdin.write(header)
    for number in range(6):
        process.stdin.write(row.replace(reference, b"PIPE-%d" % number, 1))
        process.stdin.flush()
        # A parcel is whole when the next one begins.
        if number:
            answers.append(json.loads(process.stdout.readline()))
    rest, _ = process.communicate(timeout=60)
    answers.append(json.loads(rest))

    assert [answer["reference"] for answer in answers] == [f"PIPE-{number}" for number in range(6)]
    assert [answer["line"] for answer in answers] == list(range(1, 7))


@pytest.mark.parametrize("count", [1, 7, 8, 9])
def test_csv_through_a_pipe_is_read_as_from_a_file(tmp_path: Path, count: int) -> None:
    header, row, *_ = (MESSAGES / "declarations.csv").read_bytes().splitlines(keepends=True)
    reference = row.partition(b",")[0]
    rows = [row.replace(reference, b"PIPE-%d" % number, 1) for number in range(count)]
    (tmp_path / "stored.csv").write_bytes(header + b"".join(rows))
    reading, writing = os.pipe()
    os.write(writing, header + b"".join(rows))
    os.close(writing)

    with (tmp_path / "stored.csv").open("rb") as stored, open(reading, "rb") as piped:  # noqa: PTH123
        by_file, by_pipe = list(read_csv_batches(stored, 4)), list(read_csv_batches(piped, 4))

    assert list(chain.from_iterable(by_pipe)) == list(chain.from_iterable(by_file))
    assert max(map(len, by_pipe)) <= 4
    assert [len(batch) for batch in by_file] == [4] * (count // 4) + [count % 4] * (count % 4 > 0)


def test_a_header_at_fault_ends_a_pipe_as_it_ends_a_file() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"reference,colour\nA,red\n")
    with open(reading, "rb") as piped:  # noqa: PTH123
        ((only,),) = read_csv_batches(piped, 4)
    os.close(writing)

    assert "unknown-field" in {finding.code for finding in only.findings}


def test_a_line_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_blocks, "BLOCK_BYTES", 1024 * 1024)
    good = invented_lines(1)
    content = b'{"reference":"' + b"x" * 12_000_000 + b"\n" + good

    blocks = list(read_blocks(io.BytesIO(content), "ndjson"))
    answers = [json.loads(line) for line in answers_of(content, workers_count=1).splitlines()]

    assert max(len(block.content) for block in blocks) < 7_000_000
    assert answers[0]["findings"][0]["code"] == "message-too-large"
    assert answers[1]["reference"] == json.loads(good)["reference"]


def test_every_form_of_a_message_gets_the_same_decision(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [row.document for row in read_csv([(MESSAGES / "declarations.csv").read_bytes()])]
    (tmp_path / "same.ndjson").write_bytes(msgspec.json.Encoder().encode_lines(rows))
    (tmp_path / "one.json").write_bytes(msgspec.json.encode(rows[0]))

    csv = typed(capfd, "decide", MESSAGES / "declarations.csv", "--at", "2026-07-02").lines()
    ndjson = typed(capfd, "decide", "same.ndjson", "--at", "2026-07-02").lines()
    one = typed(capfd, "decide", "one.json", "--at", "2026-07-02").lines()

    assert csv == ndjson
    assert one == ndjson[:1]
    assert all(answer["decision"]["totals"]["tax_amount"] != "0.00" for answer in csv)


def test_the_day_decides_which_law_holds(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = json.loads((MESSAGES / "declaration.json").read_bytes())
    for moment in ("accepted_at", "expected_arrival_at", "purchased_at", "paid_at", "exported_at"):
        document.pop(moment, None)
    (tmp_path / "one.json").write_text(json.dumps(document))

    before = typed(capfd, "decide", "one.json", "--at", "2026-06-30").lines()[0]["decision"]
    after = typed(capfd, "decide", "one.json", "--at", "2026-07-01").lines()[0]["decision"]
    # A quarter past midnight in Dublin is still 30 June in UTC.
    local = typed(capfd, "decide", "one.json", "--at", "2026-07-01T00:15:00+01:00").lines()[0]["decision"]

    assert [one["law"][0]["code"] for one in (before, after, local)] == [
        "EU-2021",
        "EU-2026",
        "EU-2026",
    ]
    assert before["law_on"] == "2026-06-30"
    assert local["law_on"] == "2026-07-01"


def test_a_law_that_was_named_decides_alone(capfd: pytest.CaptureFixture[str]) -> None:
    path = MESSAGES / "declaration.json"

    other = typed(capfd, "decide", path, "--law", "EU-2021", "--at", "2026-07-02").lines()[0]["decision"]
    named = typed(capfd, "decide", path, "--law", "EU-2026", "--at", "2026-07-02").lines()[0]["decision"]
    unknown = typed(capfd, "decide", path, "--law", "EU-VAT")

    assert other["reasons"] == [{"code": "no-law"}]
    assert named["law"][0]["code"] == "EU-2026"
    assert unknown.code == 2
    assert unknown.err.startswith("law-unknown: ")


def test_json_and_table_hold_the_same_consignments(capfd: pytest.CaptureFixture[str]) -> None:
    path = MESSAGES / "declarations.csv"

    as_json = typed(capfd, "decide", path, "--at", "2026-07-02", "--output", "json").json()
    as_lines = typed(capfd, "decide", path, "--at", "2026-07-02", "--output", "ndjson").lines()
    as_table = typed(capfd, "decide", path, "--at", "2026-07-02", "--output", "table").out

    assert as_json == as_lines
    assert f"EUR {as_lines[0]['decision']['totals']['duty_amount']}" in as_table


def test_an_empty_file_is_an_empty_answer(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "none.ndjson").write_bytes(b"")

    assert typed(capfd, "decide", "none.ndjson", "--output", "json").json() == []
    assert typed(capfd, "decide", "none.ndjson").out == ""


def test_a_list_whose_name_says_nothing_is_refused(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "names.csv").write_text("entry_id,name,kind_code\n1,A B,person\n")

    said = typed(capfd, "decide", MESSAGES / "declaration.json", "--lists", "lists")

    assert said.code == 2
    assert said.err.startswith("list-file-unknown: ")


def test_published_rates_as_they_are_shipped_are_a_folder_of_lists() -> None:
    for folder in ("laws/tables/exchange", "examples/lists"):
        files = read_lists_folder(Path(__file__).parents[2] / folder)

        assert files
        assert {list_kind_of(name, content) for name, content in files.items()} == {"exchange-rates"}


def test_a_listed_name_sends_a_parcel_to_review(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    name = json.loads((MESSAGES / "declaration.json").read_bytes())["consignee"]["name"]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "denied-parties-invented.csv").write_text(
        f"entry_id,name,kind_code\n1,{name},person\n"
    )
    command = ("decide", MESSAGES / "declaration.json", "--at", "2026-07-02")

    without = typed(capfd, *command).lines()[0]["decision"]
    listed = typed(capfd, *command, "--lists", "lists").lines()[0]["decision"]

    assert (without["lane"], listed["lane"]) == ("proceed", "review")
    assert {one["code"] for one in listed["reasons"]} - {one["code"] for one in without.get("reasons", ())}


# ---- the text against the structs ----


@pytest.mark.in_turn
def test_the_text_says_what_the_structs_say() -> None:
    book = load_book(
        read_chosen_laws(None),
        exchange_rates=decode_table(EXCHANGE_RATES.encode(), ExchangeRate, "rates"),
    )
    found = decode_lines(invented_lines(1_500).splitlines(), Consignment).documents
    documents = [document for document in found if document is not None]
    lists = Decider(setup_of())._lists
    processed = run_pipeline(
        documents, ["x"] * len(documents), AT_MS, book, lists, context=Context.empty(len(documents))
    )

    texts = array_of(write_decisions(processed, book)).to_pylist()

    assert len(texts) == len(processed.accepted_rows)
    numbers = {"decision_id": "", "mrn": "", "version": 1, "kind": "", "decided_at": ""}
    decisions = [msgspec.convert({**json.loads(text), **numbers}, DecisionOut) for text in texts]
    assert [decision.lane for decision in decisions] == lanes_of(processed.consignments)
    items = list(chain.from_iterable(decision.goods_items for decision in decisions))
    assert [item.lane for item in items] == lanes_of(processed.items)
    charges = list(
        chain.from_iterable(
            [*decision.charges, *chain.from_iterable(item.charges for item in decision.goods_items)]
            for decision in decisions
        )
    )
    assert charges == build_charges(processed.charges, rule_ids_of(processed.charges, book))
    assert len(charges) > 1_000
    assert_reasons(processed, decisions, items)


def assert_reasons(processed: Any, decisions: list[DecisionOut], items: list[Any]) -> None:
    laws = processed.consignments.numbers("law_number").tolist()
    owners = processed.items.numbers("owner").tolist()
    for law, bits, decision in zip(
        laws, processed.consignments.bit_sets("reason_bits").tolist(), decisions, strict=True
    ):
        assert [one.code for one in decision.reasons] == reasons_of(processed, law, bits)
    for owner, bits, item in zip(
        owners, processed.items.bit_sets("reason_bits").tolist(), items, strict=True
    ):
        assert [one.code for one in item.reasons] == reasons_of(processed, laws[owner], bits)


def reasons_of(processed: Any, law: int, bits: int) -> list[str]:
    return [rule for place, rule in enumerate(processed.reason_sets[law].rule_ids) if bits & (1 << place)]


def lanes_of(frame: Any) -> list[str]:
    return [LANES[number] for number in frame.numbers("lane_number").tolist()]


def rule_ids_of(charges: Any, book: LawBook) -> list[str]:
    return [
        book.programs[law].charges[number].charge.rule_id
        for law, number in zip(
            charges.numbers("law_number").tolist(), charges.numbers("charge_number").tolist(), strict=True
        )
    ]

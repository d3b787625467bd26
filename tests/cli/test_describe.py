"""`serai describe`: a file of descriptions in any of its forms, an answer a line."""

import json
from pathlib import Path

import pytest

from tests.cli.typing_commands import typed


def test_a_table_is_described_a_row_an_answer(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(
        "Commodity_Code_Declared,Description\n9503.00.75,gift\n"
        '6109.10,"cotton t-shirt, knitted"\n851713,wooden spoon\n'
    )

    said = typed(capfd, "describe", "--input", "goods.csv", "--output", "ndjson")

    assert said.code == 1
    vague, clear, doubtful = (json.loads(line) for line in said.out.splitlines())
    assert (vague["vague"], vague["terms"], vague["line"]) == (True, ["gift"], 2)
    assert "plush toy" in vague["suggestions"]
    assert (clear["vague"], clear["hs"][0]["code"]) == (False, "610910")
    assert clear["declared"]["verdict"] == "agrees"
    assert doubtful["declared"]["verdict"] == "doubtful"
    assert doubtful["declared"]["suggestion"]["code"].startswith("4419")
    assert "3 descriptions, 1 vague, 1 with a doubtful code, 0 not read." in said.err


def test_lines_of_text_and_of_json_are_the_same(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    texts = ["led desk lamp", "Wollsocken", ""]
    (tmp_path / "a.txt").write_text("\r\n".join(texts) + "\r\n")
    (tmp_path / "b.ndjson").write_text("\n".join(json.dumps({"text": one}) for one in texts))

    first = typed(capfd, "describe", "--input", "a.txt", "--output", "ndjson")
    second = typed(capfd, "describe", "--input", "b.ndjson", "--output", "ndjson")

    assert [json.loads(line)["text"] for line in first.out.splitlines()] == texts
    assert first.out == second.out


def test_a_line_that_cannot_be_read_leaves_its_neighbours_unharmed(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = [
        b'{"description": "socks of wool"}',
        b"{",
        b'"' + b"[" * 5000,
        b"[1]",
        b'{"description": 7}',
        b'"hat"',
    ]
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(lines))

    said = typed(capfd, "describe", "--input", "b.jsonl", "--output", "json")

    assert said.code == 1
    answers = said.json()
    assert ["problem" in one for one in answers] == [False, True, True, True, True, False]
    assert [one["line"] for one in answers] == [1, 2, 3, 4, 5, 6]


def test_bytes_that_are_no_text_are_described_all_the_same(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_bytes(b"\xef\xbb\xbftoys\n\xff\xfe\x00 lamp\n" + b"a" * 3_000_000 + b"\n")

    said = typed(capfd, "describe", "--input", "x.txt", "--output", "ndjson")

    assert len(said.out.splitlines()) == 3


def test_a_column_that_is_not_there_is_said_with_those_that_are(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("name,goods\na,socks\n")

    said = typed(capfd, "describe", "--input", "x.csv", "--column", "item", "--output", "json")
    by_name = typed(capfd, "describe", "--input", "x.csv", "--column", "Goods", "--output", "ndjson")

    assert said.code == 2
    assert "name, goods" in said.err
    assert json.loads(by_name.out)["text"] == "socks"


def test_a_table_for_people(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("gift\n")

    said = typed(capfd, "describe", "--input", "x.txt", "--output", "table")

    assert "gift" in said.out
    assert "yes" in said.out

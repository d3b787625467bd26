"""`serai check`: all faults at once, each with its place in the form the file is in."""

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.typing_commands import MESSAGES, start, typed
from tests.turns import in_turn_but


def test_a_sound_file_has_nothing_to_tell(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "check", MESSAGES / "declarations.csv")

    assert said.code == 0
    assert [row for row in said.json() if row["severity"] == "fault"] == []
    assert "0 with faults" in said.err


def test_all_faults_of_form_and_content_come_at_once(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = json.loads((MESSAGES / "declaration.json").read_bytes())
    second = json.loads((MESSAGES / "declaration.json").read_bytes())
    del first["goods_items"][0]["commodity_code"]
    first["colour"] = "red"
    second["goods_items"][0]["origin_country_code"] = "XX"
    second["goods_items"][0]["invoice_amount"] = "-1.00"
    (tmp_path / "two.ndjson").write_text(f"{json.dumps(first)}\n{json.dumps(second)}\n")

    said = typed(capfd, "check", "two.ndjson", "--format", "ndjson")

    assert said.code == 1
    found = {(row["line"], row["pointer"], row["code"]) for row in said.json() if row["severity"] == "fault"}
    assert {
        (1, "/colour", "unknown-field"),
        (1, "/goods_items/0/commodity_code", "missing-field"),
        (2, "/goods_items/0/origin_country_code", "unknown-country"),
    } <= found
    assert any(line == 2 and pointer == "/goods_items/0/invoice_amount" for line, pointer, _ in found)
    assert all(row["sentence"] and row["remedy"] for row in said.json())


def test_a_fault_in_csv_is_told_by_row_and_column(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with (MESSAGES / "declarations.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    rows[2][rows[0].index("origin_country_code")] = "XX"
    with (tmp_path / "parcels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)

    found = typed(capfd, "check", "parcels.csv").json()

    assert [(row["pointer"], row["code"]) for row in found if row["severity"] == "fault"] == [
        ("row 3, column origin_country_code", "unknown-country")
    ]


@pytest.mark.parametrize("kind", ["order", "payment", "transport-document", "arrival"])
def test_every_kind_of_document_can_be_checked(capfd: pytest.CaptureFixture[str], kind: str) -> None:
    sound = typed(capfd, "check", MESSAGES / f"{kind}.json", "--kind", kind)
    other = typed(capfd, "check", MESSAGES / "declaration.json", "--kind", kind)

    assert (sound.code, sound.json()) == (0, [])
    assert other.code == 1


def test_a_table_tells_the_same(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text('{"reference": "A')

    said = typed(capfd, "check", "cut.json", "--output", "table")

    assert said.code == 1
    assert said.out.startswith("line 1: truncated-json (fault)\n")


def faulty_rows() -> list[bytes]:
    """The example's header, and a faulty parcel a row."""
    header, row, *_ = (MESSAGES / "declarations.csv").read_bytes().splitlines(keepends=True)
    names = header.decode().strip().split(",")
    cells = dict(zip(names, next(csv.reader([row.decode()])), strict=True))
    cells["origin_country_code"] = "XX"
    rows = [[(f"PIPE-{n}" if name == "reference" else cells[name]) for name in names] for n in range(4)]
    return [header, *(",".join(f'"{cell}"' for cell in one).encode() + b"\n" for one in rows)]


def faulty_lines() -> list[bytes]:
    """A faulty parcel a line."""
    parcel = json.loads((MESSAGES / "declaration.json").read_bytes())
    parcel["goods_items"][0]["origin_country_code"] = "XX"
    return [json.dumps({**parcel, "reference": f"PIPE-{n}"}).encode() + b"\n" for n in range(4)]


@pytest.mark.parametrize("output", in_turn_but({"ndjson"}, ["ndjson", "json", "table"]))
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_who_sends_slowly_is_told_what_is_wrong_so_far(tmp_path: Path, form: str, output: str) -> None:
    """The pipe stays open: of CSV a parcel is whole when the next one begins."""
    parts = faulty_rows() if form == "csv" else faulty_lines()
    lag = 2 if form == "csv" else 1
    options: dict[str, Any] = {"folder": tmp_path, "stdin": subprocess.PIPE}
    said = b""
    with start("check", "-", "--format", form, "--output", output, **options) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for number, part in enumerate(parts):
            process.stdin.write(part)
            process.stdin.flush()
            while number >= lag and f"PIPE-{number - lag}".encode() not in said:
                line = process.stdout.readline()
                assert line, said
                said += line
        process.stdin.close()
        said += process.stdout.read()
        assert b"4 messages read, 4 with faults" in process.stderr.read()

    assert process.returncode == 1
    if output != "table":
        rows = json.loads(said) if output == "json" else list(map(json.loads, said.splitlines()))
        faults = [row for row in rows if row["severity"] == "fault"]
        assert [row["reference"] for row in faults] == [f"PIPE-{n}" for n in range(4)]


def test_json_is_one_array_laid_out_as_ever(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "faulty.ndjson").write_bytes(b"".join(faulty_lines()))
    (tmp_path / "nothing.ndjson").write_bytes(b"")

    said = typed(capfd, "check", "faulty.ndjson", "--output", "json")
    nothing = typed(capfd, "check", "nothing.ndjson", "--output", "json")

    assert said.out == f"{json.dumps(said.json(), indent=2, ensure_ascii=False)}\n"
    assert nothing.out == "[]\n"


def test_a_vague_description_is_told_better_words_and_a_code_of_other_goods_is_doubted(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    message = json.loads((MESSAGES / "declaration.json").read_bytes())
    item = message["goods_items"][0]
    message["goods_items"] = [
        {**item, "description": "Gift", "commodity_code": "950300"},
        {**item, "description": "cotton t-shirt, knitted", "commodity_code": "851713", "sequence_number": 2},
    ]
    (tmp_path / "one.json").write_text(json.dumps(message))

    found = {row["code"]: row for row in typed(capfd, "check", "one.json").json()}

    vague, doubtful = found["description-vague"], found["commodity-code-doubtful"]
    assert vague["pointer"] == "/goods_items/0/description"
    assert "plush toy" in vague["remedy"]
    assert vague["parameters"]["terms"] == "gift"
    assert (doubtful["pointer"], doubtful["severity"]) == ("/goods_items/1/commodity_code", "advice")
    assert "610910" in doubtful["sentence"]

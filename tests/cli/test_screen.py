"""`serai screen`: names of a file against lists, a line out for each line in."""

import json
from pathlib import Path

import pytest

from tests.cli.typing_commands import typed
from tests.costs import costs_at_most

LIST = "entry_id,name,kind_code,birth_dates,programmes\nX-1,Zoltan Ferenc Quillbrand,person,1961,EXAMPLE\n"


def test_each_line_is_answered_in_order_and_a_broken_one_says_what_to_do(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text(LIST)
    lines = ['{"name":"Qillbrand, Zoltan","birth_year":1961}', "{broken", '{"name":"Ann","country":"Narnia"}']
    lines += [json.dumps({"name": "x" * 200_000}), '{"name":"Ann Other"}']
    (tmp_path / "names.ndjson").write_text("\n".join(lines) + "\n")

    said = typed(capfd, "screen", "--input", "names.ndjson", "--list", "own.csv", "--output", "ndjson")

    answers = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 1
    assert [(one["line"], one["status"]) for one in answers] == [
        (1, "hit"), (2, "not-read"), (3, "not-read"), (4, "not-read"), (5, "clear")
    ]  # fmt: skip
    (hit,) = answers[0]["hits"]
    assert (hit["entry"], hit["programmes"]) == ("X-1", ["EXAMPLE"])
    assert {"what": "birth-year", "asked": "1961", "listed": "1961"} in hit["agrees"]
    assert all(one["code"] and one["next_step"] for one in answers[1:4])
    assert "5 names against 1 entries, 1 could be on a list, 3 not read." in said.err


def test_a_table_in_several_processes_gives_the_same_as_lines_in_one(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text(LIST)
    names = [f"Person Number{place}" for place in range(4_500)] + ["Zoltan Quillbrandt"]
    (tmp_path / "a.csv").write_text("name,birth_year\n" + "".join(f"{name},1961\n" for name in names))
    (tmp_path / "b.ndjson").write_text(
        "".join(json.dumps({"name": name, "birth_year": 1961}) + "\n" for name in names)
    )

    many = typed(
        capfd, "screen", "--input", "a.csv", "--list", "own.csv", "--workers", "2", "--output", "ndjson"
    )
    one = typed(
        capfd, "screen", "--input", "b.ndjson", "--list", "own.csv", "--workers", "1", "--output", "ndjson"
    )

    def hits(text: str) -> list[list[str]]:
        return [[hit["entry"] for hit in json.loads(line).get("hits", ())] for line in text.splitlines()]

    assert hits(many.out) == hits(one.out)
    assert hits(many.out)[-1] == ["X-1"]
    assert len(hits(many.out)) == 4_501


def test_tricks_with_letters_find_nobody_else_and_take_no_time(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text(LIST)
    tricks = [
        "Z\u043elt\u0430n Quillbr\u0430nd",  # Cyrillic letters that look the same
        "Z\u03bflt\u03b1n Quillbr\u03b1nd",  # Greek ones
        "\u202eZoltan\u202c Quill\u200bbrand",
    ]
    long = ["a" * 10_000, "\u202e" * 9_990 + "Zoltan", "Zoltan " * 1_400, "\u0436" * 10_000]
    lines = [json.dumps({"name": name}) for name in [*tricks, *long]]
    (tmp_path / "names.ndjson").write_text("\n".join(lines) + "\n")

    with costs_at_most(cpu_s=10):
        said = typed(capfd, "screen", "--input", "names.ndjson", "--list", "own.csv", "--output", "ndjson")

        answers = [json.loads(line) for line in said.out.splitlines()]
        assert [one["status"] for one in answers[:3]] == ["hit"] * 3
        assert len(answers) == 7


def test_a_broken_list_is_refused(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "own.xml").write_text("<export/>")
    (tmp_path / "names.ndjson").write_text('{"name":"Ann"}\n')

    said = typed(capfd, "screen", "--input", "names.ndjson", "--list", "own.xml", "--output", "ndjson")

    assert said.code == 2
    assert "list-file" in said.err

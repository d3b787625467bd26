"""`serai token verify` on files, without a database."""

import json
from pathlib import Path

import pytest

from tests.cli.typing_commands import typed
from tests.journey.tax_paid.tokens import key_set, status_list, token

AT = ("--at", "2026-11-30", "--administration", "DE", "--output", "json")


def test_tokens_of_a_file_are_told_one_by_one(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("tokens", "keys", "list", "declaration")}
    files["tokens"].write_text(f"{token()}\n\n{token(index=3)}\r\nnonsense \u00e4\n")
    files["keys"].write_bytes(key_set())
    files["list"].write_text(status_list(0, 0, 0, 3))
    given = ("--keys", files["keys"], "--status-list", files["list"])

    said = typed(capfd, "token", "verify", files["tokens"], *given, *AT)
    rows = json.loads(said.out)

    assert said.code == 1
    assert [(one["line"], one["valid"]) for one in rows] == [(1, True), (3, False), (4, False)]
    assert [[each["code"] for each in one["reasons"]] for one in rows] == [[], ["used"], ["unreadable"]]
    assert rows[0]["paid"] == {"cur": "EUR", "dty": "0.00", "tax": "4.43"}

    files["tokens"].write_text(token())
    assert typed(capfd, "token", "verify", files["tokens"], *given, *AT).code == 0
    files["declaration"].write_bytes(
        (Path(__file__).parents[2] / "examples/messages/declaration.json").read_bytes()
    )
    said = typed(
        capfd, "token", "verify", files["tokens"], *given, *AT, "--declaration", files["declaration"]
    )
    (row,) = json.loads(said.out)
    assert (said.code, [each["code"] for each in row["reasons"]]) == (1, ["other-goods"])
    assert {one["field"] for one in row["mismatches"]} >= {"order_reference", "scheme_number"}
    table = typed(capfd, "token", "verify", files["tokens"], *given, *AT[:4], "--output", "table")
    assert (table.code, "ioss" in table.out) == (0, True)


def test_a_file_without_a_token_is_an_error(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(key_set())
    (tmp_path / "tokens").write_text("\n")

    said = typed(capfd, "token", "verify", tmp_path / "tokens", "--keys", tmp_path / "keys", *AT)

    assert (said.code, "token-file-empty" in said.err) == (2, True)

"""`serai recall`: an operator recalls goods, lists recalls, and cannot confirm what is not counted."""

import json
from pathlib import Path

import pytest

from tests.cli.typing_commands import typed


@pytest.fixture
def node(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SERAI_DATABASE_DSN", database)
    return database


@pytest.mark.usefixtures("node")
def test_goods_are_recalled_listed_and_ended(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, wide = tmp_path / "recall.json", tmp_path / "wide.json"
    recall = {"reference": "R-1", "reason_code": "small-magnets", "rule": {"hs_prefixes": ["9503"]}}
    path.write_text(json.dumps(recall))
    wide.write_text(json.dumps(recall | {"reference": "R-2", "rule": {"origin_country_codes": ["CN"]}}))

    made = typed(capfd, "recall", "declare", str(path)).json()
    refused = typed(capfd, "recall", "declare", str(wide))
    early = typed(capfd, "recall", "confirm", made["recall"], "--expected-count", "0")
    listed = typed(capfd, "recall", "list").json()
    ended = typed(capfd, "recall", "end", made["recall"]).json()

    assert (made["reference"], made["state"], made["hits"]) == ("R-1", "counting", None)
    assert "recall-rule-too-wide" in refused.err
    assert "recall-not-counted" in early.err
    assert [one["recall"] for one in listed] == [made["recall"]]
    assert ended["state"] == "ended"

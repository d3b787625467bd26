"""`serai quality`: a score for each declaration, and what costs it points."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.typing_commands import MESSAGES, typed


def documents(path: Path, *changed: dict[str, Any]) -> Path:
    sound = json.loads((MESSAGES / "declaration.json").read_bytes())
    path.write_text("".join(f"{json.dumps(sound | one)}\n" for one in changed))
    return path


def test_each_declaration_is_scored_and_told_what_costs_it(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = documents(tmp_path / "two.ndjson", {}, {"reference": "POOR-1", "sale_nature_code": "not-stated"})

    said = typed(capfd, "quality", file.name)

    whole, poor = said.json()
    assert said.code == 0
    assert poor["score"] < whole["score"] <= 100
    lost = {one["code"]: one for one in poor["lost"]}
    assert lost["sale-nature-missing"] == {
        "code": "sale-nature-missing", "field": "sale_nature_code", "points": 8.0,
    }  # fmt: skip
    points = sum(one["points"] for one in poor["lost"])
    assert poor["score"] == int((poor["asked_points"] - points) * 100 / poor["asked_points"])
    assert "2 declarations read, 2 scored" in said.err


def test_a_faulty_declaration_has_no_score_but_its_faults(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = documents(tmp_path / "two.ndjson", {"logistics_channel_code": "pigeon"}, {})

    said = typed(capfd, "quality", file.name, "--output", "ndjson")

    faulty, sound = map(json.loads, said.out.splitlines())
    assert said.code == 1
    assert (faulty["score"], faulty["faults"]) == (None, ["unknown-channel"])
    assert sound["score"] is not None

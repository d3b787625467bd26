"""The public kit, run as anyone would run it: against a server, by its own program."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conformance.node import RunningNode

KIT = Path(__file__).parents[2] / "conformance"


def run_kit(address: str, key: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py", address],
        cwd=KIT,
        env={**os.environ, "SERAI_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_message_of_the_kit_is_answered_as_expected(node: RunningNode) -> None:
    """The second time every message is a repeat, with the same decisions."""
    for _ in range(2):
        said = run_kit(node.address, node.key)

        assert said.returncode == 0, said.stdout + said.stderr
        assert said.stdout.count("passed") == len(list(KIT.rglob("*.expected.json"))) == 7


def test_a_wrong_key_fails_every_message(node: RunningNode) -> None:
    said = run_kit(node.address, "serai_64_of-nobody")

    assert said.returncode == 1
    assert "passed" not in said.stdout

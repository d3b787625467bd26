"""The command itself: help, exit codes, how errors are told; heavy modules wait until they are needed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from serai.cli.main import app
from tests.cli.parcels_file import invented_lines
from tests.cli.typing_commands import start, typed


def test_help_names_every_noun(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "--help")

    assert said.code == 0
    assert all(
        word in said.out for word in ("decide", "check", "verify", "law", "party", "migrate", "settings")
    )


def test_help_imports_no_heavy_module() -> None:
    program = (
        "import sys; from serai.cli.main import run; run(['--help']);"
        "heavy = {'numpy', 'pyarrow', 'polars', 'psycopg', 'sqlglot', 'litestar', 'lxml', 'cryptography'};"
        "sys.exit(' '.join(sorted(heavy & sys.modules.keys())) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_can_be_imported_and_says_what_it_does() -> None:
    text = app.generate_docs("markdown")

    for words in ("serai decide", "serai law test", "serai party revoke", "serai list check"):
        assert f"`{words}`" in text or words in text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nonsense",), "command-misused"),
        (("decide",), "command-misused"),
        (("decide", "absent.ndjson"), "input-unreadable"),
        (("decide", "absent.ndjson", "--at", "yesterday"), "at-unreadable"),
        (("decide", "absent.ndjson", "--at", "2026-07-01T08:00:00"), "at-unreadable"),
        (("decide", "absent.docx"), "format-unknown"),
        (("check", "absent.ndjson", "--kind", "letter"), "kind-unknown"),
        (("law", "show", "EU-2062"), "law-unknown"),
        (("law", "list", "--laws", "absent"), "law-folder-missing"),
        (("verify", "absent.json"), "log-key-needed"),
    ],
)
def test_an_error_is_one_plain_line_or_one_problem_object(
    capfd: pytest.CaptureFixture[str], words: tuple[str, ...], code: str
) -> None:
    plain = typed(capfd, *words)
    problem = typed(capfd, *words, "--output", "json")

    assert (plain.code, problem.code) == (2, 2)
    assert (plain.out, problem.out) == ("", "")
    assert plain.err.startswith(f"{code}: ")
    assert plain.err.count("\n") == 1
    told = json.loads(problem.err)
    assert told["code"] == code
    assert told["next_step"]


@pytest.mark.in_turn
def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path) -> None:
    (tmp_path / "parcels.ndjson").write_bytes(invented_lines(2_000))
    process = start("decide", "parcels.ndjson", "--at", "2026-07-01", folder=tmp_path)
    assert process.stdout is not None
    process.stdout.read(100)
    process.stdout.close()
    assert process.stderr is not None

    said = process.stderr.read().decode()
    process.stderr.close()

    assert said == ""
    assert process.wait(timeout=60) == 2


@pytest.mark.in_turn
def test_ctrl_c_ends_all_processes_without_a_traceback(tmp_path: Path) -> None:
    answers = tmp_path / "answers.ndjson"
    with answers.open("wb") as out:
        process = start(
            "decide",
            "-",
            "--workers",
            "2",
            folder=tmp_path,
            stdin=subprocess.PIPE,
            stdout=out,
            process_group=0,
        )
    assert process.stdin is not None
    # Several blocks, so that workers are at work; the end of the input never comes.
    process.stdin.write(invented_lines(2_000) * 12)
    process.stdin.flush()
    assert _within_a_minute(lambda: answers.stat().st_size > 0)

    # As a terminal does: to the whole group.
    subprocess.run(["kill", "-INT", "--", f"-{process.pid}"], check=True)
    process.wait(timeout=60)

    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.stderr.close()
    process.stdin.close()
    assert (process.returncode, said) == (130, "")
    assert _within_a_minute(lambda: _is_gone(process.pid))


def _is_gone(group: int) -> bool:
    return subprocess.run(["pgrep", "-g", str(group)], capture_output=True, check=False).returncode == 1


def _within_a_minute(holds: Callable[[], bool]) -> bool:
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.1)
    return False

"""What the pages tell people to type works, and prints what the pages show.

How a page marks a block is said in docs/how-to/write-documents.md.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from serai.foundation.postgres_process import is_alive

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console( slow| shown)?\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
LONGER_FENCE = re.compile(r"^(`{4,})[^\n]*\n.*?^\1\s*$", re.MULTILINE | re.DOTALL)
SECONDS_MAX = 300
OF_SECONDS = {"write-a-law-pack", "check-a-standard-message", "quote-a-basket"}
"""How-tos whose commands take some seconds."""


class Step(NamedTuple):
    """A command and the output that the page shows below it."""

    command: str
    shown: str


class Script(NamedTuple):
    """All blocks of one page that are run together, since a later one builds upon an earlier one."""

    page: Path
    steps: list[Step]
    slow: bool


def read_scripts() -> list[Script]:
    scripts = []
    for page in sorted((ROOT / "docs").rglob("*.md")):
        blocks = BLOCK.findall(LONGER_FENCE.sub("", page.read_text("utf-8")))
        steps = [step for mark, text in blocks if mark != " shown" for step in read_steps(text)]
        if steps:
            scripts.append(Script(page, steps, slow=any(mark == " slow" for mark, _ in blocks)))
    return scripts


def read_steps(text: str) -> list[Step]:
    """Cut a block at its `$ ` lines; make commands are left to the test of the Makefile."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0].strip(), "a console block begins with `$ `"
    steps = [Step(*part.split("\n", 1)) for part in parts[1:]]
    return [step for step in steps if not step.command.startswith("make ")]


def same(shown: str, printed: str) -> bool:
    """Compare line by line; `...` alone on a line stands for any lines, within a line for any letters."""
    lines = [re.escape(line.rstrip()).replace(re.escape("..."), ".*") for line in shown.strip().splitlines()]
    pattern = "\n".join(lines).replace("\n.*\n", "\n(?:.*\n)*?")
    pattern = re.sub(r"\n\.\*$", r"(?:\n.*)*", re.sub(r"^\.\*\n", r"(?:.*\n)*?", pattern))
    text = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


def marks_of(script: Script) -> list[pytest.MarkDecorator]:
    """Return when a page's commands run, where not always. A newcomer follows the tutorials first: they run
    always, servers and all."""
    if script.page.parent.name == "tutorial":
        return []
    if script.slow:
        return [pytest.mark.slow]
    return [pytest.mark.in_turn] if script.page.stem in OF_SECONDS else []


SCRIPTS = [
    pytest.param(
        script,
        id=script.page.relative_to(ROOT).as_posix(),
        marks=marks_of(script),
    )
    for script in read_scripts()
]


def test_pages_have_commands_to_run() -> None:
    """Blocks that are no longer recognised would leave the test below with nothing to run."""
    assert (ROOT / "docs/tutorial/first-parcel.md") in {script.page for script in read_scripts()}
    assert any(not script.slow for script in read_scripts())


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_commands_of_a_page_work_and_print_what_it_shows(script: Script, tmp_path: Path) -> None:
    for folder in ("laws", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    environment = {
        # What the gate sets for the tests is no setting of the server.
        **{name: value for name, value in os.environ.items() if not name.startswith("SERAI_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "SERAI_DATA_FOLDER": str(tmp_path / "data"),
    }

    try:
        for step in script.steps:
            done = run_command(step.command, tmp_path, environment)
            expected = 1 if "exit 1" in step.shown.splitlines()[-1:] else 0

            assert done.returncode == expected, f"{step.command}\n{done.stdout}{done.stderr}"
            shown = step.shown.removesuffix("exit 1\n")
            assert not shown.strip() or same(shown, done.stdout), f"{step.command}\n{done.stdout}"
    finally:
        end_server(tmp_path)


def end_server(folder: Path) -> None:
    """End the server of a page that failed half-way, and wait for it: its folder goes now, its port is
    needed."""
    if not (folder / "server.pid").exists():
        return
    process_id = int((folder / "server.pid").read_text())
    end_s = time.monotonic() + SECONDS_MAX
    while is_alive(process_id) and time.monotonic() < end_s:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGTERM)
        time.sleep(0.2)


def run_command(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", command.removeprefix("uv run ")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


@pytest.mark.parametrize(
    ("shown", "printed", "verdict"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\n", "a\nb\nc\n", True),
        ("...\nc\n", "a\nb\nc\n", True),
        ("took ... s\n", "took 1.5 s\n", True),
        ("took ... s\n", "took 1.5 min\n", False),
        ("a (b)\n", "a (b)\n", True),
    ],
)
def test_shown_and_printed_are_compared_with_dots_as_gaps(shown: str, printed: str, verdict: bool) -> None:
    assert same(shown, printed) is verdict


def test_a_block_is_cut_into_its_commands() -> None:
    steps = read_steps("$ serai law list\nEU\n$ make demo\n$ serai --version\n")

    assert steps == [Step("serai law list", "EU\n"), Step("serai --version", "")]

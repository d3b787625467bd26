"""What a shell completes, and the groups of the help."""

import shutil
import subprocess

import pytest

from serai.cli.completion import Shell
from serai.cli.main import EVIDENCE, FILES, app
from tests.cli.typing_commands import typed

COMPLETED = """
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _serai; echo "${COMPREPLY[@]}"; }
complete_words serai law ch
complete_words serai decide --for
complete_words serai decide x --output ""
"""


def test_bash_completes_commands_options_and_values(capfd: pytest.CaptureFixture[str]) -> None:
    script = typed(capfd, "completion", "bash")

    # By standard input: a shell takes no argument of this length.
    done = subprocess.run(
        ["bash", "-s"], input=script.out + COMPLETED, capture_output=True, text=True, check=True
    )

    assert (script.code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["check", "--format", "table json ndjson"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_what_is_printed(capfd: pytest.CaptureFixture[str], shell: Shell) -> None:
    script = typed(capfd, "completion", shell)

    assert script.code == 0
    assert "drop-folder" in script.out
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=script.out, text=True, check=True)


def test_every_command_stands_in_a_group_of_the_help(capfd: pytest.CaptureFixture[str]) -> None:
    said = typed(capfd, "--help").out
    loose = said.partition("Files, without a server")[0]

    assert all(name.startswith("-") or app[name].group for name in app)
    assert "decide" not in loose
    assert said.index(FILES.name) < said.index(EVIDENCE.name)

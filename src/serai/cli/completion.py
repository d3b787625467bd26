"""`serai completion`: a script by which a shell completes commands, options and their values."""

import sys
from typing import Literal

Shell = Literal["bash", "zsh", "fish"]


def completion(shell: Shell) -> None:
    """Print a completion script.

    Parameters
    ----------
    shell
        For which shell.
    """
    # Here, as it imports the module of every command.
    from serai.cli.main import app  # noqa: PLC0415

    sys.stdout.write(app.generate_completion(prog_name="serai", shell=shell))

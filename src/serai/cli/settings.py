"""`serai settings`: every setting, its value, its meaning and where the value came from."""

import msgspec

from serai.cli.output import OutputOption, choose_output, print_rows
from serai.foundation.settings_reading import list_settings, read_settings_here


def settings(*, output: OutputOption = None) -> int:
    """List every setting, its value and where it came from. Passwords are masked."""
    rows = [msgspec.to_builtins(line) for line in list_settings(read_settings_here())]
    print_rows(rows, choose_output(output), ("name", "value", "unit", "source", "meaning"))
    return 0

"""One page of all settings: name, environment variable, type, default, unit, meaning."""

from itertools import groupby
from typing import Any

from tools.reference.layout import MARK, cell, module

INTRO = (
    "Read once at the start from `serai.toml` in the current folder, or the file that `SERAI_CONFIG` names. "
    "An environment variable overrules the file. A name that is not here is an error. `serai settings` shows "
    "which value holds and where it came from."
)
HEAD = "| name | environment variable | type | default | unit | meaning |\n|---|---|---|---|---|---|\n"


def build_pages() -> dict[str, str]:
    """Return the page of settings, a section for each table of the file."""
    structs = module("serai.foundation.settings")
    reading = module("serai.foundation.settings_reading")
    if structs is None or reading is None:
        return {}
    lines = reading.list_settings(structs.Settings())
    sections = []
    for name, group in groupby(lines, key=lambda line: line.name.split(".")[0]):
        rows = "".join(row(line) for line in group)
        sections.append(f"## `[{name}]`\n\n{HEAD}{rows}")
    return {"reference/settings.md": "\n".join([MARK, "# Settings\n", f"{INTRO}\n", *sections])}


def row(line: Any) -> str:
    """Return the row of one SettingLine."""
    name = line.name.split(".", 1)[1]
    default = f"`{cell(line.default)}`" if line.default else "empty"
    words = (f"`{name}`", f"`{line.environment_variable}`", line.type, default, line.unit, cell(line.meaning))
    return f"| {' | '.join(words)} |\n"

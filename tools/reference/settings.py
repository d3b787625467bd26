"""One page of all settings: name, environment variable, type, default, unit, meaning."""

from itertools import groupby

from tools.reference.layout import MARK, cell, module

INTRO = (
    "Read once at the start from `serai.toml` in the current folder, or the file that `SERAI_CONFIG` names; an "
    "environment variable overrules the file. A name that is not here is an error. `serai settings` shows which "
    "value holds and where it came from."
)


def build_pages() -> dict[str, str]:
    """Return the page of settings, a section for each table of the file."""
    structs = module("serai.foundation.settings")
    reading = module("serai.foundation.settings_reading")
    if structs is None or reading is None:
        return {}
    lines = reading.list_settings(structs.Settings())
    sections = []
    for name, group in groupby(lines, key=lambda line: line.name.split(".")[0]):
        rows = "".join(
            f"| `{line.name.split('.', 1)[1]}` | `{line.environment_variable}` | {line.type} "
            f"| {f'`{cell(line.default)}`' if line.default else 'empty'} | {line.unit} | {cell(line.meaning)} |\n"
            for line in group
        )
        head = (
            "| name | environment variable | type | default | unit | meaning |\n|---|---|---|---|---|---|\n"
        )
        sections.append(f"## `[{name}]`\n\n{head}{rows}")
    return {"reference/settings.md": "\n".join([MARK, "# Settings\n", f"{INTRO}\n", *sections])}

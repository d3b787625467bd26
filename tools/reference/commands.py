"""One page of all commands, written by cyclopts from `serai.cli.main.app`."""

from tools.reference.layout import MARK, module


def build_pages() -> dict[str, str]:
    """Return the page of commands."""
    main = module("serai.cli.main")
    if main is None:
        return {}
    text = str(main.app.generate_docs("markdown", heading_level=1, max_heading_level=4))
    # A block marked `console` is typed by the tests; a usage line is nothing to type.
    usage = text.replace("```console\n", "```text\n")
    lines = "\n".join(line.rstrip() for line in usage.splitlines())
    return {"reference/commands.md": f"{MARK}\n{lines.strip()}\n"}

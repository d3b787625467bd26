"""One page of the columns of a batch, from `serai.model.frames`."""

from collections.abc import Sequence

from serai.model import frames

from tools.reference.layout import MARK, cell

_INTRO = """What the stages hand on: each adds columns, none is ever changed. `int64` carries its unit in
its name: `_minor` are minor units of a currency, `_micro` millionths of its unit, `_at` milliseconds of UTC
since 1970, `_on` local days since 1970. `flag` is true or false, `coded` is text by number. A number that was
not given is -2^63, a text that was not given has code -1."""


def build_pages() -> dict[str, str]:
    """Return the page, a section for each frame."""
    sections = [
        _section("Consignments", frames.CONSIGNMENTS),
        _section("Goods items", frames.GOODS_ITEMS),
        _section("Charges", frames.CHARGES),
        _section("Findings", frames.FINDINGS),
        f"## Places\n\nLanes, from the lightest: {_places(frames.LANES)}.\n",
        f"Statuses: {_places(frames.STATUSES)}.\n",
    ]
    return {"reference/frames.md": "\n".join([MARK, "# Frames", "", _INTRO, "", *sections])}


def _section(title: str, columns: Sequence[frames.ColumnMeaning]) -> str:
    rows = "".join(
        f"| `{column.name}` | {column.type} | {column.stage} | {cell(column.meaning)} |\n"
        for column in columns
    )
    return f"## {title}\n\n| column | type | stage | meaning |\n|---|---|---|---|\n{rows}"


def _places(words: Sequence[str]) -> str:
    return ", ".join(f"{place} `{word}`" for place, word in enumerate(words))

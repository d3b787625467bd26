"""The page that lists every form and standard: what is read and written, checked, converted, spoken, unsure.

All comes from the values of the standards, their shares from the pages that state them.
"""

import re
from collections.abc import Iterable

from serai.formats.registry import FORMATS
from serai.formats.standard import Standard
from serai.formats.standards import STANDARDS

from tools.reference.layout import DOCS, MARK, cell

FOLDER = "reference/formats"


def build_pages() -> dict[str, str]:
    """Return the page."""
    return {f"{FOLDER}/index.md": _page()}


def _page() -> str:
    forms = "".join(
        f"| {form.name} | `{form.media_types[0]}` | {_listed(form.kinds)} | "
        f"{'many' if form.is_many else 'one'} |\n"
        for form in FORMATS.values()
    )
    rows = "".join(_row(one) for one in STANDARDS if one.described.page)
    return (
        f"{MARK}\n# Forms and standards\n\nHow a message becomes a document of ours and is answered: "
        "[Intake](../../explanation/intake.md). What a message has and no field holds is kept or refused, "
        "and reported: nothing is dropped in silence.\n\n## Forms of our own\n\nSent to the routes of the "
        "documents; fields: [messages](../messages.md).\n\n| form | content type | documents | one message "
        f"holds |\n|---|---|---|---|\n{forms}\nWCO DEC comes many at a time, too: in "
        "`multipart/mixed`.\n\n## Standards\n\n| standard | messages | check | convert "
        "from | convert to | message exchange | mapped | unverified |\n|---|---|---|---|---|---|---|---|\n"
        f"{rows}\n- **check**: `serai check FILE --format NAME`, or the page `/check` of a server.\n"
        "- **convert**: `serai convert FILE --from A --to B`: [how](../../how-to/convert-a-message.md).\n"
        "- **message exchange**: `POST /v1/messages/{standard}`, `GET /v1/messages/{standard}/answers`.\n"
        "- **mapped**: the share of elements with a value, in published samples, that fill a named field. "
        "The page of the standard says how it is counted and lists what is kept.\n"
        "- **unverified**: what no real message or official text has confirmed yet.\n"
    )


def _row(one: Standard) -> str:
    told = one.described
    has_page = (DOCS / FOLDER / told.page).exists()
    title = f"[{one.title}]({told.page})" if has_page else one.title
    exchange = f"`{one.name}`" if one.exchange is not None else told.elsewhere
    if exchange and told.how:
        exchange = f"{exchange}: [how]({told.how})"
    reads = _named(one.conversions)
    writes = _named(name for name, form in one.conversions.items() if form.write is not None)
    checks = f"`{one.name}`" if one.check is not None else ""
    shares = "; ".join(words.format(_figure(page, pattern)) for words, page, pattern in told.shares)
    cells = (title, told.carries, checks, reads, writes, exchange, shares, told.unsure)
    return f"| {' | '.join(cell(text) or '-' for text in cells)} |\n"


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(kind.replace("-", " ") for kind in kinds)


def _figure(page: str, pattern: str) -> str:
    found = re.search(pattern, (DOCS / FOLDER / page).read_text(encoding="utf-8"))
    assert found is not None, f"{page} does not state {pattern}"
    return found[1]

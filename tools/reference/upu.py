"""The page of ITMATT, CUSITM and CUSRSP that follows from their data: elements, sources, fields, codes."""

from serai.formats.upu.codes import codes
from serai.formats.upu.facts import Element, facts

from tools.reference.layout import MARK, cell

_SOURCES = {
    "cds": "a client of CDS",
    "cn23": "a client of CDS; meaning from CN 23",
    "ours": "ours",
}


def build_pages() -> dict[str, str]:
    """Return the page of elements and codes."""
    return {"reference/formats/upu-elements.md": _page()}


def _page() -> str:
    known = facts()
    editions = "".join(f"- {name.upper()}: {edition}\n" for name, edition in known.editions.items())
    sources = "".join(f"- {source}\n" for source in known.sources)
    return (
        f"{MARK}\n# Elements of ITMATT, CUSITM and CUSRSP\n\nEach element, how often it may stand in its "
        "record, where its name comes from, whether a real message has confirmed it, and the field it is "
        "read into. What has no field is kept with the item; what is technical (of the sender's own system) "
        f"is not told. Editions:\n\n{editions}\nPublic sources, facts taken from them:\n\n{sources}\n"
        f"{''.join(_record(name, record) for name, record in known.records.items())}{_codes()}"
    )


def _record(name: str, elements: list[Element]) -> str:
    rows = "".join(_row(element) for element in elements)
    return (
        f"## {name}\n\n| element | times | form | name from | verified | read into |\n"
        f"|---|---|---|---|---|---|\n{rows}\n"
    )


def _row(element: Element) -> str:
    times = f"{element.least} to {element.most or 'any'}"
    form = element.type if element.is_leaf else f"record {element.type}"
    if element.characters_max:
        form += f", {element.characters_max} characters"
    if element.fixed is not None:
        form += f", always `{element.fixed}`"
    verified = "yes" if element.verified else "no"
    return (
        f"| `{element.name}` | {times} | {form} | {_SOURCES[element.source]} | {verified} "
        f"| {_reading(element)} |\n"
    )


def _reading(element: Element) -> str:
    if element.to is not None:
        return f"`{element.to}`"
    if not element.is_leaf or element.fixed is not None:
        return ""
    return "kept, technical" if element.is_technical else "kept unread, reported"


def _codes() -> str:
    known = codes()
    natures = "".join(f"| {one.code} | {one.word} | `{one.sale_nature_code}` |\n" for one in known.nature)
    decisions = "".join(
        f"| `{one.code}` | {one.state.replace('_', ' ')} | {cell(one.sentence)} |\n"
        for one in known.decisions
    ) + "".join(
        f"| `{one.code}` | before loading: {one.outcome} | {cell(one.sentence)} |\n"
        for one in known.preloading
    )
    acts = "".join(f"| {one.code} | {one.act} |\n" for one in known.acts)
    extra = "".join(
        f"| `{theirs}` | {where} | `{ours}` |\n"
        for where, names in known.extra_fields.items()
        for theirs, ours in names.items()
    )
    return (
        "## Codes\n\nOf `src/serai/formats/upu/codes.yaml`, which says which of them are verified.\n\n"
        f"NatureTypeCd:\n\n| code | word | sale_nature_code |\n|---|---|---|\n{natures}\n"
        f"EntityState of an item:\n\n| code | asks to |\n|---|---|\n{acts}\n"
        f"Extra fields by our names:\n\n| name | in | read into |\n|---|---|---|\n{extra}\n"
        f"DecisionCd of our answers:\n\n| code | state | what it says |\n|---|---|---|\n{decisions}"
    )

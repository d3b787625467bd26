"""The pages of the ICS standard that follow from its data: rules with sentences, elements with fields."""

from serai.formats.ics.read import mapped_to
from serai.formats.ics.rules import Rule, read_rules
from serai.formats.ics.schema import read_elements
from serai.formats.ics.sentences import render
from serai.model.findings import Finding

from tools.reference.layout import MARK, cell


def build_pages() -> dict[str, str]:
    """Return the page of rules and the page of elements."""
    return {
        "reference/formats/ics-rules.md": _rules_page(),
        "reference/formats/ics-elements.md": _elements_page(),
    }


def _rules_page() -> str:
    rows = "".join(
        _rule_row(rule) for rule in sorted(read_rules(), key=lambda rule: (rule.number, rule.place))
    )
    return (
        f"{MARK}\n# Rules of ICS\n\nWhat has to be true of an entry summary declaration, by the number a "
        "breach is answered with. Place and condition name elements by their tags; the words of conditions "
        "are in `src/serai/formats/ics/condition.py`.\n\n"
        "| number | of the standard | place | edition | has to be true | said | what to do |\n"
        f"|---|---|---|---|---|---|---|\n{rows}"
    )


def _rule_row(rule: Rule) -> str:
    parameters = {"says": rule.says, "element": rule.place.rpartition("/")[2] or "message"}
    field = rule.requires.rpartition(" or present(")[2].removesuffix(")")
    said = render(Finding(rule.number, "", parameters=parameters | {"field": field}))
    assert said is not None
    edition = "both" if len(rule.editions) > 1 else rule.editions[0]
    condition = rule.requires.replace("|", "\\|")
    return (
        f"| {rule.number} | {rule.named or ''} | `{rule.place}` | {edition} | `{condition}` "
        f"| {cell(said.sentence)} | {cell(said.remedy)} |\n"
    )


def _elements_page() -> str:
    rows = "".join(
        f"| {row['message']} | `{row['path']}` | {row['named']} | {_count(row)} | {row['type']} "
        f"| {_reading(row['path'])} |\n"
        for row in read_elements()
        if row["type"]
    )
    return (
        f"{MARK}\n# Elements of ICS\n\nEach element that holds a value, how often it may stand in what it "
        "stands in, its form, and the field of a transport document that it is read into. What has none is "
        "kept unread and named; none is refused.\n\n"
        "| message | element | named | times | form | read into |\n|---|---|---|---|---|---|\n"
        f"{rows}"
    )


def _count(row: dict[str, str]) -> str:
    least = row["min_count"]
    if row["min_count_old"] != least:
        least = f"{least} (old edition {row['min_count_old']})"
    return f"{least} to {row['max_count'] or 'any'}"


def _reading(path: str) -> str:
    field = mapped_to(path)
    return (
        "kept unread" if field is None else f"`{field}`" if not field.startswith("(") else field.strip("()")
    )

"""The page of the public suite: its rules by standard, each with its cases, and who speaks in them."""

from serai.laboratory.conform.suite import Standard, read_suite
from serai.laboratory.sandbox import PARTIES

from tools.reference.layout import DOCS, MARK, cell

_INTRO = """What a server of Serai's interface has to do, by standard and rule. `serai conform` runs the cases
against any server ([how to](../how-to/test-your-system.md)); the data lie in `conformance/`, one folder for
each standard."""

_PARTIES = """Cases speak as these parties. A sandbox (`serai serve --sandbox`) has them with keys that are
published here, so that anybody's system can be tried against it; every answer says `Serai-Environment: test`.
Where answers have legal effect, a sandbox is refused, and so is a start on a database that was one."""


def build_pages() -> dict[str, str]:
    """Return the page."""
    standards = read_suite(DOCS.parent / "conformance")
    rules = sum(len(one.rules) for one in standards)
    cases = sum(len(one.cases) for one in standards)
    parties = "".join(
        f"| `{one.name}` | {cell(one.about)} | {', '.join(sorted(one.roles))} "
        f"| {', '.join(sorted(one.scopes))} | `{one.key}` |\n"
        for one in PARTIES
    )
    return {
        "reference/conformance.md": (
            f"{MARK}\n# Conformance\n\n{_INTRO}\n\n"
            f"{len(standards)} folders, {rules} rules, {cases} cases.\n\n"
            f"## Parties\n\n{_PARTIES}\n\n"
            f"| party | does | roles | scopes | published key |\n|---|---|---|---|---|\n{parties}\n"
            + "".join(_standard(one) for one in standards)
        )
    }


def _standard(standard: Standard) -> str:
    rows = "".join(
        f"| `{rule.id}` | {cell(rule.says)} | {_cases(standard, rule.id)} |\n"
        for rule in standard.rules.values()
    )
    return f"\n## {standard.name}\n\n| rule | says | cases |\n|---|---|---|\n{rows}"


def _cases(standard: Standard, rule: str) -> str:
    return "; ".join(cell(case.title) for case in standard.cases if case.rule == rule)

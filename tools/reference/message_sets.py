"""The page that counts what each format is judged by: our own cases, and messages of others."""

from tools.message_sets.sets import Case, MessageSet, cases_of, message_sets
from tools.reference.layout import MARK, cell

PAGE = "reference/message-sets.md"
_BEGIN = """# Message sets

What each reader is judged by in a clone that stands alone. A case is a sound message of our own, changed at
one place, and what a careful reader must find in it: code and place of each finding and no other, or a
value in a field. The sets state the published rules themselves, with their sources, and not the tables of
our readers: they lie in `tests/formats/message_sets`, where `test_message_sets.py` asks the readers.

Messages of others are no part of this repository. Where they lie beside it (`../shared`), further tests read
them; elsewhere a run says at its end how many tests it skipped for want of what.

| format | messages | own cases | a rule is broken | no fault | a field is read | messages of others |
|---|---|---|---|---|---|---|
"""


def build_pages() -> dict[str, str]:
    """Return the page."""
    rows = "".join(_row(one) for _, one in sorted(message_sets().items()))
    total = sum(len(cases_of(one)) for one in message_sets().values())
    return {PAGE: f"{MARK}\n{_BEGIN}{rows}\nTogether {total:,} cases of our own.\n"}


def _row(one: MessageSet) -> str:
    cases = cases_of(one)
    read = [case for case in cases if case.reads]
    broken = [case for case in cases if not case.reads and _has_fault(case)]
    others = f"{one.of_others.count:,}" if one.of_others is not None else "none"
    texts = (
        f"`{one.format}`",
        one.title,
        str(len(cases)),
        str(len(broken)),
        str(len(cases) - len(broken) - len(read)),
        str(len(read)),
        others,
    )
    return f"| {' | '.join(cell(text) for text in texts)} |\n"


def _has_fault(case: Case) -> bool:
    return any(one.severity == "fault" for one in case.finds)

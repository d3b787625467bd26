"""Each reader finds in our own messages what the published rules of its format say, that and nothing else."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.beside import SHARED, needs
from tests.formats.message_sets.readers import READERS
from tools.message_sets.edits import apply, plain
from tools.message_sets.sets import Case, cases_of, message_sets

CASES_MIN = 100
REFERENCE = SHARED / "reference"
Sets = dict[tuple[str, str], list[Case]]


def by_rule() -> Sets:
    """Return the cases by format and rule."""
    found: Sets = {}
    for name, one in message_sets().items():
        for case in cases_of(one):
            found.setdefault((name, case.rule), []).append(case)
    return found


def at(documents: list[Any], pointer: str) -> Any:
    """Return a value by its JSON pointer; None: there is none."""
    value: Any = documents
    for step in pointer.split("/")[1:]:
        if isinstance(value, list | tuple):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(step)
    return value


@pytest.mark.parametrize(("name", "cases"), [(name, cases) for (name, _), cases in by_rule().items()])
def test_the_reader_finds_what_the_standard_says(name: str, cases: list[Case]) -> None:
    for case in cases:
        _judge(name, case)


def _judge(name: str, case: Case) -> None:
    content, draft = apply(case.base, case.syntax, list(case.edits))

    aside = message_sets()[name].aside
    found = [
        (code, plain(pointer), severity)
        for code, pointer, severity in READERS[name].check(content)
        if severity != "advice" or code not in aside
    ]

    expected = [(one.code, plain(draft.pointer(one.place)), one.severity) for one in case.finds]
    assert sorted(found) == sorted(expected), f"{case.name}: {case.rule} ({case.source})"
    if case.reads:
        documents = READERS[name].read(content)
        assert {pointer: at(documents, pointer) for pointer in case.reads} == case.reads, case.name


@pytest.mark.parametrize("name", READERS)
def test_each_format_has_a_hundred_different_cases(name: str) -> None:
    cases = cases_of(message_sets()[name])

    messages = {(apply(case.base, case.syntax, list(case.edits))[0], str(case.reads)) for case in cases}

    assert len(messages) == len(cases) >= CASES_MIN


def test_no_set_lacks_a_reader_and_no_reader_a_set() -> None:
    assert message_sets().keys() == READERS.keys()


@needs(REFERENCE)
@pytest.mark.parametrize("name", [name for name, one in message_sets().items() if one.of_others])
def test_messages_of_others_are_as_many_as_the_set_says(name: str) -> None:
    told = message_sets()[name].of_others
    assert told is not None

    count = sum(messages_in(path) for pattern in told.patterns for path in REFERENCE.glob(pattern))

    assert count == told.count


def messages_in(path: Path) -> int:
    """Count the messages of a file: the lines of packed JSON lines, else it is one."""
    if not path.name.endswith(".jsonl.gz"):
        return 1
    with gzip.open(path) as lines:
        return sum(1 for _ in lines)

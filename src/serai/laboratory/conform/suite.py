"""The suite as it lies in `conformance/`: a folder for each standard, with its rules, cases and messages."""

from pathlib import Path
from typing import Any

import msgspec

from serai.model.errors import SeraiError

RULES_FILE = "rules.yaml"
MESSAGES_FOLDER = "messages"
ACTORS = ("filer", "platform", "payer", "post", "stranger", "reader")
"""Who a case may act as; `nobody` sends no key."""
NOBODY = "nobody"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a server or a message has to do. id: permanent. source: the page or standard that asks for it."""

    id: str
    says: str
    source: str


class Repeated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Text made of the same again and again, for messages too large to lie in a folder."""

    repeat: str
    times: int
    before: str = ""
    after: str = ""
    then_repeat: str = ""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is expected. status: one or several that will do. type: media type, headers: by name.

    body: of a JSON answer, lines: one for each line, segments: of a UN/EDIFACT answer, as
    `other_answers.read_segments` writes them; all three as `expectation` reads them. xpath: of an XML answer,
    by paths of local names. never: texts that stand nowhere in it. verifies: of `offline.CHECKS`, or a
    standard by which the answer itself has to be sound.
    """

    status: int | list[int]
    type: str | None = None
    headers: dict[str, Any] = {}
    body: Any = None
    lines: list[Any] | None = None
    segments: Any = None
    xpath: dict[str, Any] = {}
    never: list[str] = []
    verifies: list[str] = []


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"as_": "as", "with_": "with"}):
    """One request and its answer. send: method and path. as_: an actor, or nobody.

    Its body is one of file (in messages/), text, json and made; with_: text replaced in it, in order; coded:
    how its bytes are changed at last. keep: by name, for later steps as ${name}: a pointer into a JSON
    answer, behind a blank an XPath into XML that stands there; an XPath into an XML answer (where xpath is
    expected); or a header, whose address becomes a path.
    again: how often it is tried until the answer is as expected, a moment apart. pages: a list that comes in
    pages is read to its end by next_after; the answer is then of all of them: this field, and next_after.
    Besides what was kept, ${run}, ${case} and `own_numbers` stand in whatever is sent or expected.
    """

    send: str
    answer: Answer
    as_: str = "filer"
    type: str | None = None
    accept: str | None = None
    headers: dict[str, str] = {}
    file: str | None = None
    text: str | None = None
    json: Any = None
    made: Repeated | None = None
    with_: list[tuple[str, str]] = []
    coded: list[str] = []
    keep: dict[str, str] = {}
    again: int = 1
    pages: str | None = None


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message exchange that shows one rule. working: its figures by hand."""

    case: str
    rule: str
    title: str
    steps: list[Step]
    working: str = ""


class Standard(msgspec.Struct, frozen=True):
    """One folder. rules: by id."""

    name: str
    rules: dict[str, Rule]
    cases: list[Case]
    messages: Path


def read_suite(folder: Path) -> list[Standard]:
    """Read every standard. Raises SeraiError `suite-unreadable` naming the file and what is wrong in it."""
    found = [_read_standard(path.parent) for path in sorted(folder.glob(f"*/{RULES_FILE}"))]
    if not found:
        raise SeraiError("suite-unreadable", f"{folder} holds no suite.", "Name the folder `conformance`.")
    return found


def _read_standard(folder: Path) -> Standard:
    rules = {rule.id: rule for rule in _decode(folder / RULES_FILE, list[Rule])}
    cases = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == RULES_FILE:
            continue
        for case in _decode(path, list[Case]):
            _refuse(path, case.rule not in rules, f"{case.case} shows a rule {case.rule} that is not listed")
            _refuse(path, not case.steps, f"{case.case} has no steps")
            cases.append(case)
    names = [case.case for case in cases]
    _refuse(folder, len(names) != len(set(names)), "two cases share a name")
    shown = {case.rule for case in cases}
    _refuse(folder, bool(rules.keys() - shown), f"no case shows {sorted(rules.keys() - shown)}")
    return Standard(folder.name, rules, cases, folder / MESSAGES_FOLDER)


def _decode(path: Path, kind: Any) -> Any:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=kind)
    except (msgspec.MsgspecError, OSError) as fault:
        raise SeraiError("suite-unreadable", f"{path}: {fault}", "Compare it with its neighbours.") from fault


def _refuse(path: Path, is_wrong: bool, what: str) -> None:
    if is_wrong:
        raise SeraiError("suite-unreadable", f"{path}: {what}.", "Mend the suite.")

"""Our expectations beside the published schemas: a case breaks one where its set says so, and only there.

The sets are written by hand; here the schemas themselves say whether they were written right.
"""

from functools import cache
from typing import Any

import pytest
from lxml import etree

from tests.beside import SHARED, needs
from tools.message_sets.edits import apply
from tools.message_sets.sets import Case, cases_of, message_sets

REFERENCE = SHARED / "reference"
pytestmark = needs(REFERENCE)
SCHEMAS = {
    "cds": ("cds/xsd/wco/declaration/WCO_DEC_2_DMS.xsd", "Declaration"),
    "wco-res": ("cds/xsd/wco/notification/WCO_RES_2_DMS.xsd", "Response"),
    "ceb": ("ceb/2018/xsd/import.xsd", ""),
    "ics": ("ics/xsd/CC315A-v11-2-New.xsd", ""),
    "ics-old": ("ics/xsd/CC315A-v11-2.xsd", ""),
}
"""By format: the schema, and the element in the message that it is about; empty: the whole."""

BEYOND = frozenset(
    {"sequence-number-repeated", "cds-other-type", "cds-version", "cds-not-a-date", "ceb-version"}
)
"""Codes of faults that no schema can see, though they stand in groups about the schema."""


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(REFERENCE / SCHEMAS[name][0]))


def judged(content: bytes, name: str) -> bool | None:
    """Say whether the schema takes a message; None: it is none that the schema is about."""
    try:
        root: Any = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return None
    element = SCHEMAS[name][1]
    top = next(root.iter(f"{{*}}{element}"), None) if element else root
    return None if top is None else bool(schema(name).validate(etree.fromstring(etree.tostring(top))))


def odd_cases(name: str) -> list[tuple[str, Case]]:
    found = []
    for case in cases_of(message_sets()[name]):
        is_taken = judged(apply(case.base, case.syntax, list(case.edits))[0], name)
        codes = {one.code for one in case.finds if one.severity == "fault"}
        if is_taken is False and not codes:
            found.append(("the schema refuses what the set calls sound", case))
        is_of_schema = case.source in {"schema", "types"} and codes and not codes & BEYOND
        if is_taken and is_of_schema:
            found.append(("the schema takes what the set says breaks it", case))
    return found


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_the_set_says_of_the_schema_is_what_the_schema_says(name: str) -> None:
    assert [(why, case.name) for why, case in odd_cases(name)] == []

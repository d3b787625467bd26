"""Our reading of the schema beside the published schema files: the same verdict on spoilt messages."""

import random
from collections import Counter

import pytest
from lxml import etree

from serai.formats.ics.rules import read_rules
from serai.formats.ics.schema import Edition, find_schema_faults, read_elements
from serai.formats.ics.tree import plant
from tests.beside import needs
from tools import ics_facts, ics_rules
from tools.ics_report import REFERENCE, read_cases

pytestmark = needs(REFERENCE)
RULES = REFERENCE / "rules"
VALUES = (
    "",
    " ",
    "A",
    "GB",
    "0",
    "-1",
    "1.5",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "200902301200",
    "é",
    "A\nB",
)


def _schema(message: str, edition: Edition) -> etree.XMLSchema:
    suffix = "-New" if edition == "new" else ""
    return etree.XMLSchema(etree.parse(REFERENCE / "xsd" / f"{message}-v11-2{suffix}.xsd"))


def _spoil(root: etree._Element, chance: random.Random) -> None:
    """Take out, double, move, rename, adorn or refill one element."""
    element = chance.choice(list(root.iterdescendants("*")))
    parent = element.getparent()
    assert parent is not None
    match chance.randrange(6):
        case 0:
            parent.remove(element)
        case 1:
            parent.append(etree.fromstring(etree.tostring(element)))
        case 2:
            parent.insert(chance.randrange(len(parent)), element)
        case 3:
            element.tag = chance.choice(["Colour", "HEAHEA", "NamCO17"])
        case 4:
            element.set("colour", "red")
        case _:
            for child in list(element):
                element.remove(child)
            element.text = chance.choice(VALUES)


@pytest.mark.in_turn
def test_the_verdict_is_that_of_the_published_schema() -> None:
    chance = random.Random(4)
    cases = [case for case in read_cases(REFERENCE) if case.kind == "rule"]
    schemas = {
        (message, edition): _schema(message, edition)
        for message in ("CC313A", "CC315A")
        for edition in ("old", "new")
    }
    verdicts: Counter[bool] = Counter()
    different = []

    for case in chance.sample(cases, 2_000):
        root = etree.fromstring(case.xml.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
        _spoil(root, chance)
        published = schemas[case.message, case.edition].validate(root)
        verdicts[published] += 1
        if published is not (not find_schema_faults(plant(root), case.edition)):
            different.append((case.id, etree.tostring(root)))

    assert min(verdicts.values()) > 200
    assert different == []


def test_the_tables_are_what_the_tools_read_from_the_reference() -> None:
    rows = [
        row | {"min_count_old": ""}
        for message in ics_facts.MESSAGES
        for row in ics_facts.Schemas(REFERENCE / "xsd", message, "-New").rows(message)
    ]
    written = {(rule["number"], rule["place"], rule["requires"]) for rule in ics_rules.rules_of(RULES)}

    assert rows == [row | {"min_count_old": ""} for row in read_elements()]
    assert written == {(rule.number, rule.place, rule.requires) for rule in read_rules()}

"""All that is wrong with one ICS message: its XML, its schema, then the rules and conditions."""

import datetime as dt

from lxml import etree

from serai.formats.decoded import limit_findings
from serai.formats.ics.rules import find_breaches, rules_of
from serai.formats.ics.schema import Edition, find_schema_faults, messages
from serai.formats.ics.tree import plant
from serai.formats.xml_document import local_name, read_xml
from serai.model.findings import Finding

NAMESPACE = "http://ics.dgtaxud.ec/"
"""Before the message's name; only the root stands in it."""


def check_message(content: bytes, *, edition: Edition = "new", on: dt.date | None = None) -> list[Finding]:
    """List every finding on one CC313A or CC315A message; never raises on any bytes.

    Codes are error numbers of the standard and pointers its locations (`/ie:CC315A[1]/HEAHEA[1]`), but where
    the bytes are no such message (`malformed-xml`, `doctype-refused`, `other-root`, `other-namespace`).
    edition: see `schema.Edition`; a message does not say which it follows. on: the day whose rules count;
    None: all. As in the standard, rules are asked only of a message that its schema allows.
    """
    root, faults = read_xml(content)
    if root is None:
        return faults
    name = local_name(root)
    if name not in messages():
        known = ", ".join(messages())
        return [Finding("other-root", f"/{name[:64]}", parameters={"root": name[:64], "known": known})]
    if etree.QName(root).namespace != NAMESPACE + name:
        given = etree.QName(root).namespace or ""
        parameters = {"namespace": given[:100], "expected": NAMESPACE + name}
        return [Finding("other-namespace", f"/{name}", parameters=parameters)]
    top = plant(root)
    return limit_findings(find_schema_faults(top, edition) or find_breaches(top, rules_of(edition), on))

"""What nothing reads of a document, put where it is stored with it: among the remarks of its person.

An element that nobody foresaw may tell of a person, so it goes to the vault with one, never into the open.
"""

import msgspec

from serai.formats.ceb.mapping import mappings
from serai.formats.ceb.message import CebDocument, Content
from serai.model.documents import Person, Remark
from serai.model.findings import Finding

_TEXT_CHARACTERS_MAX = 1_000
_WAY_CHARACTERS_MAX = 200


def with_unread(name: str, document: CebDocument) -> tuple[Content | None, list[Finding]]:
    """Return the content of a document of a message `name` with what nothing reads, and its findings.

    What is too long for a remark, or stands in a document without a person, is told as `element-not-kept`.
    """
    content = document.content
    if content is None or not document.kept:
        return content, document.findings
    role = mappings()[name].person
    person: Person | None = getattr(content, role)
    fitting = [
        one
        for one in document.kept
        if person is not None
        and 0 < len(one.text) <= _TEXT_CHARACTERS_MAX
        and len(one.way) <= _WAY_CHARACTERS_MAX
    ]
    lost = [one for one in document.kept if one not in fitting and one.text.strip()]
    findings = [
        *document.findings,
        *(
            Finding("element-not-kept", f"{document.pointer}/{one.way}", "advice", {"element": one.way[:64]})
            for one in lost
        ),
    ]
    if person is None or not fitting:
        return content, findings
    remarks = [*person.remarks, *(Remark(one.text, element=one.way) for one in fitting)]
    named = msgspec.structs.replace(person, remarks=remarks)
    return msgspec.structs.replace(content, **{role: named}), findings

"""What nothing reads of a document, put where it is stored with it: among the remarks of its person."""

from serai.formats.ceb.mapping import mappings
from serai.formats.ceb.message import CebDocument, Content
from serai.formats.kept import is_fitting, with_remarks
from serai.model.documents import Person
from serai.model.findings import Finding


def with_unread(name: str, document: CebDocument) -> tuple[Content | None, list[Finding]]:
    """Return the content of a document of a message `name` with what nothing reads, and its findings.

    What is too long for a remark, or stands in a document without a person, is told as `element-not-kept`.
    """
    content = document.content
    if content is None or not document.kept:
        return content, document.findings
    role = mappings()[name].person
    person: Person | None = getattr(content, role)
    fitting = [one for one in document.kept if person is not None and is_fitting(one)]
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
    return with_remarks(content, role, fitting), findings

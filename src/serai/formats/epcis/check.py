"""All that is wrong with one EPCIS message: a document of events, a query, its results, or a single event."""

from serai.formats.decoded import limit_findings
from serai.formats.epcis.check_class import Checker
from serai.formats.epcis.check_query import find_query_faults, find_results_faults
from serai.formats.epcis.json_tree import is_document_kind, read_json_tree
from serai.formats.epcis.tables import EVENT_CLASSES, EXTENDED_EVENT
from serai.formats.epcis.tree import Group, Root, is_uri
from serai.formats.epcis.xml_tree import read_xml_tree
from serai.formats.packed import find_packed
from serai.model.findings import Finding

_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


def check_message(content: bytes) -> list[Finding]:
    """Find everything wrong with an EPCIS message, XML or JSON. Never raises on any bytes.

    A fault says that the message breaks the standard (EPCIS 1.2 or 2.0, CBV 2.0); advice names what is
    kept unread or could be better. The pointer is an XPath into XML, a JSON pointer into JSON.
    """
    root, findings = read_tree(content)
    return limit_findings(findings if root is None else find_faults(root))


def read_tree(content: bytes) -> tuple[Root | None, list[Finding]]:
    """Read the message in the syntax its first character tells. Returns the tree, or None and why not."""
    packed = find_packed(content)
    if packed is not None:
        return None, [packed]
    is_xml = content.removeprefix(_BOM).lstrip(_BLANKS)[:1] == b"<"
    return read_xml_tree(content) if is_xml else read_json_tree(content)


def find_faults(root: Root) -> list[Finding]:
    """Find everything wrong with a message that could be read, advice last."""
    checker = Checker(is_xml=root.is_xml, is_closed=root.is_closed)
    check_root(root, checker)
    return checker.all_findings()


def check_root(root: Root, checker: Checker) -> None:
    """Check a message; the checker collects what is found."""
    match root.kind:
        case "EPCISDocument":
            _check_document(root.group, checker)
        case "EPCISQueryDocument":
            checker.check_group(root.group, "epcisQueryDocument", skipped=_skipped(root, "epcisBody"))
            find_results_faults(root.group, checker)
        case "query":
            find_query_faults(root.group, checker)
        case kind if kind in EVENT_CLASSES:
            _check_single_event(root, kind, checker)
        case kind if is_uri(kind) and not is_document_kind(kind):
            _check_single_event(root, EXTENDED_EVENT, checker)
        case kind:
            place = root.group.place if root.is_xml else "/type"
            checker.add("epcis-other-message", place, root=kind[:64])


def _check_document(group: Group, checker: Checker) -> None:
    checker.check_group(group, "epcisDocument", skipped=("epcisBody", "epcisHeader", *_json_only(checker)))
    checker.check_header(group.get("epcisHeader"))
    body = checker.body_of(group)
    if body is None:
        return
    if checker.is_xml:
        checker.check_names(body, {"eventList"})
    checker.require(body, "eventList")
    checker.check_events(body.get("eventList"))


def _check_single_event(root: Root, kind: str, checker: Checker) -> None:
    checker.check_event(root.group, kind, is_root=True)
    if not root.is_xml:
        checker.require(root.group, "@context")


def _skipped(root: Root, *names: str) -> tuple[str, ...]:
    return (*names, "@context", "schemaVersion", "creationDate") if root.is_xml else names


def _json_only(checker: Checker) -> tuple[str, ...]:
    return ("@context",) if checker.is_xml else ()

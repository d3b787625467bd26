"""All that is wrong with one message of the customs declaration service as it stands on the wire."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from lxml import etree

from serai.formats.cds.facts import DATE_TEXT, schemas
from serai.formats.cds.schema import find_schema_faults
from serai.formats.found import Found
from serai.formats.wco_dec import decode_declaration
from serai.formats.wco_dec_write import META_NAMESPACE
from serai.formats.wco_res_read import decode_response
from serai.formats.xml_document import Reader, local_name, read_xml
from serai.model.findings import Finding

VERSIONS: Final = frozenset({"3.6", "3.7"})
"""Editions of the WCO Data Model that published messages of the service name; the schemas are of 3.6."""

WRAPPER: Final = "submitDeclarationRequest"
UNREAD_MAX: Final = 100

_ROOTS: Final = {schema.root: name for name, schema in schemas().items() if name not in {"cancellation"}}
_KNOWN: Final = "MetaData, Declaration, Response, inventory linking messages and answers to queries"
_TYPES: Final = {"Declaration": "DEC", "Response": "RES"}
_DATE_DIGITS: Final = re.compile(r"20\d{6}(\d{6})?(?=\D|$)", re.ASCII)
_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


def check_message(content: bytes) -> list[Finding]:
    """List every finding on one message; never raises on any bytes.

    Messages: declarations and later acts (WCO DEC), notifications (WCO RES), movement messages, and answers
    to queries. That a declaration asks for what is decided elsewhere (`procedure-not-here`) is no fault of
    the message, and neither is an element that we have no field for (`unread-element`): both are advice.
    """
    start = content.removeprefix(_BOM).lstrip(_BLANKS)[:1]
    root, faults = read_xml(content)
    if root is None:
        # Text in another encoding is named as that; what does not even begin as XML is no message.
        is_text = start != b"<" and {one.code for one in faults} == {"malformed-xml"}
        return [Finding("not-xml", "")] if is_text else faults
    found = Found()
    _check(root, found)
    return found.findings()


def _check(root: Any, found: Found) -> None:
    path = f"/{local_name(root)[:64]}"
    top, path = _unwrapped(root, path)
    if local_name(top) == "MetaData":
        inner = _of_meta_data(top, path, found)
        if inner is None:
            return
        top, path = inner, f"{path}/{local_name(inner)}"
    name = local_name(top)
    if name not in _ROOTS:
        found.add(Finding("other-root", path, parameters={"root": name[:64], "known": _KNOWN}))
        return
    schema = schemas()[_ROOTS[name]]
    namespace = etree.QName(top).namespace
    is_bare = namespace is None and schema.name == "response"
    if namespace != schema.namespace and not is_bare:
        parameters = {"namespace": (namespace or "")[:100], "expected": schema.namespace}
        found.add(Finding("other-namespace", path, parameters=parameters))
        return
    if schema.name == "declaration":
        _check_declaration(top, path, found)
    else:
        find_schema_faults(top, schema, path, found, is_bare=is_bare)
    for finding in _impossible_dates(top, path):
        found.add(finding)
    if schema.name == "response":
        _check_response(top, path, found, is_bare=is_bare)
    elif any(step.leaf and step.leaf.kind == "any" for step in schema.records[schema.root].values()):
        found.add(Finding("cds-content-unchecked", path, "advice", {"root": name}))


def _unwrapped(root: Any, path: str) -> tuple[Any, str]:
    """Go into the envelope that the service's own gateway puts around a message."""
    if local_name(root) != WRAPPER:
        return root, path
    for detail in root:
        for inner in detail if local_name(detail) == "requestDetail" else ():
            if local_name(inner) == "MetaData":
                return inner, f"{path}/requestDetail/MetaData"
    return root, path


def _of_meta_data(meta: Any, path: str, found: Found) -> Any | None:
    """Check what MetaData says of the message, and return the message; None: there is none."""
    namespace = etree.QName(meta).namespace
    if namespace not in {META_NAMESPACE, None}:
        parameters = {"namespace": str(namespace)[:100], "expected": META_NAMESPACE}
        found.add(Finding("other-namespace", path, parameters=parameters))
    inner = [child for child in meta if local_name(child) in _TYPES]
    if not inner:
        found.add(Finding("missing-field", f"{path}/Declaration", parameters={"field": "Declaration"}))
        return None
    if len(inner) > 1:
        parameters = {"field": local_name(inner[1])}
        found.add(Finding("repeated-field", f"{path}/{local_name(inner[1])}[2]", parameters=parameters))
    stated = {
        local_name(child): (child.text or "").strip() for child in meta if local_name(child) not in _TYPES
    }
    version, kind = stated.get("WCODataModelVersionCode"), stated.get("WCOTypeName")
    if version is not None and version not in VERSIONS:
        parameters = {"found": version[:16], "expected": ", ".join(sorted(VERSIONS))}
        found.add(Finding("cds-version", f"{path}/WCODataModelVersionCode", parameters=parameters))
    expected = _TYPES[local_name(inner[0])]
    if kind is not None and kind != expected:
        parameters = {"found": kind[:16], "expected": expected}
        found.add(Finding("cds-other-type", f"{path}/WCOTypeName", parameters=parameters))
    return inner[0]


def _check_declaration(declaration: Any, path: str, found: Found) -> None:
    types = [child.text for child in declaration if local_name(child) == "TypeCode"]
    is_cancellation = [(text or "").strip() for text in types] == ["INV"]
    by_schema = Found()
    schema = schemas()["cancellation" if is_cancellation else "declaration"]
    find_schema_faults(declaration, schema, path, by_schema)
    told = set()
    for finding in by_schema.findings():
        told.add(finding.pointer)
        found.add(finding)
    for finding in _repeated_numbers(declaration, path):
        found.add(finding)
    if by_schema.is_full:
        return
    message, faults = decode_declaration(Reader(declaration, path))
    for finding in faults:
        if finding.code == "procedure-not-here":
            found.add(msgspec.structs.replace(finding, severity="advice"))
        elif finding.pointer not in told:
            found.add(finding)
    _tell_unread(message.unread if message else [], found)


def _repeated_numbers(declaration: Any, path: str) -> list[Finding]:
    """Find goods items that bear the number of an earlier one."""
    reader = Reader(declaration, path)
    seen: set[str] = set()
    repeated = []
    for item in reader.at("GoodsShipment").all("GovernmentAgencyGoodsItem"):
        number = item.text("SequenceNumeric")
        if number is not None and number in seen:
            repeated.append(
                Finding("sequence-number-repeated", number.place, parameters={"value": str(number)[:16]})
            )
        seen.add(str(number))
    return repeated


def _impossible_dates(top: Any, path: str) -> Iterator[Finding]:
    """Find dates that the pattern of the schemas lets pass and no calendar has."""
    for leaf in Reader(top, path).leaves():
        digits = _DATE_DIGITS.match(leaf.text() or "") if leaf.path.endswith(f"/{DATE_TEXT}") else None
        if digits is not None and not _is_on_calendar(digits[0]):
            yield Finding("cds-not-a-date", leaf.path)


def _is_on_calendar(digits: str) -> bool:
    try:
        return bool(dt.datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC))
    except ValueError:
        return False


def _check_response(response: Any, path: str, found: Found, *, is_bare: bool) -> None:
    if is_bare:
        found.add(Finding("cds-without-namespace", path, "advice"))
    if found.is_full:
        return
    told = {one.pointer for one in found.findings()}
    read, faults = decode_response(Reader(response, path))
    for finding in faults:
        if finding.pointer not in told:
            found.add(finding)
    _tell_unread(read.unread if read else [], found)


def _tell_unread(paths: list[str], found: Found) -> None:
    for place in paths[:UNREAD_MAX]:
        found.add(Finding("unread-element", place, "advice", {"element": place.rpartition("/")[2]}))

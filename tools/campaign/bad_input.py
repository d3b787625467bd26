"""The issue's list of bad input, for each form, by the checker and over HTTP beside good neighbours."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec
from serai.formats.convertible import Circumstances
from serai.formats.csv_rows import read_csv
from serai.formats.decoded import KINDS
from serai.formats.json_lines import decode_lines
from serai.formats.standard import Check
from serai.formats.standards import CHECKS, CONVERSIONS
from serai.formats.wco_res_read import decode_res
from serai.model.findings import Finding

from tools.campaign.report import BadCase, BadInputOutcome
from tools.campaign.samples import samples_of
from tools.campaign.zipped import zipped

TAKEN: Final = "taken"
_MANY: Final = 1_000_000
_DIGITS: Final = b"9" * 5_000
_DOCTYPE: Final = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
_XML_DECLARATION: Final = re.compile(rb"\A\xef\xbb\xbf|<\?xml[^>]*\?>\s*")
_FIRST_NUMBER: Final = re.compile(rb"(?<=>)\d+(?:\.\d+)?(?=<)")
_LEAF: Final = re.compile(rb"<([\w:.]+)(?:\s[^>]*)?>[^<>]+</\1>")
_ROOT: Final = re.compile(rb"<([\w.-]+:)?([A-Za-z][\w.-]*)([\s>])")


class Form(NamedTuple):
    """A form under trial. find: bytes to findings; empty where all is well, or advice alone."""

    name: str
    kind: str
    sample: bytes
    find: Callable[[bytes], list[Finding]]


class Case(NamedTuple):
    """A way to make a good message bad. is_harmless: whether it may be taken, as a byte order mark is."""

    name: str
    spoil: Callable[[bytes], bytes]
    is_harmless: bool = False
    is_large: bool = False


def try_bad_input(*, with_large: bool = True) -> BadInputOutcome:
    """Give each form each bad input that its kind can be made to have."""
    cases, faults = [], []
    for form in forms():
        for case in cases_of(form.kind):
            if case.is_large and not with_large:
                continue
            code = first_code(form, case)
            cases.append(BadCase(form.name, case.name, code, is_harmless=case.is_harmless))
            if code == TAKEN and not case.is_harmless:
                faults.append(f"{form.name} took a message that is {case.name}")
    return BadInputOutcome(cases, faults)


def first_code(form: Form, case: Case) -> str:
    """Return the code of the first finding on a bad message, faults first, or `taken`."""
    content = case.spoil(form.sample)
    assert content != form.sample, f"{case.name} leaves the sample of {form.name} as it was"
    found = sorted(form.find(content), key=lambda one: one.severity != "fault")
    return found[0].code if found else TAKEN


def forms() -> Iterator[Form]:
    """List the forms: ours, and each standard with a checker."""
    for kind, struct in KINDS.items():
        yield Form(f"json {kind}", "json", samples_of(kind)[0], _lines(struct))
    yield Form("csv", "csv", samples_of("csv")[0], _csv)
    yield Form("wco-dec", "xml", samples_of("wco-dec")[0], _dec)
    yield Form("wco-res", "xml", _RESPONSE, lambda content: decode_res(content)[1])
    for name, checker in CHECKS.items():
        sample = _sound_sample(name, checker)
        kind = "xml" if sample.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" else "edifact"
        if sample.lstrip()[:1] == b"{":
            yield Form(f"{name} json", "json", sample, checker.find)
            sample, kind = _first_xml(name), "xml"
        yield Form(name, kind, sample, checker.find)


_RESPONSE: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?><MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2">'
    b'<Response xmlns="urn:wco:datamodel:WCO:RES-DMS:2"><FunctionCode>01</FunctionCode>'
    b"<FunctionalReferenceID>R1</FunctionalReferenceID><IssueDateTime>"
    b'<DateTimeString xmlns="urn:wco:datamodel:WCO:Response_DS:DMS:2" formatCode="304">20260620090000Z'
    b"</DateTimeString></IssueDateTime><Declaration><FunctionalReferenceID>F1</FunctionalReferenceID>"
    b"<ID>26GB000000000000R1</ID></Declaration></Response></MetaData>"
)


def cases_of(kind: str) -> tuple[Case, ...]:
    """Return the bad inputs of a kind of text."""
    return {"json": _JSON, "csv": _CSV, "xml": _XML, "edifact": _EDIFACT}[kind]


def _lines(kind: type) -> Callable[[bytes], list[Finding]]:
    return lambda content: decode_lines([content], kind).findings[0]


def _csv(content: bytes) -> list[Finding]:
    return [finding for one in read_csv([content]) for finding in one.findings]


def _dec(content: bytes) -> list[Finding]:
    """Read as `serai convert` does: what has no field of ours is told as well."""
    told = Circumstances(dt.datetime(2026, 6, 20, tzinfo=dt.UTC))
    return [finding for part in CONVERSIONS["wco-dec"].read(content, told) for finding in part.findings]


def _sound_sample(name: str, checker: Check) -> bytes:
    """Return the first sample in which the checker finds no fault; some are meant to be faulty."""
    return next(
        one for one in samples_of(name) if all(found.severity != "fault" for found in checker.find(one))
    )


def _first_xml(name: str) -> bytes:
    return next(one for one in samples_of(name) if one.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<")


def _without_declaration(content: bytes) -> bytes:
    return _XML_DECLARATION.sub(b"", content.decode("utf-8-sig").encode(), count=1)


def _text_of(content: bytes) -> str:
    # EDIFACT says its letters in its own header; all but UNOA to UNOC are rare.
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _in_root(content: bytes, inner: bytes) -> bytes:
    """Put something at the beginning of the root element."""
    root = _ROOT.search(content)
    assert root is not None
    end = content.index(b">", root.start()) + 1
    return content[:end] + inner + content[end:]


def _renamed_root(content: bytes) -> bytes:
    root = _ROOT.search(content)
    assert root is not None
    name = (root[1] or b"") + root[2]
    return content.replace(b"<" + name, b"<Other" + root[2], 1).replace(
        b"</" + name + b">", b"</Other" + root[2] + b">"
    )


def _other_namespaces(content: bytes) -> bytes:
    return re.sub(rb"""(xmlns(?::\w+)?=["'])[^"']*""", rb"\1urn:example:other", content)


def _huge_number(content: bytes) -> bytes:
    return _FIRST_NUMBER.sub(_DIGITS, content)


def _latin_1(content: bytes) -> bytes:
    """Put a letter of another encoding into the first text."""
    leaf = _LEAF.search(content)
    assert leaf is not None
    at = content.rindex(b"</", 0, leaf.end())
    return content[:at] + b"\xe9" + content[at:]


def _doubled_leaf(content: bytes) -> bytes:
    """Repeat the first leaf: what may stand once stands twice."""
    # The header of a wrapper is nobody's data: go into the message.
    leaf = _LEAF.search(content, max(0, content.find(b"<FunctionalReferenceID")))
    assert leaf is not None
    return content.replace(leaf[0], leaf[0] * 2, 1)


def _zip(content: bytes) -> bytes:
    return zipped({"message": content})


_SHARED: Final = (
    Case("truncated", lambda content: content[: len(content) // 2]),
    Case("empty", lambda _: b""),
    Case("a zip", _zip),
    Case("UTF-16", lambda content: _text_of(content).encode("utf-16")),
    Case("byte order mark", lambda content: _text_of(content).encode("utf-8-sig"), is_harmless=True),
    Case("two byte order marks", lambda content: b"\xef\xbb\xbf" + _text_of(content).encode("utf-8-sig")),
)
_XML: Final = (
    *_SHARED,
    Case("wrong root", _renamed_root),
    Case("wrong namespace", _other_namespaces),
    Case("twice an element that stands once", _doubled_leaf),
    Case("DTD and entities", lambda content: _DOCTYPE + _without_declaration(content)),
    Case("deep nesting", lambda content: _in_root(content, b"<x>" * 5_000 + b"</x>" * 5_000)),
    Case("huge numbers", _huge_number),
    Case("mixed encodings", _latin_1),
    Case("10^6 empty elements", lambda content: _in_root(content, b"<x/>" * _MANY), is_large=True),
    Case("10 MB", lambda content: content + b" " * (10 * 2**20), is_large=True),
)


def _changed(content: bytes, change: Callable[[dict[str, object]], object]) -> bytes:
    tree = msgspec.json.decode(content)
    change(tree)
    return msgspec.json.encode(tree)


_JSON: Final = (
    *_SHARED,
    Case("wrong root", lambda content: b"[" + content + b"]"),
    Case(
        "duplicate keys",
        lambda content: content.rstrip()[:-1] + content[content.index(b"{") :].replace(b"{", b",", 1),
    ),
    Case("unknown member", lambda content: _changed(content, lambda tree: tree.update({"no such": 1}))),
    Case("deep nesting", lambda _: b"[" * 5_000 + b"]" * 5_000),
    Case(
        "huge numbers",
        lambda content: _changed(content, lambda tree: tree.update({next(iter(tree)): 10**400})),
    ),
    Case(
        "mixed encodings",
        lambda content: content.replace(b'": "', b'": "\xe9', 1).replace(b'":"', b'":"\xe9', 1),
    ),
    Case(
        "NUL", lambda content: content.replace(b'": "', b'": "\\u0000', 1).replace(b'":"', b'":"\\u0000', 1)
    ),
    Case(
        "10^6 empty elements",
        lambda content: _changed(content, lambda tree: tree.update({next(iter(tree)): [{}] * _MANY})),
        is_large=True,
    ),
)


def _in_row(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    head, _, rows = content.partition(b"\n")
    return head + b"\n" + change(rows)


_CSV: Final = (
    *_SHARED[1:],
    Case("truncated", lambda content: content[: len(content) // 2].rpartition(b",")[0]),
    Case("unknown column", lambda content: content.replace(b",", b",no such column,", 1)),
    Case("a column twice", lambda content: content.replace(b",", b",reference,", 1)),
    Case(
        "a formula for a text",
        lambda content: re.sub(rb"(?<=,)Invented", b"=Invented", content),
        is_harmless=True,
    ),
    Case("semicolons", lambda content: content.replace(b",", b";"), is_harmless=True),
    Case("bars between cells", lambda content: content.replace(b",", b"|")),
    Case("a quote that never closes", lambda content: _in_row(content, lambda rows: b'"' + rows)),
    Case("huge numbers", lambda content: re.sub(rb"(?<=,)\d+\.\d+(?=,)", _DIGITS, content)),
    Case("mixed encodings", lambda content: _in_row(content, lambda rows: b"\xe9" + rows)),
    Case("NUL", lambda content: _in_row(content, lambda rows: b"\x00" + rows)),
    Case("10^6 empty rows", lambda content: content + b",\n" * _MANY, is_harmless=True, is_large=True),
)
_EDIFACT: Final = (
    *_SHARED,
    Case("wrong count of segments", lambda content: re.sub(rb"UNT\+\d+", b"UNT+999", content)),
    Case("wrong count of messages", lambda content: re.sub(rb"UNZ\+\d+", b"UNZ+9", content)),
    Case(
        "other reference at the end", lambda content: re.sub(rb"UNT\+(\d+)\+[^']*", rb"UNT+\1+OTHER", content)
    ),
    Case("wrong version", lambda content: re.sub(rb":D:\w+:UN", b":D:01Z:UN", content)),
    Case("no end of a segment", lambda content: content.replace(b"'", b"", 1)),
    Case("10^6 empty segments", lambda content: content + b"FTX'" * _MANY, is_large=True),
)

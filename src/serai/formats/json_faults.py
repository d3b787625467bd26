"""All faults of one JSON document at once: the slow path, taken only by documents that have a fault.

msgspec stops at the first fault. Here the text is read again with everything it says kept (repeated keys,
numbers beyond any range), and the schema derived from the same structs names every fault.
"""

import codecs
import difflib
import json
import math
import re
from functools import cache
from typing import Any

import jsonschema_rs
import msgspec

from serai.formats.decoded import FINDINGS_MAX, limit_findings
from serai.formats.packed import find_packed
from serai.model.findings import Finding

DEPTH_MAX = 16
"""The deepest document (a seal of a container of a consignment) is seven levels deep."""

GROUPS_MAX = 100_000
"""Objects and lists of one document: 999 goods items with a dozen papers each have 30,000."""
ENTRIES_MAX = 1_000
"""Entries of a list whose faults are looked for, one more than the longest list may have."""

_FIELD_LETTERS_MAX = 64
_SURROGATE = re.compile("[\ud800-\udfff]")
_UTF_16 = re.compile(rb"\A(\xff\xfe|\xfe\xff|\x00[^\x00]|[^\x00]\x00)", re.DOTALL)


class _Object(list[tuple[str, Any]]):
    """A JSON object as written: pairs, in order, repeated keys and all."""


class _NotFinite(msgspec.Struct, frozen=True):
    """A number that no number type holds: 1e400, NaN, Infinity."""

    text: str


def _finite(text: str) -> float | _NotFinite:
    number = float(text)
    return number if math.isfinite(number) else _NotFinite(text)


def _integer(text: str) -> int | _NotFinite:
    # Beyond this many digits Python itself refuses, and no field wants them.
    return int(text) if len(text) <= 40 else _NotFinite(text)


class JsonNumber(msgspec.Struct, frozen=True):
    """A number as written, for readers to whom 26.10 and its digits matter."""

    text: str


_EXACT_DIGITS_MAX = 40


def _exact(text: str) -> JsonNumber | _NotFinite:
    number = _finite(text) if len(text) <= _EXACT_DIGITS_MAX else _NotFinite(text)
    return number if isinstance(number, _NotFinite) else JsonNumber(text)


_UNREADABLE = object()
_LOOSE = json.JSONDecoder(
    object_pairs_hook=_Object, parse_float=_finite, parse_int=_integer, parse_constant=_NotFinite
)
_EXACT = json.JSONDecoder(
    object_pairs_hook=_Object, parse_float=_exact, parse_int=_exact, parse_constant=_NotFinite
)


def find_faults(line: bytes, kind: Any, line_bytes_max: int) -> list[Finding]:
    """Find everything wrong with a line that is no document of `kind`: at least one finding comes back."""
    if len(line) > line_bytes_max:
        return [Finding("message-too-large", "", parameters={"bytes_max": str(line_bytes_max)})]
    if line.count(b"}") + line.count(b"]") > GROUPS_MAX:
        return [Finding("too-many", "", parameters={"count_max": str(GROUPS_MAX)})]
    tree, findings = _read(line)
    if tree is _UNREADABLE:
        packed = find_packed(line)
        return findings if packed is None else [packed]
    at_fault = {finding.pointer for finding in findings}
    faults = find_schema_faults(_cut(_plain(tree)), kind)
    # That a list is too long says more than the faults of its first entries.
    faults.sort(key=lambda fault: fault.code != "too-many")
    findings.extend(fault for fault in faults if fault.pointer not in at_fault)
    return limit_findings(findings) or [_from_msgspec(line, kind)]


def find_schema_faults(tree: Any, kind: Any) -> list[Finding]:
    """Find what keeps a tree of dicts, lists and scalars from being a document of `kind`; none: it is one."""
    faults: list[Finding] = []
    for error in _validator(kind).iter_errors(tree):
        faults += _from_schema(error, kind, listed_max=max(0, FINDINGS_MAX - len(faults)))
    return faults


def find_silent_faults(line: bytes) -> list[Finding]:
    """Find what a line that decodes well hides: repeated keys and NUL characters."""
    return limit_findings(_read(line)[1])


def read_json(content: bytes, *, bytes_max: int, depth_max: int) -> tuple[Any, list[Finding]]:
    """Read any JSON text: dicts, lists, text, booleans, None, and each number as the JsonNumber written.

    Returns the tree and no finding, or None and what is wrong with the text.
    """
    if len(content) > bytes_max:
        return None, [Finding("message-too-large", "", parameters={"bytes_max": str(bytes_max)})]
    tree, findings = _read(content.removeprefix(codecs.BOM_UTF8), _EXACT, depth_max)
    return (None, limit_findings(findings)) if findings else (_plain(tree), [])


def pointer_step(name: str) -> str:
    """Write a field name as a step of a JSON pointer."""
    return _escape(name)


def _read(
    line: bytes, decoder: json.JSONDecoder = _LOOSE, depth_max: int = DEPTH_MAX
) -> tuple[Any, list[Finding]]:
    """Read JSON loosely. Returns the tree (or _UNREADABLE) and the faults that a schema cannot see."""
    if not line.strip():
        return _UNREADABLE, [Finding("empty-message", "")]
    if _UTF_16.match(line):
        return _UNREADABLE, [_not_utf_8(0, "UTF-16")]
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as fault:
        return _UNREADABLE, [_not_utf_8(fault.start, "Windows-1252")]
    try:
        tree = decoder.decode(text)
    except json.JSONDecodeError as fault:
        return _UNREADABLE, [_malformed(text, fault)]
    except RecursionError:
        return _UNREADABLE, [_too_deep("", depth_max)]
    findings: list[Finding] = []
    is_shallow = _find_in_tree(tree, "", 0, findings, depth_max)
    return (tree if is_shallow else _UNREADABLE), findings


def _not_utf_8(position: int, likely: str) -> Finding:
    return Finding("not-utf-8", "", parameters={"byte": str(position + 1), "likely_encoding": likely})


def _malformed(text: str, fault: json.JSONDecodeError) -> Finding:
    code = (
        "truncated-json"
        if fault.pos >= len(text.rstrip()) or "Unterminated" in fault.msg
        else "malformed-json"
    )
    position = len(text[: fault.pos].encode("utf-8", "surrogatepass")) + 1
    return Finding(code, "", parameters={"byte": str(position)})


def _too_deep(pointer: str, levels_max: int) -> Finding:
    return Finding("too-deep", pointer, parameters={"levels_max": str(levels_max)})


def _find_in_tree(node: Any, pointer: str, depth: int, findings: list[Finding], depth_max: int) -> bool:
    """Add repeated keys, endless numbers, unfit characters; give whether the tree is shallow enough."""
    if depth > depth_max:
        findings.append(_too_deep(pointer, depth_max))
        return False
    if isinstance(node, _Object):
        seen: set[str] = set()
        for key, value in node:
            place = f"{pointer}/{_escape(key)}"
            if key in seen:
                _add(findings, "repeated-field", place, field=_short(key))
            seen.add(key)
            if not _find_in_tree(value, place, depth + 1, findings, depth_max):
                return False
        return True
    if isinstance(node, list):
        return all(
            _find_in_tree(value, f"{pointer}/{index}", depth + 1, findings, depth_max)
            for index, value in enumerate(node)
        )
    if isinstance(node, _NotFinite):
        _add(findings, "out-of-range", pointer, at_most="a finite number")
    elif isinstance(node, str):
        if "\x00" in node:
            _add(findings, "nul-character", pointer)
        if _SURROGATE.search(node):
            _add(findings, "broken-character", pointer)
    return True


def _add(findings: list[Finding], code: str, pointer: str, **parameters: str) -> None:
    """Add a fault; of those that nobody reads, only how many there are."""
    is_listed = len(findings) <= FINDINGS_MAX
    findings.append(Finding(code, pointer, parameters=parameters) if is_listed else _COUNTED)


_COUNTED = Finding("more-faults", "")


def _plain(node: Any) -> Any:
    """Make a tree the schema validator takes: dicts, and harmless stand-ins for what is already a finding."""
    if isinstance(node, _Object):
        return {_clean(key): _plain(value) for key, value in node}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, _NotFinite):
        return 0
    return _clean(node) if isinstance(node, str) else node


def _cut(node: Any) -> Any:
    """Leave out what no document has room for: each fault of a million entries would cost its time."""
    if isinstance(node, dict):
        return {key: _cut(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_cut(value) for value in node[:ENTRIES_MAX]]
    return node


def _clean(text: str) -> str:
    return _SURROGATE.sub("?", text)


def _validator_of(kind: Any) -> Any:
    return jsonschema_rs.validator_for(_name_alternatives(msgspec.json.schema(kind)))


def _name_alternatives(schema: Any) -> Any:
    """Turn `X or null` into `if not null then X`: so a fault in X is told as such."""
    if isinstance(schema, list):
        return [_name_alternatives(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    options = schema.get("anyOf")
    if options is not None and len(options) == 2 and {"type": "null"} in options:
        wanted = next(option for option in options if option != {"type": "null"})
        return {"if": {"type": "null"}, "else": _name_alternatives(wanted)}
    return {key: _name_alternatives(value) for key, value in schema.items()}


_LIMITS = {
    "minLength": ("too-short", "characters_min"),
    "maxLength": ("too-long", "characters_max"),
    "minItems": ("too-few", "count_min"),
    "maxItems": ("too-many", "count_max"),
    "minimum": ("out-of-range", "at_least"),
    "maximum": ("out-of-range", "at_most"),
}
"""Keyword of JSON schema -> our code and the name of the parameter that tells the limit."""


def _from_schema(error: Any, kind: Any, listed_max: int) -> list[Finding]:
    """Say a fault the schema found in our own codes. Never with the value: it may be somebody's name.

    listed_max: of unknown fields so many are looked at, for what each may have meant takes long.
    """
    pointer = "".join(f"/{_escape(str(step))}" for step in error.instance_path)
    detail: Any = error.kind
    match detail.name:
        case "required":
            field = str(detail.property)
            findings = [Finding("missing-field", f"{pointer}/{field}", parameters={"field": field})]
        case "additionalProperties":
            unexpected = detail.unexpected
            findings = [_unknown_field(pointer, name, kind) for name in unexpected[:listed_max]]
            # Nobody reads these; they are counted.
            findings += [Finding("unknown-field", pointer)] * (len(unexpected) - listed_max)
        case "type":
            findings = [Finding("wrong-type", pointer, parameters={"expected": _json_type(detail.types)})]
        case "pattern":
            findings = [Finding("bad-pattern", pointer, parameters={"allowed": _said(detail.pattern)})]
        case keyword if keyword in _LIMITS:
            code, parameter = _LIMITS[keyword]
            findings = [Finding(code, pointer, parameters={parameter: str(detail.limit)})]
        case keyword:
            findings = [Finding("not-valid", pointer, parameters={"check": keyword})]
    return findings


def _said(pattern: str) -> str:
    return "letters, digits and signs of ASCII, without blanks" if r"\x21-\x7e" in pattern else pattern


def _json_type(types: Any) -> str:
    return " or ".join(types) if isinstance(types, list) else str(types)


def _unknown_field(pointer: str, name: str, kind: Any) -> Finding:
    parameters = {"field": _short(name)}
    near = difflib.get_close_matches(name[:_FIELD_LETTERS_MAX], _field_names(kind), n=1, cutoff=0.75)
    if near:
        parameters["did_you_mean"] = near[0]
    return Finding("unknown-field", f"{pointer}/{_escape(name)}", parameters=parameters)


def _field_names_of(kind: Any) -> list[str]:
    definitions = msgspec.json.schema(kind)["$defs"].values()
    return sorted({name for definition in definitions for name in definition.get("properties", {})})


def _from_msgspec(line: bytes, kind: Any) -> Finding:
    """Give msgspec's one fault, for the case that the schema finds none (they differ on some rare text)."""
    try:
        msgspec.json.decode(line, type=kind)
    except msgspec.ValidationError as fault:
        path = str(fault).rpartition("at `$")[2].rstrip("`") if "at `$" in str(fault) else ""
        return Finding(
            "not-valid", re.sub(r"[.\[]", "/", path).replace("]", ""), parameters={"check": "type"}
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    return Finding("malformed-json", "", parameters={"byte": "1"})


def _escape(step: str) -> str:
    return _clean(step).replace("~", "~0").replace("/", "~1")[:_FIELD_LETTERS_MAX]


def _short(name: str) -> str:
    return _clean(name)[:_FIELD_LETTERS_MAX]


_validator = cache(_validator_of)
_field_names = cache(_field_names_of)

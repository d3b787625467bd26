"""One group of a message against the class it should be: fields, values, and what a kind of event needs."""

import difflib
import re
from collections.abc import Collection
from itertools import islice

from serai.formats.decoded import FINDINGS_MAX
from serai.formats.epcis.codes import is_new, shorten
from serai.formats.epcis.identifiers import canonical_identifier, has_wrong_check_digit
from serai.formats.epcis.scalars import plain_boolean, plain_number, utc_text
from serai.formats.epcis.tables import (
    CODES,
    EVENT_CLASSES,
    EXTENDED_EVENT,
    FORMS,
    TABLES,
    Condition,
    Field,
    Shape,
)
from serai.formats.epcis.tree import (
    NODE_TYPE,
    Group,
    Leaf,
    Many,
    Node,
    Place,
    Prefixes,
    is_blank_node,
    is_own_type,
    is_uri,
    undeclared_prefix,
)
from serai.model.findings import Finding

_PATTERNS = {name: re.compile(pattern) for name, pattern in TABLES.patterns.items()}
_PATTERN_WORDS = {
    "uom": "two or three capital letters or digits of UN/ECE Recommendation 20, such as KGM",
    "version": "numbers between points, such as 2.0",
    "hexBinary": "the digits 0 to 9 and the letters A to F",
    "eventTimeZoneOffset": "a sign, hours and minutes between -14:00 and +14:00, such as +02:00",
}
_ROOT_ATTRIBUTES = frozenset({"schemaVersion", "creationDate"})
_XML_NAMES = {"epcisBody": "EPCISBody", "eventList": "EventList", "queryResults": "QueryResults"}
_ANY_TYPE = frozenset({"epcisHeader", "epcisBody"})
_NAME_LETTERS_MAX = 64
_COUNTED = Finding("more-faults", "")
_COUNTED_ADVICE = Finding("more-faults", "", severity="advice")


class Checker:
    """Collects what is wrong with one message. is_closed: every prefix of a field must be declared."""

    def __init__(self, *, is_xml: bool, is_closed: bool) -> None:
        """Start with nothing found."""
        self.is_xml = is_xml
        self._is_closed = is_closed
        self._findings: list[Finding] = []
        self.listed_from = 0
        """Number of findings before those that are being listed."""
        self._kept: dict[str, Place] = {}
        self._event_ids: set[str] = set()

    def all_findings(self) -> list[Finding]:
        """Give everything found: in the order of the message, then a line for each field kept unread."""
        advice = [
            Finding("epcis-kept-unread", str(place), severity="advice", parameters={"field": _short(name)})
            for name, place in islice(self._kept.items(), FINDINGS_MAX + 1)
        ]
        advice += [_COUNTED_ADVICE] * (len(self._kept) - len(advice))
        return [*self._findings, *advice]

    @property
    def count(self) -> int:
        """Say how many findings there are so far, advice on fields kept unread aside."""
        return len(self._findings)

    def findings_from(self, begin: int) -> list[Finding]:
        """Give the findings that came after the first so many."""
        return self._findings[begin:]

    def add(self, code: str, place: Place | str, **parameters: str) -> None:
        """Add a fault."""
        self._findings.append(
            Finding(code, str(place), parameters=parameters) if self._is_listed else _COUNTED
        )

    def advise(self, code: str, place: Place | str, **parameters: str) -> None:
        """Add a piece of advice."""
        finding = Finding(code, str(place), severity="advice", parameters=parameters)
        self._findings.append(finding if self._is_listed else _COUNTED_ADVICE)

    @property
    def _is_listed(self) -> bool:
        """Say whether anybody will read the next finding; else it is counted, and costs no more."""
        return len(self._findings) - self.listed_from <= FINDINGS_MAX

    def _near(self, name: str, known: Collection[str], cutoff: float) -> dict[str, str]:
        """Give what a name may have meant."""
        near = difflib.get_close_matches(name, known, n=1, cutoff=cutoff) if self._is_listed else []
        return {"did_you_mean": near[0]} if near else {}

    # ---- groups ----

    def require(self, group: Group, name: str) -> None:
        """Find whether a member is there."""
        if group.get(name) is None:
            self.add("missing-field", f"{group.place}/{self._as_written('', name)}", field=name)

    def group_in(self, group: Group, name: str) -> Group | None:
        """Give a member that must be there and be a group; None: it is not, and that is found."""
        self.require(group, name)
        node = group.get(name)
        if node is None or isinstance(node, Group):
            return node
        self.add("wrong-type", node.place, expected="object")
        return None

    def body_of(self, document: Group) -> Group | None:
        """Give the body of a document that was checked against its class, which tells where it is missing."""
        return None if document.get("epcisBody") is None else self.group_in(document, "epcisBody")

    def check_names(self, group: Group, known: Collection[str]) -> None:
        """Find members of an element of XML that are none of the known ones."""
        for name, node in group.members:
            if name not in known:
                self._check_unknown(name, node, group, TABLES.classes["epcisDocument"], known)

    def check_group(self, group: Group, kind: str, skipped: Collection[str] = ()) -> None:
        """Check the fields of a group against a class. skipped: fields whose value another check looks at.

        A skipped field of JSON must still be there where the class requires it.
        """
        shape = TABLES.classes[kind]
        seen: set[str] = set()
        for name, node in group.members:
            field = shape.fields.get(name)
            if field is None and name == "type" and kind in FORMS.node_types:
                self._check_node_type(node, kind, group)
                continue
            if field is None:
                self._check_unknown(name, node, group, shape, shape.fields)
                continue
            if name in seen:
                self.add("repeated-field", node.place, field=name)
            elif name not in skipped:
                self._check_field(node, field, name, group)
            seen.add(name)
        for name, field in shape.fields.items():
            stand_in = FORMS.stands_for.get(kind, {}).get(name)
            is_left_out = (
                name in seen or stand_in in seen or (self.is_xml and name in skipped and name != "epcisBody")
            )
            if field.is_required and not is_left_out:
                self.add("missing-field", f"{group.place}/{self._as_written(kind, name)}", field=name)
        if self.is_xml:
            self._check_order(group, kind)

    def _check_order(self, group: Group, kind: str) -> None:
        """Find the first element of XML that stands behind one that must follow it."""
        order = FORMS.element_order.get(kind) or FORMS.written_order.get(kind)
        if order is None and kind in EVENT_CLASSES:
            order = FORMS.written_order["default"]
        known = TABLES.classes[kind].fields
        ranks = {name: rank for rank, name in enumerate(order or ()) if name in known}
        last, last_name, seen = -1, "", set[str]()
        for name, node in group.members:
            if name not in ranks or name in seen:
                continue
            seen.add(name)
            # Versions 1.x have master data of the instance before sensors, version 2.0 behind them.
            rank = ranks.get(FORMS.late_elements[0], -1) if name in FORMS.late_elements else ranks[name]
            if rank < last:
                self.add("epcis-wrong-order", node.place, field=name, following=last_name)
                return
            last, last_name = rank, name

    def _check_node_type(self, node: Node, kind: str, group: Group) -> None:
        """Check the type of a sensor's part: JSON-LD may state what its field says already."""
        if not isinstance(node, Leaf) or node.kind != "text":
            self.add("wrong-type", node.place, expected="string")
        elif not is_own_type(node, kind, group.prefixes):
            if is_uri(node.text):
                self._kept.setdefault(NODE_TYPE, node.place)
            else:
                self.add("epcis-not-a-uri", node.place)

    def _as_written(self, kind: str, name: str) -> str:
        if not self.is_xml:
            return name
        is_beside_text = kind in FORMS.text_fields and name != FORMS.text_fields[kind]
        is_attribute = is_beside_text or kind in FORMS.attribute_classes or name in _ROOT_ATTRIBUTES
        return f"@{name}" if is_attribute else _XML_NAMES.get(name, name)

    def _check_unknown(
        self, name: str, node: Node, group: Group, shape: Shape, known: Collection[str]
    ) -> None:
        if name.startswith("{"):
            if not shape.is_open:
                self.add("unknown-field", node.place, field=_short(name))
            elif not self._is_undeclared(name, node, group):
                self._kept.setdefault(name, node.place)
        elif self.is_xml and node.place.is_attribute_of_root:
            # An attribute of the root: nothing of the events hangs on it.
            self._kept.setdefault(name, node.place)
        else:
            hint = self._near(_short(name), known, 0.75)
            self.add("unknown-field", node.place, field=_short(name), **hint)

    def check_header(self, node: Node | None) -> None:
        """Check master data of a header: each vocabulary has its type and each element its identifier."""
        if node is None:
            return
        if not isinstance(node, Group):
            # An empty element of XML is a header without content.
            if not (self.is_xml and isinstance(node, Leaf)):
                self.add("wrong-type", node.place, expected="object")
            return
        if not self.is_xml:
            self.check_header_names(node)
            data = node.get("epcisMasterData")
            for entry in data.items("vocabularyList") if isinstance(data, Group) else ():
                self._check_value(entry, "vocabulary", "vocabulary", node)
            return
        for vocabulary, name in _named(node, "Vocabulary", "VocabularyElement"):
            wanted = "@type" if name == "Vocabulary" else "@id"
            self.require(vocabulary, wanted)

    def check_header_names(self, header: Group) -> None:
        """Check that a header of JSON holds master data and fields of somebody's namespace only."""
        for name, node in header.members:
            if name != "epcisMasterData":
                self._check_unknown(name, node, header, TABLES.classes["epcisDocument"], ("epcisMasterData",))

    # ---- events ----

    def check_events(self, node: Node | None) -> None:
        """Check a list of events."""
        if node is None:
            return
        if not isinstance(node, Many):
            self.add("wrong-type", node.place, expected="array")
            return
        for event in node.items:
            if not isinstance(event, Group):
                self.add("wrong-type", event.place, expected="object")
                continue
            kind = event.text("type")
            if kind is None:
                self.add("missing-field", f"{event.place}/type", field="type")
            elif kind in EVENT_CLASSES:
                self.check_event(event, kind)
            elif kind.startswith("{") or is_uri(kind):
                self.check_event(event, EXTENDED_EVENT)
            else:
                place = event.place if self.is_xml else f"{event.place}/type"
                self.add("epcis-unknown-event", place, kinds=", ".join(EVENT_CLASSES))

    def check_event(self, event: Group, kind: str, *, is_root: bool = False) -> None:
        """Check one event of a class. is_root: it stands alone, in XML with the attributes of a document."""
        group = event
        if is_root and self.is_xml:
            members = [one for one in event.members if one[0] not in _ROOT_ATTRIBUTES]
            group = Group(event.place, members, event.prefixes)
        if kind == EXTENDED_EVENT:
            self._check_extended_event(group)
        else:
            self.check_group(group, kind, skipped=("type",))
            self._check_condition(group, FORMS.conditions[kind])
        self._check_event_id(event)

    def _check_extended_event(self, event: Group) -> None:
        """Check what every event has; the rest belongs to whoever named the type."""
        fields = TABLES.classes[EXTENDED_EVENT].fields
        own = [member for member in event.members if member[0] in fields]
        for name, node in event.members:
            if name not in fields:
                self._kept.setdefault(name, node.place)
        self.check_group(Group(event.place, own, event.prefixes), EXTENDED_EVENT, skipped=("type",))

    def _check_event_id(self, event: Group) -> None:
        event_id = event.text("eventID")
        # A declaration of error repeats the event that it declares wrong, identifier and all.
        if event_id is None or event.get("errorDeclaration") is not None:
            return
        if event_id in self._event_ids:
            self.add("epcis-event-id-repeated", f"{event.place}/eventID")
        self._event_ids.add(event_id)

    def _check_condition(self, event: Group, needs: Condition) -> None:
        action = event.text("action")
        if action not in needs.not_for_actions:
            is_partial = bool(needs.either_with) and event.get(needs.either_with) is not None
            missing = [
                groups
                for groups in (needs.one_of, needs.and_one_of)
                if groups and not any(_has_all(event, group, needs) for group in groups)
            ]
            if len(missing) > is_partial:
                fields = " or ".join(" with ".join(group) for group in missing[0])
                self.add("epcis-what-missing", event.place, fields=fields, section=needs.source)
        if action in needs.parent_actions and event.get("parentID") is None:
            self.add("missing-field", f"{event.place}/parentID", field="parentID")
        ilmd = event.get("ilmd")
        if needs.ilmd_actions and ilmd is not None and action in CODES["action"] - set(needs.ilmd_actions):
            self.add("epcis-ilmd-not-added", ilmd.place, action=str(action))

    # ---- values ----

    def _check_field(self, node: Node, field: Field, name: str, group: Group) -> None:
        if field.kind == "certificationInfo":
            for item in node.items if isinstance(node, Many) else [node]:
                self._check_value(item, "uri", name, group)
        elif field.is_list:
            self._check_list(node, field, name, group)
        elif name == "id" and group.place.is_root and isinstance(node, Leaf) and is_blank_node(node.text):
            # A document need not be known beyond itself.
            return
        else:
            self._check_value(node, field.kind, name, group)

    def _check_list(self, node: Node, field: Field, name: str, group: Group) -> None:
        if not isinstance(node, Many):
            self.add("wrong-type", node.place, expected="array")
            return
        is_needed = field.is_required or name in ("set", "unset")
        if is_needed and not node.items:
            self.add("too-few", node.place, count_min="1")
        seen: set[str] = set()
        for item in node.items:
            self._check_value(item, field.kind, name, group)
            if field.is_unique and isinstance(item, Leaf):
                if item.text in seen:
                    self.add("epcis-entry-repeated", item.place)
                seen.add(item.text)

    def _check_value(self, node: Node, kind: str, name: str, group: Group) -> None:
        if kind in _ANY_TYPE or name == "attribute":
            return
        if kind == "ilmd":
            self._check_ilmd(node)
        elif kind == "@context":
            self._check_context(node)
        elif kind in TABLES.classes:
            self._check_class(node, kind)
        elif not isinstance(node, Leaf) or node.kind not in ("untyped", _leaf_kind(kind)):
            self.add("wrong-type", node.place, expected=_json_type(kind))
        else:
            self.check_scalar(node, kind, group.prefixes)

    def _check_class(self, node: Node, kind: str) -> None:
        if not isinstance(node, Group):
            self.add("wrong-type", node.place, expected="object")
            return
        self.check_group(node, kind)
        if kind == "persistentDisposition" and not node.members:
            self.add("too-few", node.place, count_min="1")

    def _check_ilmd(self, node: Node) -> None:
        if not isinstance(node, Group):
            self.add("wrong-type", node.place, expected="object")
            return
        for name, member in node.members:
            if ":" not in name:
                self.add("epcis-no-namespace", member.place, field=_short(name))
            else:
                self._is_undeclared(name, member, node)

    def _check_context(self, node: Node) -> None:
        """Check that a context is an address, an object of prefixes, or a list of these."""
        for part in node.items if isinstance(node, Many) else [node]:
            if isinstance(part, Group):
                continue
            if not isinstance(part, Leaf) or part.kind != "text":
                self.add("wrong-type", part.place, expected="string or object")
            elif not is_uri(part.text):
                self.add("epcis-not-a-uri", part.place)

    def _is_undeclared(self, name: str, node: Node, group: Group) -> bool:
        prefix = None if self.is_xml or not self._is_closed else undeclared_prefix(name, group.prefixes)
        if prefix is not None:
            self.add("epcis-prefix-undeclared", node.place, prefix=_short(prefix))
        return prefix is not None

    def check_scalar(self, leaf: Leaf, kind: str, prefixes: Prefixes) -> None:
        """Check the text of a scalar of a kind: URI, instant, number, code or pattern."""
        text = leaf.text
        match kind:
            case "uri":
                if not is_uri(text):
                    self.add("epcis-not-a-uri", leaf.place)
                elif has_wrong_check_digit(canonical_identifier(text)):
                    self.advise("epcis-check-digit", leaf.place)
            case "time":
                if utc_text(text) is None:
                    self.add("not-an-instant", leaf.place)
            case "decimal":
                if plain_number(text) is None:
                    self.add("epcis-not-a-number", leaf.place)
            case "boolean":
                if plain_boolean(text) is None:
                    self.add("wrong-type", leaf.place, expected="boolean")
            case kind if kind in CODES:
                self._check_code(leaf, kind, prefixes)
            case kind if kind in _PATTERNS:
                if not _PATTERNS[kind].match(text):
                    self.add("bad-pattern", leaf.place, allowed=_PATTERN_WORDS[kind])

    def _check_code(self, leaf: Leaf, code_list: str, prefixes: Prefixes) -> None:
        value = shorten(leaf.text, code_list, prefixes)
        if value is not None:
            if is_new(value, code_list):
                self.advise("epcis-code-new", leaf.place, code_list=code_list)
            return
        bare = re.split(r"[:/-]", leaf.text)[-1][:_NAME_LETTERS_MAX]
        hint = self._near(bare, CODES[code_list], 0.6)
        self.add("epcis-code-unknown", leaf.place, code_list=code_list, **hint)


def _has_all(event: Group, names: list[str], needs: Condition) -> bool:
    return all(
        event.get(name) is not None and (name in needs.may_be_empty or bool(event.items(name)))
        for name in names
    )


def _named(group: Group, *names: str) -> list[tuple[Group, str]]:
    """Give the groups of these names anywhere below a group, with their names."""
    found, waiting = [], [group]
    while waiting:
        for name, node in waiting.pop().members:
            if isinstance(node, Group):
                waiting.append(node)
                if name in names:
                    found.append((node, name))
    return found


def _leaf_kind(kind: str) -> str:
    return {"decimal": "number", "boolean": "boolean"}.get(kind, "text")


def _json_type(kind: str) -> str:
    return {"decimal": "number", "boolean": "boolean"}.get(kind, "string")


def _short(name: str) -> str:
    return name[:_NAME_LETTERS_MAX]

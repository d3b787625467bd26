"""A query for events as parameters of an address: `EQ_bizStep=shipping|arriving&GE_eventTime=...`."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from serai.formats.decoded import limit_findings
from serai.formats.epcis.check_class import Checker
from serai.formats.epcis.check_query import find_query_faults
from serai.formats.epcis.event import Query
from serai.formats.epcis.read import read_query
from serai.formats.epcis.tables import TABLES
from serai.formats.epcis.tree import Group, Leaf, Many, Node, Place, Prefixes
from serai.model.findings import Finding

_LIST = "list of "
_SEPARATOR = "|"
_NUL = "\0"
_INSTANTS = frozenset({"time"})


def read_url_query(
    parameters: Iterable[tuple[str, str]], prefixes: Mapping[str, str] = MappingProxyType({})
) -> tuple[Query | None, list[Finding]]:
    """Read parameters, in the order of the address. Returns the query, or None and everything wrong with it.

    Several values stand between bars, or the parameter stands there several times. The pointer of a finding
    is the parameter's name.
    """
    texts: dict[str, list[str]] = {}
    broken: list[Finding] = []
    for name, text in parameters:
        if _NUL in name + text:
            broken.append(Finding("nul-character", name.replace(_NUL, "?")[:64]))
        texts.setdefault(name, []).append(text)
    if broken:
        return None, limit_findings(broken)
    members = [(name, _node(name, values)) for name, values in texts.items()]
    group = Group(Place(None, ""), members, Prefixes(prefixes))
    checker = Checker(is_xml=True, is_closed=True)
    find_query_faults(group, checker)
    findings = limit_findings(checker.all_findings())
    if any(one.severity == "fault" for one in findings):
        return None, findings
    return read_query("SimpleEventQuery", group), findings


def _node(name: str, texts: list[str]) -> Node:
    place = Place(None, name)
    kind = TABLES.query_parameters.get(name, f"{_LIST}string")
    if not kind.startswith(_LIST):
        # A plus of an offset comes out of an address as a space.
        text = texts[-1].replace(" ", "+") if kind in _INSTANTS else texts[-1]
        return Leaf(place, text, "untyped")
    values = [value for text in texts for value in text.split(_SEPARATOR)]
    return Many(place, [Leaf(place, value, "untyped") for value in values])

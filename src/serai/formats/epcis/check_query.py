"""Queries and their results: names and values of parameters, and the events that come back."""

from serai.formats.epcis.check_class import Checker
from serai.formats.epcis.json_tree import is_query_parameter
from serai.formats.epcis.tables import CODES, TABLES
from serai.formats.epcis.tree import Group, Leaf, Many, Node

_LIST = "list of "
_JSON_KINDS = {"decimal": "number", "number": "number", "integer": "number", "boolean": "boolean"}


def find_results_faults(group: Group, checker: Checker) -> None:
    """Check what the body of a query document holds: results, or in XML a query."""
    body = checker.body_of(group)
    if body is None:
        return
    poll = body.get("poll") if checker.is_xml else None
    checker.check_names(body, {"queryResults", "poll"} if checker.is_xml else {"queryResults"})
    if isinstance(poll, Group):
        _check_poll(poll, checker)
        return
    results = checker.group_in(body, "queryResults")
    if results is not None:
        _check_results(results, checker)


def _check_results(results: Group, checker: Checker) -> None:
    checker.check_names(results, {"queryName", "subscriptionID", "resultsBody"})
    if results.get("queryName") is None:
        # Results that the reference calls valid leave it out in XML; in JSON the schema asks for it.
        missing = checker.advise if checker.is_xml else checker.add
        missing("missing-field", f"{results.place}/queryName", field="queryName")
    for name in ("queryName", "subscriptionID"):
        node = results.get(name)
        if node is not None and not (isinstance(node, Leaf) and node.kind in ("text", "untyped")):
            checker.add("wrong-type", node.place, expected="string")
    found = checker.group_in(results, "resultsBody")
    if found is not None:
        checker.check_names(found, {"eventList", "vocabularyList"})
        checker.require(found, "eventList")
        checker.check_events(found.get("eventList"))


def _check_poll(poll: Group, checker: Checker) -> None:
    checker.check_names(poll, {"queryName", "params"})
    checker.require(poll, "queryName")
    checker.require(poll, "params")
    params = poll.get("params")
    if isinstance(params, Group):
        find_query_faults(params, checker)


def find_query_faults(query: Group, checker: Checker) -> None:
    """Check each parameter of a query: that its name is one, and that its values are of its kind."""
    for name, node in query.members:
        if name == "@context":
            continue
        if not is_query_parameter(name):
            checker.add("epcis-parameter-unknown", node.place, field=name[:64])
            continue
        kind = TABLES.query_parameters.get(name)
        if kind is not None:
            _check_values(node, kind, query, checker)


def _check_values(node: Node, kind: str, query: Group, checker: Checker) -> None:
    is_list, item_kind = kind.startswith(_LIST), kind.removeprefix(_LIST)
    if isinstance(node, Many) != is_list and not (checker.is_xml and is_list and isinstance(node, Leaf)):
        checker.add("wrong-type", node.place, expected="array" if is_list else item_kind)
        return
    for item in node.items if isinstance(node, Many) else [node]:
        if not isinstance(item, Leaf):
            checker.add("wrong-type", item.place, expected=item_kind)
        elif item.kind == "null":
            # EXISTS parameters have no value.
            continue
        elif item.kind != "untyped" and item.kind != _JSON_KINDS.get(item_kind, "text"):
            checker.add("wrong-type", item.place, expected=item_kind)
        elif item_kind in CODES or item_kind in ("uri", "time", "decimal", "boolean"):
            checker.check_scalar(item, item_kind, query.prefixes)

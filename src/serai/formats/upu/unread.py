"""What nothing reads of a postal item, put where it is stored with it: among the remarks of its sender."""

from functools import cache

import msgspec

from serai.formats.kept import Kept, is_fitting, with_remarks
from serai.formats.upu.facts import facts
from serai.formats.upu.message import UpuItem
from serai.model.findings import Finding


def with_unread(item: UpuItem) -> UpuItem:
    """Return an item whose declaration holds what nothing reads; what does not fit is `element-not-kept`.

    What is technical stays out: it differs where the same item is sent again.
    """
    consignment = item.consignment
    kept = [one for one in item.kept if not _is_technical(one)]
    if consignment is None or not kept:
        return item
    fitting = [one for one in kept if is_fitting(one)]
    lost = [
        Finding("element-not-kept", f"{item.pointer}/{one.way}", "advice", {"element": one.way[:64]})
        for one in kept
        if one not in fitting and one.text.strip()
    ]
    if fitting:
        consignment = with_remarks(consignment, "consignor", fitting)
    return msgspec.structs.replace(item, consignment=consignment, findings=[*item.findings, *lost])


def _is_technical(one: Kept) -> bool:
    return not one.is_xml and one.way.rpartition("/")[2].partition("[")[0] in _technical_names()


@cache
def _technical_names() -> frozenset[str]:
    return frozenset(one.name for record in facts().records.values() for one in record if one.is_technical)

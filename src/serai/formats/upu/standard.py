"""ITMATT, CUSITM and CUSRSP of posts, each as a `Standard`."""

from functools import partial

from serai.formats.convertible import Convertible
from serai.formats.standard import XML, Check, Described, Exchange, Marks, Standard
from serai.formats.upu.check import check_cusitm, check_cusrsp, check_itmatt
from serai.formats.upu.convert import read_cusitm, read_itmatt, write_cusitm, write_itmatt
from serai.formats.upu.read import ITEMS_MAX, decode_upu

_KINDS = ("declaration",)
_ROOT = "ArrayOfCDSView"
"""Of what customs gets and of what it answers, which has a response for each item."""
_RESPONSE = rb"<(?:[\w.-]{1,40}:)?Response[\s/>]"
_LACKS = ("sale_nature_code", "purchased_at", "paid_at", "expected_arrival_at")
"""An item says whether it is a gift, but not between whom it was sold, nor when, nor when it arrives."""
_HOW = "../../how-to/send-postal-items.md"

ITMATT = Standard(
    name="itmatt",
    title="ITMATT: postal items, from post to post",
    media_types=XML,
    suffix=".xml",
    kinds=_KINDS,
    marks=Marks(roots="(?i:ITMATT)"),
    check=Check(check_itmatt),
    conversions={
        "itmatt": Convertible(".xml", _KINDS, _KINDS, read_itmatt, write_itmatt, ITEMS_MAX, ("Header",))
    },
    exchange=Exchange("upu", partial(decode_upu, name="itmatt")),
    lacks=_LACKS,
    described=Described(
        page="upu.md",
        carries="postal items (CN 22, CN 23) between posts",
        how=_HOW,
        unsure="root and header, code list 136, changes, cancellations: no real message at hand",
    ),
    samples=("examples/standards/itmatt*.xml",),
)
CUSITM = Standard(
    name="cusitm",
    title="CUSITM: postal items, to customs",
    media_types=XML,
    suffix=".xml",
    kinds=_KINDS,
    marks=Marks(roots=f"(?i:CUSITM)|{_ROOT}", never_with=_RESPONSE),
    check=Check(check_cusitm),
    conversions={"cusitm": Convertible(".xml", _KINDS, _KINDS, read_cusitm, write_cusitm, ITEMS_MAX)},
    exchange=Exchange("upu", partial(decode_upu, name="cusitm")),
    lacks=_LACKS,
    described=Described(page="upu.md", carries="postal items (CN 22, CN 23) for customs", how=_HOW),
    samples=("examples/standards/cusitm*.xml",),
)
CUSRSP = Standard(
    name="cusrsp",
    title="CUSRSP: answers of customs to a post",
    media_types=XML,
    suffix=".xml",
    marks=Marks(roots=f"(?i:CUSRSP)|{_ROOT}", only_with=_RESPONSE),
    check=Check(check_cusrsp),
    described=Described(page="upu.md", carries="what customs says of each postal item", how=_HOW),
    samples=("examples/standards/cusrsp*.xml",),
)

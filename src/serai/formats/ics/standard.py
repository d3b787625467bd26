"""ICS entry summary declarations as a `Standard`."""

from serai.formats.convertible import Convertible
from serai.formats.ics.check import check_message
from serai.formats.ics.convert import read_ics
from serai.formats.ics.read import decode_entry_summary
from serai.formats.ics.rules import EDITIONS
from serai.formats.ics.sentences import render
from serai.formats.standard import XML, Check, Described, Exchange, Marks, Standard

_KINDS = ("transport-document",)

STANDARD = Standard(
    name="ics",
    title="ICS: entry summary declarations",
    media_types=XML,
    suffix=".xml",
    kinds=_KINDS,
    marks=Marks(roots=r"CC3\d\d[A-Z]|IE3\w+"),
    check=Check(check_message, EDITIONS, render),
    conversions={"ics": Convertible(".xml", _KINDS, (), read_ics)},
    exchange=Exchange("ics", decode_entry_summary),
    described=Described(
        page="ics.md",
        carries="CC315A, CC313A; answers of HMRC's entry declaration store and by the names of ICS2",
        how="../../how-to/ask-before-loading.md",
        shares=(("{} of values; the rest is kept and named", "ics.md", r"are read \((\d+ %)\)"),),
        unsure="content of ICS2's messages; rules that no published case has",
    ),
    samples=("examples/standards/ics-*.xml", "conformance/ics/messages/*.xml"),
)

"""The super-reduced data set as a `Standard`."""

from serai.formats.h7.check import check_message
from serai.formats.h7.profile import EDITIONS
from serai.formats.standard import XML, Check, Described, Standard

STANDARD = Standard(
    name="h7",
    title="H7: the super-reduced data set of the European Union",
    media_types=XML,
    suffix=".xml",
    kinds=("declaration",),
    check=Check(check_message, EDITIONS),
    described=Described(
        page="h7.md",
        carries="WCO declarations of low value, by their data elements and conditions",
        shares=(("{}, counted with WCO DEC", "cds.md", r"\| H7-type declarations \|.*\| ([\d.]+ %) \|"),),
        unsure="six data elements and what the page lists; the text of the annex could not be read",
    ),
    samples=("examples/standards/h7-*.xml",),
)

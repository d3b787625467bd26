"""CARDIT as a `Standard`."""

from serai.formats.cardit.read import decode_cardit
from serai.formats.edifact.report_standard import report_standard
from serai.formats.standard import Described

STANDARD = report_standard(
    name="cardit",
    title="CARDIT: dispatches of post in EDIFACT",
    # CARDIT is IFCSUM as posts use it; nobody else sends us one.
    interchanges=("IFCSUM", "CARDIT"),
    decode=decode_cardit,
    described=Described(
        page="edifact.md",
        carries="mail consignments of posts, answered by CONTRL",
        how="../../how-to/send-a-cargo-report.md",
        unsure="where a message names its receptacles, lengths of elements: reported as advice",
    ),
)

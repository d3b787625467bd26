"""CUSCAR as a `Standard`."""

from serai.formats.cuscar.convert import write_cuscar
from serai.formats.cuscar.read import decode_cuscar
from serai.formats.edifact.report_standard import report_standard
from serai.formats.standard import Described

STANDARD = report_standard(
    name="cuscar",
    title="CUSCAR: cargo reports in EDIFACT",
    interchanges=("CUSCAR",),
    decode=decode_cuscar,
    write=write_cuscar,
    documents_max=9_999,
    described=Described(
        page="edifact.md",
        carries="cargo reports, with their interchange; answered by CONTRL",
        how="../../how-to/send-a-cargo-report.md",
        unsure="groups below the references of a consignment, lengths of elements: reported as advice",
    ),
)

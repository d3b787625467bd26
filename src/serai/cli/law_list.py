"""`serai law list`: the law packs, one a row."""

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_rows
from serai.law.library import read_packs

_COLUMNS = ("code", "title", "jurisdiction", "layer", "status", "valid_from", "valid_to")


def list_packs(*, laws: LawsOption = None, output: OutputOption = None) -> int:
    """List the law packs: where, which layer, from when to when (exclusive), and the hash decisions name."""
    rows = [
        {
            "code": one.pack.code,
            "title": one.pack.title,
            "jurisdiction": one.pack.jurisdiction,
            "layer": one.pack.layer,
            "channels": one.pack.channels,
            "status": one.pack.status,
            "confidence": one.pack.confidence,
            "valid_from": one.pack.valid_from.isoformat(),
            "valid_to": one.pack.valid_to and one.pack.valid_to.isoformat(),
            "revision": one.pack.revision,
            "content_hash": one.content_hash,
        }
        for one in read_packs(read_chosen_laws(laws))
    ]
    print_rows(rows, choose_output(output), _COLUMNS)
    return 0

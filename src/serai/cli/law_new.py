"""`serai law new`: a folder to begin a law with."""

import datetime as dt
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.cli.output import OutputOption, choose_output, print_facts
from serai.foundation.clock import SystemClock
from serai.foundation.shipped import read_law_files
from serai.laboratory.law_bench.scaffold import write_pack
from serai.model.errors import SeraiError


def new(
    code: Annotated[str, Parameter(help="Code of the new pack, such as XX-2027.")],
    /,
    *,
    jurisdiction: Annotated[str, Parameter(help="Country, customs or tax territory, such as XX.")],
    valid_from: Annotated[
        dt.date | None, Parameter(name="--from", help="First day in force; without it that of next year.")
    ] = None,
    currency: Annotated[
        str | None, Parameter(help="ISO 4217 code; without it that of the law the jurisdiction has.")
    ] = None,
    laws: Annotated[
        Path, Parameter(help="Folder of packs that the new one is put into, with its tables.")
    ] = Path("laws"),
    output: OutputOption = None,
) -> int:
    """Write a pack to begin with: it checks at once, and its one worked example passes.

    Comments in `pack.yaml`, `cases.yaml` and `README.md` lead a lawyer through it. Where layers of the
    territory speak the words of its law, or a union's law governs it, the pack is the next version of that
    law. Nothing is overwritten.
    """
    files = read_law_files(laws)
    first = valid_from or dt.date(SystemClock().now().year + 1, 1, 1)
    new_pack = write_pack(files, code, jurisdiction, first, currency)
    folder = laws / code
    try:
        folder.mkdir()
        for path, content in new_pack.files.items():
            (laws / path).write_bytes(content)
    except FileExistsError as fault:
        raise SeraiError(
            "law-there-already", f"There is {folder} already.", "Take another code; nothing was written."
        ) from fault
    except OSError as fault:
        raise SeraiError(
            "law-not-written", f"{folder} cannot be written: {fault.strerror}.", "Name a folder of your own."
        ) from fault
    facts = {
        "folder": str(folder),
        "jurisdiction": new_pack.jurisdiction,
        **({"next_version_of": new_pack.copied} if new_pack.copied else {}),
        "files": [path.partition("/")[2] for path in new_pack.files],
        "next_steps": [
            f"serai law check {code} --laws {laws}",
            f"serai law test --cases {folder}/cases.yaml --laws {laws}",
            f"serai law coverage {code} --laws {laws}",
        ],
    }
    print_facts(facts, choose_output(output))
    return 0

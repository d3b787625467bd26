"""`serai law check`: every pack decoded, every composition of packs that can be in force compiled."""

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.journey.clearance.law_faults import find_law_faults


def check(*, laws: LawsOption = None, output: OutputOption = None) -> int:
    """Load and compile every pack, also planned ones and drafts; say what is wrong, with file and line.

    Exit code 1 if anything is.
    """
    packs, compositions, faults = find_law_faults(read_chosen_laws(laws))
    rows = [
        {"code": fault.code, "place": fault.place, "message": fault.message, "next_step": fault.next_step}
        for fault in faults
    ]
    chosen = choose_output(output)
    if chosen == "ndjson" or (chosen == "table" and rows):
        print_rows(rows, chosen, ("code", "message", "next_step"))
    elif chosen == "table":
        print_facts({"packs": packs, "compositions": compositions, "faults": "none"}, chosen)
    else:
        print_facts({"packs": packs, "compositions": compositions, "faults": rows}, chosen)
    return 1 if faults else 0

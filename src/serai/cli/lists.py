"""`serai list check`: a list of parties, registrations, rates or tariff lines, and what it holds."""

from serai.cli.input_file import InputPath, read_input
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.journey.law_in_force.list_files import ListKind, count_names, read_list


def check(kind: ListKind, file: InputPath, /, *, output: OutputOption = None) -> int:
    """Read a list's file and say how many entries it holds; a faulty one is refused with its row.

    Parameters
    ----------
    kind
        What the file holds.
    file
        CSV; for denied parties also the UN's consolidated list as XML.
    """
    entries = read_list(kind, file.name, read_input(file))
    facts: dict[str, object] = {"kind": kind, "file": file.name, "entries": len(entries)}
    if kind == "denied-parties":
        facts["names"] = count_names(entries)
    print_facts(facts, choose_output(output))
    return 0

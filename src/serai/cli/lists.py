"""`serai list`: denied parties, scheme registers, exchange rates and tariffs, read and told what they hold.

`read_list` is what an import stands on: it refuses a faulty file whole, before anything is stored.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from serai.cli.input_file import InputPath, read_input
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.journey.screen.lists import ListEntry, decode_csv_list, decode_un_list
from serai.law.exchange import ExchangeRate
from serai.law.load import decode_table
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from serai.model.errors import SeraiError

ListKind = Literal["denied-parties", "scheme-register", "exchange-rates", "tariff"]
_TABLES: dict[str, type[msgspec.Struct]] = {
    "scheme-register": SchemeEntry,
    "exchange-rates": ExchangeRate,
    "tariff": TariffLine,
}


class ListStore(Protocol):
    """What `serai list import` needs of the store: keep a list's bytes by hash, in a new generation.

    Returns the generation's number; the same bytes again return the present one and change nothing.
    """

    async def import_list(self, *, kind: ListKind, name: str, content: bytes) -> int:
        """Keep the file and make it the list of this kind and name."""


def check(kind: ListKind, file: InputPath, /, *, output: OutputOption = None) -> int:
    """Read a list's file and say how many entries it holds; a faulty one is refused with its row.

    Parameters
    ----------
    kind
        What the file holds.
    file
        CSV; for denied parties also the UN's consolidated list as XML.
    """
    content = read_input(file)
    entries = read_list(kind, file.name, content)
    facts: dict[str, object] = {"kind": kind, "file": file.name, "entries": len(entries)}
    if kind == "denied-parties":
        facts["names"] = sum(len(entry.names) for entry in entries if isinstance(entry, ListEntry))
    print_facts(facts, choose_output(output))
    return 0


def read_list(kind: ListKind, name: str, content: bytes) -> Sequence[msgspec.Struct]:
    """Read a list. Raises SeraiError `list-file`, `list-file-empty`, or of a table `table-shape`."""
    entries: Sequence[msgspec.Struct]
    try:
        if kind != "denied-parties":
            entries = list(decode_table(content, _TABLES[kind], name))
        elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            entries = decode_un_list(content)
        else:
            entries = decode_csv_list(content, Path(name).stem)
    except UnicodeDecodeError as fault:
        raise SeraiError("list-file", f"{name} is not UTF-8.", "Save it as CSV in UTF-8.") from fault
    if not entries:
        raise SeraiError(
            "list-file-empty", f"{name} holds no entry.", "An empty list is more likely a mistake."
        )
    return entries

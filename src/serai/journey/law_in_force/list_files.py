"""Files of lists: denied parties, scheme registers, rates, tariffs. A faulty one is refused whole."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final, Literal, TypeVar, get_args

import msgspec

from serai.journey.law_in_force.list_rows import ListFile
from serai.journey.screening.lists import ListEntry, decode_csv_list, decode_un_list
from serai.law.exchange import ExchangeRate
from serai.law.load import decode_table
from serai.law.program import LawPackError
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from serai.model.errors import SeraiError

ListKind = Literal["denied-parties", "scheme-register", "exchange-rates", "tariff"]
LIST_KINDS: Final[tuple[ListKind, ...]] = get_args(ListKind)
_TABLES: Final[dict[ListKind, type[msgspec.Struct]]] = {
    "scheme-register": SchemeEntry,
    "exchange-rates": ExchangeRate,
    "tariff": TariffLine,
}


def read_list(kind: ListKind, name: str, content: bytes) -> Sequence[msgspec.Struct]:
    """Read a list. Raises SeraiError `list-file` with the row, or `list-file-empty`."""
    entries: Sequence[msgspec.Struct]
    try:
        if kind != "denied-parties":
            entries = list(decode_table(content, _TABLES[kind], name))
        elif content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            entries = decode_un_list(content)
        else:
            entries = decode_csv_list(content, PurePath(name).stem)
    except UnicodeDecodeError as fault:
        raise SeraiError("list-file", f"{name} is not UTF-8.", "Save it as CSV in UTF-8.") from fault
    except (LawPackError, csv.Error) as fault:
        message = fault.message if isinstance(fault, LawPackError) else f"{name}: {fault}."
        raise SeraiError("list-file", message, "Correct that row; nothing was imported.") from fault
    if not entries:
        raise SeraiError(
            "list-file-empty", f"{name} holds no entry.", "An empty list is more likely a mistake."
        )
    return entries


def list_kind_of(name: str) -> ListKind:
    """Return which list a file is, by the beginning of its name. Raises SeraiError `list-file-unknown`."""
    for kind in LIST_KINDS:
        if name.startswith(kind):
            return kind
    raise SeraiError(
        "list-file-unknown",
        f"The file {name} does not say by its name which list it is.",
        f"Let its name begin with one of: {', '.join(LIST_KINDS)}.",
    )


def count_names(entries: Iterable[msgspec.Struct]) -> int:
    """Return how many names the entries of a list of denied parties have."""
    return sum(len(entry.names) for entry in entries if isinstance(entry, ListEntry))


_Kept = TypeVar("_Kept", bound=ListFile)


def with_lists(present: Sequence[_Kept], lists: Iterable[_Kept]) -> list[_Kept]:
    """Return the components with these lists; each takes the place of the one of its kind and name."""
    by_name = {(one.kind, one.name): one for one in (*present, *lists)}
    return list(by_name.values())

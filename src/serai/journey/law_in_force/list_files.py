"""Files of lists: denied parties, scheme registers, rates, tariffs. A faulty one is refused whole."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final, Literal, TypeVar, get_args

import msgspec

from serai.journey.law_in_force.list_rows import ListFile
from serai.journey.law_in_force.risk_model import RISK_MODEL, read_model_list
from serai.journey.screening.list_entry import ListEntry
from serai.journey.screening.list_formats.recognised import decode_list
from serai.law.exchange import ExchangeRate
from serai.law.load import decode_table
from serai.law.nearest import find_nearest
from serai.law.program import LawPackError
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

ListKind = Literal["denied-parties", "scheme-register", "exchange-rates", "tariff", "risk-model"]
_HEADING_BYTES_MAX: Final = 4_096


class ListToImport(msgspec.Struct, frozen=True):
    """A list as it is proposed to a second person."""

    kind: ListKind
    name: str
    content: bytes


LIST_KINDS: Final[tuple[ListKind, ...]] = get_args(ListKind)
_TABLES: Final[dict[ListKind, type[msgspec.Struct]]] = {
    "scheme-register": SchemeEntry,
    "exchange-rates": ExchangeRate,
    "tariff": TariffLine,
}


def read_list(kind: ListKind, name: str, content: bytes) -> Sequence[msgspec.Struct]:
    """Read a list. Raises SeraiError `list-file` with the row, `list-format-unknown`, or
    `list-file-empty`; of a risk model what `check_model` raises."""
    entries: Sequence[msgspec.Struct]
    if kind == RISK_MODEL:
        return read_model_list(content)
    try:
        if kind == "denied-parties":
            entries = decode_list(content, name)
        else:
            entries = list(decode_table(content, _TABLES[kind], name))
    except UnicodeDecodeError as fault:
        raise SeraiError(
            "list-file", MessageText("{name} is not UTF-8.", name=name), "Save it as CSV in UTF-8."
        ) from fault
    except (LawPackError, csv.Error) as fault:
        message = fault.message if isinstance(fault, LawPackError) else f"{name}: {fault}."
        raise SeraiError("list-file", message, "Correct that row; nothing was imported.") from fault
    if not entries:
        raise SeraiError(
            "list-file-empty",
            MessageText("{name} holds no entry.", name=name),
            "An empty list is more likely a mistake.",
        )
    return entries


def list_kind_of(name: str, content: bytes) -> ListKind:
    """Return which list a file is: its name says it, or its columns do. Raises SeraiError
    `list-file-unknown`.
    """
    named: ListKind | None = next((kind for kind in LIST_KINDS if kind in name), None)
    if named is not None:
        return named
    heading = content[:_HEADING_BYTES_MAX].decode("utf-8-sig", "replace").partition("\n")[0]
    columns = {column.strip() for column in heading.split(",")}
    for kind, row_type in _TABLES.items():
        fields = msgspec.structs.fields(row_type)
        if {one.name for one in fields if one.required} <= columns <= {one.name for one in fields}:
            return kind
    near = find_nearest(PurePath(name).stem, LIST_KINDS)
    raise SeraiError(
        "list-file-unknown",
        MessageText("Neither the name nor the columns of {name} say which list it is.", name=name),
        MessageText("Let its name hold one of: {listed}.", listed=", ".join(LIST_KINDS))
        if near is None
        else MessageText("Did you mean {name}?", name=f"`{near}`"),
    )


def count_names(entries: Iterable[msgspec.Struct]) -> int:
    """Return how many names the entries of a list of denied parties have."""
    return sum(len(entry.names) + len(entry.weak_names) for entry in entries if isinstance(entry, ListEntry))


_Kept = TypeVar("_Kept", bound=ListFile)


def with_lists(present: Sequence[_Kept], lists: Iterable[_Kept]) -> list[_Kept]:
    """Return the components with these lists; each takes the place of the one of its kind and name."""
    by_name = {(one.kind, one.name): one for one in (*present, *lists)}
    return list(by_name.values())

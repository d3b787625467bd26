"""What both writers share: events as dicts by EPCIS's names, prefixes, and what is left out."""

from collections.abc import Iterable
from typing import Any

import msgspec

from serai.formats.epcis.event import Event, Extension, Message

VERSION = "2.0"


class Written(msgspec.Struct, frozen=True):
    """A message as bytes. left_out: names of what the syntax cannot hold; nothing else is missing."""

    content: bytes
    left_out: tuple[str, ...] = ()


def plain_event(event: Event) -> dict[str, Any]:
    """Give an event as dict by EPCIS's names: text, dicts and lists, fields of others under `extensions`."""
    plain: dict[str, Any] = msgspec.to_builtins(event)
    return plain


def split_name(name: str) -> tuple[str, str]:
    """Split `{namespace}local`; the namespace is empty where there is none."""
    if not name.startswith("{"):
        return "", name
    namespace, _, local = name[1:].partition("}")
    return namespace, local


def name_namespaces(message: Message) -> dict[str, str]:
    """Give a prefix for each namespace of a message, by namespace, in the order of the alphabet."""
    namespaces = {split_name(event.kind)[0] for event in message.events}
    for event in message.events:
        for extension in _all_extensions(event):
            namespaces |= _namespaces(extension)
    for extension in message.extensions:
        namespaces |= _namespaces(extension)
    return {one: f"ext{number}" for number, one in enumerate(sorted(namespaces - {""}), start=1)}


def _namespaces(extension: Extension) -> set[str]:
    found = {split_name(extension.name)[0]}
    for child in extension.children:
        found |= _namespaces(child)
    return found


def _all_extensions(part: Any) -> Iterable[Extension]:
    """Give every extension of a struct, wherever it stands."""
    if isinstance(part, Extension):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _all_extensions(item)
    elif isinstance(part, msgspec.Struct):
        for field in part.__struct_fields__:
            yield from _all_extensions(getattr(part, field))

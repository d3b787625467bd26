"""What EPCIS lays down, decoded: `tables.yaml` (drawn from GS1's schemas) and `forms.yaml` (the rest)."""

from importlib.resources import files
from typing import Final

import msgspec

EVENT_CLASSES: Final = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)
EXTENDED_EVENT: Final = "Extended-Event"
"""Class of an event whose type is a URI of somebody else."""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a class. kind: a scalar, a code list, a pattern or another class."""

    kind: str
    is_list: bool = False
    is_unique: bool = False
    is_required: bool = False


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of the schema. is_open: fields of somebody's namespace may stand in it."""

    is_open: bool
    fields: dict[str, Field]


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: dict[str, str]
    patterns: dict[str, str]
    code_lists: dict[str, list[str]]
    classes: dict[str, Shape]
    query_parameters: dict[str, str]
    query_families: dict[str, str]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a kind of event needs beside single fields.

    one_of, and_one_of: groups of fields, one group of which must be there, with entries unless it
    may_be_empty. either_with: beside this field one of the two is enough. parent_actions: those that name
    the parent; ilmd_actions: those that may carry master data of the instance.
    """

    one_of: list[list[str]]
    source: str
    and_one_of: list[list[str]] = []
    may_be_empty: list[str] = []
    not_for_actions: list[str] = []
    parent_actions: list[str] = []
    ilmd_actions: list[str] = []
    either_with: str = ""


class _Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code_forms: dict[str, list[str]]
    own_namespaces: list[str]
    written_form: dict[str, str]
    growing_lists: list[str]
    stands_for: dict[str, dict[str, str]]
    prefixes: dict[str, str]
    contexts: list[str]
    same_namespaces: dict[str, str]
    namespaces: dict[str, list[str]]
    items: dict[str, str]
    repeated: list[str]
    text_fields: dict[str, str]
    attribute_classes: list[str]
    conditions: dict[str, Condition]
    node_types: dict[str, str]
    written_order: dict[str, list[str]]
    element_order: dict[str, list[str]]
    late_elements: list[str]


_FOLDER = files("serai.formats.epcis")
TABLES: Final = msgspec.yaml.decode((_FOLDER / "tables.yaml").read_bytes(), type=_Tables)
FORMS: Final = msgspec.yaml.decode((_FOLDER / "forms.yaml").read_bytes(), type=_Forms)
CODES: Final = {name: frozenset(values) for name, values in TABLES.code_lists.items()}
"""Short values by code list."""

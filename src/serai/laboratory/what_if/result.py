"""What a what-if answers: plain data, the same for a table, a page, a report or a program.

Amounts are minor units of the currency beside them; `current` and `draft` are the two laws. Nothing here
names a person.
"""

import msgspec


class Side(msgspec.Struct, frozen=True):
    """A law that was asked. laws: how many compared parcels each composition of packs governed."""

    name: str
    laws: dict[str, int]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the parcels of the sample.

    read: all. refused: with a fault in their document. erased: whose message is no longer there. withdrawn:
    by their declarant. untouched: that the law in question does not govern. undecided: for which one or both
    laws lack something; they are in no sum. compared: the rest. more, less, same: pay so under the draft.
    mixed: pay more in one currency and less in another.
    """

    read: int
    refused: int
    erased: int
    withdrawn: int
    untouched: int
    undecided_current: int
    undecided_draft: int
    undecided_both: int
    compared: int
    more: int
    less: int
    same: int
    mixed: int


class Free(msgspec.Struct, frozen=True):
    """Compared parcels on which nothing of a kind is charged. kind: duty or tax (excise with it)."""

    kind: str
    current: int
    draft: int


class Revenue(msgspec.Struct, frozen=True):
    """Charges of a kind on all compared parcels: duty, tax, excise or fee."""

    currency: str
    kind: str
    current_minor: int
    draft_minor: int


class Lanes(msgspec.Struct, frozen=True):
    """Parcels in a lane under the current law that are in a lane under the draft, undecided ones too."""

    current: str
    draft: str
    parcels: int


class Group(msgspec.Struct, frozen=True):
    """Compared parcels of one kind. by: what they have in common. parcels: that are charged in the currency,
    or whose law counts in it. more, less: those that pay so in that currency.
    """

    by: str
    key: str
    currency: str
    parcels: int
    more: int
    less: int
    current_minor: int
    draft_minor: int


class Assessment(msgspec.Struct, frozen=True):
    """A parcel under one law, in words. charges: title and amount. rules: what the rules that speak say."""

    law: str
    total_minor: int
    lane: str
    charges: list[str]
    rules: list[str]


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that changes much. name: its place in the file, from 1, or its registration number."""

    name: str
    case_id: str | None
    currency: str
    value_minor: int
    origin: str
    chapter: str
    channel: str
    change_minor: int
    current: Assessment
    draft: Assessment


class StoredCheck(msgspec.Struct, frozen=True):
    """Recorded decisions worked out again under the law they rest on.

    equal: gave the same law, lane and sums of charges. differing: by what differs first; names: some of them.
    """

    parcels: int
    equal: int
    differing: dict[str, int]
    names: list[str]


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer.

    differences: what the two laws say otherwise, in sentences. assumed: what holds of the sample and was not
    known. missing_current, missing_draft: parcels by what the law lacks. invented_tariff: compared parcels
    that pay duty by an invented line under either law. stored: None where nothing was recorded, or another
    law than the recorded one was asked.
    """

    sample: str
    current: Side
    draft: Side
    differences: list[str]
    assumed: list[str]
    counts: Counts
    free: list[Free]
    revenue: list[Revenue]
    lanes: list[Lanes]
    groups: list[Group]
    examples: list[Example]
    missing_current: dict[str, int]
    missing_draft: dict[str, int]
    invented_tariff: int | None
    stored: StoredCheck | None

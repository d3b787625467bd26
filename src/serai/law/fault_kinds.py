"""What can be wrong with a pack or its tables: each code, what it means, and what to do about it."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class FaultKind(NamedTuple):
    """A kind of fault. what: a sentence for the reference. next_step: what an author does."""

    what: str
    next_step: str


FAULT_KINDS: Final[Mapping[str, FaultKind]] = {
    "pack-syntax": FaultKind(
        "The file is no YAML as a pack has it: not UTF-8, broken, nested too deep, a key that stands "
        "twice, an anchor or alias, a value that no type holds.",
        "Correct that line; write every value out where it is needed.",
    ),
    "pack-shape": FaultKind(
        "A key is unknown or missing, or a value is of the wrong kind.",
        "Compare with the form of a pack in docs/reference/law-vocabulary.md.",
    ),
    "value-notation": FaultKind(
        "A rate, an amount, a mass or a day is not written as a pack writes it, with its unit or currency.",
        "Write rates as `20 %`, amounts as `150.00 EUR`, masses as `2 kg` or `500 g`, days as 2026-07-01.",
    ),
    "pack-too-large": FaultKind(
        "The file is larger than a pack may be.",
        "Move rates by commodity code into tariff.csv, or make two packs of it.",
    ),
    "pack-misplaced": FaultKind(
        "The folder and the pack do not belong together: another code, or no pack at all.",
        "Call the folder as the pack's `code`, and its files pack.yaml and tariff.csv.",
    ),
    "table-shape": FaultKind(
        "A table has a heading or a row that cannot be read.",
        "Correct that row: comma-separated UTF-8 under the headings the table knows, whole numbers, days as "
        "2026-07-01.",
    ),
    "unknown-name": FaultKind(
        "An expression, or the key of a parameter, names what nothing defines.",
        "Correct the name, or define it; docs/reference/law-vocabulary.md lists the words.",
    ),
    "unknown-code": FaultKind(
        "An expression compares a code with a text that its closed list does not have.",
        "Correct the text; docs/reference/law-vocabulary.md names the codes of the word.",
    ),
    "wrong-type": FaultKind(
        "A value or an expression is of another kind than what is needed there.",
        "Bring both sides to one kind; docs/reference/law-vocabulary.md lists the kinds.",
    ),
    "wrong-level": FaultKind(
        "An expression speaks of goods items where one answer for the consignment is needed, or the "
        "other way.",
        "Sum up with SUM, BOOL_OR ... or say level: item.",
    ),
    "mixed-currency": FaultKind(
        "Amounts of two currencies meet.", "Convert one of them with IN_CURRENCY, or correct its currency."
    ),
    "out-of-range": FaultKind(
        "A value is below nothing or larger than its kind allows, or a sum may be more than 64 bits hold.",
        "No rate or amount is below nothing, no rate above 1000 %; split a sum that grows without end.",
    ),
    "expression-syntax": FaultKind(
        "The text is no expression, or is nested too deep.",
        "Correct it, or give a part of it a name as a definition.",
    ),
    "expression-too-costly": FaultKind(
        "The expression would take too long for each parcel.",
        "Give parts of it names as definitions, which are computed once, and shorten its lists.",
    ),
    "forbidden-function": FaultKind(
        "The expression calls what a law may not: only the listed functions and operators exist.",
        "Use a function that docs/reference/law-vocabulary.md lists.",
    ),
    "pattern-unfit": FaultKind(
        "The pattern of a scheme's number is none, or may run without end on some text.",
        "Write signs, classes such as [0-9], counts such as {9} or {8,9}, and groups with | and ?.",
    ),
    "cyclic-definition": FaultKind(
        "A definition needs itself, straight or through others.",
        "Take one of the names out of the circle; a tax inside its own base is written as a fraction.",
    ),
    "duplicate-name": FaultKind("A name stands for two things.", "Rename one of them."),
    "unknown-source": FaultKind(
        "A value cites a source that is not among the pack's sources.",
        "Add it to `sources`, or correct its name.",
    ),
    "wrong-dates": FaultKind("Something ends before it begins.", "valid_to is the first day out of force."),
    "value-missing": FaultKind(
        "A parameter has no value on some days on which its pack is law.",
        "Add the value of those days; where nobody knows it, say `value: null` with those days and a source.",
    ),
    "overlap": FaultKind(
        "Two values, or two laws of one slot, are in force on one day.",
        "End the earlier one on the day the later begins.",
    ),
    "gap": FaultKind(
        "Between two versions of a base law there are days of no law.",
        "Let the earlier end on the day the later begins, or write the law of the days between.",
    ),
    "too-many-rules": FaultKind(
        "Packs that come into force together have more charges than one decision can record.",
        "Join charges that say the same, or move some into a law of their own territory.",
    ),
    "tariff-overlap": FaultKind(
        "Two lines of a tariff answer for the same goods, origin and day.",
        "End the earlier line where the later begins, or leave one of the two out.",
    ),
    "law-file-unfit": FaultKind(
        "Something in the folder of packs is no file of bearable size: a link, a device, a file without end.",
        "Put a copy in its place, or take it out of the folder.",
    ),
}


def next_step_of(code: str) -> str:
    """Return what to do about a fault of this code."""
    kind = FAULT_KINDS.get(code)
    return "Correct the pack and run `serai law check`." if kind is None else kind.next_step

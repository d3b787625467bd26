"""What the reader of JSON and of parameters says is wrong, as a fault with a place and plain words."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problems import InputFault
from serai.model.message_text import MessageText

_SHOWN_COUNT_MAX: Final = 30
_THINGS: Final = {
    "int": MessageText("a whole number"),
    "float": MessageText("a number"),
    "decimal": MessageText("a decimal number"),
    "str": MessageText("text"),
    "bool": MessageText("true or false"),
    "null": "null",
    "array": MessageText("a list"),
    "object": MessageText("an object"),
    "date": MessageText("a date, such as 2026-07-01"),
    "datetime": MessageText("an instant, such as 2026-07-01T08:00:00Z"),
    "bytes": MessageText("text in base64"),
}
_COUNTED: Final = frozenset({"str", "array", "object", "bytes"})
_LENGTHS: Final = {
    ">=": {
        "str": translatable("Too short: the number of characters must be at least {count}."),
        "array": translatable("Too few: the number of entries must be at least {count}."),
        "object": translatable("Too few: the number of fields must be at least {count}."),
        "bytes": translatable("Too short: the number of bytes must be at least {count}."),
    },
    "<=": {
        "str": translatable("Too long: the number of characters must be at most {count}."),
        "array": translatable("Too many: the number of entries must be at most {count}."),
        "object": translatable("Too many: the number of fields must be at most {count}."),
        "bytes": translatable("Too long: the number of bytes must be at most {count}."),
    },
}
_BOUNDS: Final = {
    ">=": translatable("The number must be at least {bound}."),
    "<=": translatable("The number must be at most {bound}."),
    ">": translatable("The number must be more than {bound}."),
    "<": translatable("The number must be less than {bound}."),
}
_UNREADABLE_TIME: Final = {
    "time": translatable("It cannot be read as a time."),
    "date": translatable("It cannot be read as a date."),
}
_TIMELY: Final = {
    "datetime": translatable("Write an instant with its zone, such as 2026-07-01T08:00:00Z."),
    "date": translatable("Write a day as 2026-07-01."),
    "time": translatable("Write a time as 08:00:00."),
}


def _thing(name: str) -> str:
    return _THINGS.get(name, name)


def _kinds(found: re.Match[str]) -> tuple[str, str]:
    first, *others = (_thing(name) for name in found[1].split(" | "))
    sent = _thing(found[2])
    if others:
        return MessageText(
            "Wanted here: {wanted}, or {other}. Sent: {sent}.", wanted=first, other=others[0], sent=sent
        ), ""
    return MessageText("Wanted here: {wanted}. Sent: {sent}.", wanted=first, sent=sent), ""


def _length(found: re.Match[str]) -> tuple[str, str]:
    template = _LENGTHS[found[2]][found[1] if found[1] in _COUNTED else "array"]
    return MessageText(template, count=int(found[3])), ""


def _time(found: re.Match[str]) -> tuple[str, str]:
    return _UNREADABLE_TIME["time" if found[1] == "time" else "date"], _TIMELY[found[1]]


_Writer = Callable[[re.Match[str]], tuple[str, str]]
_SENTENCES: Final[tuple[tuple[re.Pattern[str], _Writer], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), writer)
    for pattern, writer in (
        (r"Expected `([^`]+)`, got `(\w+)`", _kinds),
        (r"Expected `(\w+)` of length (>=|<=) (\d+)", _length),
        (
            r"Expected `\w+` (>=|<=|>|<) (\S+)",
            lambda found: (MessageText(_BOUNDS[found[1]], bound=found[2]), ""),
        ),
        (
            r"Object missing required field `(.*)`",
            lambda found: (
                MessageText("The field '{name}' is missing.", name=found[1]),
                translatable("Add it."),
            ),
        ),
        (
            r"Object contains unknown field `(.*)`",
            lambda found: (
                MessageText("There is no field '{name}' here.", name=found[1]),
                translatable("Correct its name, or leave it out."),
            ),
        ),
        (
            r"Invalid (?:enum )?value (.*)",
            lambda found: (
                MessageText("{value} is not in the list of values.", value=found[1]),
                translatable("See its list in the API's description."),
            ),
        ),
        (
            r"Expected `str` matching regex (.*)",
            lambda found: (
                translatable("It is not written as asked for."),
                MessageText("It must match {pattern}.", pattern=found[1]),
            ),
        ),
        (
            r"Expected `(?:datetime|time)` with a timezone component",
            lambda _: (translatable("The instant has no time zone."), _TIMELY["datetime"]),
        ),
        (r"Invalid RFC3339 encoded (datetime|date|time)", _time),
        (
            r"JSON is malformed: .*\(byte (\d+)\)",
            lambda found: (
                MessageText("The body is no JSON from its byte {byte} on.", byte=found[1]),
                translatable("Write it with a library for JSON."),
            ),
        ),
        (
            r"Input data was truncated",
            lambda _: (translatable("The JSON is cut off before its end."), translatable("Send all of it.")),
        ),
    )
)


def fault_of_decoding(message: str, known: Sequence[str] = ()) -> InputFault:
    """Turn msgspec's "Expected `int`, got `str` - at `$.items[0].mass`" into a fault with a pointer.

    known: the values of the list that the place has, where that is known.
    """
    what, _, path = message.partition(" - at `")
    sentence, remedy = _in_plain_words(what)
    if known:
        shown = ", ".join(known[:_SHOWN_COUNT_MAX]) + (" ..." if len(known) > _SHOWN_COUNT_MAX else "")
        remedy = MessageText("Known are: {listed}.", listed=shown)
    return InputFault(_pointer(path.rstrip("`")), "not-as-documented", sentence, remedy)


def _in_plain_words(what: str) -> tuple[str, str]:
    for pattern, writer in _SENTENCES:
        if found := pattern.match(what):
            return writer(found)
    return what, ""


def _pointer(path: str) -> str:
    """`$.items[0].mass` becomes `/items/0/mass`; the whole document is the empty pointer."""
    steps = re.finditer(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", path.removeprefix("key in ").removeprefix("$"))
    names = (step[1] or step[2] for step in steps)
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)

"""What the reader of JSON and of parameters says is wrong, as a fault with a place and plain words."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from serai.foundation.http.problems import InputFault

_SHOWN_COUNT_MAX: Final = 30
_THINGS: Final = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a decimal number",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
    "date": "a date, such as 2026-07-01",
    "datetime": "an instant, such as 2026-07-01T08:00:00Z",
    "bytes": "text in base64",
}
_LENGTHS: Final = {">=": "at least", "<=": "at most"}
_COUNTED: Final = {"str": "characters", "array": "entries", "object": "fields", "bytes": "bytes"}
_BOUNDS: Final = _LENGTHS | {">": "more than", "<": "less than"}
_TIMELY: Final = {
    "datetime": "Write an instant with its zone, such as 2026-07-01T08:00:00Z.",
    "date": "Write a day as 2026-07-01.",
    "time": "Write a time as 08:00:00.",
}


def _thing(name: str) -> str:
    return _THINGS.get(name, name)


def _kinds(found: re.Match[str]) -> tuple[str, str]:
    wanted = " or ".join(_thing(name) for name in found[1].split(" | "))
    return f"{wanted[:1].upper()}{wanted[1:]} is wanted here, and {_thing(found[2])} was sent.", ""


def _length(found: re.Match[str]) -> tuple[str, str]:
    return f"It must have {_LENGTHS[found[2]]} {found[3]} {_COUNTED.get(found[1], 'entries')}.", ""


def _time(found: re.Match[str]) -> tuple[str, str]:
    kind = "time" if found[1] == "time" else "date"
    return f"It cannot be read as a {kind}.", _TIMELY[found[1]]


_Writer = Callable[[re.Match[str]], tuple[str, str]]
_SENTENCES: Final[tuple[tuple[re.Pattern[str], _Writer], ...]] = tuple(
    (re.compile(pattern, re.DOTALL), writer)
    for pattern, writer in (
        (r"Expected `([^`]+)`, got `(\w+)`", _kinds),
        (r"Expected `(\w+)` of length (>=|<=) (\d+)", _length),
        (
            r"Expected `\w+` (>=|<=|>|<) (\S+)",
            lambda found: (f"The number must be {_BOUNDS[found[1]]} {found[2]}.", ""),
        ),
        (
            r"Object missing required field `(.*)`",
            lambda found: (f"The field '{found[1]}' is missing.", "Add it."),
        ),
        (
            r"Object contains unknown field `(.*)`",
            lambda found: (f"There is no field '{found[1]}' here.", "Correct its name, or leave it out."),
        ),
        (
            r"Invalid (?:enum )?value (.*)",
            lambda found: (
                f"{found[1]} is not in the list of values.",
                "See its list in the API's description.",
            ),
        ),
        (
            r"Expected `(?:datetime|time)` with a timezone component",
            lambda _: ("The instant has no time zone.", _TIMELY["datetime"]),
        ),
        (r"Invalid RFC3339 encoded (datetime|date|time)", _time),
        (
            r"JSON is malformed: .*\(byte (\d+)\)",
            lambda found: (
                f"The body is no JSON from its byte {found[1]} on.",
                "Write it with a library for JSON.",
            ),
        ),
        (r"Input data was truncated", lambda _: ("The JSON is cut off before its end.", "Send all of it.")),
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
        remedy = f"Known are: {shown}."
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

"""The words in which a rule of the standard is written: an expression over the place it is about.

`absent(TINCO159) or not starts_with(TINCO159, 'GB')`. A path goes from the place: `.` is the place itself,
`..` what it stands in; a path that meets several elements means all of them, and words about one value take
the first. There are `and`, `or`, `not`, `+`, comparisons, `in [...]`, texts, numbers and the words of
`WORDS`. A number that is absent is no number: every comparison with it is false, `!=` true.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from serai.formats.ics.tree import Place

Known = dict[Any, Any]
"""What was worked out about one message before, so that no rule counts the same places twice."""
Condition = Callable[[Place, Known], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?)|(?P<sign>!=|<=|>=|[()\[\],=<>+])"
    r"|(?P<path>[.A-Za-z][\w./]*))"
)
_NOT_A_NUMBER = Decimal("NaN")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
}


def compile_condition(text: str) -> Condition:
    """Turn an expression into a function of a place. Raises ValueError where it is none."""
    parser = _Parser(text)
    condition = parser.either()
    parser.finish()
    return condition


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"{text[at : at + 20]!r} cannot be read in {text!r}.")
            self._tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            at = match.end()
        self._at = 0

    def finish(self) -> None:
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at][1]!r} stands too much in {self._text!r}.")

    def either(self) -> Condition:
        parts = [self._both()]
        while self._skip("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda place, known: any(part(place, known) for part in parts)

    def _both(self) -> Condition:
        parts = [self._unary()]
        while self._skip("and"):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else lambda place, known: all(part(place, known) for part in parts)

    def _unary(self) -> Condition:
        if self._skip("not"):
            part = self._unary()
            return lambda place, known: not part(place, known)
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._sum()
        if self._skip("in"):
            values = self._list()
            return lambda place, known: left(place, known) in values
        for sign, compare in _COMPARISONS.items():
            if self._skip(sign):
                right = self._sum()
                return _compared(compare, left, right)
        return left

    def _sum(self) -> Condition:
        parts = [self._term()]
        while self._skip("+"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda place, known: sum(part(place, known) for part in parts)

    def _term(self) -> Condition:
        kind, word = self._take()
        if word == "(":
            inner = self.either()
            self._expect(")")
            return inner
        if kind in ("text", "number"):
            value = _value(kind, word)
            return lambda _place, _known: value
        if word not in WORDS:
            raise ValueError(f"{word!r} is no word of ours in {self._text!r}.")
        self._expect("(")
        arguments = [self._argument()]
        while self._skip(","):
            arguments.append(self._argument())
        self._expect(")")
        return WORDS[word](*arguments)

    def _argument(self) -> Any:
        kind, word = self._take()
        if kind == "path":
            return tuple(word.split("/"))
        return _value(kind, word)

    def _list(self) -> tuple[Any, ...]:
        self._expect("[")
        values = [_value(*self._take())]
        while self._skip(","):
            values.append(_value(*self._take()))
        self._expect("]")
        return tuple(values)

    def _take(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise ValueError(f"{self._text!r} ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, word: str) -> bool:
        is_there = self._at < len(self._tokens) and self._tokens[self._at][1] == word
        self._at += is_there
        return is_there

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise ValueError(f"{word!r} is missing in {self._text!r}.")


def _compared(compare: Callable[[Any, Any], bool], left: Condition, right: Condition) -> Condition:
    def condition(place: Place, known: Known) -> bool:
        one, other = left(place, known), right(place, known)
        if _is_no_number(one) or _is_no_number(other):
            return compare is _COMPARISONS["!="]
        return compare(one, other)

    return condition


def _is_no_number(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_nan()


def _value(kind: str, word: str) -> Any:
    if kind == "text":
        return re.sub(r"\\(['\\])", r"\1", word[1:-1])
    if kind == "number":
        return Decimal(word)
    raise ValueError(f"{word!r} is neither text nor number.")


def _is_positive(number: Decimal) -> bool:
    return not number.is_nan() and number > 0


# ---- what a path meets ----

Path = tuple[str, ...]


def find_places(place: Place, path: Path) -> list[Place]:
    """List the places that a path meets from here."""
    here = [place]
    for step in path:
        if step == "..":
            here = [here[0].parent] if here and here[0].parent is not None else []
        elif step != ".":
            here = (
                here[0].children.get(step, [])
                if len(here) == 1
                else [child for one in here for child in one.children.get(step, ())]
            )
    return here


def _first(place: Place, path: Path) -> Place | None:
    found = find_places(place, path)
    return found[0] if found else None


def _number_of(place: Place | None) -> Decimal:
    try:
        return Decimal(place.collapsed()) if place is not None else _NOT_A_NUMBER
    except InvalidOperation:
        return _NOT_A_NUMBER


# ---- the words ----

AS_SENT = "as sent"


def _present(path: Path) -> Condition:
    return lambda place, _known: bool(find_places(place, path))


def _absent(path: Path) -> Condition:
    return lambda place, _known: not find_places(place, path)


def _text(path: Path) -> Condition:
    def text(place: Place, _known: Known) -> str:
        found = _first(place, path)
        return found.collapsed() if found else ""

    return text


def _as_sent(path: Path) -> Condition:
    def as_sent(place: Place, _known: Known) -> str:
        found = _first(place, path)
        return found.text if found else ""

    return as_sent


def _number(path: Path) -> Condition:
    return lambda place, _known: _number_of(_first(place, path))


def _starts_with(path: Path, beginning: str) -> Condition:
    as_sent = _as_sent(path)
    return lambda place, known: as_sent(place, known).startswith(beginning)


def _contains(path: Path, part: str) -> Condition:
    return lambda place, _known: any(part in one.text for one in find_places(place, path))


def _matches(path: Path, pattern: str) -> Condition:
    # On collapsed text: the pattern allows white space around, and a run of it must not cost anything.
    expression = re.compile(pattern, re.ASCII)

    def matches(place: Place, _known: Known) -> bool:
        found = _first(place, path)
        return bool(expression.fullmatch(found.collapsed() if found else ""))

    return matches


def _no_leading_zero(path: Path) -> Condition:
    text = _text(path)
    return lambda place, known: not text(place, known).startswith("0") or len(text(place, known)) <= 1


def _decimals(path: Path) -> Condition:
    text = _text(path)
    return lambda place, known: len(text(place, known).partition(".")[2])


def _count(path: Path) -> Condition:
    return lambda place, _known: len(find_places(place, path))


def _count_of(path: Path, *values: str) -> Condition:
    return lambda place, _known: sum(one.collapsed() in values for one in find_places(place, path))


def _sum(path: Path) -> Condition:
    def total(place: Place, _known: Known) -> Decimal:
        numbers = map(_number_of, find_places(place, path))
        return sum((number for number in numbers if not number.is_nan()), Decimal(0))

    return total


def _each_has(path: Path, inner: Path, value: str) -> Condition:
    return lambda place, _known: all(
        any(found.collapsed() == value for found in find_places(one, inner))
        for one in find_places(place, path)
    )


def _in_order(path: Path) -> Condition:
    return lambda place, _known: all(
        _number_of(one) == number for number, one in enumerate(find_places(place, path), start=1)
    )


def _differ(path: Path, *names: Path | str) -> Condition:
    """There are two at least, and they differ in one of the named children or in how many they have.

    What is named after the text `as sent` differs by its white space too.
    """
    cut = names.index(AS_SENT) if AS_SENT in names else len(names)
    collapsed, sent = names[:cut], names[cut + 1 :]

    def grouped_by(one: Place) -> tuple[Any, ...]:
        by_words = [[inner.collapsed() for inner in find_places(one, tuple(name))] for name in collapsed]
        as_sent = [[inner.text for inner in find_places(one, tuple(name))] for name in sent]
        return len(one.names), *map(tuple, by_words + as_sent)

    return lambda place, _known: len({grouped_by(one) for one in find_places(place, path)}) > 1


def _counted_elsewhere(path: Path, count: Path, mark: Path) -> Condition:
    """Among the places at `path` one has this place's mark and a count above 0."""

    def counted(place: Place, known: Known) -> bool:
        own = _first(place, mark)
        if own is None:
            return False
        top = find_places(place, path[: path.count("..")])[0]
        key = (path, count, mark, top.location())
        if key not in known:
            known[key] = {
                marked.collapsed()
                for one in find_places(place, path)
                if _is_positive(_number_of(_first(one, count)))
                for marked in find_places(one, mark)
            }
        return own.collapsed() in known[key]

    return counted


WORDS: dict[str, Callable[..., Condition]] = {
    "present": _present,
    "absent": _absent,
    "text": _text,
    "as_sent": _as_sent,
    "number": _number,
    "starts_with": _starts_with,
    "contains": _contains,
    "matches": _matches,
    "no_leading_zero": _no_leading_zero,
    "decimals": _decimals,
    "count": _count,
    "count_of": _count_of,
    "sum": _sum,
    "each_has": _each_has,
    "in_order": _in_order,
    "differ": _differ,
    "counted_elsewhere": _counted_elsewhere,
}
"""Every word there is, with what it means of a path."""

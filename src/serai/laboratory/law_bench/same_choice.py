"""Whether a table read from the top chooses the same row in every state, whatever the order of its rows.

Two reliefs that exclude each other may stand in either order: exchanged they are no other law, and no worked
example could tell. That is proved here, never listed: by a truth table over all that the conditions ask, with
unknown as a third value (Kleene, "Introduction to Metamathematics", 1952, section 64).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import sqlglot
from sqlglot import exp

from serai.law.pack import Choice, Pack

_DIALECT = "postgres"
_STATES_MOST: Final = 20_000
"""States looked at before a proof is given up: the change is counted then."""

_Cell = bool | str | None
"""What a subject is: a flag, a text, an order of two amounts; None: unknown."""
_FLAG: Final[tuple[_Cell, ...]] = (True, False, None)
_NULLNESS: Final[tuple[_Cell, ...]] = (True, False)
_ORDER: Final[tuple[_Cell, ...]] = ("<", "=", ">", None)
_DOUBTED: Final = "at most in doubt: "
_OTHER_TEXT = ""
"""Any text that no condition names."""
_TRUE_FOR: Final[Mapping[type[Any], frozenset[_Cell]]] = {
    exp.LT: frozenset("<"),
    exp.LTE: frozenset("<="),
    exp.EQ: frozenset("="),
    exp.NEQ: frozenset("<>"),
    exp.GTE: frozenset(">="),
    exp.GT: frozenset(">"),
}
_TURNED: Final[Mapping[_Cell, _Cell]] = {"<": ">", ">": "<", "=": "="}


class _Test(NamedTuple):
    """A question about one subject, true for some of its cells; unknown where the subject is."""

    subject: str
    true_for: frozenset[_Cell]


class _Joined(NamedTuple):
    """Tests joined by `and`, `or`, `not`; `else`: the second where the first is unknown; `if`: the second
    where the first holds, the third where it does not.
    """

    word: str
    parts: tuple["_Condition", ...]


_Condition = bool | None | _Test | _Joined
_Known = Mapping[str, _Cell | _Test]
"""What subjects are known to be, or the narrower question that is left of them."""
_Table = tuple[tuple[tuple[str, str | None], _Condition], ...]
"""Code and rule of each row, and its condition."""


def chooses_the_same(before: Sequence[Choice], after: Sequence[Choice], packs: Iterable[Pack]) -> bool:
    """Say whether it is proved that two tables choose the same row in every state.

    packs: the law the tables are part of: its definitions are read through, its lists compared. Which datum
    is named first where several are missing may differ. False: not proved.
    """
    reader = _Reader([*packs])
    tables = tuple(
        tuple(((row.code, row.rule_id), reader.read(row.condition)) for row in rows)
        for rows in _where_they_differ([*before], [*after])
    )
    try:
        return _Proof(reader.cells, reader.prefixes).is_same(*tables)
    except _TooManyStatesError:
        return False


def _where_they_differ(before: list[Choice], after: list[Choice]) -> tuple[list[Choice], list[Choice]]:
    """Return both tables without the rows at their beginning and end that are the same."""
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return before, after


# ---- the truth table ----


class _TooManyStatesError(Exception):
    """A proof would look at more states than it may."""


@dataclass(slots=True)
class _Proof:
    """cells: what each subject can be. prefixes: of a subject that asks whether a code begins with one."""

    cells: Mapping[str, tuple[_Cell, ...]]
    prefixes: Mapping[str, tuple[str, tuple[str, ...]]]
    _seen: set[tuple[_Table, _Table]] = field(default_factory=set)

    def is_same(self, before: _Table, after: _Table) -> bool:
        """Look at what is open, subject by subject; a branch ends where both tables are certain or one."""
        before, after = _open_rows(before), _open_rows(after)
        if before == after or (before, after) in self._seen:
            return True
        subjects = Counter(one for table in (before, after) for _, asked in table for one in _subjects(asked))
        if not subjects:
            return False
        self._seen.add((before, after))  # once proved; where it is not, nothing is
        if len(self._seen) > _STATES_MOST:
            raise _TooManyStatesError
        subject = subjects.most_common(1)[0][0]
        return all(
            self.is_same(self._given(before, subject, cell), self._given(after, subject, cell))
            for cell in ((False, None) if subject.startswith(_DOUBTED) else self.cells[subject])
        )

    def _given(self, table: _Table, subject: str, cell: _Cell) -> _Table:
        """Return a table in which a subject is known, and what it excludes.

        A code that begins with a prefix of one list begins with none of a list that shares no beginning; one
        too short to tell is at most too short for the other list too.
        """
        known: dict[str, _Cell | _Test] = {subject: cell}
        if cell is not False and subject in self.prefixes:
            for other in self.prefixes:
                if self._exclude(subject, other):
                    known[other] = False if cell else _Test(_DOUBTED + other, frozenset([True]))
        return tuple((row, _given(asked, known)) for row, asked in table)

    def _exclude(self, one: str, other: str) -> bool:
        (code, texts), (other_code, other_texts) = self.prefixes[one], self.prefixes[other]
        return code == other_code and not any(
            a.startswith(b) or b.startswith(a) for a in texts for b in other_texts
        )


def _open_rows(table: _Table) -> _Table:
    """Return the rows that can still be chosen; what comes after one that is certain or in doubt cannot."""
    rows: list[tuple[tuple[str, str | None], _Condition]] = []
    for row, asked in table:
        if asked is None:
            rows.append((("", None), None))  # undecided, whichever row it is
        elif asked is not False:
            rows.append((row, asked))
        if asked is None or asked is True:
            break
    return tuple(rows)


def _subjects(asked: _Condition) -> Iterator[str]:
    if isinstance(asked, _Test):
        yield asked.subject
    elif isinstance(asked, _Joined):
        for part in asked.parts:
            yield from _subjects(part)


def _given(asked: _Condition, known: _Known) -> _Condition:
    """Return what is left of a condition when subjects are known."""
    if isinstance(asked, _Test):
        if asked.subject not in known:
            return asked
        cell = known[asked.subject]
        if isinstance(cell, _Test):
            return cell
        return None if cell is None else cell in asked.true_for
    if isinstance(asked, _Joined):
        return _joined(asked.word, [_given(part, known) for part in asked.parts])
    return asked


def _joined(word: str, parts: Sequence[_Condition]) -> _Condition:
    """Join conditions; what the open ones cannot change is said at once."""
    first = parts[0]
    is_open = isinstance(first, _Test | _Joined)
    if word == "not":
        return _Joined(word, (first,)) if is_open else None if first is None else not first
    if word == "if":
        return _Joined(word, tuple(parts)) if is_open else None if first is None else parts[2 - bool(first)]
    if word == "else":
        return _Joined(word, tuple(parts)) if is_open else parts[1] if first is None else first
    strong = word == "or"
    if strong in [part for part in parts if isinstance(part, bool)]:
        return strong
    left = tuple(dict.fromkeys(part for part in parts if not isinstance(part, bool)))
    if len(left) > 1:
        return _Joined(word, left)
    return left[0] if left else not strong


# ---- reading conditions ----


@dataclass(slots=True)
class _Reader:
    """Reads conditions through the definitions of a law. What it does not read through is one subject."""

    packs: Sequence[Pack]
    cells: dict[str, tuple[_Cell, ...]] = field(default_factory=dict)
    prefixes: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    _definitions: dict[str, str] = field(init=False)
    _lists: dict[str, list[list[str]]] = field(init=False)

    def __post_init__(self) -> None:
        """Read the definitions, and each list as it was and is."""
        self._definitions = {one.name: one.expression for pack in self.packs for one in pack.definitions}
        self._lists = {
            one.name: [dated.value for dated in one.values if isinstance(dated.value, list)]
            for pack in self.packs
            for one in pack.parameters
            if one.is_list
        }

    def read(self, text: str) -> _Condition:
        """Return a condition as tests of subjects."""
        return self._read(_parse(text))

    def _read(self, tree: Any) -> _Condition:
        match tree:
            case exp.Paren():
                found = self._read(tree.this)
            case exp.And() | exp.Or():
                word = "and" if isinstance(tree, exp.And) else "or"
                found = _joined(word, [self._read(tree.this), self._read(tree.expression)])
            case exp.Not():
                found = _joined("not", [self._read(tree.this)])
            case exp.Coalesce() if len(tree.expressions) == 1:
                found = _joined("else", [self._read(tree.this), self._read(tree.expressions[0])])
            case exp.Case():
                found = self._by_case(tree, self._read)
            case exp.Boolean():
                found = bool(tree.this)
            case exp.Column() if tree.name in self._definitions:
                found = self.read(self._definitions[tree.name])
            case exp.In():
                found = self._text(tree.this, tree.expressions) or self._flag(tree)
            case exp.Anonymous():
                found = self._function(tree)
            case _:
                found = self._compared(tree) if type(tree) in _TRUE_FOR else self._flag(tree)
        return found

    def _by_case(self, tree: Any, read: Callable[[Any], _Condition]) -> _Condition:
        rest = read(tree.args["default"])
        for branch in reversed(tree.args["ifs"]):
            rest = _joined("if", [self._read(branch.this), read(branch.args["true"]), rest])
        return rest

    def _compared(self, tree: Any) -> _Condition:
        left, right, true_for = tree.this, tree.expression, _TRUE_FOR[type(tree)]
        text = self._text(left, [right]) if isinstance(tree, exp.EQ | exp.NEQ) else None
        if text is not None:
            return text if isinstance(tree, exp.EQ) else _joined("not", [text])
        case = self._case_of(left)
        if case is not None:
            return self._by_case(case, lambda one: self._compared(type(tree)(this=one, expression=right)))
        if isinstance(left, exp.Literal) and isinstance(right, exp.Literal):
            a, b = int(left.this), int(right.this)
            return ("<" if a < b else "=" if a == b else ">") in true_for
        sides = left.sql(dialect=_DIALECT), right.sql(dialect=_DIALECT)
        if sides[1] < sides[0]:
            sides, true_for = sides[::-1], frozenset(_TURNED[one] for one in true_for)
        return self._test(" : ".join(sides), true_for, _ORDER)

    def _case_of(self, tree: Any) -> Any:
        """Return the CASE that a name stands for; None for anything else."""
        if isinstance(tree, exp.Column) and tree.name in self._definitions:
            found = _parse(self._definitions[tree.name])
            return found if isinstance(found, exp.Case) else None
        return None

    def _text(self, left: Any, texts: Sequence[Any]) -> _Test | None:
        """Return the test of a code against texts; None where it is none."""
        is_text = all(isinstance(one, exp.Literal) and one.is_string for one in texts)
        return self._one_of(left.name, [one.this for one in texts]) if is_text and _is_word(left) else None

    def _one_of(self, name: str, texts: Sequence[str]) -> _Test:
        subject = f"text of {name}"
        known = self.cells.get(subject, (_OTHER_TEXT, None))
        return self._test(subject, frozenset(texts), tuple(dict.fromkeys((*texts, *known))))

    def _function(self, tree: Any) -> _Condition:
        asked, *listed = tree.expressions
        lists = self._lists.get(listed[0].name, []) if listed and _is_word(listed[0]) else []
        word = tree.name.upper()
        if word == "IN_LIST" and len(lists) == 1 and _is_word(asked):
            return self._one_of(asked.name, lists[0])
        if word == "STARTS_WITH_ANY" and lists:
            texts = tuple(text for one in lists for text in one)
            self.prefixes[tree.sql(dialect=_DIALECT)] = asked.sql(dialect=_DIALECT), texts
        return self._flag(tree)

    def _flag(self, tree: Any) -> _Test:
        cells = _NULLNESS if isinstance(tree, exp.Is) else _FLAG
        return self._test(tree.sql(dialect=_DIALECT), frozenset([True]), cells)

    def _test(self, subject: str, true_for: frozenset[_Cell], cells: tuple[_Cell, ...]) -> _Test:
        self.cells[subject] = cells
        return _Test(subject, true_for)


def _is_word(tree: Any) -> bool:
    return isinstance(tree, exp.Column)


def _parse(text: str) -> Any:
    return sqlglot.parse_one(text, dialect=_DIALECT)

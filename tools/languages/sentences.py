"""Sentences of errors: taken from the calls that make them, so that each is in the catalogues of the pages.

A sentence is written where an error is raised: as text, or as `MessageText` with its parameters. A function
that hands its own argument on as a sentence is followed to where it is called.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
SOURCE: Final = ROOT / "src/serai"
_PLACES: Final = {
    "SeraiError": (1, 2),
    "RetryLaterError": (1, 2),
    "EvidenceError": (1, 2),
    "ClientRefusedError": (1, 2),
    "InputFaultyError": (1, 2),
    "InputFault": (2, 3),
    "ProblemKind": (1,),
    "MessageText": (0,),
}
"""Arguments of a call that are sentences, by what is called."""
_NAMED: Final = {"Form": "title", "Standard": "title", "report_standard": "title"}
"""Arguments by name that pages show, by what is called."""
_PLURAL: Final = "counted"
_SKIPPED_OF_METHODS: Final = frozenset({"self", "cls"})


class Sentence(NamedTuple):
    """A sentence and where it stands. many: its plural, where it has one."""

    place: str
    line: int
    one: str
    many: str | None = None


class Relay(NamedTuple):
    """A function that hands arguments on as sentences: their places and names."""

    places: tuple[int, ...]
    names: tuple[str, ...]


Function = ast.FunctionDef | ast.AsyncFunctionDef


class Calls(NamedTuple):
    """Calls of one file, and those inside each of its functions."""

    all_of_them: list[ast.Call]
    by_function: list[tuple[Function, list[ast.Call]]]


class Found(NamedTuple):
    """What the code says, and the sentences in it that nobody can translate, each told in a line."""

    sentences: list[Sentence]
    faults: list[str]


def find_sentences(left_out: Iterable[str], source: Path = SOURCE) -> Found:
    """Find the sentences of every error that is read over HTTP.

    left_out: beginnings of paths below the source whose errors only operators read.
    """
    beginnings = tuple(left_out)
    calls = {place: its for place, its in _read_calls(source).items() if not place.startswith(beginnings)}
    of_all: dict[str, Relay] = {}
    own: dict[str, dict[str, Relay]] = {place: {} for place in calls}
    # A relay may call another one, so those that are known grow until none is new.
    while True:
        before = len(of_all) + sum(map(len, own.values()))
        for place, its in calls.items():
            for name, relay in _relays(its.by_function, of_all | own[place]):
                (own[place] if name.startswith("_") else of_all)[name] = relay
        if len(of_all) + sum(map(len, own.values())) == before:
            break
    found = Found([], [])
    for place, its in calls.items():
        _take(its.all_of_them, place, of_all | own[place], found)
    return found


@cache
def _read_calls(source: Path) -> dict[str, Calls]:
    """Read the calls of every file, once: what is checked asks several times."""
    return {
        path.relative_to(source).as_posix(): _calls_of(ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(source.rglob("*.py"))
    }


def _calls_of(tree: ast.Module) -> Calls:
    """Walk a file once: a relay is looked for several times."""
    calls = Calls([], [])
    waiting: list[tuple[ast.AST, tuple[list[ast.Call], ...]]] = [(tree, (calls.all_of_them,))]
    while waiting:
        node, around = waiting.pop()
        if isinstance(node, ast.Call):
            for its in around:
                its.append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__":
            own: list[ast.Call] = []
            calls.by_function.append((node, own))
            around = (*around, own)
        waiting.extend((child, around) for child in ast.iter_child_nodes(node))
    calls.all_of_them.sort(key=lambda one: (one.lineno, one.col_offset))
    return calls


def _relays(
    functions: Iterable[tuple[Function, list[ast.Call]]], known: Mapping[str, Relay]
) -> Iterator[tuple[str, Relay]]:
    for function, calls in functions:
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        handed = {
            part.id
            for call in calls
            for argument in _sentence_arguments(call, known)
            for part in _branches(argument)
            if isinstance(part, ast.Name)
        }
        listed = [one for one in names if one not in _SKIPPED_OF_METHODS]
        relayed = [one for one in listed if one in handed]
        named = [one.arg for one in function.args.kwonlyargs if one.arg in handed]
        if relayed or named:
            yield (
                function.name,
                Relay(tuple(listed.index(one) for one in relayed), (*relayed, *named)),
            )


def _take(calls: Iterable[ast.Call], place: str, known: Mapping[str, Relay], found: Found) -> None:
    for call in calls:
        if _is_plural(call):
            one, many = (ast.literal_eval(argument) for argument in call.args[:2])
            found.sentences.append(Sentence(place, call.lineno, one, many))
            continue
        for argument in _sentence_arguments(call, known):
            for part in _branches(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    if part.value:
                        found.sentences.append(Sentence(place, part.lineno, part.value))
                elif isinstance(part, ast.JoinedStr | ast.BinOp):
                    found.faults.append(f"{place}:{part.lineno}: a sentence of parts; use MessageText")


def _sentence_arguments(call: ast.Call, known: Mapping[str, Relay]) -> Iterator[ast.expr]:
    name = _called(call)
    yield from (one.value for one in call.keywords if one.arg == _NAMED.get(name, ""))
    relay = Relay(_PLACES[name], ()) if name in _PLACES else known.get(name)
    if relay is None or any(isinstance(one, ast.Starred) for one in call.args):
        return
    for place in relay.places:
        if place < len(call.args):
            yield call.args[place]
    for keyword in call.keywords:
        if keyword.arg in relay.names:
            yield keyword.value


def _called(call: ast.Call) -> str:
    called = call.func
    if isinstance(called, ast.Attribute):
        is_super = isinstance(called.value, ast.Call) and _called(called.value) == "super"
        if called.attr == "__init__" and is_super and len(call.args) == len(_PLACES["SeraiError"]) + 1:
            return "SeraiError"
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _is_plural(call: ast.Call) -> bool:
    called = call.func
    return (
        isinstance(called, ast.Attribute)
        and called.attr == _PLURAL
        and isinstance(called.value, ast.Name)
        and called.value.id == "MessageText"
    )


def _branches(argument: ast.expr) -> Iterator[ast.expr]:
    if isinstance(argument, ast.IfExp):
        yield from _branches(argument.body)
        yield from _branches(argument.orelse)
    else:
        yield argument

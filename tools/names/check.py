"""Finds names that say a word of `given_up.yaml`: in code, files, SQL, routes, settings and texts of pages.

Prose is not read: a comment, a docstring or a page of the documentation may tell a story in any words.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import yaml

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "serai"
Kind = Literal["identifier", "file", "table", "route", "setting", "phrase"]


class GivenUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word that names nothing any more. but: beginnings of places where it is a name of the field."""

    word: str
    say: str
    where: tuple[Kind, ...]
    but: tuple[str, ...] = ()


class Named(NamedTuple):
    """A name as it stands somewhere. place: path of a file below the checkout, with its line where known."""

    kind: Kind
    name: str
    place: str


class Found(NamedTuple):
    """A name that says a word given up, and what to say."""

    kind: Kind
    name: str
    place: str
    word: str
    say: str


def find_names_given_up(root: Path = ROOT) -> list[Found]:
    """Return every name of the checkout that says a word given up, sorted by place."""
    words = msgspec.convert(
        yaml.safe_load((Path(__file__).parent / "given_up.yaml").read_bytes()), list[GivenUp]
    )
    return sorted(
        (
            Found(named.kind, named.name, named.place, one.word, one.say)
            for named in read_names(root)
            for one in words
            if says(named, one)
        ),
        key=lambda found: (found.place, found.name),
    )


def says(named: Named, one: GivenUp) -> bool:
    """Return whether a name says a word: as a part of a name, or as a phrase of a text."""
    if named.kind not in one.where or any(
        named.place.startswith(but) or named.name.startswith(but) for but in one.but
    ):
        return False
    if named.kind == "phrase":
        return re.search(rf"\b{re.escape(one.word)}\b", named.name, re.IGNORECASE) is not None
    return f"_{one.word.lower()}_" in f"_{'_'.join(parts_of(named.name))}_"


@cache
def parts_of(name: str) -> tuple[str, ...]:
    """Cut a name into its words, in lower case: at signs, and where a capital begins one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(part.lower() for part in re.split(r"[^A-Za-z0-9]+", spaced) if part)


def read_names(root: Path) -> Iterator[Named]:
    """Give every name of a checkout."""
    for folder in ("src", "tests", "tools", "benchmarks"):
        for path in sorted((root / folder).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            yield Named("file", place, place)
            if folder == "src":
                yield from _identifiers(ast.parse(path.read_text(encoding="utf-8")), place)
    for path in sorted([*(root / "src").rglob("*.sql"), *(root / "migrations").glob("*.sql")]):
        place = path.relative_to(root).as_posix()
        yield Named("file", place, place)
        text = re.sub(r"--[^\n]*|'(?:[^']|'')*'", " ", path.read_text(encoding="utf-8"))
        yield from (Named("table", name, place) for name in sorted(set(re.findall(r"[A-Za-z_]\w*", text))))
    for path in sorted([*(root / "src").rglob("messages/*.yaml"), *(root / "src").rglob("*.html")]):
        yield from _phrases(path, path.relative_to(root).as_posix())
    yield from _routes_and_settings()


def _identifiers(tree: ast.Module, place: str) -> Iterator[Named]:
    """Give what a module defines: classes, functions, arguments, variables and fields."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield Named("identifier", name, f"{place}:{node.lineno}")
            case ast.arg(arg=name):
                yield Named("identifier", name, f"{place}:{node.lineno}")
            case ast.Name(id=name, ctx=ast.Store()):
                yield Named("identifier", name, f"{place}:{node.lineno}")


_MARKUP = re.compile(r"\{[{%#].*?[}%#]\}|<[^>]*>", re.DOTALL)


def _phrases(path: Path, place: str) -> Iterator[Named]:
    """Give the texts of a catalogue or template, one a line, without tags and expressions."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        text = re.sub(
            r"\{[{%#].*?[}%#]\}|<[^>]*>", lambda found: "\n" * found[0].count("\n"), text, flags=re.S
        )
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.partition(":")[2] if path.suffix == ".yaml" else line
        if said.strip() and not line.lstrip().startswith("#"):
            yield Named("phrase", said.strip(), f"{place}:{number}")


def _routes_and_settings() -> Iterator[Named]:
    from serai.foundation.settings import Settings  # noqa: PLC0415 - only this part needs the application
    from serai.web.application import build_application  # noqa: PLC0415

    for route in build_application(Settings(), "").routes:
        yield Named("route", route.path, "routes")
    yield from _settings(Settings, "")


def _settings(struct: type, above: str) -> Iterator[Named]:
    for field in msgspec.structs.fields(struct):
        name = f"{above}{field.name}"
        yield Named("setting", name, "settings")
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _settings(field.type, f"{name}.")

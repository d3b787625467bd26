"""What a checkout's source holds, room by room: files, lines, statements, docstrings, import chains."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

PACKAGE = "serai"
JOURNEY = f"{PACKAGE}.journey"


class Module(NamedTuple):
    """A module that was read. name: dotted, of a package its own. path: below `src`."""

    name: str
    path: Path
    lines_count: int
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether it is a folder's `__init__.py`."""
        return self.path.name == "__init__.py"


class Room(NamedTuple):
    """A folder measured. own_count: modules that lie in no subfolder; packages' own files count in neither.

    journey_ppm: share of the lines of `journey`; None outside it. chain: modules of the longest path of
    imports inside. documented_count: public names (modules, classes, functions, methods) with a docstring.
    """

    name: str
    own_count: int
    files_count: int
    lines_count: int
    statements_count: int
    journey_ppm: int | None
    chain: tuple[str, ...]
    public_count: int
    documented_count: int


class Uses(NamedTuple):
    """How often a checkout defines a Protocol, calls `cast`, and reaches into `app.state`."""

    protocols: int
    casts: int
    app_state: int


def read_modules(root: Path) -> list[Module]:
    """Read every module of `src/serai` of a checkout, in order of name."""
    modules = []
    for path in sorted((root / "src" / PACKAGE).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        inside = path.relative_to(root / "src")
        name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
        modules.append(Module(name, inside, len(text.splitlines()), ast.parse(text)))
    return modules


def measure_rooms(modules: Iterable[Module]) -> list[Room]:
    """Measure each folder of `journey`, then each other folder of the package."""
    modules = list(modules)
    imports = _imports_of(modules)
    journey = sum(one.lines_count for one in modules if one.name.startswith(f"{JOURNEY}."))
    names = {_room_of(one) for one in modules}
    return [
        _measure(name, [one for one in modules if _room_of(one) == name], imports, journey)
        for name in sorted(names - {""}, key=lambda name: (not name.startswith(f"{JOURNEY}."), name))
    ]


def count_uses(modules: Iterable[Module]) -> Uses:
    """Count definitions of Protocols, calls of `cast` of `typing`, and uses of `app.state`."""
    nodes = [node for one in modules for node in ast.walk(one.tree)]
    return Uses(
        sum(
            isinstance(node, ast.ClassDef) and any(_last_name(base) == "Protocol" for base in node.bases)
            for node in nodes
        ),
        sum(
            isinstance(node, ast.Call) and ast.unparse(node.func) in ("cast", "typing.cast") for node in nodes
        ),
        sum(
            isinstance(node, ast.Attribute) and node.attr == "state" and _last_name(node.value) == "app"
            for node in nodes
        ),
    )


def longest_chain(imports: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the longest path of imports, importer first. imports: what each module imports of the others.

    An import that closes a circle is left out of its path.
    """
    found: dict[str, tuple[str, ...]] = {}

    def longest_from(name: str, above: frozenset[str]) -> tuple[str, ...]:
        if name not in found:
            path = above | {name}
            below = [longest_from(one, path) for one in sorted(imports[name] - path)]
            found[name] = (name, *max(below, key=len, default=()))
        return found[name]

    return max((longest_from(name, frozenset()) for name in sorted(imports)), key=len, default=())


def _room_of(module: Module) -> str:
    """Return the folder a module is counted in: of `journey` the one below, else the first; "" if none."""
    folders = [PACKAGE, *module.path.parts[1:-1]]
    depth = 3 if folders[:2] == JOURNEY.split(".") else 2
    return ".".join(folders[:depth]) if len(folders) >= depth else ""


def _measure(name: str, modules: list[Module], imports: Mapping[str, frozenset[str]], journey: int) -> Room:
    files = [one for one in modules if not one.is_package]
    inside = {one.name for one in modules}
    lines = sum(one.lines_count for one in modules)
    public = [has for one in modules for has in _public_docstrings(one)]
    return Room(
        name.removeprefix(f"{PACKAGE}."),
        sum(one.name.count(".") == name.count(".") + 1 for one in files),
        len(files),
        lines,
        sum(isinstance(node, ast.stmt) for one in modules for node in ast.walk(one.tree)),
        lines * 1_000_000 // journey if name.startswith(f"{JOURNEY}.") else None,
        longest_chain({one: imports[one] & inside for one in inside}),
        len(public),
        sum(public),
    )


def _imports_of(modules: list[Module]) -> dict[str, frozenset[str]]:
    names = {one.name for one in modules}
    return {one.name: frozenset(_imported(one.tree, names)) - {one.name} for one in modules}


def _imported(tree: ast.Module, names: set[str]) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield from [one for one in (whole, node.module) if one in names][:1]


def _public_docstrings(module: Module) -> Iterable[bool]:
    """Give for each public name whether it has a docstring: module, classes, functions, their methods."""
    if not module.path.stem.startswith("_") or module.is_package:
        yield ast.get_docstring(module.tree) is not None
    yield from _documented(module.tree.body)


def _documented(body: list[ast.stmt]) -> Iterable[bool]:
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[0] != "_":
            yield ast.get_docstring(node) is not None
            if isinstance(node, ast.ClassDef):
                yield from _documented(node.body)


def _last_name(node: ast.expr) -> str:
    """Return the last name of `a.b.Name` or `Name[T]`."""
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

"""The house stays tidy: what style.md asks of names, docstrings, folders, SQL and migrations."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "serai"
OURS = [SOURCE, ROOT / "tests", ROOT / "tools", ROOT / "benchmarks"]
MODULES = sorted(path for folder in OURS for path in folder.rglob("*.py"))
SQL_FILES = sorted([*SOURCE.rglob("*.sql"), *(ROOT / "migrations").glob("*.sql")])
VAGUE = {"base", "common", "core", "data", "helper", "helpers", "manager", "misc", "stuff", "util", "utils"}
MIGRATION = re.compile(r"^(\d{4})_(pre|post)_[a-z0-9_]+\.sql$")
# The session's clock, in its many spellings; inside quotes or comments it is only a word.
SQL_CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\("
    r"|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
SQL_NOT_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_or_folder_has_a_vague_name() -> None:
    vague = [name(path) for path in MODULES if VAGUE & {*path.relative_to(ROOT).parts[:-1], path.stem}]

    assert vague == []


def test_every_module_says_what_it_holds() -> None:
    assert [name(path) for path in MODULES if not path.read_text("utf-8").startswith('"""')] == []


def test_every_folder_of_code_is_a_package_of_one_line() -> None:
    folders = {path.parent for path in SOURCE.rglob("*.py")}
    faulty = [name(folder) for folder in sorted(folders) if not says_one_line(folder / "__init__.py")]

    assert faulty == []


def says_one_line(path: Path) -> bool:
    """An `__init__.py` is its docstring and nothing else: an import there runs for every module below."""
    if not path.exists():
        return False
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return len(body) == 1 and body[0].end_lineno == 1


def test_sql_takes_the_time_as_a_parameter() -> None:
    faulty = [f"{name(path)}: {word}" for path in SQL_FILES for word in clock_words(path.read_text("utf-8"))]

    assert faulty == []


def clock_words(sql: str) -> list[str]:
    return [found[0] for found in SQL_CLOCK.finditer(SQL_NOT_CODE.sub(" ", sql))]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select now()", True),
        ("insert into t values (CURRENT_TIMESTAMP)", True),
        ("select at -- never now()", False),
        ("select 'now()'", False),
        ("select known_now from t", False),
    ],
)
def test_the_clock_in_sql_is_recognised(sql: str, found: bool) -> None:
    assert bool(clock_words(sql)) is found


def test_migrations_are_numbered_without_gaps() -> None:
    names = [path.name for path in SQL_FILES if path.parent.name == "migrations"]

    assert [each for each in names if not MIGRATION.match(each)] == []
    assert gaps(int(each[:4]) for each in names) == []


def gaps(numbers: Iterable[int]) -> list[int]:
    """Return the numbers that are missing from, or double in, 1, 2, 3 ..."""
    given = sorted(numbers)
    double = [number for number in set(given) if given.count(number) > 1]
    return sorted([*set(range(1, max(given, default=0) + 1)) - set(given), *double])


def test_a_gap_and_a_double_are_seen() -> None:
    assert gaps([1, 2, 2, 4]) == [2, 3]


def test_future_annotations_are_not_used() -> None:
    # msgspec, Litestar and cyclopts read annotations while the application is built.
    banned = ("from __future__ import " + "annotations", "if TYPE_" + "CHECKING")
    faulty = [name(path) for path in MODULES if any(word in path.read_text("utf-8") for word in banned)]

    assert faulty == []

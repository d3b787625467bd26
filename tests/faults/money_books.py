"""What must hold of money in a store at any moment, whatever was done before and whatever fell over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from serai.foundation.queries import load_queries
from tests.faults.serving import Serving

RULES: Final = load_queries(Path(__file__).with_suffix(".sql"))
"""By what is wrong, a statement that finds it; nothing found: it holds."""
Rows = Callable[[str], list[tuple[Any, ...]]]


def find_wrong(rows: Rows) -> list[str]:
    """Return which rules do not hold in a store, each with what breaks it. rows: asks it."""
    return [f"{name}: {row}" for name, query in RULES.items() for row in rows(query)]


def find_faults(node: Serving) -> list[str]:
    """Return what does not hold in a node's store; what `serai ledger check` finds, too."""
    faults = find_wrong(node.rows)
    checked = node.command("ledger", "check", "--output", "json")
    if checked.returncode != 0:
        faults.append(f"ledger check: {checked.stdout}{checked.stderr}")
    return faults

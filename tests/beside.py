"""What lies beside the project and is no part of it: `../shared`, with messages and data of others."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
NO_PART = "no part of this repository"


def lacking(path: Path) -> str:
    """Say why a test that needs a path of `../shared` is skipped."""
    return f"needs ../shared/{path.relative_to(SHARED)}, {NO_PART}"


def needs(path: Path) -> pytest.MarkDecorator:
    """Skip a test where a path of `../shared` is not there."""
    return pytest.mark.skipif(not path.exists(), reason=lacking(path))

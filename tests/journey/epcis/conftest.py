"""One running server for the tests of this folder's modules."""

from tests.journey.cases.conftest import world

__all__ = ["world"]

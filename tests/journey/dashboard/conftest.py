"""One server with parcels for the tests of the pages."""

from tests.browser.served_pages import served

__all__ = ["served"]

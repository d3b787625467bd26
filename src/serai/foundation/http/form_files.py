"""Files in the forms of pages."""

from litestar.datastructures import UploadFile


async def read_file(given: UploadFile | str | None) -> bytes:
    """Return the content of a file of a form; empty: none was chosen, or a text stands in its place."""
    return b"" if given is None or isinstance(given, str) else bytes(await given.read())

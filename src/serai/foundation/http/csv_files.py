"""A list as a file to keep."""

from litestar import Response


def csv_file(name: str, text: str) -> Response[str]:
    """Answer with a CSV file of a name; no proxy and no browser keeps it."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

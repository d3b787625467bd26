"""The page of who sees what of a shared case, from the table in `journey/visibility/table.py`."""

from tools.reference.layout import MARK, module

_INTRO = """A party sees a case when it has a document in it that counts, or when the declaration names it as
platform or seller by a registered identifier; the administration sees every case. To everybody else a case
does not exist. Within a case each role sees what this table says; what has no row is seen by nobody. The
sender of a document sees all of it but what is for officers alone. `masked`: only kind and end can be read.
Names and addresses stand in no answer but that of `GET /v1/cases/{case_id}/people`, for a purpose, each
reading recorded."""


def build_pages() -> dict[str, str]:
    """Return the page."""
    visibility = module("serai.journey.visibility.table")
    if visibility is None:
        return {}
    return {"reference/visibility.md": f"{MARK}\n# Who sees what\n\n{_INTRO}\n\n{visibility.render_table()}"}

"""A report as one page that opens anywhere: no script, no request, our colours in light and dark."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from serai.foundation.http.stylesheet import read_tokens
from serai.laboratory.conform.outcomes import Report

_TEMPLATES = "serai.laboratory.conform"


def write_html(report: Report) -> bytes:
    """Write the page. Everything from outside is escaped: answers of a server may hold anything."""
    page: str = _template().render(report=report, tokens=read_tokens())
    return page.encode("utf-8", "replace")


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((files(_TEMPLATES) / "report.html").read_text(encoding="utf-8"))

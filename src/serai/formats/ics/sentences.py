"""What is said of a finding on an ICS message: `sentences.yaml`, its places filled in."""

from functools import cache
from importlib.resources import files

import msgspec

from serai.formats.ics.schema import rendered_names
from serai.formats.rendered import Rendered
from serai.model.findings import Finding

_TAGS = ("element", "field")


def render(finding: Finding) -> Rendered | None:
    """Return sentence and remedy; None: the finding is none of the standard, as broken XML is."""
    parameters = finding.parameters
    text = catalogue().get(parameters.get("kind") or parameters.get("says", ""))
    if text is None:
        return None
    words = {name: _named(value) if name in _TAGS else value for name, value in parameters.items()}
    sentence = text.sentence.format_map(words)
    return Rendered(sentence[:1].upper() + sentence[1:], text.remedy)


def _named(tag: str) -> str:
    words = rendered_names().get(tag, "")
    if words.startswith("("):
        role, _, noun = words[1:].partition(") ")
        words = f"{noun} ({role})"
    return f"{words} [{tag}]" if words else tag


@cache
def catalogue() -> dict[str, Rendered]:
    """Return what is said, by form of rule, kind of schema fault or error number."""
    content = (files("serai.formats.ics") / "sentences.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=dict[str, Rendered])

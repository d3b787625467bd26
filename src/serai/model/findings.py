"""A finding: something true about somebody's data, never prose.

The sentence is looked up by code when somebody reads it.
"""

from typing import Literal

import msgspec

Severity = Literal["fault", "hold", "advice"]
"""fault: the document cannot be accepted.

hold: accepted, but a lane follows. advice: nothing follows; it could be better.
"""


def encode_parameters(parameters: dict[str, str]) -> str | None:
    """Return parameters as JSON; None: there are none."""
    return msgspec.json.encode(parameters, order="sorted").decode() if parameters else None


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One remark on one place of one document.

    code: permanent kebab-case word with a page and a sentence in `messages/`. pointer: RFC 6901 JSON
    pointer into the document as sent, an XPath for XML, `row/column` for CSV. parameters: what the sentence
    names (never personal data). law_ref: act and article, if a law asks.
    """

    code: str
    pointer: str
    severity: Severity = "fault"
    parameters: dict[str, str] = {}
    law_ref: str | None = None

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


class FindingOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding as it is answered: one shape in answers, decisions, checks and errors. pointer: into the
    sender's own message.

    law_reference: act and article, where a law asks. sequence_number: of the goods item a decision's finding
    is about; absent: the consignment. sentence, remedy, appeal (how and until when), language of them: in
    decisions where they are asked for.
    """

    code: str
    pointer: str
    severity: str
    parameters: dict[str, str] = {}
    law_reference: str | None = None
    sequence_number: int | None = None
    sentence: str | None = None
    remedy: str | None = None
    appeal: str | None = None
    language: str | None = None

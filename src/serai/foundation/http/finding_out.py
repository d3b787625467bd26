"""A finding as it is answered: by every route, and by programs that serve none."""

import msgspec


class FindingOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding in words: one shape in answers, checks and errors. pointer: into the sender's own message.

    law_reference: act and article, where a law asks. appeal: how and until when, where there is one.
    """

    code: str
    pointer: str
    severity: str
    sentence: str
    remedy: str
    parameters: dict[str, str] = {}
    law_reference: str | None = None
    appeal: str | None = None

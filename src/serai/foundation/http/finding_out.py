"""A finding as it is answered: by every route, and by programs that serve none."""

import msgspec


class FindingOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding in words."""

    code: str
    pointer: str
    severity: str
    sentence: str
    remedy: str
    parameters: dict[str, str] = {}

"""What a standard's checker says of a finding whose code is a number of the standard."""

import msgspec


class Rendered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong, and what to do."""

    sentence: str
    remedy: str

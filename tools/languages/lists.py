"""What the check of translations leaves out, and why."""

from pathlib import Path
from typing import Final

import msgspec

LISTS: Final = Path(__file__).with_name("lists.yaml")


class Lists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the check leaves out, and why.

    waiting: catalogues that are not translated yet. templates: folders whose words wait. operators:
    beginnings of paths of errors that are said in English alone. same: texts that are the same in other
    languages.
    """

    waiting: dict[str, str]
    templates: dict[str, str]
    operators: dict[str, str]
    same: dict[str, str]


def read_lists() -> Lists:
    """Return what is left out."""
    return msgspec.yaml.decode(LISTS.read_bytes(), type=Lists)

"""Options that take one of the names of a list, whatever the list holds today."""

from collections.abc import Collection
from typing import Any

from cyclopts import Parameter


def one_of(names: Collection[str], help_text: str, *, option: str | None = None) -> Parameter:
    """Return the parameter of an option that takes one of some names; another is refused with the list.

    help_text: what the help says of it. option: its name, where it is not that of the argument.
    """

    def refuse_unknown(_type: Any, value: str | None) -> None:
        if value is not None and value not in names:
            raise ValueError(f"Choose from: {', '.join(names)}.")

    return Parameter(name=option, help=help_text, validator=refuse_unknown)

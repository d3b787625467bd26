"""What the risk model may not see (`forbidden.yaml`), read for the test and the page that hold it so."""

from importlib.resources import files

import msgspec


class Forbidden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing about people or trade that is no ground for an examination.

    columns: of a batch; roles, measures: no feature may be made of them. proxies: what would stand in for it.
    """

    name: str
    why: str
    proxies: str
    columns: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


def read_forbidden() -> tuple[Forbidden, ...]:
    """Return the list as it was shipped."""
    content = files(__package__).joinpath("forbidden.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=tuple[Forbidden, ...])

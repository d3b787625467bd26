"""One page of who may do what: acts with their roles and scopes, and the routes of the application."""

from typing import Final

from serai.foundation.access.actor import Role
from serai.foundation.access.table import ACTS, EVERYONE, SCOPES
from serai.foundation.http.guards import MatrixRow

from tools.reference.layout import MARK, cell
from tools.reference.served import read_matrix

_INTRO = """Made from the one table that guards every route. Whose data an actor sees *within* an act, its own
cases only, say, is in [Who sees what](visibility.md). Whoever is signed in to the pages has all scopes;
the role bounds what they may do. An act without a route is so far a command on the machine alone."""

_COLUMNS: Final = sorted(Role)
_MATRIX = """Every route that is not open to everyone. *yes*: the role may do its act; *key*: with a key
it needs the scope named above, too; empty: 403 `role-not-allowed`, for the public 401 `sign-in-needed`.
`tests/web/test_access_matrix.py` asks each route as each role."""


def build_pages() -> dict[str, str]:
    """Return the page: scopes, acts by role, routes by act."""
    scopes = "".join(f"| `{name}` | {cell(meaning)} |\n" for name, meaning in SCOPES.items())
    acts = "".join(
        f"| `{name}` | {cell(act.meaning)} | {_roles(act.roles)} | {_scope(act.scope)} |\n"
        for name, act in sorted(ACTS.items())
    )
    routes = "".join(
        f"| `{row.method}` | `{row.path}` | `{row.act}` "
        f"| {_roles(frozenset(row.roles))} | {_scope(row.scope)} |\n"
        for row in read_matrix()
    )
    matrix = "".join(
        f"| `{row.method}` `{row.path}` | {' | '.join(_mark(role, row) for role in _COLUMNS)} |\n"
        for row in read_matrix()
        if frozenset(row.roles) != EVERYONE
    )
    return {
        "reference/access.md": (
            f"{MARK}\n# Access\n\n{_INTRO}\n\n"
            f"## Scopes of a key\n\n| scope | may |\n|---|---|\n{scopes}\n"
            f"## Acts\n\n| act | is | roles | scope |\n|---|---|---|---|\n{acts}\n"
            f"## Routes\n\n| method | path | act | roles | scope |\n|---|---|---|---|---|\n{routes}\n"
            f"## Routes by role\n\n{_MATRIX}\n\n"
            f"| route | {' | '.join(_COLUMNS)} |\n|---|{'---|' * len(_COLUMNS)}\n{matrix}"
        )
    }


def _mark(role: Role, row: MatrixRow) -> str:
    if role not in row.roles:
        return ""
    return "yes" if row.scope is None else "key"


def _roles(roles: frozenset[Role]) -> str:
    if roles == EVERYONE:
        return "everyone"
    if roles == EVERYONE - {Role.PUBLIC}:
        return "every party"
    return ", ".join(sorted(roles))


def _scope(scope: str | None) -> str:
    return f"`{scope}`" if scope else "none"

"""The settings of the node, for administrators: each with its value, source, default and meaning."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import page
from serai.foundation.settings_reading import SettingLine, list_settings
from serai.web.administering_api import acting_user_of

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "settings.read"}


class SettingsOut(msgspec.Struct, frozen=True):
    """Every setting as the running node has it. Secrets are masked."""

    settings: list[SettingLine]


@get("/administration/settings", opt=_OPT, include_in_schema=False)
async def show_settings(request: _Request) -> Response[str]:
    """Show them by section; those that are not as they come first."""
    return page(request, _read(request), "portal/administration/settings.html")


@get("/v1/settings", opt=_OPT, summary="The settings of this node, their values and where those come from.")
async def read_settings(request: _Request) -> Response[SettingsOut]:
    """As `serai settings` lists them, of the process that answers. Secrets are masked. They are changed in
    the settings file or the environment, and hold from the next start or reload."""
    return Response(_read(request), headers={"cache-control": "no-store"})


ROUTES = [show_settings, read_settings]


def _read(request: _Request) -> SettingsOut:
    acting_user_of(request)  # of this administration alone
    return SettingsOut(list_settings(provided(request, Node).settings))

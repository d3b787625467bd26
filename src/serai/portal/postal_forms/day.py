"""The day of the administration's clock."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of
from serai.foundation.settings import Settings


def today_of(request: Request[Any, Any, Any]) -> dt.date:
    """Return today where the administration is."""
    zone = ZoneInfo(provided(request, Settings).administration.time_zone)
    return kit_of(request).clock.now().astimezone(zone).date()

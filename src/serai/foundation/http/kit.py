"""The kit that the HTTP edge works with: built once by `app.py`, kept in the application's state."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.access.recognition import KeyDirectory
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.http.page_maker import PageMaker
from serai.foundation.http.problems import InputFault
from serai.foundation.metrics import Metrics

ListBodyFaults = Callable[[Any, Any], Sequence[InputFault]]
"""Every fault of a decoded body, held against the struct it should be."""


def _list_none(tree: Any, kind: Any) -> Sequence[InputFault]:  # noqa: ARG001
    return ()


class Kit:
    """What guards, answers and sign-in need.

    administration_id: whose keys, sessions and links count here; no other administration's do. rate_limit:
    per party (or per address for the public); sign_in_limit: per address, against guessing. session_lasts:
    from signing in to being asked again.
    list_body_faults: tells all faults of a small body; without it the first is told.
    """

    def __init__(
        self,
        *,
        pages: PageMaker,
        clock: Clock,
        database: Database,
        metrics: Metrics,
        administration_id: int,
        rate_limit: RateLimit,
        sign_in_limit: RateLimit,
        session_lasts: timedelta,
        list_body_faults: ListBodyFaults = _list_none,
    ) -> None:
        self.pages = pages
        self.clock = clock
        self.database = database
        self.metrics = metrics
        self.serve(administration_id)
        self.rate_limit = rate_limit
        self.sign_in_limit = sign_in_limit
        self.session_lasts = session_lasts
        self.list_body_faults = list_body_faults
        # Browsers take a `__Host-` cookie only by https, for this host alone: no subdomain can plant one.
        prefix = "__Host-" if pages.site.has_https else ""
        self.session_cookie = f"{prefix}serai_session"
        self.form_cookie = f"{prefix}serai_form"

    def serve(self, administration_id: int) -> None:
        """Let the keys, sessions and links of one administration count, and no other's."""
        self.administration_id = administration_id
        self.keys = KeyDirectory(self.database, administration_id=administration_id)

    def sign_in_address(self, come_back_to: str) -> str:
        """Address of the sign-in page, which leads back afterwards."""
        return f"/sign-in?next={quote(come_back_to, safe='')}"

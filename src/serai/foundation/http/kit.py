"""The kit that the HTTP edge works with: built once by `app.py`, kept in the application's state."""

from datetime import timedelta
from urllib.parse import quote

from serai.foundation.access.rate_limit import RateLimit
from serai.foundation.access.recognition import KeyDirectory
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.http.page_maker import PageMaker
from serai.foundation.metrics import Metrics


class Kit:
    """What guards, answers and sign-in need.

    administration_id: whose keys, sessions and links count here; no other administration's do. rate_limit:
    per party (or per address for the public); sign_in_limit: per address, against guessing. session_lasts:
    from signing in to being asked again.
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
    ) -> None:
        self.pages = pages
        self.clock = clock
        self.database = database
        self.metrics = metrics
        self.serve(administration_id)
        self.rate_limit = rate_limit
        self.sign_in_limit = sign_in_limit
        self.session_lasts = session_lasts
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

"""The kit that the HTTP edge works with: built once by `app.py`, kept in the application's state."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from serai.foundation.access.client_credentials import ClientCredentials
from serai.foundation.access.kept_forms.service import KeptForms
from serai.foundation.access.oidc.providers import Provider
from serai.foundation.access.oidc.service import Oidc
from serai.foundation.access.passkeys.ceremony import Ceremony
from serai.foundation.access.passkeys.service import Passkeys
from serai.foundation.access.rate_limit import AskingLimits, RateLimit
from serai.foundation.access.recognition import KeyDirectory
from serai.foundation.access.sign_in import SignIn, SignInRules
from serai.foundation.clock import Clock
from serai.foundation.database import Database
from serai.foundation.disk_room import DiskRoom, SpoolRoom
from serai.foundation.http.page_maker import PageMaker
from serai.foundation.http.problems import InputFault
from serai.foundation.memory_room import MemoryRoom
from serai.foundation.metrics import Metrics
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError

_NOBODYS: Final = 0
"""No administration."""

ListBodyFaults = Callable[[Any, Any, str], Sequence[InputFault]]
"""Every fault of a decoded body, held against the struct it should be, in a language."""


def _list_none(tree: Any, kind: Any, language: str) -> Sequence[InputFault]:  # noqa: ARG001
    return ()


class Rooms(NamedTuple):
    """What is left of what all requests share."""

    disk: DiskRoom
    spool: SpoolRoom
    memory: MemoryRoom


class Kit:
    """What guards, answers and sign-in need.

    limits: how often and how much at once parties and strangers may ask; sign_in_limit: per address, against
    guessing.
    rooms: what must be left of disk and memory. session_idles: how long a session stays open unused.
    body_stall_s: how long a body may stand still.
    list_body_faults: tells all faults of a small body; without it the first is told. has_access_log: whether
    every request has its line in the log. public_url: under which passkeys are made, and to which providers
    lead back. providers: at which people may sign in. Until it serves an administration, no key, session or
    link counts.
    """

    def __init__(
        self,
        *,
        pages: PageMaker,
        clock: Clock,
        database: Database,
        metrics: Metrics,
        limits: AskingLimits,
        sign_in_limit: RateLimit,
        sign_in_rules: SignInRules,
        session_idles: timedelta,
        rooms: Rooms,
        body_stall_s: float = 60.0,
        list_body_faults: ListBodyFaults = _list_none,
        has_access_log: bool = False,
        public_url: str = "",
        providers: Sequence[Provider] = (),
    ) -> None:
        self.pages = pages
        self.clock = clock
        self.database = database
        self.metrics = metrics
        self.administration_id = _NOBODYS
        self.keys = KeyDirectory(database, administration_id=_NOBODYS)
        self._sign_in: SignIn | None = None
        self._passkeys: Passkeys | None = None
        self._clients: ClientCredentials | None = None
        self.kept_forms = KeptForms(database, administration_id=_NOBODYS)
        self.public_url = public_url
        self.providers = tuple(providers)
        self.oidc = Oidc(database, self.providers, administration_id=_NOBODYS)
        self.limits = limits
        self.sign_in_limit = sign_in_limit
        self.sign_in_rules = sign_in_rules
        self.session_idles = session_idles
        self.rooms = rooms
        self.body_stall_s = body_stall_s
        self.list_body_faults = list_body_faults
        self.has_access_log = has_access_log
        # Browsers take a `__Host-` cookie only by https, for this host alone: no subdomain can plant one.
        prefix = "__Host-" if pages.site.has_https else ""
        self.session_cookie = f"{prefix}serai_session"
        self.form_cookie = f"{prefix}serai_form"
        self.oidc_cookie = f"{prefix}serai_oidc"
        self.kept_form_cookie = f"{prefix}serai_kept_form"

    def serve(self, administration_id: int, *, take_id: Callable[[], int], seal: SecretSeal) -> None:
        """Let the keys, sessions and links of one administration count, and no other's.

        take_id: gives new ids. seal: of the secrets of second factors, and of tokens.
        """
        self.administration_id = administration_id
        self.keys = KeyDirectory(self.database, administration_id=administration_id)
        self._sign_in = SignIn(
            self.database, self.sign_in_rules, seal, administration_id=administration_id, take_id=take_id
        )
        self.kept_forms = KeptForms(self.database, administration_id=administration_id)
        self.oidc = Oidc(self.database, self.providers, administration_id=administration_id)
        self._clients = ClientCredentials(self.database, self.keys, seal, administration_id=administration_id)
        self._passkeys = Passkeys(
            self.database,
            Ceremony(self.public_url, self.pages.site.name),
            administration_id=administration_id,
            take_id=take_id,
        )

    @property
    def clients(self) -> ClientCredentials:
        """Machines that sign. Error: `not-ready`, while nobody is served."""
        if self._clients is None:
            raise SeraiError("not-ready", "Serai is just starting.", "Try again in some seconds.")
        return self._clients

    @property
    def passkeys(self) -> Passkeys:
        """Passkeys of accounts. Error: `not-ready`, while nobody is served."""
        if self._passkeys is None:
            raise SeraiError("not-ready", "Serai is just starting.", "Try again in some seconds.")
        return self._passkeys

    @property
    def sign_in(self) -> SignIn:
        """What lets people in. Error: `not-ready`, while nobody is served."""
        if self._sign_in is None:
            raise SeraiError("not-ready", "Serai is just starting.", "Try again in some seconds.")
        return self._sign_in

    def sign_in_address(self, come_back_to: str) -> str:
        """Address of the sign-in page, which leads back afterwards."""
        return f"/sign-in?next={quote(come_back_to, safe='')}"

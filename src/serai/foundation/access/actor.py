"""The actor of a request: who is asking, in which roles, and how that is known."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """A part that a party plays (product.md, 'Roles'); `public` is anyone who has not said who they are."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    LEGAL = "legal"
    AUDITOR = "auditor"
    ADMIN = "admin"
    AGENCY = "agency"
    PLATFORM = "platform"
    SELLER = "seller"
    PAYMENT_PROVIDER = "payment_provider"
    CARRIER = "carrier"
    POST = "post"
    DECLARANT = "declarant"
    RIGHTS_HOLDER = "rights_holder"
    BUYER = "buyer"
    PARTNER_CUSTOMS = "partner_customs"
    PUBLIC = "public"


ADMINISTRATION = frozenset(
    {Role.OFFICER, Role.SUPERVISOR, Role.ANALYST, Role.LEGAL, Role.AUDITOR, Role.ADMIN}
)


class Means(StrEnum):
    """How the actor is known; a page session needs a form token for each change, a key does not."""

    NONE = "none"
    API_KEY = "api_key"
    PAGE_SESSION = "page_session"


class MemberRole(StrEnum):
    """What a person of a party may do there, of what the party may."""

    MANAGER = "manager"
    MEMBER = "member"
    READER = "reader"


class Actor(msgspec.Struct, frozen=True):
    """Who is asking.

    party_id: the party, or the administration's own party; None for the public.
    scopes: what the key may be used for; a page session carries all scopes, its roles bound it.
    credential_id: key id or account id, for the record of who did it. Never a secret.
    person: who that is, whichever account or key is used; None: a key that was made for nobody in particular.
    member_role: what a person of a party may there; None: of the administration, or a key.
    language: that the account wants to be spoken to in; None: it has not said.
    session_ends_at: when a page session ends however much it is used; None: no session.
    """

    party_id: int | None
    administration_id: int | None
    roles: frozenset[Role]
    scopes: frozenset[str]
    means: Means
    credential_id: str | None = None
    display_name: str = ""
    person: str | None = None
    member_role: MemberRole | None = None
    language: str | None = None
    session_ends_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """True when somebody has shown a key or signed in."""
        return self.means is not Means.NONE


PUBLIC_ACTOR = Actor(
    party_id=None,
    administration_id=None,
    roles=frozenset({Role.PUBLIC}),
    scopes=frozenset(),
    means=Means.NONE,
)
